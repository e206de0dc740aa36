# SPDX-License-Identifier: MIT
# Turns a Lua file into a C array: cmake -DINPUT= -DOUTPUT= -DNAME= -P embed.cmake
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," array "${bytes}")
string(REGEX REPLACE "(................................................................................)"
  "\\1\n" array "${array}")
file(WRITE ${OUTPUT} "#include <stddef.h>
extern const char ${NAME}[];
extern const size_t ${NAME}_size;
const char ${NAME}[] = {
${array}0};
const size_t ${NAME}_size = sizeof ${NAME} - 1;
")
