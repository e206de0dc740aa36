# SPDX-License-Identifier: MIT
"""How fast requests are sent: rates, what the service bears, pauses, the
pace."""

import os
import re
import signal
import stat
import time

from sandbox import SECRET, SIGNET, Account, main
from terminal import Terminal

JOB = """
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  sms.signs:get(s.sign_id)
end, { label = "Looking" })
"""


def now():
    return int(time.time())


class Pace(Account):
    def setUp(self):
        super().setUp()
        self.write("job.lua", JOB)
        self.learned = self.home / ".local/state/signet/learned"

    def run_job(self, *options, status=0):
        return self.does("run", *options, "job.lua", status=status)

    def run_without_journal(self, *options):
        return self.run_job("--no-journal", *options)

    def refused(self):
        """How many requests were answered 429."""
        statuses = self.control("GET", "/stats")["statuses"]
        return statuses.get("429", 0)

    def times(self, query=""):
        """When requests came, in milliseconds."""
        return sorted(request["time_ms"] for request in self.requests(query))

    def rate_learned(self):
        """What the service was found to bear in a thousand seconds."""
        return int(self.learned.read_text().splitlines()[1].split()[0])

    def learn(self, *lines, first="signet learned 2"):
        self.learned.parent.mkdir(parents=True, exist_ok=True)
        self.learned.write_text("\n".join([first, *lines]) + "\n")


class Rates(Pace):
    def test_no_second_has_more_than_the_rate_whatever_the_latency(self):
        # Requests may pile up on a busy machine, so there is some room.
        self.account(60, latency_ms=30)
        self.run_job("--rate", "20/s")
        times = self.times("&method=GET")
        busiest = max(sum(begin <= other < begin + 1000 for other in times)
                      for begin in times)
        self.assertLessEqual(busiest, 26)
        self.assertEqual(self.control("GET", "/stats")["requests"], 61)

    def test_writes_have_a_rate_of_their_own_reads_dont_wait_for_them(self):
        self.account(30)
        self.write("both.lua", """
local signet = require "signet"
local sms = signet.connect()
local list = sms.signs:list { status = "approved" }
local reads = 0
signet.each(list, function(s)
  sms.signs:get(s.sign_id)
  reads = reads + 1
  if s == list[1] then
    sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " 1" })
    print("first write after", reads)
  elseif s == list[2] then
    sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " 1" })
    print("second write after", reads, #list)
  end
end)
""")
        ended = self.does("run", "--no-journal", "--write-rate", "60/min",
                          "both.lua")
        self.assertLine("first write after.*", ended)
        # All reads are done before the second write may be sent.
        self.assertLine(r"second write after	([0-9]+)	\1", ended)

    def test_time_spent_waiting_for_a_turn_counts_against_no_timeout(self):
        self.account(5)
        ended = self.run_without_journal("--rate", "60/min", "--timeout", "2",
                                         "--attempts", "1")
        self.assertIn("5 done", ended.err)

    def test_a_pace_that_there_isnt(self):
        self.refuses(2, '--pace: "slow" must be one of gentle|normal|fast',
                     "run", "--pace", "slow", "job.lua")


class Learned(Pace):
    """What the service bears is found out, and used by the next run."""

    def test_what_the_service_bears_is_found_out_kept_and_used(self):
        self.account(150)
        self.fault(per_second=60, burst=20, status=429)
        self.run_without_journal()
        first = self.refused()
        self.assertGreaterEqual(first, 1)
        self.assertLess(first, 60)
        self.assertEqual(stat.S_IMODE(self.learned.stat().st_mode), 0o600)
        lines = self.learned.read_text().splitlines()
        account = f"configs {re.escape(self.url)} key key"
        self.assertEqual(lines[0], "signet learned 2")
        self.assertRegex(lines[1], f"^[0-9]+ [0-9]+ 0 [0-9]+ {account}$")
        self.assertRegex("\n".join(lines[2:]),
                         f"^listed 150 [0-9]+ 0 0 0 {account}$")
        self.assertNotIn(SECRET, "\n".join(lines))
        self.assertEqual(os.listdir(self.learned.parent), ["learned"])
        # The first run began with all at once; this one knows better.
        ended = self.run_without_journal()
        self.assertIn("requests a second: an earlier run found", ended.err)
        self.assertLess(self.refused() - first, 30)

    def test_what_was_learned_and_is_damaged_or_none_of_ours_is_ignored(self):
        self.account(5)
        ours = f"configs {self.url} key key"
        kept = re.compile("signet learned 2|listed 5 [0-9]+ 0 0 0 configs .* "
                          "key key")
        # The first one is of an older form, and would take ten seconds a
        # request.
        for content in (
                f"signet learned 1\n100 0 {now()} {ours}", "", "x",
                "signet learned 3", "signet learned 2\nx",
                "signet learned 2\n1 2 3 4",
                f"signet learned 2\n-5 0 0 {now()} {ours}",
                f"signet learned 2\n1e9 0 0 {now()} {ours}",
                f"signet learned 2\n100 99999 0 {now()} {ours}",
                f"signet learned 2\n100 0 8 {now()} {ours}"):
            self.learn(first=content)
            self.run_without_journal("--deadline", "10")
            for line in self.learned.read_text().splitlines():
                self.assertRegex(line, f"^(?:{kept.pattern})$", content)
        self.learned.write_bytes(os.urandom(100000))
        self.run_without_journal()
        # One that can be read, of another service: one request in ten seconds
        # would take too long.
        self.learn(f"100 0 0 {now()} configs http://127.0.0.1:1 key key")
        self.run_without_journal()
        # And a link is never followed.
        elsewhere = self.home / "elsewhere"
        elsewhere.write_text("signet learned 2\n")
        self.learned.unlink()
        self.learned.symlink_to(elsewhere)
        self.fault(nth=2, status=429)
        self.run_without_journal()
        self.assertEqual(elsewhere.read_text(), "signet learned 2\n")

    def test_what_cant_be_or_is_against_what_is_asked_for_is_ignored(self):
        self.account(20)
        self.learn(f"10 0 0 {now()} configs {self.url} key key")
        self.run_without_journal("--deadline", "10")
        self.learn(f"600 0 0 {now()} configs {self.url} key key")
        self.run_without_journal("--rate", "20", "--deadline", "10")

    def test_with_json_the_rate_that_the_service_bears_is_an_event(self):
        self.account(30)
        self.learn(f"20000 0 0 {now()} configs {self.url} key key")
        ended = self.run_without_journal("--json")
        self.assertEvents(ended)
        rate = ended.event("rate")
        self.assertEqual((rate["learned"], round(rate["per_second"])),
                         (True, 20))


class Bears(Pace):
    def test_a_service_that_counts_requests_by_the_second_refuses_few(self):
        self.account(300)
        self.fault(per_second=40, counted=True, status=429,
                   headers={"Retry-After": "1"})
        ended = self.run_without_journal()
        self.assertIn("300 done", ended.err)
        self.assertGreaterEqual(self.refused(), 1)
        self.assertLess(self.refused(), 45)
        # What it was found to bear is in thousandths, for the next run.
        self.assertGreaterEqual(self.rate_learned(), 30000)
        self.assertLessEqual(self.rate_learned(), 60000)


class Past(Pace):
    def test_a_retry_after_that_is_over_stalls_nothing(self):
        self.account(150)
        for after in ("0", "-1", "Sat, 21 Nov 2020 12:44:23 GMT"):
            self.learned.unlink(missing_ok=True)
            self.fault(per_second=60, burst=20, status=429,
                       headers={"Retry-After": after})
            ended = self.run_without_journal("--deadline", "60")
            self.assertIn("150 done", ended.err)
            # In a thousand seconds: nothing near to standing still is kept,
            # and the next run isn't slow.
            self.assertGreaterEqual(self.rate_learned(), 10000)
            self.control("DELETE", "/faults")
            self.run_without_journal("--deadline", "20")


class Pauses(Pace):
    def test_one_429_pauses_the_whole_account_and_it_is_told_once(self):
        self.account(20)
        self.fault(path="/v1/sign-configs/*", nth=3, status=429,
                   headers={"Retry-After": "3"})
        ended = self.run_job()
        self.assertEqual(sum("going on in" in line
                             for line in ended.err.splitlines()), 1)
        self.assertIn("the service asks for a pause (HTTP 429); going on in "
                      "3 s", ended.err)
        # What was in flight came within the same moment; then there was
        # silence.
        times = self.times()
        self.assertGreaterEqual(
            max(after - before for before, after in zip(times, times[1:])),
            2500)

    def test_with_json_a_pause_is_an_event(self):
        self.account(4)
        self.fault(path="/v1/sign-configs/*", nth=1, status=429,
                   headers={"Retry-After": "2"})
        ended = self.run_job("--json")
        self.assertEvents(ended)
        paused = ended.event("paused")
        self.assertEqual(
            (paused["wait_ms"], paused["reason"]),
            (2000, "the service asks for a pause (HTTP 429)"))

    def test_on_a_terminal_a_pause_counts_down_in_place_of_the_bar(self):
        self.account(60, latency_ms=100)
        self.fault(path="/v1/sign-configs/*", nth=20, status=429,
                   headers={"Retry-After": "4"})
        terminal = Terminal(self, 110, 20)
        terminal.type_line(f"'{SIGNET}' run --concurrency 4 job.lua")
        for seconds in (3, 2):
            terminal.wait_for("^Looking: the service asks for a pause .*; "
                              f"going on in {seconds} s$")
        terminal.wait_for("^60 done in [0-9.]+ s")
        self.assertFalse(terminal.shows("going on in"))


class Signals(Pace):
    @staticmethod
    def next_pace(job):
        """The next line about the pace, or none."""
        return next((line for line in iter(job.stderr.readline, "")
                     if line.startswith("the pace")), None)

    def test_usr1_and_usr2_make_it_slower_and_faster(self):
        # Each is sent when the one before has had its effect, and while much
        # is left to do.
        self.account(400, latency_ms=100)
        job = self.begin("run", "--no-journal", "--concurrency", "8",
                         "job.lua")
        self.wait_for(lambda: self.control("GET", "/stats")["requests"] > 3)
        job.send_signal(signal.SIGUSR1)
        told = [self.next_pace(job)]
        job.send_signal(signal.SIGUSR1)  # there is nothing slower
        time.sleep(0.3)
        job.send_signal(signal.SIGUSR2)
        told.append(self.next_pace(job))
        job.send_signal(signal.SIGUSR2)
        told.append(self.next_pace(job))
        ended = self.end(job)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(told, [f"the pace is {pace} now\n"
                                for pace in ("gentle", "normal", "fast")])
        self.assertNotIn("the pace", ended.err)

    def test_between_runs_the_same_signals_end_nothing(self):
        self.account(1)
        repl = self.converse("repl")
        repl.stdin.write('print("one")\n')
        repl.stdin.flush()
        self.assertEqual(repl.stdout.readline(), "one\n")
        repl.send_signal(signal.SIGUSR1)
        repl.send_signal(signal.SIGUSR2)
        repl.stdin.write('print("two")\n')
        ended = self.end(repl)
        self.assertEqual((ended.status, ended.out), (0, "two\n"))


class Keys(Pace):
    def test_on_a_terminal_minus_and_plus_change_the_pace(self):
        self.account(150, latency_ms=300)
        terminal = Terminal(self)
        terminal.type_line(f"'{SIGNET}' run --concurrency 8 job.lua")
        terminal.wait_for("Looking .*/150 .*left$")
        # The bar shows it.
        for key, pace in (("-", "left, gentle"), ("+", "left$"),
                          ("+", "left, fast")):
            terminal.type(key)
            terminal.wait_for("Looking .*/150 .*" + pace)
        terminal.wait_for("^150 done in [0-9.]+ s")
        # Nothing of the keys was echoed or is left for the shell.
        self.assertNotRegex("\n".join(terminal.screen()), "(?m)^[$] [+-]")

    def test_a_question_in_the_middle_of_a_run_wants_a_line_and_shows_it(self):
        self.account(40, latency_ms=100)
        self.write("delete.lua", """
local signet = require "signet"
local sms = signet.connect()
local list = sms.signs:list()
signet.each(list, function(s)
  sms.signs:get(s.sign_id)
  if s == list[20] then
    sms.signs:delete(s.sign_id)
  end
end, { label = "Looking", concurrency = 2 })
""")
        terminal = Terminal(self)
        terminal.type_line(f"'{SIGNET}' run delete.lua")
        terminal.wait_for("Looking .*/40 ")
        terminal.wait_for("Go on[?] .y/N. ?$")
        terminal.type("y")
        terminal.wait_for("Go on[?] .y/N. y$")
        terminal.press("C-z")
        terminal.wait_for("Stopped")
        terminal.type_line("fg")
        self.wait_for(lambda: terminal.program() == "signet")
        terminal.press("C-u")
        terminal.type_line("y")
        terminal.wait_for("Looking .*/40 ")
        terminal.wait_for("^40 done in")
        self.assertEqual(self.received("DELETE"), 1)


class Ends(Pace):
    LOOKING = "Looking .*/300 .*left"

    def test_however_a_run_ends_or_stops_the_terminal_is_as_it_was(self):
        self.account(300, latency_ms=300)
        terminal = Terminal(self, 100, 30)

        def run_again():
            terminal.type_line(f"'{SIGNET}' run --concurrency 4 job.lua; "
                               "echo status $?")
            terminal.wait_for(self.LOOKING)
        terminal.clear("stty -g >before; ")
        terminal.type_line(f"'{SIGNET}' run --concurrency 4 job.lua")
        terminal.wait_for(self.LOOKING)
        terminal.press("C-z")
        terminal.wait_for("Stopped")
        terminal.type_line("stty -g >stopped; clear; fg")
        terminal.wait_for(self.LOOKING)
        terminal.type("-")
        terminal.wait_for("gentle")
        terminal.press("C-c")
        terminal.wait_for("^interrupted: [0-9]+ done")
        terminal.clear("stty -g >interrupted; ")
        run_again()
        terminal.press("C-\\")
        terminal.wait_for("^status 131$")
        terminal.clear("stty -g >quit; ")
        run_again()
        for process in terminal.children("signet"):
            os.kill(process, signal.SIGTERM)
        terminal.wait_for("^status 130$")
        terminal.clear("stty -g >ended; ")
        run_again()
        terminal.press("C-c")
        time.sleep(0.1)
        terminal.press("C-c")
        terminal.wait_for("status [0-9]+$")  # behind ^C, if that came later
        terminal.type_line("stty -g >twice; echo done")
        terminal.wait_for("^done$")
        before = self.read("before")
        for state in ("stopped", "interrupted", "quit", "ended", "twice"):
            self.assertEqual(self.read(state), before, state)


if __name__ == "__main__":
    main(at_once=True)
