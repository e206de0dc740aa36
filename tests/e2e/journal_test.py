# SPDX-License-Identifier: MIT
"""Jobs: what is recorded, told and gone on with; the audit; the stock
interpreter. Limits and protection are in guard_test.py."""

import json
import os
import shlex
import signal
import stat
import subprocess
import time
import unittest

from sandbox import CANARY, PATIENCE, SIGNET, SMS, Account, Ended, main

CREATE = "sms.signs:create {{ sign_name = '{}' }}"
RENAME = SMS + """
for i, id in ipairs(arg) do
  sms.signs:update(id, { sign_name = "Renamed " .. i })
end
"""
JOB = r"[0-9T]+-[0-9a-f]{4}"


class Journal(Account):
    @property
    def state(self):
        return self.home / ".local/state/signet"

    def journals(self):
        return sorted(self.state.glob("journal-*.db"))

    def create(self, name, *options, then="", status=0, **environment):
        return self.does(*options, "-e", CREATE.format(name) + then,
                         status=status, **environment)

    def jobs(self):
        """The newest first."""
        return self.does("jobs", "--json").events


class Recorded(Journal):
    def test_a_run_stands_in_the_journal_jobs_and_show_tell_it(self):
        self.account(5, 20)
        self.does("run", self.write("rename.lua", RENAME), "100000001",
                  "100000002")
        listed = self.does("jobs").lines
        self.assertRegex(listed[0], "^JOB +WHEN +TYPE +NAME +STATE +WRITES "
                         "+ENTRIES +ACCOUNT")
        self.assertRegex(
            listed[1], f"^{JOB} +20.* run +rename.lua +done +2 +2 done "
            r"+configs 127\.0\.0\.1:[0-9]+ key$")
        job = self.jobs()[0]
        self.assertEqual(
            (job["event"], job["state"], job["done"], job["writes"],
             job["arguments"]),
            ("job", "done", 2, 2, ["100000001", "100000002"]))
        shown = self.does("show", job["job"])
        self.assertLine("name +rename.lua", shown)
        self.assertLine(" +1 +done +update signature 100000001 +sign_name: "
                        ".* → Renamed 1", shown)
        writes = self.does("show", "--json", job["job"][:18]).events
        self.assertEqual(len(writes), 2)
        for write in writes:
            self.assertEqual(
                (write["event"], write["job"], write["state"], write["verb"]),
                ("write", job["job"], "done", "update"))
        self.assertEqual(writes[1]["after"]["sign_name"], "Renamed 2")
        self.assertEqual(writes[0]["before"]["status"], 2)

    def test_show_tells_what_changed_of_a_template_not_what_was_sent(self):
        self.account(5, 20)
        self.does("run", self.write("change.lua", SMS + """
local list = {}
for _, template in ipairs(sms.templates:list { status = "approved" }) do
  if template.sign_id then list[#list + 1] = template end
end
sms.templates:update(list[1].template_id, { template_content = "Changed" })
sms.templates:update(list[2].template_id, { add_signature = false })
"""))
        shown = self.does("show", self.newest())
        self.assertLine(" +1 +done +update template [0-9]+  "
                        "template_content: [^→]+ → Changed", shown)
        self.assertLine(" +2 +done +update template [0-9]+  "
                        "sign_id: [0-9]+ → ", shown)

    def test_the_summary_names_the_job_null_where_nothing_was_written(self):
        self.account(5, 5)
        listed = ("--json", "-e", "sms.signs:list()")
        self.signet(*listed[1:], "--json")
        self.assertIsNone(self.does(*listed).summary["job"])
        self.assertEqual(list(self.state.glob("journal*")), [])
        ended = self.create("Fresh name", "--json")
        self.assertEqual(ended.summary["job"], self.newest())

    def test_the_journal_is_private_and_holds_no_secret(self):
        self.account(5, 5)
        self.create("Fresh name")
        [journal] = self.journals()
        self.assertEqual([stat.S_IMODE(path.stat().st_mode)
                          for path in (self.state, journal)], [0o700, 0o600])
        subprocess.run([CANARY / "scan", self.state], check=True)

    def test_no_journal_keeps_nothing_limits_hold_all_the_same(self):
        self.account(5, 30)
        ended = self.create("One", "--no-journal", "--json")
        self.assertIsNone(ended.summary["job"])
        self.assertFalse(self.state.exists())
        self.does("--no-journal", "--yes", "-e", """
for _, t in ipairs(sms.templates:list()) do
  sms.templates:delete(t.template_id)
end""", status=4)
        self.assertEqual(len(self.effects("DELETE")), 9)

    def test_a_journal_that_cant_be_written_nothing_is_sent(self):
        self.account(5, 5)
        self.write("file", "")
        self.create("One", "--state-dir", "file/state", status=3)
        ended = self.create("One", "--state-dir", "file/state", "--json",
                            status=3)
        self.assertEvents(ended)
        self.assertIn('"kind":"configuration"', ended.out)
        self.assertEqual(self.writes(), 0)

    def test_a_repl_keeps_a_journal_of_what_it_writes_unless_told_not_to(self):
        self.account(5, 5)
        self.does("repl", "--write", "--no-journal",
                  typed=CREATE.format("One") + "\n")
        self.assertEqual(self.journals(), [])
        ended = self.does("repl", "--write", typed=CREATE.format("Two") + "\n")
        self.assertEqual(ended.err, f"1 write done, as job {self.newest()}; to "
                         f"take it back: signet undo {self.newest()}\n")


class Resumed(Journal):
    def test_a_script_that_failed_is_resumed_what_was_done_is_not_sent(self):
        self.account(5, 20)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  print("deciding")
  return { "100000001", "100000002", "100000003" }
end)
for i, id in ipairs(ids) do
  sms.signs:update(id, { sign_name = "Renamed " .. i })
  if i == 2 and not io.open("right") then error("something is wrong") end
end
local id = sms.signs:create { sign_name = "New one" }
print("made " .. id)
""")
        self.approve()
        ended = self.does("run", "job.lua", status=1)
        job = self.newest()
        self.assertIn(f"to go on once the cause is gone: signet resume {job}",
                      ended.err)
        self.assertEqual(len(self.effects("PUT")), 2)
        self.does("resume", status=1)
        self.assertEqual(len(self.effects("PUT")), 2)
        self.write("right", "")
        ended = self.does("resume", job[:17])
        self.assertRegex(ended.out, "^made [0-9]+\n$")
        self.assertIn(f"resuming job {job}: job.lua", ended.err)
        self.assertIn("2 writes done before, not sent again", ended.err)
        self.assertEqual(len(self.effects("PUT")), 3)
        self.assertEqual(len(self.effects("POST")), 1)
        self.assertIn("there is nothing to resume",
                      self.does("resume", job).err)
        self.assertIn("no job of this account waits to be resumed",
                      self.does("resume").err)
        self.assertEqual(self.writes(), 4)

    def test_deleted_entries_and_templates_in_review_are_recalled(self):
        self.account(5, 20)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  local ids = {}
  for _, t in ipairs(sms.templates:list { status = "approved" }) do
    if not t.sign_id or t.sign_id == "" then ids[#ids + 1] = t.template_id end
  end
  return ids
end)
assert(#ids >= 2, #ids)
sms.templates:update(ids[1], { template_name = "Renamed" })
sms.templates:delete(ids[2])
sms:request("POST", "/v1/sign-configs", { sign_name = "By hand" })
assert(io.open("right"))
""")
        self.does("run", "--yes", "job.lua", status=1)
        self.assertEqual(self.writes(), 3)
        self.write("right", "")
        # Tables have another order in each process.
        for _ in range(3):
            self.signet("resume")
            self.assertEqual(self.writes(), 3)

    def test_an_interrupted_run_is_resumed_and_so_is_a_chunk(self):
        self.account(5, 5, latency_ms=300)
        job = self.begin("-e", "for i = 1, 3 do sms.signs:create "
                         '{ sign_name = "New " .. i } end return "over"')
        self.wait_for(self.writes)
        self.assertEqual(self.interrupt(job).status, 130)
        self.assertEqual([job["state"] for job in self.jobs()],
                         ["interrupted"])
        self.assertEqual(self.does("resume").out, '"over"\n')
        self.assertEqual(len(self.effects("POST")), 3)

    def test_what_the_service_refused_is_not_sent_again_by_any_resume(self):
        self.account(12, 5)
        self.approve()
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local ids = signet.step("ids", function()
  return { "100000001", "100000002", "100000003" }
end)
local result = signet.each(ids, function(id)
  sms.signs:update(id, { sign_name = "Renamed " .. id })
end)
print(result.done, result.failed)
""")
        self.colleague("PUT", "/v1/sign-configs/100000002",
                       {"sign_name": "By another"})
        ended = self.does("run", "job.lua", status=1)
        self.assertEqual(ended.out, "2\t1\n")
        self.assertEqual(len(self.effects("PUT")), 3)
        before = self.writes()
        for _ in range(2):
            ended = self.does("resume", status=1)
            self.assertEqual(ended.out, "2\t1\n")
            for text in (
                    "2 writes done before, not sent again",
                    "1 write refused before, not sent again: another run",
                    "pending.*so write .* of the earlier run",
                    "all runs of this job: 2 writes done"):
                self.assertRegex(ended.err, "(?s)" + text)
            self.assertEqual(self.writes(), before)
        self.approve()
        self.does("run", "job.lua")

    def test_clean_a_job_that_was_killed_goes_on_with_what_it_saved(self):
        self.account(100, 400, latency_ms=20)
        options = ("--yes", "--max-deletes", "100%")
        job = self.begin("run", *options, "--concurrency", "1", "clean",
                         "--backup", "deleted.json")
        self.wait_for(lambda: self.writes() > 3)
        self.assertEqual(self.kill(job).status, -signal.SIGKILL)
        saved = self.read("deleted.json")
        # What is rejected from now on is not in the backup, and stays.
        self.control("PUT", "/reviewer",
                     [{"after_ms": 0, "status": "rejected"}])
        self.control("PUT", "/options", {"latency_ms": 0})
        self.create("Rejected since")
        self.does("resume", *options)
        self.assertEqual(self.read("deleted.json"), saved)
        ended = self.does(
            "-e", 'print(#sms.signs:list { sign_name = "Rejected since" })')
        self.assertEqual(ended.out, "1\n")
        ended = self.does("-e", "for _, template in ipairs("
                          "sms.templates:list()) do\n"
                          "print(template.template_id) end")
        deleted = {entry["template_id"]
                   for entry in json.loads(saved)["templates"]}
        self.assertGreater(len(deleted), 10)
        self.assertEqual(deleted & set(ended.lines), set())


class Named(Journal):
    def test_a_word_means_the_one_job_whose_id_begins_so(self):
        commands = (("show",), ("resume",), ("undo", "--yes"))
        self.account(5, 5)
        self.create("One", then=' error("stop")', status=1)
        one = self.newest()
        before = self.writes()
        # One job in the folder is not what every word means.
        for command in commands:
            for word in ("rename-typo", "1999", one + "0", one[1:]):
                self.refuses(
                    2, f"there is no job {word}: no job's id begins so; "
                    "signet jobs lists them", *command, word)
            self.refuses(2, "an empty word names no job", *command, "")
        self.create("Two")
        for command in commands:
            ended = self.refuses(2, "the ids of 2 jobs begin with 20, ",
                                 *command, "20")
            self.assertIn(one, ended.err)
        self.assertEqual(self.writes(), before + 1)
        # What begins one of several ids is enough.
        two = self.newest()
        length = len(os.path.commonprefix([one, two])) + 1
        self.assertLine(f"job +{one}", self.does("show", one[:length]))
        self.does("undo", "--yes", two[:length])
        self.assertEqual(self.jobs()[0]["parent"], two)

    def test_where_no_job_is_found_the_proposed_command_finds_them(self):
        self.account(5, 5)
        folder = str(self.home / "it's here")
        self.create("One", "--state-dir", folder)
        ended = self.does("show", "--state-dir", folder, "1999", status=2)
        advice = ended.err.strip().rpartition("; ")[2]
        words = shlex.split(advice.removesuffix(" lists them"))
        self.assertEqual(words[0], "signet")
        self.assertEqual(len(self.does(*words[1:]).lines), 2)

    def test_a_job_of_another_account_isnt_resumed_with_these_settings(self):
        self.account(5, 5)
        self.create("One", then=' error("stop")', status=1)
        job = self.newest()
        other = {"ENGAGELAB_SMS_KEY": "other"}
        self.assertIn("no job of this account waits",
                      self.does("resume", **other).err)
        self.refuses(3, f"job {job} works on configs {self.url} key key",
                     "resume", job, **other)
        self.assertEqual(self.writes(), 1)


class Locked(Journal):
    def hold(self, count, *options):
        """A job that holds the account: it creates one signature, and the
        others once the file `go` is there."""
        job = self.begin("--deadline", "120", *options, "-e", f"""
for i = 1, {count} do
  sms.signs:create {{ sign_name = "New " .. i }}
  while not io.open("go") do require("signet").sleep(0.05) end
end""")
        self.wait_for(self.writes)
        return job

    def let_go(self):
        self.write("go", "")

    def test_a_job_that_is_locked_out_says_so_once(self):
        self.account(5, 5)
        holder = self.hold(12)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
local names = {}
for i = 1, 30 do names[i] = "Other " .. i end
signet.each(names, function(name) sms.signs:create { sign_name = name } end)
""")
        locked = "another job works on"
        ended = self.does("run", "job.lua", status=4)
        self.assertEqual(ended.err.count(locked), 1, ended)
        ended = self.does("--json", "run", "job.lua", status=4)
        self.assertEvents(ended)
        self.assertEqual(sum(locked in line for line in ended.lines), 1, ended)
        self.assertIn('"kind":"locked"', ended.out)
        self.let_go()
        self.end(holder)
        self.assertEqual(len(self.effects("POST")), 12)

    def test_spellings_of_one_base_url_are_one_account_with_one_lock(self):
        self.account(5, 5)
        port = self.url.rpartition(":")[2]
        holder = self.hold(8, "--base-url", f"http://LOCALHOST:{port}/")
        ended = self.create("Another", "--base-url",
                            f"http://localhost:{port}", status=4)
        self.assertIn("another job works on configs "
                      f"http://localhost:{port} key key", ended.err)
        self.let_go()
        self.assertEqual(self.end(holder).status, 0)
        self.assertEqual(len(self.journals()), 1)

    def test_one_job_at_a_time_refused_waited_for_shown_as_one_line(self):
        self.account(5, 5)
        holder = self.hold(12)
        process = f"process {holder.pid} on {os.uname().nodename}"
        ended = self.create("Another", status=4)
        self.assertRegex(
            ended.err, f"another job works on configs {self.url} key key.*"
            f"\\(job .*, {process} since .*\\): --wait-lock SECONDS")
        listed = self.does("jobs")
        self.assertLine(f"job {JOB} is {process} since .*", listed)
        self.assertLine(f"{JOB} +20.* run +-e +running +[0-9]+ .*", listed)
        self.does("resume", "2026", status=4)
        waiter = self.begin("--wait-lock", "60", "-e",
                            CREATE.format("Another"))
        time.sleep(0.5)
        self.assertIsNone(waiter.poll(), "it did not wait")
        self.let_go()
        self.assertEqual(self.end(waiter).status, 0)
        self.assertEqual(self.end(holder).status, 0)
        self.assertEqual(len(self.effects("POST")), 13)


class Public(Journal):
    """The sandbox's own credentials, which scripts may hold."""

    secret = "secret"

    def test_a_script_may_read_a_second_account_not_write_to_both(self):
        self.account(5, 5)
        port = self.url.rpartition(":")[2]
        ended = self.does("run", self.write("two.lua", f"""
local signet = require "signet"
local other = signet.connect {{
  base_url = "{self.url}/", key = "key", secret = "secret" }}
local second = signet.connect {{ base_url = "http://localhost:{port}" }}
assert(#other.signs:list() == 5)
second.signs:create {{ sign_name = "First" }}
print(pcall(other.signs.create, other.signs, {{ sign_name = "Second" }}))
"""))  # what a script catches is its own
        self.assertRegex(ended.out, "^false.*a journal belongs to one account"
                         ".*--no-journal")
        self.assertEqual(self.writes(), 1)

    def test_what_the_service_contradicts_at_the_end_is_unknown(self):
        self.account(5, 5)
        self.write("job.lua", SMS + f"""
sms.signs:update("100000001", {{ sign_name = "Mine" }})
local id = sms.signs:create {{ sign_name = "Gone at once" }}
local curl = "curl -sS -u key:secret -X %s {self.url}/v1/sign-configs/%s %s"
  .. " >/dev/null"
os.execute("curl -sS {self.url}/__sandbox/review -d '{{}}' >/dev/null")
os.execute(curl:format("PUT", "100000001", [[-d '{{"sign_name":"Theirs"}}']]))
os.execute(curl:format("DELETE", id, ""))
""")
        ended = self.does("run", "--settle", "0.05", "--settle-create", "0",
                          "job.lua", status=5)
        for text in (
                "unknown: signature 100000001: it was written, but the "
                'service shows sign_name "Theirs", and not "Mine" (update, '
                "write 1)",
                "it was written, but the service does not show it (create, "
                "write 2)", "2 unknown in "):
            self.assertIn(text, ended.err)
        job = self.jobs()[0]
        self.assertEqual((job["state"], job["done"], job["unknown"]),
                         ("failed", 0, 2))


class Audit(Journal):
    # Before the first create there is one, too: it tells what is there already.
    def test_the_audit_is_one_list_call_for_each_kind_that_was_written(self):
        self.account(5, 5)
        self.does("-e", CREATE.format("One") + CREATE.format("Two"))
        self.assertEqual(len(self.requests("&method=GET")), 2)


MODULES = os.path.join(os.path.dirname(os.path.realpath(SIGNET)), "lua")


def needs_runtime():
    """Whether the module needs the runtime of a sanitizer."""
    names = subprocess.run(["nm", "-D", os.path.join(MODULES, "signet.so")],
                           check=True, capture_output=True, timeout=PATIENCE)
    return b"__asan_init" in names.stdout


@unittest.skipIf(needs_runtime(), "it can't load a module that needs a "
                 "sanitizer's runtime")
class Stock(Journal):
    """The stock interpreter keeps a journal where connect asks for it."""

    def lua(self, *words, status=0):
        ended = subprocess.run(
            ["lua5.4", *words], cwd=self.home, stdin=subprocess.DEVNULL,
            env={**self.environment, "LUA_CPATH": MODULES + "/?.so;;"},
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        ended = Ended(words, ended)
        if status is not None:
            self.assertEqual(ended.status, status, ended)
        return ended.out + ended.err

    def test_the_stock_interpreter_keeps_one_where_connect_asks_for_it(self):
        self.account(5, 5)
        plain = """
local sms = require("signet").connect { journal = arg[1] == "yes" }
sms.signs:create { sign_name = "From " .. arg[1] }
"""
        self.write("plain.lua", plain + "sms:close()\n")
        self.lua("plain.lua", "no")
        self.assertFalse(self.state.exists())
        self.lua("plain.lua", "yes")
        job = self.jobs()[0]
        self.assertEqual((job["name"], job["arguments"], job["state"]),
                         ("plain.lua", ["yes"], "done"))
        self.assertLine(".*1 +done +create signature [0-9]+ +From yes",
                        self.does("show", self.newest()))
        self.does("resume", self.newest())
        # Left open: the interpreter's end closes it.
        self.write("plain.lua", plain.replace("From ", "Left "))
        self.lua("plain.lua", "yes")
        self.assertEqual({job["state"] for job in self.jobs()}, {"done"})
        self.assertIn("signet.connect: journal must be true or false",
                      self.lua("-e", 'require("signet").connect '
                               "{ journal = 1 }", status=1))

    def test_its_limits_are_those_of_a_run_and_options_of_connect(self):
        self.account(12)
        self.write("delete.lua", """
local sms <close> = require("signet").connect {
  journal = true, max_deletes = arg[1] }
for _, sign in ipairs(sms.signs:list()) do
  local worked, problem = pcall(sms.signs.delete, sms.signs, sign.sign_id)
  if not worked and problem.kind == "refused" then
    print(problem)
    break
  end
end
""")
        self.assertEqual(
            self.lua("delete.lua", status=None),
            "this run may delete at most 30 % of the account's 12 signatures: "
            'max_deletes = N or "N%" allows others\n')
        self.assertEqual(self.writes(), 3)
        self.assertIn(
            "this run may delete at most 2 entries: max_deletes =",
            self.lua("delete.lua", "2", status=None))
        self.assertNotIn("this run may",
                         self.lua("delete.lua", "100%", status=None))
        self.assertEqual(self.does("-e", "#sms.signs:list() < 7").out,
                         "true\n")


if __name__ == "__main__":
    main()
