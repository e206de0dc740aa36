/* SPDX-License-Identifier: MIT */
/* A service that holds a reply back. */
#include "phase_service.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

void phase_service_init(phase_service *service)
{
  memset(service, 0, sizeof *service);
  pthread_mutex_init(&service->lock, NULL);
  pthread_cond_init(&service->changed, NULL);
  service->held_from = SIZE_MAX;
}

void phase_service_destroy(phase_service *service)
{
  pthread_cond_destroy(&service->changed);
  pthread_mutex_destroy(&service->lock);
}

static void note(phase_service *service, const fault_request *request)
{
  size_t used = strlen(service->wire);
  const char *body = strstr(request->data, "\r\n\r\n") + 4;
  size_t length = request->length - (size_t)(body - request->data);
  int line = (int)strcspn(request->data, "\r") - (int)strlen(" HTTP/1.1");
  if (request->data[line - 1] == '2')
    return; /* of the call beside */
  snprintf(service->wire + used, sizeof service->wire - used, "%s%.*s%s%.*s",
           used > 0 ? "; " : "", line, request->data, length > 0 ? " " : "",
           (int)length, body);
}

/* A reply is given as "200 {}"; "": the connection is closed instead. */
static fault_reply say(phase_service *service, const char *text)
{
  if (text[0] == '\0')
    return (fault_reply){.data = "", .end = FAULT_CLOSE};
  int length = snprintf(service->reply, sizeof service->reply,
                        "HTTP/1.1 %.3s It\r\nContent-Type: application/json"
                        "\r\nContent-Length: %zu\r\n\r\n%s",
                        text, strlen(text + 4), text + 4);
  return (fault_reply){.data = service->reply, .length = (size_t)length};
}

const char *phase_usual_answer(const char *request)
{
  if (strncmp(request, "GET", 3) != 0)
    return strncmp(request, "POST", 4) == 0 ? "200 {\"sign_id\":\"7\"}"
                                            : "200 {\"code\":0}";
  const char *end = strstr(request, "-configs") + strlen("-configs");
  return *end == '/' ? "200 " PHASE_ENTRY : "200 [" PHASE_ENTRY "]";
}

fault_reply phase_service_answer(void *user, const fault_request *request)
{
  phase_service *service = user;
  const char *text = phase_usual_answer(request->data);
  pthread_mutex_lock(&service->lock);
  size_t number = service->requests++;
  note(service, request);
  pthread_cond_signal(&service->changed);
  if (number < PHASE_ANSWERS && service->answers[number] != NULL)
    text = service->answers[number];
  if (number >= service->held_from) {
    bool first = number == service->held_from;
    while (!service->released)
      pthread_cond_wait(&service->changed, &service->lock);
    text = first ? service->first : text;
  }
  fault_reply reply = say(service, text);
  pthread_mutex_unlock(&service->lock);
  return reply;
}

void phase_service_let_go(phase_service *service, const char *text)
{
  pthread_mutex_lock(&service->lock);
  service->first = text;
  service->released = true;
  pthread_cond_broadcast(&service->changed);
  pthread_mutex_unlock(&service->lock);
}

size_t phase_service_requests(phase_service *service)
{
  pthread_mutex_lock(&service->lock);
  size_t count = service->requests;
  pthread_mutex_unlock(&service->lock);
  return count;
}

void phase_service_hold(phase_service *service, size_t number)
{
  pthread_mutex_lock(&service->lock);
  service->held_from = number;
  pthread_mutex_unlock(&service->lock);
}
