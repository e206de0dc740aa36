# SPDX-License-Identifier: MIT
"""Requests that are sent again, services that go away and come back,
deadlines."""

import os
import time

from sandbox import SIGNET, SMS, Account, free_port, main
from terminal import Terminal

GET_FIRST = 'return sms.signs:get("100000001").sign_id'
# Effects come at once here, so it needs no long looks.
QUICK = ("--settle", "0.05", "--settle-create", "0", "--json")
RENAME_FIRST = 'sms.signs:update("100000001", { sign_name = "Once More" })'


class Retry(Account):
    def attempts(self):
        """The attempts that the journal holds of the newest job's writes."""
        shown = self.does("show", "--json", self.newest())
        return [event["attempts"] for event in shown.events
                if event["event"] == "write"]

    def fault_at_first(self, **fields):
        """The next request of its kind meets it."""
        self.fault(nth=1, **fields)

    def forget_faults(self):
        self.control("DELETE", "/faults")


class Again(Retry):
    def test_a_read_is_sent_again(self):
        self.account(5, 5)
        self.fault_at_first(method="GET", status=502)
        ended = self.does("-v", "-e", GET_FIRST)
        self.assertEqual(ended.out, '"100000001"\n')
        told = ended.err.splitlines()
        path = "GET /v1/sign-configs/100000001: "
        self.assertRegex(told[0], path + "502 in .*, attempt 1, ")
        self.assertRegex(told[1], path + "200 in .*, attempt 2, ")
        self.assertEqual(self.received("GET"), 2)

    def test_a_write_that_a_5xx_left_open_is_read_back_and_sent_again(self):
        self.account(5, 5)
        self.fault_at_first(method="PUT", status=502)
        self.does(*QUICK, "-e", RENAME_FIRST)
        self.assertEqual(len(self.effects("PUT")), 1)
        self.assertEqual(self.received("PUT"), 2)
        self.assertEqual(self.attempts(), [2])

    def test_a_write_whose_reply_got_lost_is_read_back_and_not_sent_again(self):
        self.account(5, 5)
        self.fault_at_first(method="DELETE", status=502, effect=True)
        self.does(*QUICK, "--yes", "--max-deletes", "100%", "-e",
                  "sms.templates:delete(sms.templates:list()[1].template_id)")
        self.assertEqual(len(self.effects("DELETE")), 1)
        self.assertEqual(self.received("DELETE"), 1)
        self.assertEqual(self.attempts(), [1])

    def test_a_created_template_is_not_sent_again_a_signature_is(self):
        self.account(5, 5)
        self.fault_at_first(method="POST", path="/v1/*", status=502)
        ended = self.does(*QUICK, "-e", """sms.templates:create {
            template_name = "New", template_type = "utility",
            template_content = "Text", country_codes = "CN" }""", status=5)
        self.assertIn("it can be decided at ", ended.out)
        self.assertEqual(self.received("POST"), 1)
        self.forget_faults()
        self.fault_at_first(method="POST", path="/v1/*", status=502)
        self.does("--settle", "0.05", "--json", "-e",
                  'sms.signs:create { sign_name = "New Name" }')
        self.assertEqual(self.received("POST"), 3)
        self.assertEqual(len(self.effects("POST")), 1)

    def test_a_write_that_fails_each_time_stays_unknown(self):
        self.account(5, 5)
        self.fault(method="PUT", status=500)
        self.does(*QUICK, "--backoff-max", "0.1", "-e", RENAME_FIRST,
                  status=5)
        self.assertEqual(self.received("PUT"), 3)
        self.assertEqual(self.effects("PUT"), [])
        self.assertEqual(self.attempts(), [3])

    def test_one_attempt_sends_nothing_again(self):
        self.account(5, 5)
        self.fault_at_first(method="GET", status=502)
        ended = self.does("--attempts", "1", "-e", GET_FIRST, status=1)
        self.assertNotIn("attempt", ended.out)
        self.assertEqual(self.received("GET"), 1)

    def test_an_option_that_no_attempt_can_have(self):
        for option, value in (
                ("--attempts", "0"), ("--attempts", "1.5"),
                ("--backoff", "-1"), ("--retry-percent", "101"),
                ("--outage", "soon"), ("--deadline", "0")):
            self.refuses(2, f'{option}: "{value}" must be',
                         option, value, "-e", "return 1")

    def test_one_entry_that_always_fails_is_not_the_service(self):
        self.account(5)
        self.fault(path="/v1/sign-configs/100000001", status=500)
        ended = self.does("-v", "-e",
                          'sms.signs:list() sms.signs:get("100000001")',
                          status=1)
        self.assertIn("(attempt 3)", ended.err)
        self.assertNotIn("seems to be down", ended.err)


class Away(Retry):
    """A service that goes away, and comes back at the same place."""

    options = ("--state", "state.json")

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        if self.process.poll() is not None:
            self.start_sandbox()

    # `scripts/dev outage` makes it 30 seconds.
    def test_a_service_that_goes_away_everything_finishes_by_itself(self):
        outage = float(os.environ.get("SIGNET_TEST_OUTAGE", "1.5"))
        self.account(100, 300)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for _, t in ipairs(sms.templates:list { status = "approved" }) do
    if (t.sign_id or "") == "" then ids[#ids + 1] = t.template_id end
  end
  return ids
end)
signet.each(ids, function(id)
  sms.templates:update(id, { template_name = "New " .. id })
end)
print(#ids, sms:requests())
""")
        # The usual patience, in proportion: 1 s and 20 s where it lasts 30.
        job = self.begin(
            "--json", "--rate", "100", "--concurrency", "4", "--settle", "0.2",
            "--breaker-pause", str(outage / 30),
            "--backoff-max", str(outage * 2 / 3), "run", "job.lua")
        self.wait_for(lambda: self.writes() >= 10)
        gone = time.monotonic()
        self.stop_sandbox()
        time.sleep(outage)
        self.assertIsNone(job.poll(), "it did not wait")
        self.start_sandbox()
        away = time.monotonic() - gone
        ended = self.end(job)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.summary["failed"], 0)
        self.assertEqual(ended.summary["unknown"], 0)
        count, requests = map(int, ended.event("print")["text"].split())
        self.assertEqual(ended.summary["done"], count)
        # Each update reads its template first. The four that were on their
        # way when the service went are looked for three times and sent again.
        # Whether it is there again is asked after pauses that double five
        # times, and then after each of the longest ones.
        asked = 6 + int(away / (outage * 2 / 3))
        self.assertLessEqual(
            requests, 1 + 2 * count * 11 // 10 + 3 + 4 * 4 + asked, count)
        changed = [entry for entry in self.entries("template")
                   if entry["template_name"] == "New " + entry["template_id"]]
        self.assertEqual(len(changed), count)

    def test_a_countdown_shows_how_long_nothing_is_sent(self):
        self.account(100)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s) sms.signs:get(s.sign_id) end,
  { label = "Looking" })
""")
        terminal = Terminal(self, 160)
        terminal.type_line(
            f"'{SIGNET}' --rate 20 --breaker-pause 3 run job.lua")
        terminal.wait_for("Looking .*/100 ")
        self.stop_sandbox()
        terminal.wait_for("^Looking: the service seems to be down: .*; "
                          "going on in 3 s$")
        terminal.wait_for("; going on in [12] s$")
        self.start_sandbox()
        terminal.wait_for("^100 done in ")
        self.assertFalse(terminal.shows("going on in"))

    def test_an_interrupt_does_not_wait_for_a_service_that_is_away(self):
        self.account(5, 5)
        self.write("job.lua", SMS + """
sms.signs:list()
sms.signs:update("100000001", { sign_name = "Nobody Answers" })
""")
        self.fault(method="PUT", status=502)
        job = self.begin(
            "--settle", "0.5", "--breaker-pause", "3600", "--backoff-max",
            "3600", "--backoff", "0.01", "run", "job.lua")
        self.wait_for(self.writes)
        self.stop_sandbox()
        told = job.stderr.readline()
        while "seems to be down" not in told:
            self.assertTrue(told, "it ended")
            told = job.stderr.readline()
        # It would wait for an hour.
        self.assertEqual(self.interrupt(job).status, 5)


class Pauses(Retry):
    GET_ALL = """
local signet = require "signet"
local sms = signet.connect()
local result = signet.each(sms.signs:list(), function(sign)
  sms.signs:get(sign.sign_id)
end)
print(result.done, result.failed)
"""

    def test_without_a_terminal_a_pause_is_a_line_or_an_object(self):
        self.account(10)

        def paused(*words):
            self.fault_at_first(method="GET", status=429,
                                headers={"Retry-After": "1"})
            return self.does(*words, "-e", "#sms.signs:list()")
        ended = paused()
        self.assertIn("10", ended.lines)
        self.assertEqual(ended.err, "the service asks for a pause (HTTP 429); "
                         "going on in 1 s\n")
        self.assertIn('{"event":"paused","reason":"the service asks for a '
                      'pause (HTTP 429)","wait_ms":1000}',
                      paused("--json").lines)
        self.assertEqual(paused("-q").err, "")

    def test_outage_ends_what_a_service_holds_back_for_an_unknown_time(self):
        self.account(50)
        self.write("get.lua", self.GET_ALL)
        for code in (429, 503):
            self.forget_faults()
            self.fault(method="GET", path="/v1/sign-configs/*", status=code)
            ended = self.does("run", "-q", "--outage", "0.5", "--concurrency",
                              "4", "get.lua", status=1)
            self.assertEqual(ended.out, "0\t50\n")

    def test_a_pause_that_is_asked_for_is_no_outage_however_long_it_is(self):
        self.account(5)
        for code in (429, 503):
            self.forget_faults()
            self.fault(method="GET", path="/v1/sign-configs/*", status=code,
                       headers={"Retry-After": "0.5"}, count=2)
            ended = self.does("--outage", "0.5", "-e",
                              'print(sms.signs:get("100000001").sign_id)')
            self.assertEqual(ended.out, "100000001\n")
        # Hours are waited for, and shown; a deadline ends that.
        self.fault(method="GET", path="/v1/sign-configs/*", status=429,
                   headers={"Retry-After": "7200"})
        before = self.received("GET")
        ended = self.fails("--outage", "0.1", "--deadline", "1.5", "-e",
                           'sms.signs:get("100000001")')
        self.assertRegex(
            ended.err, r"(?s)the service asks for a pause \(HTTP 429\); going "
            "on in 2 h, at .*the deadline has passed")
        self.assertEqual(self.received("GET") - before, 1)

    def test_outage_ends_what_waits_to_hear_whether_the_service_is_there(self):
        self.account(50)
        self.write("get.lua", """
local signet = require "signet"
local sms = signet.connect()
sms.signs:list()
local result = signet.each({ "100000001", "100000002" }, function(id)
  sms.signs:get(id)
end)
print(result.done, result.failed)
""")
        # It is never answered, or held by the pause that the service asks for.
        for headers in ({}, {"Retry-After": "0.5"}):
            self.forget_faults()
            self.fault(method="GET", path="/v1/sign-configs/1", delay_ms=60000)
            self.fault(method="GET", path="/v1/sign-configs/1*", status=503,
                       headers=headers)
            ended = self.does("run", "-q", "--no-journal", "--outage", "1.5",
                              "--backoff", "0.01", "get.lua", status=1)
            self.assertEqual(ended.out, "0\t2\n")

    def test_what_waits_for_its_turn_isnt_held_up_by_the_service(self):
        self.account(20)
        self.fault(method="GET", path="/v1/sign-configs/*", nth=15, count=1,
                   status=429, headers={"Retry-After": "1"})
        ended = self.does("--rate", "10", "--outage", "1.2", "-e", """
local ids = {}
for i, sign in ipairs(sms.signs:list()) do ids[i] = sign.sign_id end
local result = signet.each(ids, function(id) sms.signs:get(id) end)
return result.done""")
        self.assertEqual(ended.out, "20\n")


class Deadlines(Retry):
    def test_a_deadline_does_not_wait_out_the_pause_that_is_asked_for(self):
        self.account(5)
        self.fault_at_first(method="PUT", status=500)
        self.fault(method="GET", path="/v1/sign-configs/100000001", nth=2,
                   status=429, headers={"Retry-After": "600"})
        ended = self.does(
            "--deadline", "2", "--settle", "0.1", "-e",
            'sms.signs:update("100000001", { sign_name = "Left Open" })',
            status=5)
        self.assertIn("the deadline has passed", ended.err)
        self.assertIn('"unknown":1', self.does("jobs", "--json").out)

    def test_a_deadline_ends_a_run_as_an_interrupt_does_and_says_so(self):
        self.account(100, latency_ms=50)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for i, s in ipairs(sms.signs:list { status = "approved" }) do
    ids[i] = s.sign_id
  end
  return ids
end)
signet.each(ids, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end, { concurrency = 1 })
""")
        ended = self.does("--deadline", "1s", "--json", "run", "job.lua",
                          status=130)
        self.assertEvents(ended)
        self.assertEqual(ended.summary["unknown"], 0)
        # One may have been taken up and not been sent yet.
        self.assertGreater(ended.summary["done"], 0)
        self.assertLessEqual(ended.summary["skipped"], 1)
        error = ended.event("error")["error"]
        self.assertEqual(
            (error["kind"], error["message"]),
            ("timeout", "the run did not come to its end within 1.0 s "
             "(deadline)"))
        self.assertEqual(self.does("jobs", "--json").events[0]["state"],
                         "interrupted")
        self.control("PUT", "/options", {"latency_ms": 0})
        self.does("resume", "--json")
        renamed = self.effects("PUT")
        self.assertEqual(len(renamed), len(set(renamed)))

    def test_what_is_in_flight_long_after_the_deadline_is_given_up(self):
        self.account(5)
        self.fault(method="PUT", delay_ms=60000)
        self.fault(method="GET", path="/v1/sign-configs/100000002",
                   delay_ms=60000)
        write = self.begin(
            "--deadline", "1", "-e",
            'sms.signs:update("100000001", { sign_name = "Takes Long" })')
        read = self.begin("--deadline", "1", "-e",
                          'return sms.signs:get("100000002").sign_id')
        ended = self.end(write)
        self.assertEqual(ended.status, 5, ended)
        self.assertEqual(ended.err.splitlines()[1], "the deadline passed 5 s "
                         "ago: giving up what is in flight")
        self.assertIn('"unknown":1', self.does("jobs", "--json").out)
        # A read leaves nothing open.
        self.assertEqual(self.end(read).status, 130)

    def test_a_deadline_reaches_a_script_that_only_computes(self):
        forever = ("-e", "while true do end")
        ended = self.does("--deadline", "0.2", *forever, status=130)
        self.assertEqual(ended.err.splitlines()[:2], [
            "the deadline has passed: finishing what is in flight within 5 s, "
            "starting nothing new",
            "error: the run did not come to its end within 0.2 s (deadline)"])
        # And one in the profile.
        self.configure("[default]\ndeadline = 100ms\n")
        self.refuses(130, "within 0.1 s (deadline)", "-q", *forever)

    def test_which_time_limit_ran_out_is_said(self):
        self.account(5, 5)
        self.fault(method="GET", path="/v1/*", delay_ms=3000)
        get = ("-e", 'sms.signs:get("1")')
        self.refuses(1, "longer than 0.2 s in all (timeout)",
                     "--attempts", "1", "--timeout", "0.2", *get)
        self.refuses(1, "(low_speed, low_speed_time)",
                     "--attempts", "1", "--low-speed-time", "1", *get)


if __name__ == "__main__":
    main(at_once=True)
