/* SPDX-License-Identifier: MIT */
#include "net/unescape.h"

#include <stdint.h>
#include <string.h>

enum { NAME_MAXIMUM = 8, DIGITS_MAXIMUM = 7 };

/* Reads on in a text whose escapes are undone so many times. */
typedef struct cursor {
  const char *text;
  size_t left;
  size_t at;
  unsigned times;
} cursor;

bool signet_escape_begins(char byte)
{
  return byte == '%' || byte == '\\' || byte == '&';
}

static int take(cursor *in)
{
  signet_letter letter =
      signet_unescape(in->text + in->at, in->left - in->at, in->times);
  in->at += letter.used;
  return letter.byte;
}

static int hex_digit(int byte)
{
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  if (byte >= 'a' && byte <= 'f')
    return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F')
    return byte - 'A' + 10;
  return -1;
}

/* Each takes what comes after the byte with which it begins. @return the byte
 * that it stands for, -1: it is no escape */

static int take_hex(cursor *in)
{
  int high = hex_digit(take(in));
  int low = high >= 0 ? hex_digit(take(in)) : -1;
  return low >= 0 ? high << 4 | low : -1;
}

static int take_backslashed(cursor *in)
{
  int byte = take(in);
  cursor digits = *in;
  int value = -1;
  if (byte == 'x' ||
      (byte == 'u' && take(&digits) == '0' && take(&digits) == '0'))
    value = take_hex(&digits);
  if (value < 0)
    return byte;
  *in = digits;
  return value;
}

static int take_number(cursor *in)
{
  int byte = take(in);
  int base = byte == 'x' || byte == 'X' ? 16 : 10;
  int value = -1;
  if (base == 16)
    byte = take(in);
  for (int count = 0; count < DIGITS_MAXIMUM && byte != ';'; count++) {
    int digit = hex_digit(byte);
    if (digit < 0 || digit >= base || value > UINT8_MAX)
      return -1;
    value = (value > 0 ? value * base : 0) + digit;
    byte = take(in);
  }
  return byte == ';' && value <= UINT8_MAX ? value : -1;
}

static int take_entity(cursor *in)
{
  static const struct {
    char name[NAME_MAXIMUM];
    char byte;
  } entities[] = {{"amp", '&'}, {"apos", '\''},  {"equals", '='}, {"gt", '>'},
                  {"lt", '<'},  {"percnt", '%'}, {"plus", '+'},   {"quot", '"'},
                  {"sol", '/'}, {"bsol", '\\'},  {"colon", ':'}};
  char name[NAME_MAXIMUM] = "";
  int byte = take(in);
  if (byte == '#')
    return take_number(in);
  for (size_t i = 0; i < sizeof name - 1 && byte >= 'a' && byte <= 'z'; i++) {
    name[i] = (char)byte;
    byte = take(in);
  }
  for (size_t i = 0; byte == ';' && i < sizeof entities / sizeof entities[0];
       i++)
    if (strcmp(name, entities[i].name) == 0)
      return entities[i].byte;
  return -1;
}

signet_letter signet_unescape(const char *text, size_t left, unsigned times)
{
  if (left == 0)
    return (signet_letter){-1, 0};
  if (times == 0 || !signet_escape_begins(text[0]))
    return (signet_letter){(uint8_t)text[0], 1};
  cursor in = {.text = text, .left = left, .times = times - 1};
  int value = -1;
  int byte = take(&in);
  cursor rest = in;
  if (byte == '%')
    value = take_hex(&rest);
  else if (byte == '\\')
    value = take_backslashed(&rest);
  else if (byte == '&')
    value = take_entity(&rest);
  return value >= 0 ? (signet_letter){value, rest.at}
                    : (signet_letter){byte, in.at};
}
