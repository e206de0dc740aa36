/* SPDX-License-Identifier: MIT */
#include "lua/text.h"

#include "lua/box.h"
#include "lua/error.h"
#include "signet/rules.h"

#include <stdio.h>

/* One character of UTF-8; UINT32_MAX and one byte where it is broken. */
static size_t next_character(const unsigned char *text, size_t length,
                             uint32_t *character)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t size = text[0] < 0x80             ? 1
                : (text[0] & 0xe0) == 0xc0 ? 2
                : (text[0] & 0xf0) == 0xe0 ? 3
                : (text[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
  uint32_t value;

  *character = UINT32_MAX;
  if (size == 0 || size > length)
    return 1;
  value = size == 1 ? text[0] : text[0] & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if ((text[i] & 0xc0) != 0x80)
      return 1;
    value = value << 6 | (text[i] & 0x3f);
  }
  if (value < least[size] || value > 0x10ffff ||
      (value >= 0xd800 && value <= 0xdfff))
    return 1;
  *character = value;
  return size;
}

bool signet_lua_utf8_valid(const char *text, size_t length)
{
  const unsigned char *byte = (const unsigned char *)text;
  uint32_t character = 0;

  for (size_t i = 0; i < length && character != UINT32_MAX;)
    i += next_character(byte + i, length - i, &character);
  return character != UINT32_MAX;
}

/* What a terminal obeys instead of showing it. */
static bool hidden(uint32_t character)
{
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         character == 0x061c || (character >= 0x200b && character <= 0x200f) ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2060 && character <= 0x2069) || character == 0xfeff;
}

static void add_escaped(luaL_Buffer *out, unsigned char byte,
                        uint32_t character)
{
  char shown[16];

  if (character == '\n' || character == '\t') {
    luaL_addstring(out, character == '\n' ? "\\n" : "\\t");
    return;
  }
  if (character == UINT32_MAX || character < 0x80)
    snprintf(shown, sizeof shown, "\\x%02x", byte);
  else
    snprintf(shown, sizeof shown, "\\u{%x}", (unsigned)character);
  luaL_addstring(out, shown);
}

/* signet.same_text(a, b) */
static int same_text(lua_State *L)
{
  size_t a_length, b_length;
  const char *a = luaL_checklstring(L, 1, &a_length);
  const char *b = luaL_checklstring(L, 2, &b_length);

  lua_pushboolean(L, signet_text_same(a, a_length, b, b_length));
  return 1;
}

static void free_skeleton(void *skeleton)
{
  signet_text_skeleton_free(skeleton);
}

/* signet.skeleton(text) */
static int skeleton(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  signet_box *box = signet_box_push(L, free_skeleton);

  box->memory = signet_text_skeleton(text, length);
  if (box->memory == NULL)
    return signet_lua_no_memory(L);
  lua_pushstring(L, box->memory);
  signet_box_clear(box);
  return 1;
}

/* Stack: the module on top, unchanged. */
void signet_lua_text_open(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"same_text", same_text}, {"skeleton", skeleton}, {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}

/* Stack: +1, the text. */
void signet_lua_push_shown(lua_State *L, const char *text, size_t length)
{
  const unsigned char *byte = (const unsigned char *)text;
  luaL_Buffer out;

  luaL_buffinit(L, &out);
  for (size_t i = 0; i < length;) {
    uint32_t character;
    size_t size = next_character(byte + i, length - i, &character);

    if (hidden(character) || character == UINT32_MAX)
      add_escaped(&out, byte[i], character);
    else
      luaL_addlstring(&out, text + i, size);
    i += size;
  }
  luaL_pushresult(&out);
}
