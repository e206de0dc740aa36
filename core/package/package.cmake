# SPDX-License-Identifier: MIT
# How a library of the project is installed: file, headers, CMake target and
# pkg-config file, all of them relocatable.

set(SIGNET_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/signet)
set(SIGNET_PACKAGE_DIR ${CMAKE_CURRENT_LIST_DIR})
set(SIGNET_PACKAGE_DEPENDENCIES)

# The pkg-config file finds the prefix from where it lies itself.
file(RELATIVE_PATH SIGNET_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" SIGNET_PC_PREFIX "${SIGNET_PC_PREFIX}")
foreach(kind LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(SIGNET_PC_${kind} "${CMAKE_INSTALL_${kind}}")
  else()
    set(SIGNET_PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()

# signet_install_library(TARGET
#   NAME name DESCRIPTION text HEADERS folder
#   REQUIRES module…   what the headers need as well
#   PRIVATE NAME:module…   what only the library itself is linked with
#   LIBRARIES flag…   the same, where there is no module for it)
function(signet_install_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg ""
    "NAME;DESCRIPTION;HEADERS" "REQUIRES;PRIVATE;LIBRARIES")
  set(name ${arg_NAME})
  set(description "${arg_DESCRIPTION}")
  set(modules)
  foreach(dependency IN LISTS arg_PRIVATE)
    string(REPLACE ":" ";" dependency "${dependency}")
    list(GET dependency 1 module)
    string(REPLACE ">=" " >= " module "${module}")
    list(APPEND modules "${module}")
  endforeach()
  # A static library leaves linking what it needs to its user.
  set(private_modules)
  set(libs)
  set(libs_private)
  list(TRANSFORM arg_LIBRARIES PREPEND " ")
  if(BUILD_SHARED_LIBS)
    set(private_modules ${modules})
    string(JOIN "" libs_private ${arg_LIBRARIES})
  else()
    list(APPEND arg_REQUIRES ${modules})
    string(JOIN "" libs ${arg_LIBRARIES})
  endif()
  list(JOIN arg_REQUIRES ", " requires)
  list(JOIN private_modules ", " requires_private)
  configure_file(${SIGNET_PACKAGE_DIR}/library.pc.in
    ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

  set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS ${target} EXPORT signetTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${arg_HEADERS}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")

  if(NOT BUILD_SHARED_LIBS)
    set(SIGNET_PACKAGE_DEPENDENCIES
      ${SIGNET_PACKAGE_DEPENDENCIES} ${arg_PRIVATE} PARENT_SCOPE)
  endif()
endfunction()

# After the last library: the package that finds them.
macro(signet_install_package)
  list(REMOVE_DUPLICATES SIGNET_PACKAGE_DEPENDENCIES)
  install(EXPORT signetTargets NAMESPACE signet::
    DESTINATION ${SIGNET_CMAKE_DIR})
  configure_package_config_file(
    ${SIGNET_PACKAGE_DIR}/signetConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/signetConfig.cmake
    INSTALL_DESTINATION ${SIGNET_CMAKE_DIR})
  write_basic_package_version_file(
    ${CMAKE_CURRENT_BINARY_DIR}/signetConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/signetConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/signetConfigVersion.cmake
    DESTINATION ${SIGNET_CMAKE_DIR})
endmacro()
