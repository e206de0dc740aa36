/* SPDX-License-Identifier: MIT */
/* Interrupts from threads and signals, several engines, borrowed states. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static void check_interrupted(signet_engine *engine, const char *text,
                              int times)
{
  struct interrupter interrupter;
  signet_failure failure;
  int64_t began = clock_ms();

  interrupter_start(&interrupter, engine, times);
  engine_run_bad(engine, text, &failure);
  interrupter_join(&interrupter);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_CANCELLED, "%s: %s %s", text,
               failure.error.message, failure.message);
  cr_assert(signet_engine_interrupted(engine));
  cr_assert_lt(clock_ms() - began, 5000);
  signet_failure_clear(&failure);
}

Test(engine_interrupt, sleeping_and_computing, .timeout = 60)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  check_interrupted(engine, "require'signet'.sleep(60)", 1);
  check_interrupted(engine,
                    "local s = require'signet' for i = 1, 3 do "
                    "s.spawn(s.sleep, 60) end s.join()",
                    1);
  check_interrupted(engine, "while true do end", 1);
  check_interrupted(engine,
                    "while true do pcall(function() while true do end "
                    "end) end",
                    2);
  check_interrupted(engine,
                    "string.gsub('x', 'x', function() "
                    "require'signet'.sleep(60) end)",
                    1);
  engine_run_good(engine, "require'signet'.sleep(0)");
  cr_assert_not(signet_engine_interrupted(engine));
  signet_engine_free(engine);
}

/* An account that is opened behind the interrupt sends nothing, either. */
Test(engine_interrupt, connecting_again_is_no_way_out, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 2, 0);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_interrupted(engine,
                    CONNECT "repeat local good, err = pcall(signet.sleep, 60) "
                            "until not good local again = signet.connect() "
                            "list = again.signs:list()",
                    1);
  engine_run_good(engine, "assert(list == nil)");
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine_interrupt, no_effect_between_runs)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  signet_engine_interrupt(engine);
  engine_run_good(engine, "require'signet'.sleep(0.01)");
  cr_assert_not(signet_engine_interrupted(engine));
  signet_engine_free(engine);
}

/* What is in flight is finished and counted; nothing new begins. */
Test(engine_interrupt, finishes_what_is_in_flight, .timeout = 60)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;
  struct interrupter interrupter;
  signet_failure failure = SIGNET_FAILURE_INIT;
  signet_counts counts;

  service_start(&service, 60, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  engine_run_good(engine,
                  CONNECT "account = sms list = {} for _, s in "
                          "ipairs(sms.signs:list{status='approved'}) do "
                          "list[#list + 1] = s.sign_id end "
                          "sms:request('POST', '/__sandbox/faults', "
                          "{method='PUT', path='*', every=1, "
                          "delay_ms=120})");
  interrupter_start(&interrupter, engine, 1);
  cr_assert(engine_run(engine,
                       "local signet = require 'signet' local r = "
                       "signet.each(list, function(id) "
                       "account.signs:update(id, {sign_name = "
                       "'Renamed ' .. id}) end, {concurrency = 4}) "
                       "print(r.done, r.failed, r.interrupted) "
                       "finished = r.done",
                       &failure),
            "%s", failure.error.message);
  interrupter_join(&interrupter);
  counts = signet_engine_counts(engine);
  cr_assert(signet_engine_interrupted(engine));
  cr_assert_eq(counts.done, 4u);
  cr_assert_eq(counts.failed, 0u);
  cr_assert_eq(counts.unknown, 0u);
  cr_assert_not_null(strstr(said.text, "print 4\t0\ttrue"));
  engine_run_good(engine,
                  "local n = 0 for _, s in ipairs(account.signs:list()) "
                  "do if s.sign_name:find '^Renamed' then n = n + 1 end "
                  "end assert(n == finished, n)");
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine_interrupt, waiting_for_a_review, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 3, 0);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_interrupted(engine,
                    CONNECT "sms.signs:wait(sms.signs:create{sign_name = "
                            "'Waits'})",
                    1);
  check_interrupted(engine,
                    CONNECT
                    "local id = sms.signs:create{sign_name='More'} "
                    "string.gsub('x', 'x', function() sms.signs:wait(id) "
                    "end)",
                    1);
  signet_engine_free(engine);
  service_stop(&service);
}

/* Who looks whether the script waits for reviews, as a host does. */
struct looking {
  signet_engine *engine;
  signet_loop *loop;
  uint64_t reviews;
  int left; /* looks until it ends the run anyway */
};

static void look(void *user)
{
  struct looking *looking = user;

  looking->reviews = signet_engine_awaits_reviews(looking->engine);
  if (looking->reviews > 0 || looking->left-- == 0)
    signet_engine_interrupt(looking->engine);
  else
    cr_assert(signet_timer_start(looking->loop, 5, look, looking));
}

Test(engine_interrupt, a_script_that_only_waits_for_reviews, .timeout = 60)
{
  struct service service;
  struct looking looking = {.loop = signet_loop_new(), .left = 60};
  signet_engine_options options;
  signet_failure failure;

  service_start(&service, 3, 0);
  options = engine_options(&service, NULL);
  options.loop = looking.loop;
  looking.engine = engine_new(&options);
  cr_expect_eq(signet_engine_awaits_reviews(looking.engine), 0);
  look(&looking);
  engine_run_bad(looking.engine,
                 CONNECT "local s = require 'signet' "
                         "local id = sms.signs:create{sign_name = 'First'} "
                         "s.spawn(function() sms.signs:wait(id) end) "
                         "sms.signs:wait(sms.signs:create{sign_name = 'More'})",
                 &failure);
  cr_expect_eq(looking.reviews, 2, "%d", (int)looking.reviews);
  signet_failure_clear(&failure);
  looking.left = 60;
  look(&looking);
  engine_run_bad(looking.engine,
                 CONNECT "local s = require 'signet' "
                         "s.spawn(function() s.sleep(60) end) "
                         "sms.signs:wait(sms.signs:create{sign_name = 'Last'})",
                 &failure);
  cr_expect_eq(looking.reviews, 0, "one of them sleeps");
  signet_failure_clear(&failure);
  signet_engine_free(looking.engine);
  service_stop(&service);
  signet_loop_free(looking.loop);
}

Test(engine_interrupt, calls_that_are_tried_again_for_ever, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 3, 0);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_interrupted(
      engine, CONNECT "while true do pcall(sms.signs.get, sms.signs, '1') end",
      1);
  check_interrupted(engine,
                    CONNECT "signet.spawn(function() repeat local worked = "
                            "pcall(sms.signs.get, sms.signs, '1') until worked "
                            "end)",
                    1);
  signet_engine_free(engine);
  service_stop(&service);
}

/* The second interrupt doesn't wait for the service. */
Test(engine_interrupt, twice_gives_up_what_is_in_flight, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 3, 3000);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_interrupted(engine, CONNECT "sms.signs:list()", 2);
  signet_engine_free(engine);
  service_stop(&service);
}

static signet_engine *signalled;

static void on_alarm(int number)
{
  (void)number;
  signet_engine_interrupt(signalled);
}

Test(engine_interrupt, from_a_signal_handler, .timeout = 60)
{
  signet_engine_options options = engine_options(NULL, NULL);
  struct sigaction action = {.sa_handler = on_alarm};
  struct itimerval soon = {.it_value = {.tv_usec = 50000}};
  signet_failure failure;

  signalled = engine_new(&options);
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  engine_run_bad(signalled, "require'signet'.sleep(60)", &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_CANCELLED);
  signet_failure_clear(&failure);
  signet_engine_free(signalled);
}

Test(engine_several, engines_do_not_touch_each_other, .timeout = 60)
{
  struct service service;
  struct said first_said, second_said;
  signet_engine_options first_options, second_options;
  signet_engine *first, *second;
  struct interrupter interrupter;
  signet_failure failure;

  service_start(&service, 5, 0);
  first_options = engine_options(&service, &first_said);
  second_options = engine_options(&service, &second_said);
  second_options.memory_limit = 8 << 20;
  first = engine_new(&first_options);
  second = engine_new(&second_options);
  interrupter_start(&interrupter, first, 1);
  engine_run_bad(first, "require'signet'.sleep(60)", &failure);
  interrupter_join(&interrupter);
  signet_failure_clear(&failure);
  engine_run_good(second, CONNECT "mine = #sms.signs:list() print(mine)");
  engine_run_good(first, "assert(mine == nil)");
  cr_assert_str_eq(first_said.text, "");
  cr_assert_str_eq(second_said.text, "print 5\n");
  signet_engine_free(first);
  engine_run_good(second, "assert(mine == 5)");
  signet_engine_free(second);
  service_stop(&service);
}

Test(engine_several, engines_on_one_loop, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *first, *second;
  signet_loop *loop = signet_loop_new();

  service_start(&service, 5, 0);
  options = engine_options(&service, NULL);
  options.loop = loop;
  first = engine_new(&options);
  second = engine_new(&options);
  engine_run_good(first, CONNECT "assert(#sms.signs:list() == 5)");
  engine_run_good(second, CONNECT "assert(#sms.signs:list() == 5)");
  signet_engine_free(first);
  signet_engine_free(second);
  signet_loop_free(loop);
  service_stop(&service);
}

struct runner {
  struct service *service;
  bool good;
};

static void *run_on_thread(void *user)
{
  struct runner *runner = user;
  signet_engine_options options = engine_options(runner->service, NULL);
  signet_error error = SIGNET_ERROR_INIT;
  signet_engine *engine = signet_engine_new(&options, &error);

  runner->good =
      engine != NULL &&
      engine_run(engine,
                 CONNECT "for round = 1, 20 do signet.each(sms.signs:list(), "
                         "function(s) assert(sms.signs:get(s.sign_id)) end) "
                         "end",
                 NULL) &&
      signet_engine_counts(engine).done == 100;
  signet_engine_free(engine);
  return NULL;
}

Test(engine_several, engines_on_threads, .timeout = 60)
{
  struct service service;
  struct runner runners[4];
  pthread_t threads[4];

  cr_assert(signet_global_init(NULL));
  service_start(&service, 5, 0);
  for (int i = 0; i < 4; i++) {
    runners[i] = (struct runner){&service, false};
    cr_assert_eq(pthread_create(&threads[i], NULL, run_on_thread, &runners[i]),
                 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    cr_assert(runners[i].good, "thread %d", i);
  }
  service_stop(&service);
}

/* A borrowed state stays the host's: its libraries, hook and print. */
Test(engine_borrowed, state_stays_the_hosts, .timeout = 60)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;
  signet_error error = SIGNET_ERROR_INIT;
  lua_State *L = luaL_newstate();

  service_start(&service, 5, 0);
  luaL_openlibs(L);
  luaL_dostring(L, "original = {print, io.write, load, os.exit, "
                   "coroutine.wrap, package.path}");
  options = engine_options(&service, &said);
  options.borrow = L;
  options.libraries = 0;
  engine = engine_new(&options);
  cr_assert_eq(signet_engine_state(engine), L);
  cr_assert_null(signet_engine_new(&options, &error));
  cr_assert_eq(error.kind, SIGNET_ERROR_VALIDATION);
  cr_assert_null(lua_gethook(L));
  engine_run_good(engine, CONNECT
                  "for i, v in ipairs{print, io.write, load, os.exit, "
                  "coroutine.wrap, package.path} do assert(v == original[i]) "
                  "end count = #sms.signs:list() signet.log('info', count)");
  cr_assert_str_eq(said.text, "info: 5\n");
  cr_assert_eq(luaL_dostring(L, CONNECT "assert(#sms.signs:list() == 5)"),
               LUA_OK, "%s", lua_tostring(L, -1));
  cr_assert_eq(lua_gettop(L), 0);
  signet_engine_free(engine);
  cr_assert_neq(luaL_dostring(L, CONNECT), LUA_OK);
  cr_assert_not_null(strstr(luaL_tolstring(L, -1, NULL), "closed"));
  lua_settop(L, 0);
  engine = engine_new(&options);
  engine_run_good(engine, CONNECT "assert(#sms.signs:list() == count)");
  signet_engine_free(engine);
  lua_close(L);
  service_stop(&service);
}

Test(engine_borrowed, interrupted_while_it_waits, .timeout = 60)
{
  signet_engine_options options = engine_options(NULL, NULL);
  lua_State *L = luaL_newstate();
  signet_engine *engine;

  luaL_openlibs(L);
  options.borrow = L;
  engine = engine_new(&options);
  check_interrupted(engine, "require'signet'.sleep(60)", 1);
  signet_engine_free(engine);
  lua_close(L);
}

/* Closing a state with everything under way. */
Test(engine_several, freed_with_everything_under_way, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;
  lua_State *L;

  service_start(&service, 5, 200);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  L = signet_engine_state(engine);
  cr_assert_eq(luaL_dostring(L, CONNECT
                             "for i = 1, 5 do signet.spawn(function() "
                             "sms.signs:list() end) signet.spawn("
                             "signet.sleep, 60) end waiting = "
                             "signet.spawn(function() signet.join() end) "
                             "signet.sleep(0.05)"),
               LUA_OK, "%s", luaL_tolstring(L, -1, NULL));
  signet_engine_free(engine);
  service_stop(&service);
}
