# SPDX-License-Identifier: MIT
# What the bindings install; scripts/dev is the developer's and stays out.
set_target_properties(signet_engine PROPERTIES EXPORT_NAME engine)
signet_install_library(signet_engine NAME signet-engine
  DESCRIPTION "Embeddable Lua engine on libsignet"
  HEADERS ${PROJECT_SOURCE_DIR}/bindings/include
  REQUIRES signet
  PRIVATE "LUA:lua5.4" "CJSON:lua5.4-cjson" "JSONC:json-c>=0.16"
  LIBRARIES -lm)

set_target_properties(signet_module PROPERTIES INSTALL_RPATH "$ORIGIN/../..")
install(TARGETS signet_module
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lua/5.4)

set_target_properties(signet-host PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(TARGETS signet-host RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/
  DESTINATION ${CMAKE_INSTALL_DATADIR}/signet/scripts
  FILES_MATCHING PATTERN "*.lua")
