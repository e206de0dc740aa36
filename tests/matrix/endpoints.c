/* SPDX-License-Identifier: MIT */
/* The calls that meet the faults, in both dialects, and replies to them. */
#include "matrix.h"

#include <string.h>

#define SIGN_101                                               \
  "{\"sign_id\":\"101\",\"sign_name\":\"Alpha\",\"status\":2," \
  "\"related_template_count\":1,\"audit_remark\":\"\","        \
  "\"created_time\":1700000000,\"updated_time\":1700000000}"
#define SIGN_102                                                      \
  "{\"sign_id\":\"102\",\"sign_name\":\"B\\u00fccher\",\"status\":3," \
  "\"related_template_count\":0,\"audit_remark\":\"no\","             \
  "\"created_time\":1700000001,\"updated_time\":1700000001}"
#define TEMPLATE_201                                               \
  "{\"template_id\":\"201\",\"template_name\":\"T\","              \
  "\"template_type\":\"utility\",\"template_content\":\"Hello\","  \
  "\"country_codes\":\"CN\",\"status\":2,\"sign_id\":\"101\","     \
  "\"sign_name\":\"Alpha\",\"sign_position\":1,\"sign_status\":2," \
  "\"created_time\":1700000000,\"updated_time\":1700000000}"
#define OLD_SIGN                                  \
  "{\"sign_id\":101,\"sign_name\":\"Alpha\","     \
  "\"create_time\":\"2021-04-10T10:44:37+0800\"," \
  "\"update_time\":\"2021-04-10T10:44:37+0800\"}"
#define NEW_SIGN                                               \
  "{\"sign_id\":\"900\",\"sign_name\":\"Gamma\",\"status\":1," \
  "\"created_time\":%lld}"
#define NEW_TEMPLATE                                                     \
  "{\"template_id\":\"900\",\"template_name\":\"Name\","                 \
  "\"template_type\":\"utility\",\"template_content\":\"xxxxxxxxxxxx\"," \
  "\"country_codes\":\"CN\",\"status\":1,\"sign_id\":\"101\","           \
  "\"sign_position\":1,\"created_time\":%lld}"
#define NEW_OLD_SIGN "{\"sign_id\":900,\"sign_name\":\"Gamma\"}"
#define DONE "{\"code\":0,\"message\":\"success\"}"
#define NO(text) "{\"code\":400,\"message\":\"" text "\"}"

const matrix_endpoint matrix_endpoints[] = {
    {"list signatures", SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_LIST, "GET",
     "/v1/sign-configs", "[" SIGN_101 "," SIGN_102 "]", NO("no list"), NULL,
     NULL},
    {"get signature", SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_GET, "GET",
     "/v1/sign-configs/101", SIGN_101, NO("sign config not exist"), NULL, NULL},
    {"create signature", SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_CREATE, "POST",
     "/v1/sign-configs", "{\"sign_id\":\"900\"}", NO("sign_name already exist"),
     NO("sign_name already exist"), NEW_SIGN},
    {"update signature", SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_UPDATE, "PUT",
     "/v1/sign-configs/101", DONE, NO("sign config not exist"),
     NO("can not update pending status sign"),
     "{\"sign_id\":\"101\",\"sign_name\":\"Gamma\",\"status\":1}"},
    {"delete signature", SIGNET_CONFIGS, SIGNET_SIGN, SIGNET_DELETE, "DELETE",
     "/v1/sign-configs/101", DONE,
     NO("there are pending or running plans using current sign"),
     NO("sign config not exist"), NULL},
    {"list templates", SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_LIST, "GET",
     "/v1/template-configs", "[" TEMPLATE_201 "]", NO("no list"), NULL, NULL},
    {"get template", SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_GET, "GET",
     "/v1/template-configs/201", TEMPLATE_201, NO("template config not exist"),
     NULL, NULL},
    {"create template", SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_CREATE, "POST",
     "/v1/template-configs", "{\"template_id\":\"900\"}",
     NO("sign status is not approved, can not use"), NULL, NEW_TEMPLATE},
    {"update template", SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_UPDATE, "PUT",
     "/v1/template-configs/201", DONE, NO("template config not exist"),
     NO("can not update pending status template"),
     "{\"template_id\":\"201\",\"template_name\":\"Name\","
     "\"template_type\":\"utility\",\"template_content\":\"xxxxxxxxxxxx\","
     "\"country_codes\":\"CN\",\"status\":1,\"sign_id\":\"101\","
     "\"sign_position\":1}"},
    {"delete template", SIGNET_CONFIGS, SIGNET_TEMPLATE, SIGNET_DELETE,
     "DELETE", "/v1/template-configs/201", DONE,
     NO("there are pending or running plans using current template"),
     NO("template config not exist"), NULL},
    {"list signs", SIGNET_SIGNS, SIGNET_SIGN, SIGNET_LIST, "GET", "/v1/signs",
     "{\"result\":[" OLD_SIGN "],\"count\":1,\"total\":1}", NO("no list"), NULL,
     NULL},
    {"get sign", SIGNET_SIGNS, SIGNET_SIGN, SIGNET_GET, "GET", "/v1/signs/101",
     "{\"result\":" OLD_SIGN "}",
     "{\"code\":34010,\"message\":\"sign not exists\"}", NULL, NULL},
    {"create sign", SIGNET_SIGNS, SIGNET_SIGN, SIGNET_CREATE, "POST",
     "/v1/signs", "{\"result\":" OLD_SIGN "}",
     "{\"code\":34005,\"message\":\"Invalid sign_name\"}",
     NO("sign_name already exist"), NEW_OLD_SIGN},
    {"update sign", SIGNET_SIGNS, SIGNET_SIGN, SIGNET_UPDATE, "PUT",
     "/v1/signs/101", "{\"count\":1}",
     "{\"code\":34010,\"message\":\"sign not exists\"}", NULL,
     "{\"result\":{\"sign_id\":101,\"sign_name\":\"Gamma\"}}"},
    {"delete sign", SIGNET_SIGNS, SIGNET_SIGN, SIGNET_DELETE, "DELETE",
     "/v1/signs/101", "{\"count\":1}", NO("in use"),
     "{\"code\":34010,\"message\":\"sign not exists\"}", NULL},
};

const size_t matrix_endpoint_count =
    sizeof matrix_endpoints / sizeof matrix_endpoints[0];

bool matrix_writes(const matrix_endpoint *endpoint)
{
  return endpoint->verb != SIGNET_LIST && endpoint->verb != SIGNET_GET;
}

matrix_cell matrix_new_cell(const matrix_endpoint *endpoint)
{
  return (matrix_cell){.endpoint = endpoint,
                       .effect = EFFECT_BEFORE,
                       .gate = {SIZE_MAX, FAULT_KEEP},
                       .reply = {.data = ""},
                       .flip_at = SIZE_MAX};
}

size_t matrix_write_reply(char *out, size_t size, int status,
                          matrix_framing framing, const char *headers,
                          const char *body)
{
  size_t length = strlen(body);
  size_t used = (size_t)snprintf(
      out, size, "HTTP/1.1 %03d Said\r\nContent-Type: application/json\r\n%s",
      status, headers);
  size_t left = size - used;
  char *at = out + used;
  if (framing == FRAME_LENGTH)
    used += (size_t)snprintf(at, left, "Content-Length: %zu\r\n\r\n%s", length,
                             body);
  else if (framing == FRAME_CLOSE)
    used += (size_t)snprintf(at, left, "Connection: close\r\n\r\n%s", body);
  else
    used +=
        (size_t)snprintf(at, left,
                         "Transfer-Encoding: "
                         "chunked\r\n\r\n%x\r\n%.*s\r\n%zx\r\n%s\r\n0\r\n\r\n",
                         5, 5, body, length - 5, body + 5);
  return used;
}
