# SPDX-License-Identifier: MIT
"""What people are told: jobs, show, doctor; scripts that can't be read; output
that nobody takes. Questions on a terminal are in asked.bats."""

import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import unittest

from sandbox import PATIENCE, SIGNET, SMS, Account, main

MIXED = SMS + """
sms:request("POST", "/v1/sign-configs", { sign_name = "By hand" })
sms.signs:delete("100000002")
local id = sms.signs:create { sign_name = "New one" }
pcall(sms.signs.update, sms.signs, id, { sign_name = "Too early" })
error("stop")
"""
CREATE = 'sms.signs:create { sign_name = "New one" }'
GONE = 'sms.signs:update("100000001", { sign_name = "Gone" })'


class Told(Account):
    def state(self):
        return self.home / ".local/state/signet"

    def change_journal(self, statement):
        """Alters what jobs wrote, as nobody should."""
        [file] = self.state().glob("journal-*.db")
        journal = sqlite3.connect(file)
        with journal:
            journal.execute(statement)
        journal.close()

    def chunk(self, text, *options, status=0):
        return self.does(*options, "-e", text, status=status)

    def mixed_job(self):
        """A job with a write of every kind, which ends with a mistake."""
        self.approve()
        self.does("run", "--yes", self.write("mixed.lua", MIXED), status=1)
        return self.newest()

    def killed_job(self):
        """One whose write was sent and not answered."""
        self.approve()
        self.control("POST", "/faults",
                     {"method": "PUT", "path": "/v1/*", "delay_ms": 30000})
        job = self.begin("-e", GONE)
        self.wait_for(self.writes)
        self.kill(job)
        return self.newest()

    def fail_reads(self, path):
        self.control("POST", "/faults", {"method": "GET", "path": path,
                                         "status": 500, "count": 100})

    def without_home(self, *words, status, typed=None):
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            self.environment.pop(name, None)
        return self.does(*words, status=status, typed=typed)


class Show(Told):
    def test_every_kind_of_write_what_was_refused_how_to_go_on(self):
        self.account(5)
        job = self.mixed_job()
        shown = self.does("show", job)
        for pattern in (
                "state +failed",
                "entries +3 done, 0 failed, 0 skipped, 0 unknown, 0 waiting",
                "     1  done     request  POST  /v1/sign-configs",
                "     2  done     delete signature 100000002  [^ ].*",
                "     3  done     create signature [0-9]+  New one",
                "     4  failed   update signature [0-9]+  sign_name: New one "
                r"→ Too early  \(updating signature .*can not update "
                r"pending.*\)"):
            self.assertLine(pattern, shown)
        self.assertEqual(shown.lines[-1], "to go on once the cause is gone: "
                         f"signet resume {job}")
        colored = self.does("--color", "always", "show", job)
        self.assertRegex(colored.out,
                         "(?m)^     1  \033\\[32mdone   \033\\[0m  request")
        self.assertRegex(colored.out,
                         "(?m)^     4  \033\\[31mfailed \033\\[0m  update")
        shown = self.does("show", "--json", job)
        self.assertTrue(shown.events[3]["error"]["message"])
        self.assertNotIn("to go on", shown.out)

    def test_an_undo_names_the_job_that_it_takes_back_that_one_is_undone(self):
        self.account(2)
        self.chunk(CREATE)
        job = self.newest()
        self.does("undo", "--yes", job)
        shown = self.does("show", self.newest())
        self.assertLine("type +undo", shown)
        self.assertLine(f"undoes +{job}", shown)
        self.assertNotIn("to go on", shown.out)
        self.assertEqual(self.does("jobs", "--json").events[0]["parent"], job)
        self.assertNotIn("to go on", self.does("show", job).out)

    def test_a_write_that_was_sent_and_not_answered(self):
        self.account(2)
        shown = self.does("--color", "always", "show", self.killed_job())
        self.assertLine("state +crashed", shown)
        self.assertLine("     1  \033\\[33mintent \033\\[0m  update signature "
                        "100000001 .*", shown)
        self.assertLine("when +20[^ ]+ [0-9:]+", shown)
        self.assertLine("to go on: signet resume .*", shown)

    def test_while_a_job_is_running(self):
        self.account(2, latency_ms=300)
        job = self.begin("-e", "for i = 1, 100 do sms.signs:create "
                         '{ sign_name = "New " .. i } end')
        self.wait_for(self.writes)
        [told] = self.does("jobs", "--json").events
        self.assertRegex(told["job"], "^[0-9T]+-")
        self.assertEqual(
            (told["event"], told["state"], told["type"], told["process"],
             told["failed"], told["waits_for"]),
            ("job", "running", "run", job.pid, 0, ""))
        self.assertGreaterEqual(told["writes"], 0)
        self.assertTrue(told["journal"].endswith(".db"))
        # A terminal of 80 columns gets lines that fit.
        shown = subprocess.run(
            ["script", "-qec", f"stty cols 80; '{SIGNET}' jobs", "/dev/null"],
            cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True,
            env={**self.environment, "TERM": "xterm", "NO_COLOR": "1"},
            text=True, timeout=PATIENCE, check=False).stdout
        self.assertRegex(shown, "running +[0-9]+ ")
        for line in shown.splitlines()[:2]:
            self.assertLessEqual(len(line), 80)
        # It and the others are shown by their ids, and what can't be done
        # says why.
        host = f"process {job.pid} on {os.uname().nodename}"
        running = self.newest()
        shown = self.does("show", running)
        self.assertLine("state +running", shown)
        self.assertLine(f"process +{host[8:]} since 2.*", shown)
        self.assertLine("     1  (done|intent) .*", shown)
        self.assertNotIn("to go on", shown.out)
        self.refuses(2, "there is no job 1999", "show", "1999")
        self.refuses(4, "no job of this account waits to be resumed: job "
                     f"{running} is running (process {job.pid} on ", "resume")
        self.refuses(4, "another job works on", "resume", "-q", running)
        # One that is not known is one line.
        for holder in self.state().glob("*-holder"):
            holder.unlink()
        listed = self.does("jobs")
        self.assertLine("a job is running and holds .*/journal-[0-9a-f]+\\.db",
                        listed)
        self.assertLine(f"{running} .* running .*", listed)
        self.assertLine("state +running", self.does("show", running))
        self.refuses(4, f"job {running} is running", "resume")
        self.interrupt(job)

    def test_a_journal_whose_writes_cant_be_read(self):
        self.account(2)
        job = self.mixed_job()
        self.change_journal("UPDATE batches SET content = x'0102'")
        for words in (("show", job), ("show", "--json", job), ("resume", job),
                      ("undo", job)):
            self.assertRegex(self.does(*words, status=1).err,
                             "(?s)error: .*journal")
        self.assertEqual(self.writes(), 4)


class Lists(Told):
    def test_of_the_same_moment_by_their_ids_and_accounts_as_they_are(self):
        self.account(2)
        for i in "123":
            self.chunk(f"sms.signs:create {{ sign_name = 'New {i}' }}")
        self.change_journal("UPDATE jobs SET started_ms = 1790000000000")
        ids = [job["job"] for job in self.does("jobs", "--json").events]
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.change_journal(
            "UPDATE jobs SET account = 'some' || char(27) || 'thing'")
        self.change_journal("UPDATE jobs SET started_ms = 9000000000000000000 "
                            "WHERE number = 1")
        listed = self.does("jobs")
        self.assertEqual(listed.out.count(r"some\x1Bthing"), 3)
        self.change_journal("UPDATE jobs SET account = "
                            "'configs example.org key 123456789'")
        self.assertLine(r".* configs example\.org 123456…", self.does("jobs"))
        self.assertTrue(self.does("--color", "always", "jobs").out.startswith(
            "\033[1mJOB "))

    def test_a_long_list_and_what_is_no_journal(self):
        self.account(2)
        self.chunk(CREATE)
        self.change_journal("""
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n
            WHERE i < 100) INSERT INTO jobs SELECT i, '2026-' || i, type,
            state, name, arguments, account, parent, i, ended_ms, done, failed,
            skipped, unknown, waiting FROM jobs, n WHERE number = 1""")
        self.assertEqual(len(self.does("jobs").lines), 101)
        (self.state() / "journal-0.db").write_text("no journal\n")
        for words in (("jobs",), ("show", "2026"), ("resume", "2026"),
                      ("undo", "2026")):
            self.refuses(1, "journal-0.db", *words)


class Resume(Told):
    def test_undo_json_the_plan_what_cant_be_undone_the_reason(self):
        self.account(2)
        ended = self.does("undo", "--json", self.mixed_job(), status=4)
        self.assertEvents(ended)
        events = ended.events
        self.assertTrue(any(
            event["event"] == "log"
            and event["text"].startswith("1 write of the job")
            for event in events), ended)
        self.assertTrue(any(event.get("mark") == "new id"
                            and event["old"] == "100000002"
                            for event in events), ended)
        self.assertTrue(any(event["event"] == "error"
                            and event["error"]["kind"] == "refused"
                            for event in events), ended)

    def test_a_job_that_is_over_q_a_script_that_was_not_recorded(self):
        self.account(2)
        self.chunk(CREATE)
        job = self.newest()
        summary = self.does("resume", "--json", job).summary
        self.assertEqual((summary["job"], summary["done"]), (job, 1))
        self.refuses(2, "an empty word names no job: give an id, or how it "
                     "begins", "resume", "")
        self.assertIn(f"job {job} is done: there is nothing to resume",
                      self.does("resume", job).err)
        self.change_journal("UPDATE jobs SET state = 'failed'")
        self.assertEqual(self.does("resume", "-q").err, "")
        self.change_journal("UPDATE jobs SET state = 'failed'")
        self.change_journal("DELETE FROM scripts")
        self.assertIn("its script was not recorded: what is open is settled, "
                      "and nothing is run", self.does("resume", job).err)
        self.assertEqual([job["state"] for job in
                          self.does("jobs", "--json").events], ["done"])
        self.assertEqual(self.writes(), 1)

    def test_open_writes_that_cant_be_settled_stay_open(self):
        self.account(2)
        job = self.killed_job()
        self.fail_reads("/v1/*")
        ended = self.does("resume", "--attempts", "1", job, status=5)
        self.assertIn("1 open write settled: 0 took effect, 0 did not, 0 "
                      "changed by somebody else, 1 still unknown", ended.err)
        self.assertIn("0 writes done before, not sent again", ended.err)
        shown = self.does("show", job)
        self.assertLine("     1  unknown  update signature 100000001 .*", shown)
        self.assertLine(f"to go on: signet resume {job}", shown)
        self.control("DELETE", "/faults")
        self.does("resume", job)
        self.assertLine("     [12]  done     update signature 100000001 .*",
                        self.does("show", job))
        names = [sign["sign_name"] for sign in self.entries()]
        self.assertEqual(names.count("Gone"), 1)

    def test_what_could_not_be_checked_at_the_end_is_said(self):
        self.account(2)
        self.fail_reads("/v1/sign-configs")
        self.assertIn("warning: what was written could not be checked at the "
                      "end: listing signatures",
                      self.chunk(CREATE, "--attempts", "1").err)
        # An account that the script has closed is opened again for it.
        self.control("DELETE", "/faults")
        ended = self.chunk(
            'sms.signs:create { sign_name = "Newer one" } sms:close()')
        self.assertNotIn("warning", ended.err)
        lists = self.requests("&method=GET&path=/v1/sign-configs")
        self.assertEqual([request["status"] for request in lists].count(200), 2)

    def test_no_place_for_a_state_directory(self):
        self.account(2)
        for words in (("jobs",), ("show", "2026"), ("resume",),
                      ("undo", "2026")):
            ended = self.without_home(*words, status=3)
            self.assertIn("there is no state directory: set HOME, or give "
                          "--state-dir", ended.err)
            self.assertEqual(len(ended.err.splitlines()), 1, ended)
        ended = self.without_home("-e", "1", status=3)
        self.assertIn("there is no place for a journal: set HOME, or give",
                      ended.err)
        self.assertEqual(len(ended.err.splitlines()), 1, ended)
        self.without_home("--no-journal", "-e", "1", status=0)
        ended = self.without_home("doctor", status=3)
        self.assertLine(r"fail state directory \(none\) can.t be written to: "
                        "name another.*", ended)
        ended = self.without_home("repl", status=0, typed="1 + 1\n")
        self.assertEqual(ended.out, "2\n")


class Doctor(Told):
    def test_q_nothing_but_what_is_wrong(self):
        self.account(2)
        self.assertEqual(self.does("-q", "doctor").out, "")
        ended = self.does("doctor", "-q", status=3,
                          SIGNET_BASE_URL="http://127.0.0.1:1")
        self.assertEqual(len(ended.lines), 1, ended)
        self.assertLine("fail http://127.0.0.1:1: .*", ended)
        self.assertTrue(self.does("doctor", "--color", "always").out.startswith(
            "\033[32mok  \033[0m signet "))

    def test_a_server_that_is_not_the_service_or_has_a_bad_day(self):
        self.account(2)
        url = self.environment["SIGNET_BASE_URL"]
        ended = self.does("doctor", status=3, SIGNET_BASE_URL=url + "/nowhere")
        advice = "check that the base URL is the service's"
        self.assertLine(f"fail {url}/nowhere: .*; {advice} and fits --api",
                        ended)
        self.control("POST", "/faults", {
            "method": "GET", "path": "/v1/sign-configs", "status": 501,
            "body": "<p>no"})
        ended = self.does("--attempts", "1", "doctor", status=3)
        self.assertLine(f"fail {url}: .*; {advice}.*", ended)

    def test_an_executable_without_its_jobs_settings_that_are_broken(self):
        self.account(2)
        alone = self.home / "alone/bin/signet"
        alone.parent.mkdir(parents=True)
        shutil.copy(SIGNET, alone)

        def lonely(*words):
            return subprocess.run(
                [alone, *words], cwd=self.home, env=self.environment,
                capture_output=True, text=True, timeout=PATIENCE, check=False)

        ended = lonely("doctor")
        self.assertEqual(ended.returncode, 3, ended)
        self.assertRegex(ended.stdout, "(?m)^fail the shipped jobs are missing:"
                         " share/signet/scripts must lie beside bin/signet")
        ended = lonely("run", "rename")
        self.assertEqual(ended.returncode, 2, ended)
        self.assertIn("not installed", ended.stdout + ended.stderr)
        self.configure("[default]\nrate = fast\n")
        ended = self.does("doctor", status=3)
        self.assertRegex(ended.out, "(?s)^ok .*\n.*\nfail .*config:2: rate")
        (self.home / "config/signet/config").unlink()
        ended = self.does("doctor", "--trace", str(self.home), status=3)
        self.assertLine("fail .*", ended)


class Output(Told):
    @unittest.skipUnless(pathlib.Path("/dev/full").exists(), "no /dev/full")
    def test_standard_output_that_is_full_every_command_says_so(self):
        self.account(2)
        self.chunk(CREATE)
        job = self.newest()
        self.write("write.lua", 'require("signet").connect().signs:create '
                   '{ sign_name = "Other" }\n')
        for line in ("jobs", "jobs --json", f"show {job}",
                     f"show --json {job}", "doctor", "help", "help run",
                     "--version", "completion bash", "plan write.lua",
                     "--json plan write.lua", "-e sms.signs:list()",
                     "--json -e 1", "--json -e x=1", f"undo --yes {job}"):
            with open("/dev/full", "w", encoding="utf-8") as full:
                ended = subprocess.run(
                    [SIGNET, *line.split()], cwd=self.home, stdout=full,
                    env=self.environment, stdin=subprocess.DEVNULL,
                    stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
                    check=False)
            self.assertEqual(ended.returncode, 1, line)
            self.assertRegex(
                ended.stderr, "(?m)^error: (the (list|story) could not be "
                "written|standard output: No space left on device)", line)


class Scripts(Told):
    def typed(self, name):
        """signet run - with a file as its standard input."""
        with open(self.home / name, encoding="utf-8") as file:
            return subprocess.run(
                [SIGNET, "run", "-"], cwd=self.home, env=self.environment,
                stdin=file, capture_output=True, text=True, timeout=PATIENCE,
                check=False)

    def test_one_on_standard_input_may_be_long_and_has_an_end(self):
        self.write("long.lua", "".join(
            f'x = "{i:050}"\n' for i in range(1, 6001)) + 'print("whole")\n')
        self.assertGreater((self.home / "long.lua").stat().st_size, 300000)
        self.assertEqual(self.typed("long.lua").stdout, "whole\n")
        self.assertEqual(self.does("run", "long.lua").out, "whole\n")
        os.truncate(self.home / self.write("huge.lua", ""), 65 << 20)
        long = "can't be read: it is too long for a script"
        self.refuses(1, f"huge.lua {long}", "run", "huge.lua")
        ended = self.typed("huge.lua")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(f"standard input {long}", ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1)
        folder = os.open(self.home, os.O_RDONLY)
        ended = subprocess.run(
            [SIGNET, "run", "-"], cwd=self.home, env=self.environment,
            stdin=folder, capture_output=True, text=True, timeout=PATIENCE,
            check=False)
        os.close(folder)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("standard input can't be read: Is a directory",
                      ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1)
        self.assertEvents(self.does("--json", "run", "huge.lua", status=1))

    def test_one_that_is_none_nul_bytes_bytecode_only_a_first_line(self):
        self.write("nul.lua", "print(1)\0print(2)\n")
        self.refuses(1, "a script is text, and this one holds a NUL byte",
                     "run", "nul.lua")
        subprocess.run(["lua5.4", "-e", 'io.open("byte.lua", "wb"):write('
                        "string.dump(function() print(1) end))"],
                       cwd=self.home, check=True)
        ended = self.does("run", "byte.lua", status=1)
        self.assertIn("attempt to load a binary chunk",
                      ended.err.splitlines()[0])
        self.write("first.lua", "#!/usr/bin/signet run")
        self.assertEqual(self.does("run", "first.lua").out, "")
        self.write("second.lua", '#!/usr/bin/signet run\nerror("here")\n')
        ended = self.does("run", "second.lua", status=1)
        self.assertTrue(ended.err.splitlines()[0].endswith(
            "second.lua:2: here"), ended)
        self.does("run", self.write("empty.lua", ""))

    def test_a_plan_that_cant_be_read(self):
        self.account(2)
        self.refuses(2, ". can't be read: Is a directory", "apply", ".")
        # Longer than what is read at once.
        self.write("plan.json", '{"x":"' + "x" * 300000 + '"}')
        self.refuses(4, "this is no plan", "apply", "plan.json")

    def test_a_plan_that_cant_take_the_place_of_a_folder_leaves_nothing(self):
        self.account(2)
        (self.home / "folder").mkdir()
        self.refuses(3, "--output: a plan can't be saved as folder: Is a "
                     "directory", "plan", "-o", "folder", "rename", "--suffix",
                     "X")
        self.assertFalse([name for name in os.listdir(self.home)
                          if name.startswith("folder.")])

    def test_a_plan_shows_empty_texts_and_with_v_what_a_delete_loses(self):
        self.account(4, 8)
        self.write("change.lua", SMS + """
local templates = sms.templates:list { status = "approved" }
sms.templates:delete(templates[1].template_id)
sms:request("GET", "/v1/sign-configs")
sms.templates:update(templates[2].template_id, { template_content = "New" })
""")
        self.assertNotIn("- template_content",
                         self.does("plan", "change.lua").out)
        shown = self.does("plan", "-v", "change.lua")
        self.assertLine("      - template_content: ..*", shown)
        self.assertLine("      - country_codes: ..*", shown)
        self.assertNotIn("created_time", shown.out)
        self.assertNotIn("audit_remark: \n", shown.out)
        self.assertRegex(self.does("--color", "always", "plan",
                                   "change.lua").out,
                         "(?m) \033\\[31mdelete\033\\[0m template ")

    def test_a_folder_whose_name_luas_paths_cant_quote(self):
        for folder in ("a;b", "plain"):
            self.write(f"{folder}/near.lua", 'return "beside"\n')
            self.write(f"{folder}/main.lua", 'print(pcall(require, "near"))\n')
        self.assertRegex(self.does("run", "plain/main.lua").out,
                         r"\Atrue.beside")
        self.assertRegex(self.does("run", "a;b/main.lua").out,
                         r"\Afalse.module 'near' not found")
        self.refuses(2, 'there is no script "": no file of that name',
                     "run", "")
        self.refuses(2, "an empty word names no job", "show", "")

    def test_names_are_what_they_are_in_any_locale(self):
        self.account(6)
        whole = self.chunk("sms.signs:list()").out
        self.assertTrue(re.search("[一-龥]", whole), whole)
        for locale in ("C", "POSIX", "xx_XX.UTF-8", ""):
            self.assertEqual(self.does("-e", "sms.signs:list()", LANG="",
                                       LC_ALL=locale).out, whole)


class Entries(Told):
    def test_some_fail_and_are_skipped_with_many_reasons(self):
        self.write("reasons.lua", """
local signet = require "signet"
local items = {}
for i = 1, 60 do items[i] = i end
signet.each(items, function(i) return signet.skip("reason " .. i) end)
""")
        said = self.does("run", "reasons.lua").err
        self.assertEqual(len(re.findall("(?m)^1 skipped: reason ", said)), 24)
        self.assertRegex(said, "(?m)^36 skipped: for other reasons, which -v "
                         "shows$")
        said = self.does("run", "-v", "reasons.lua").err
        self.assertEqual(
            len(re.findall("(?m)^skipped: [0-9]*: reason ", said)), 60)

    def test_an_item_without_a_name_is_told_by_its_place(self):
        ended = self.chunk("""
local named = setmetatable({}, { __tostring = function() return "me" end })
require("signet").each({ {}, { sign_id = "7", sign_name = "Acme" }, print, "x",
  named }, function() error("no", 0) end, { concurrency = 1 })""", status=1)
        self.assertEqual(re.findall("(?m)^failed: (.*): no$", ended.err),
                         ["item 1", "7 Acme", "item 3", "x", "me"])

    def test_an_error_that_a_script_has_changed_keeps_the_services_words(self):
        self.account(2)
        self.write("other.lua", """
local signet = require "signet"
local sms = signet.connect()
signet.each({ "1" }, function(id)
  local _, err = pcall(sms.signs.get, sms.signs, id)
  err.message = "my own words"
  error(err)
end)
""")
        ended = self.does("run", "other.lua", status=1)
        self.assertRegex(ended.err.splitlines()[0],
                         r"my own words \(the service said: .*\)$")
        ended = self.does("--json", "run", "other.lua", status=1)
        self.assertEvents(ended)
        first = ended.events[0]
        self.assertEqual(
            (first["event"], first["entry"], first["error"]["message"]),
            ("failed", "1", "my own words"))


class Undo(Told):
    def test_what_cant_be_taken_back_at_all_is_said_and_nothing_asked(self):
        self.account(2)
        self.chunk("""for i = 1, 2 do
sms:request("POST", "/v1/sign-configs", { sign_name = "Raw " .. i }) end""")
        ended = self.does("undo", self.newest())
        self.assertEqual(ended.out, "Nothing would be changed.\n")
        self.assertIn("warning: 2 writes of the job can't be taken back: raw "
                      "requests, or", ended.err)
        self.assertEqual(self.writes(), 2)


if __name__ == "__main__":
    main()
