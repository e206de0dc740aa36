/* SPDX-License-Identifier: MIT */
/*
 * Runs one case file: calls of the client against a server that answers with
 * the bytes of the file. README.md beside this file describes the format. A
 * new case needs no code.
 */
#include "canary.h"
#include "fault_server.h"
#include "signet/signet.h"
#include "wire/json_write.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64, LINE = 8192 };

typedef struct expectation {
  int line;
  char *name;
  char *value;
} expectation;

typedef struct one_call {
  int line;
  char *text; /* "signs update 1 {…}" */
  expectation expected[LIMIT];
  size_t expected_count;
} one_call;

typedef struct test_case {
  const char *file;
  char *account; /* options */
  one_call calls[LIMIT];
  size_t call_count;
  char *requests[LIMIT]; /* NULL: not looked at */
  signet_buffer replies[LIMIT];
  fault_reply reply_list[LIMIT];
  size_t reply_count;
  int failures;
} test_case;

static void die(const test_case *test, int line, const char *message)
{
  fprintf(stderr, "%s:%d: %s\n", test->file, line, message);
  exit(2);
}

static char *copy(const char *text)
{
  char *made = strdup(text);
  if (made == NULL)
    abort();
  return made;
}

/* ---- reading the file ---- */

typedef enum section { NONE, CALL, REQUEST, REPLY, EXPECT } section;

static char *skip_spaces(char *text)
{
  while (*text == ' ')
    text++;
  return text;
}

/* \r, \n, \0, \\ and \xNN in a reply's line. */
static void append_unescaped(signet_buffer *out, const char *text)
{
  for (; *text != '\0'; text++) {
    char byte = *text;
    if (byte == '\\') {
      text++;
      byte = *text;
      if (byte == 'r')
        byte = '\r';
      else if (byte == 'n')
        byte = '\n';
      else if (byte == '0')
        byte = '\0';
      else if (byte == 'x') {
        char digits[3] = {text[1], text[2], '\0'};
        byte = (char)strtol(digits, NULL, 16);
        text += 2;
      }
    }
    signet_buffer_append(out, &byte, 1);
  }
}

static void begin_reply(test_case *test, char *words, int line)
{
  static const char *const ends[] = {"keep", "close", "reset", "stall"};
  if (test->reply_count == LIMIT)
    die(test, line, "too many replies");
  fault_reply *reply = &test->reply_list[test->reply_count];
  signet_buffer_init(&test->replies[test->reply_count++], 1 << 20);
  *reply = (fault_reply){.end = FAULT_KEEP};
  for (char *word = strtok(words, " "); word != NULL;
       word = strtok(NULL, " ")) {
    bool known = false;
    for (int i = 0; i < 4; i++)
      if (strcmp(word, ends[i]) == 0) {
        reply->end = (fault_end)i;
        known = true;
      }
    if (sscanf(word, "delay=%d", &reply->delay_ms) == 1 ||
        sscanf(word, "piece=%zu", &reply->piece) == 1)
      known = true;
    if (!known)
      die(test, line, "a reply ends with keep, close, reset or stall");
  }
}

static section begin_section(test_case *test, char *text, int line)
{
  char *rest = strchr(text, ']');
  if (rest == NULL)
    die(test, line, "a section's head ends with ]");
  *rest = '\0';
  rest = skip_spaces(rest + 1);
  if (strcmp(text, "[account") == 0) {
    test->account = copy(rest);
    return NONE;
  }
  if (strcmp(text, "[call") == 0) {
    one_call *call = &test->calls[test->call_count++];
    call->line = line;
    call->text = copy(rest);
    return CALL;
  }
  if (strcmp(text, "[request") == 0) {
    test->requests[test->reply_count] = copy("");
    return REQUEST;
  }
  if (strcmp(text, "[reply") == 0) {
    begin_reply(test, rest, line);
    return REPLY;
  }
  if (strcmp(text, "[expect") == 0)
    return EXPECT;
  die(test, line, "an unknown section");
  return NONE;
}

static void add_request_line(test_case *test, const char *text)
{
  char **request = &test->requests[test->reply_count];
  size_t size = strlen(*request) + strlen(text) + 2;
  char *longer = realloc(*request, size);
  if (longer == NULL)
    abort();
  strcat(longer, text);
  strcat(longer, "\n");
  *request = longer;
}

static void add_expectation(test_case *test, char *text, int line)
{
  if (test->call_count == 0)
    die(test, line, "[expect] comes behind its [call]");
  one_call *call = &test->calls[test->call_count - 1];
  char *value = strchr(text, ' ');
  if (value == NULL || call->expected_count == LIMIT)
    die(test, line, "an expectation is a name and a value");
  *value++ = '\0';
  call->expected[call->expected_count++] =
      (expectation){line, copy(text), copy(skip_spaces(value))};
}

/* In a reply, every line ends with CRLF up to the empty one; a line that ends
 * with a backslash has no end. "@" as Content-Length is the body's length. */
static void add_reply_line(test_case *test, char *text, bool *body)
{
  signet_buffer *reply = &test->replies[test->reply_count - 1];
  size_t length = strlen(text);
  bool open = length > 0 && text[length - 1] == '\\';
  if (open)
    text[length - 1] = '\0';
  append_unescaped(reply, text);
  if (!*body && !open)
    signet_buffer_string(reply, "\r\n");
  if (text[0] == '\0' && !open)
    *body = true;
}

static void fill_length(signet_buffer *reply)
{
  static const char mark[] = "Content-Length: @\r\n";
  if (reply->data == NULL)
    return;
  char *at = memmem(reply->data, reply->length, mark, sizeof mark - 1);
  char *body = memmem(reply->data, reply->length, "\r\n\r\n", 4);
  if (at == NULL || body == NULL)
    return;
  size_t length = reply->length - (size_t)(body + 4 - reply->data);
  signet_buffer filled;
  signet_buffer_init(&filled, 1 << 20);
  signet_buffer_append(&filled, reply->data, (size_t)(at - reply->data));
  signet_buffer_format(&filled, "Content-Length: %zu\r\n", length);
  char *rest = at + sizeof mark - 1;
  signet_buffer_append(&filled, rest,
                       reply->length - (size_t)(rest - reply->data));
  signet_buffer_free(reply);
  *reply = filled;
}

static void read_case(test_case *test)
{
  char text[LINE];
  section place = NONE;
  bool body = false;
  FILE *file = fopen(test->file, "r");
  if (file == NULL)
    die(test, 0, "can't be opened");
  for (int line = 1; fgets(text, sizeof text, file) != NULL; line++) {
    text[strcspn(text, "\n")] = '\0';
    if (text[0] == '[' && islower((unsigned char)text[1])) {
      place = begin_section(test, text, line);
      body = false;
    } else if (place == REQUEST) {
      add_request_line(test, text);
    } else if (place == REPLY) {
      add_reply_line(test, text, &body);
    } else if (place == EXPECT && text[0] != '\0' && text[0] != '#') {
      add_expectation(test, text, line);
    }
  }
  fclose(file);
  for (size_t i = 0; i < test->reply_count; i++) {
    fill_length(&test->replies[i]);
    test->reply_list[i].data = test->replies[i].data;
    test->reply_list[i].length = test->replies[i].length;
  }
}

/* ---- running it ---- */

static signet_account *open_account(test_case *test, signet_loop *loop,
                                    fault_server *server)
{
  char url[64];
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.concurrency = 1;
  options.timeout_ms = 5000;
  options.poll_interval_ms = 20;
  options.settle_ms = 20;
  options.backoff_ms = 1;
  options.breaker_pause_ms = 1;
  char *words = test->account != NULL ? test->account : copy("");
  for (char *word = strtok(words, " "); word != NULL;
       word = strtok(NULL, " ")) {
    unsigned long number = strtoul(word + strcspn(word, "=") + 1, NULL, 10);
    if (strcmp(word, "api=signs") == 0)
      options.dialect = SIGNET_SIGNS;
    else if (strncmp(word, "timeout_ms=", 11) == 0)
      options.timeout_ms = (int64_t)number;
    else if (strncmp(word, "max_reply_bytes=", 16) == 0)
      options.max_reply_bytes = number;
    else if (strncmp(word, "max_header_bytes=", 17) == 0)
      options.max_header_bytes = number;
    else if (strncmp(word, "max_list=", 9) == 0)
      options.max_list = (unsigned)number;
    else if (strncmp(word, "attempts=", 9) == 0)
      options.attempts = (unsigned)number;
    else if (strncmp(word, "breaker=", 8) == 0)
      options.breaker = (unsigned)number;
    else if (strncmp(word, "low_speed=", 10) == 0)
      options.low_speed = number;
    else if (strncmp(word, "low_speed_ms=", 13) == 0)
      options.low_speed_ms = (int64_t)number;
    else
      die(test, 0, "an unknown account option");
  }
  signet_account *account = signet_account_open(loop, &options, &error);
  if (account == NULL)
    die(test, 0, error.message);
  return account;
}

static signet_verb verb_of(const char *name)
{
  static const char *const names[] = {"list",   "get",  "create", "update",
                                      "delete", "wait", "request"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], name) == 0)
      return (signet_verb)i;
  fprintf(stderr, "unknown verb %s\n", name);
  exit(2);
}

/* "signs get 1", "templates list {…}", "request GET /path body". */
static signet_call *start_call(test_case *test, signet_account *account,
                               const one_call *call)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  char words[3][512] = {"", "", ""};
  int rest = 0;
  sscanf(call->text, "%511s %511s %n", words[0], words[1], &rest);
  const char *tail = call->text + rest;
  if (strcmp(words[0], "request") == 0) {
    int more = 0;
    sscanf(tail, "%511s %n", words[2], &more);
    operation.verb = SIGNET_REQUEST;
    operation.method = words[1];
    operation.path = words[2];
    operation.body = tail[more] != '\0' ? tail + more : NULL;
    operation.body_length = strlen(tail + more);
    return signet_call_start(account, &operation, NULL, NULL);
  }
  operation.kind =
      strcmp(words[0], "signs") == 0 ? SIGNET_SIGN : SIGNET_TEMPLATE;
  operation.verb = verb_of(words[1]);
  if (tail[0] != '{') {
    int more = 0;
    sscanf(tail, "%511s %n", words[2], &more);
    operation.id = words[2];
    operation.id_length = strlen(words[2]);
    tail += more;
  }
  operation.status = SIGNET_STATUS_APPROVED;
  operation.timeout_ms = 2000;
  signet_fields *fields = signet_fields_new();
  const char *problem = NULL;
  if (tail[0] == '{') {
    json_object *object = signet_json_parse(tail, strlen(tail), &problem);
    if (object == NULL || !signet_json_fields(object, fields, &problem))
      die(test, call->line, problem);
    json_object_put(object);
  }
  operation.fields = fields;
  signet_call *started = signet_call_start(account, &operation, NULL, NULL);
  signet_fields_free(fields);
  return started;
}

static void fail(test_case *test, int line, const char *name,
                 const char *wanted, const char *got)
{
  fprintf(stderr, "%s:%d: %s should be \"%s\" but is \"%s\"\n", test->file,
          line, name, wanted, got);
  test->failures++;
}

/* The value of one field of the first record, as JSON text. */
static void field_text(signet_call *call, const char *name, char *out,
                       size_t size)
{
  signet_list *list = signet_call_list(call);
  signet_value value;
  signet_buffer text;
  out[0] = '\0';
  if (list == NULL || signet_list_count(list) == 0 ||
      !signet_record_get(signet_list_at(list, 0), name, &value))
    return;
  signet_buffer_init(&text, size - 1);
  signet_json_write_value(&text, &value);
  snprintf(out, size, "%s", text.data);
  signet_buffer_free(&text);
}

static void check_one(test_case *test, signet_call *call,
                      const expectation *expected, size_t requests)
{
  char got[2048] = "";
  const signet_error *error = signet_call_error(call);
  signet_error none = SIGNET_ERROR_INIT;
  const char *name = expected->name;
  bool part = false;
  if (error == NULL)
    error = &none;
  if (strcmp(name, "kind") == 0) {
    snprintf(got, sizeof got, "%s", signet_error_kind_name(error->kind));
  } else if (strcmp(name, "outcome") == 0) {
    snprintf(got, sizeof got, "%s",
             signet_outcome_name(signet_call_outcome(call)));
  } else if (strcmp(name, "message") == 0) {
    snprintf(got, sizeof got, "%s", error->message);
    part = true;
  } else if (strcmp(name, "service_message") == 0) {
    snprintf(got, sizeof got, "%s", error->service_message);
  } else if (strcmp(name, "http_status") == 0) {
    snprintf(got, sizeof got, "%d", error->http_status);
  } else if (strcmp(name, "code") == 0) {
    snprintf(got, sizeof got, "%lld", (long long)error->code);
  } else if (strcmp(name, "retry_after_ms") == 0) {
    snprintf(got, sizeof got, "%lld", (long long)error->retry_after_ms);
  } else if (strcmp(name, "retryable") == 0) {
    snprintf(got, sizeof got, "%s", error->retryable ? "true" : "false");
  } else if (strcmp(name, "id") == 0) {
    snprintf(got, sizeof got, "%s", signet_call_id(call));
  } else if (strcmp(name, "count") == 0) {
    signet_list *list = signet_call_list(call);
    snprintf(got, sizeof got, "%zu",
             list != NULL ? signet_list_count(list) : 0);
  } else if (strcmp(name, "requests") == 0) {
    snprintf(got, sizeof got, "%zu", requests);
  } else if (strcmp(name, "body") == 0) {
    size_t length = 0;
    const char *body = signet_call_body(call, &length);
    snprintf(got, sizeof got, "%s", body != NULL ? body : "(none)");
  } else if (strncmp(name, "field:", 6) == 0) {
    field_text(call, name + 6, got, sizeof got);
  } else {
    die(test, expected->line, "an unknown expectation");
  }
  bool same = part ? strstr(got, expected->value) != NULL
                   : strcmp(got, expected->value) == 0;
  if (!same)
    fail(test, expected->line, name, expected->value, got);
}

/* The request as the file shows it: LF for CRLF, HOST and CREDENTIALS. */
static void check_request(test_case *test, const fault_server *server,
                          size_t index)
{
  size_t length;
  static const char credentials[] = CANARY_CREDENTIALS;
  char shown[LINE];
  size_t used = 0;
  const char *data = fault_server_request(server, index, &length);
  for (size_t i = 0; i < length && used + 12 < sizeof shown; i++) {
    if (strncmp(data + i, credentials, sizeof credentials - 1) == 0) {
      used +=
          (size_t)snprintf(shown + used, sizeof shown - used, "CREDENTIALS");
      i += sizeof credentials - 2;
    } else if (strncmp(data + i, "127.0.0.1:", 10) == 0) {
      used += (size_t)snprintf(shown + used, sizeof shown - used, "HOST");
      i += 10;
      while (i + 1 < length && isdigit((unsigned char)data[i + 1]))
        i++;
    } else if (data[i] != '\r') {
      shown[used++] = data[i];
    }
  }
  shown[used] = '\0';
  /* The file's section ends with an empty line or two; the body with none. */
  char *wanted = test->requests[index];
  size_t end = strlen(wanted);
  while (end > 0 && wanted[end - 1] == '\n')
    wanted[--end] = '\0';
  while (used > 0 && shown[used - 1] == '\n')
    shown[--used] = '\0';
  if (strcmp(shown, wanted) != 0)
    fail(test, 0, "the request", wanted, shown);
}

int main(int argc, char **argv)
{
  static test_case test;
  if (argc != 2) {
    fprintf(stderr, "usage: %s FILE.case\n", argv[0]);
    return 2;
  }
  test.file = argv[1];
  read_case(&test);
  if (test.call_count == 0)
    die(&test, 0, "there is no [call]");
  fault_server *server = fault_server_start(test.reply_list, test.reply_count);
  signet_loop *loop = signet_loop_new();
  if (server == NULL || loop == NULL)
    die(&test, 0, "no server or loop to be had");
  signet_account *account = open_account(&test, loop, server);
  for (size_t i = 0; i < test.call_count; i++) {
    one_call *call = &test.calls[i];
    signet_call *started = start_call(&test, account, call);
    signet_call_wait(started);
    if (call->expected_count == 0)
      die(&test, call->line, "a call without [expect] proves nothing");
    for (size_t k = 0; k < call->expected_count; k++)
      check_one(&test, started, &call->expected[k],
                fault_server_requests(server));
    signet_call_release(started);
  }
  signet_account_close(account);
  signet_loop_free(loop);
  size_t requests = fault_server_requests(server);
  fault_server_stop(server);
  if (requests != test.reply_count)
    fail(&test, 0, "the number of requests", "as many as replies",
         requests < test.reply_count ? "fewer" : "more");
  for (size_t i = 0; i < requests && i < test.reply_count; i++)
    if (test.requests[i] != NULL)
      check_request(&test, server, i);
  fault_server_free(server);
  return test.failures == 0 ? 0 : 1;
}
