# SPDX-License-Identifier: MIT
"""Bad input and what else goes wrong: one sentence that says what and where,
the right exit status, and no write."""

import os
import re
import shlex
import shutil
import subprocess
import unittest

from sandbox import PATIENCE, SIGNET, SMS, Account, Ended, free_port, main

# A script that would write if it could get that far.
WRITE = SMS + """
local list = sms.signs:list()
sms.signs:update(list[1].sign_id, { sign_name = "Changed" })
"""

# It is not on everybody's path.
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


class Errors(Account):
    def setUp(self):
        super().setUp()
        self.write("write.lua", WRITE)

    def chunk(self, text, *options, status=0):
        return self.does(*options, "-e", text, status=status)

    def in_shell(self, text, *words):
        """A command of a shell, to which "$0" is signet."""
        return Ended((text, *words), subprocess.run(
            ["bash", "-c", text, SIGNET, *words], cwd=self.home,
            env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE, check=False))

    def assertNoWrites(self):
        self.assertEqual(self.writes(), 0)

    def assertOneSentence(self, ended, sentence):
        self.assertEqual(len(ended.err.splitlines()), 1, ended)
        self.assertIn(sentence, ended.err)


class Settings(Errors):
    def test_wrong_credentials(self):
        self.account(3, 3)
        self.refuses(3, "listing signatures: the service says "
                     '"authentication failed" (HTTP 401', "run", "write.lua",
                     ENGAGELAB_SMS_SECRET="wrong")
        self.assertNoWrites()

    def test_missing_credentials(self):
        self.account(3, 3)
        del self.environment["ENGAGELAB_SMS_SECRET"]
        self.refuses(3, "no API secret: set ENGAGELAB_SMS_KEY and "
                     "ENGAGELAB_SMS_SECRET", "run", "write.lua")
        self.assertNoWrites()

    def test_an_unknown_option(self):
        self.account(3, 3)
        self.refuses(2, "unknown option --fast", "run", "--fast", "write.lua")
        self.assertNoWrites()

    def test_what_cant_be_written_at_the_end_is_said_before_the_work(self):
        self.account(2)
        self.write("job.lua", 'print("ran")\n')
        (self.home / "folder").mkdir()
        for path in ("missing/plan.json", "folder", "job.lua/plan.json",
                     "/proc/plan.json"):  # even root can't make a file there
            for sentence, *words in (
                    (f"--output: a plan can't be saved as {path}: ",
                     "plan", "-o", path, "job.lua"),
                    (f"--state: the account can't be saved as {path}: ",
                     "sandbox", "--state", path),
                    (f"--trace: {path} can't be written: ",
                     "run", "--trace", path, "job.lua")):
                self.assertEqual(self.refuses(3, sentence, *words).out, "")
        self.does("plan", "-o", "plan.json", "job.lua")
        self.does("plan", "-o", "plan.json", "job.lua")
        self.refuses(3, "--output: a plan can't be saved as job.lua: there is "
                     "a file already, which is no plan", "plan", "-o",
                     "job.lua", "job.lua")
        (self.home / "link").symlink_to("plan.json")
        os.mkfifo(self.home / "pipe")
        for path in ("link", "pipe"):
            self.refuses(3, f"--output: a plan can't be saved as {path}: there "
                         "is a file already, which is no plan", "plan", "-o",
                         path, "job.lua")
        self.refuses(2, "the script job.lua/x.lua can't be reached: Not a "
                     "directory", "run", "job.lua/x.lua")


class Unreachable(Errors):
    def test_a_host_that_cant_be_reached_and_a_name_that_doesnt_exist(self):
        dead = f"http://127.0.0.1:{free_port()}"
        self.refuses(1, f"no connection to {dead}: Failed to connect to "
                     "127.0.0.1", "run", "write.lua", SIGNET_BASE_URL=dead)
        ended = self.refuses(
            1, ": no connection to https://nothing.invalid: Could not resolve "
            "host: nothing.invalid", "run", "write.lua",
            SIGNET_BASE_URL="https://nothing.invalid")
        self.assertIn("; nothing was sent", ended.err)

    @unittest.skipUnless(NGINX and shutil.which("openssl"),
                         "nginx or openssl is not installed")
    def test_a_certificate_that_doesnt_match_and_one_nobody_vouches_for(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
             "cert.pem", "-days", "2", "-subj", "/CN=elsewhere.example",
             "-addext", "subjectAltName=DNS:elsewhere.example"],
            cwd=self.home, check=True, capture_output=True, timeout=PATIENCE)
        url = self.start_nginx()
        # The keys of a connection are written nowhere.
        self.environment["SSLKEYLOGFILE"] = str(self.home / "keys")
        self.refuses(1, "self-signed certificate",
                     "--base-url", url, "run", "write.lua")
        self.assertFalse((self.home / "keys").exists())
        # Trusted now, but made out to another name.
        self.refuses(1, "no alternative certificate subject name matches",
                     "--base-url", url, "--ca-file", "cert.pem",
                     "run", "write.lua")
        self.assertEqual(self.read("access.log"), "")

    def start_nginx(self):
        """Its URL. It has opened its port when the command ends."""
        port, home = free_port(), self.home
        self.write("nginx.conf", f"""
daemon on; pid {home}/nginx.pid; error_log {home}/nginx.err;
events {{}}
http {{
  access_log {home}/access.log;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {home}/cert.pem; ssl_certificate_key {home}/key.pem;
    location / {{ return 200 '[]'; }}
  }}
}}
""")
        nginx = [NGINX, "-p", str(home), "-c", str(home / "nginx.conf")]
        subprocess.run(nginx, check=True, timeout=PATIENCE,
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(subprocess.run, [*nginx, "-s", "stop"], check=True,
                        timeout=PATIENCE, stderr=subprocess.DEVNULL)
        return f"https://127.0.0.1:{port}"


class Replies(Errors):
    def test_a_filter_by_a_field_that_no_entry_has_and_a_dot_for_a_colon(self):
        self.account(3, 3)
        ended = self.chunk('print(#sms.signs:list { stauts = "rejected" })')
        self.assertEqual(ended.out, "0\n")
        self.assertEqual(ended.err, "warning: nothing matched the filter: no "
                         'signature here has the field "stauts"\n')
        for text in ("print(#sms.signs:list { status = 99 })",
                     'print(#sms.templates:list { sign_id = "1" })'):
            ended = self.chunk(text)
            self.assertEqual((ended.out, ended.err), ("0\n", ""))
        ended = self.chunk("print(#sms.signs.list())", status=1)
        self.assertIn("a colon calls this, as in sms.signs:list()", ended.err)

    def test_a_reply_that_isnt_json(self):
        self.account(3, 3)
        self.fault(method="GET", path="/v1/sign-configs", status=200,
                   body="all is well")
        self.refuses(1, "listing signatures: HTTP 200, but the reply isn't "
                     "JSON: no JSON begins like this: all is well",
                     "run", "write.lua")
        self.assertNoWrites()

    def test_an_html_error_page_without_its_control_characters(self):
        self.account(3, 3)
        self.fault(method="GET", path="/v1/sign-configs", status=502,
                   body="<html>\x1b[2J\u202eBad gateway</html>")
        ended = self.refuses(1, "listing signatures: HTTP 502 with a reply "
                             "that isn't the service's: <html>",
                             "run", "write.lua")
        self.assertNotIn("\x1b", ended.err)
        self.assertNotIn("\u202e", ended.err)
        self.assertNoWrites()

    def test_an_error_of_the_service_has_its_traceback_only_with_v(self):
        self.account(3, 3)
        self.write("job.lua", SMS + 'sms.signs:get("77")\n')
        self.refuses(1, "reading signature 77: the service says "
                     '"sign config not exist"', "run", "job.lua")
        ended = self.does("-v", "run", "job.lua", status=1)
        self.assertIn("job.lua:2: in main chunk", ended.err)

    def test_exit_5_where_an_outcome_is_unknown_whatever_else_happened(self):
        self.account(5)
        self.fault(path="/v1/sign-configs/100000001", nth=2, every=1,
                   count=100, close="after")
        ended = self.chunk(
            'require("signet").each({ "100000001", "77" }, function(id) '
            'sms.signs:update(id, { sign_name = "Another name" }) end)',
            "--settle", "0.05", "--settle-create", "0", status=5)
        for text in ("unknown: 100000001: ", "failed: 77: ",
                     "0 done, 1 failed, 1 unknown in "):
            self.assertIn(text, ended.err)

    def test_an_unknown_outcome_is_told_though_the_script_catches_it(self):
        self.account(5)
        self.fault(method="POST", every=1, count=100, close="after")
        caught = ('pcall(sms.request, sms, "POST", "/v1/sign-configs", '
                  '{ sign_name = "Raw" })')
        for text in (caught,
                     f'require("signet").each({{ 1 }}, function() {caught} '
                     "end) return",
                     f"os.exit({caught} and 1 or 0)"):
            for option in ("-v", "--no-journal"):
                ended = self.chunk(text, "--json", option, "--settle", "0",
                                   status=5)
                self.assertEqual((ended.summary["unknown"],
                                  ended.summary["failed"]), (1, 0))
        # Resuming can't tell either.
        self.does("resume", "--settle", "0", self.newest(), status=5)


class Scripts(Errors):
    def test_a_script_with_a_syntax_error(self):
        self.account(3, 3)
        self.write("broken.lua", SMS + 'sms.signs:update("1", {}\nprint(1\n')
        self.refuses(1, "broken.lua:3: ')' expected", "run", "broken.lua")
        self.assertNoWrites()

    def test_an_id_with_a_slash_and_other_ids_that_are_none(self):
        self.account(3, 3)
        self.write("id.lua", SMS + "sms.signs:delete(arg[1])\n")
        for word in ("1/2", "../1", "", "12a", "12345678901234567890", "1\n"):
            ended = self.does("run", "id.lua", word, status=1)
            self.assertRegex(ended.err.splitlines()[0],
                             "^error: .*is no id", word)
        self.assertEqual(self.control("GET", "/stats")["requests"], 0)

    def test_a_validation_error_names_the_rule_and_sends_nothing(self):
        self.account(3, 3)
        ended = self.chunk('sms.signs:create { sign_name = "[x]" }', status=1)
        self.assertIn("rule sign_name_text of the page "
                      '"Create Signature Configuration"', ended.err)
        self.assertNoWrites()

    def test_an_error_in_a_script_its_line_and_a_traceback_below(self):
        self.write("job.lua", """local function inner()
  error("boom")
end
inner()
""")
        ended = self.does("run", "job.lua", status=1)
        self.assertEqual(ended.err.splitlines()[0], "error: job.lua:2: boom")
        self.assertRegex(
            ended.err, "(?s)stack traceback:.*job.lua:4: in main chunk")

    def test_what_a_script_catches_is_its_own_exit_0_nothing_failed(self):
        self.account(5, 5)
        script = SMS + """
local id = sms.signs:create { sign_name = "In review" }
for _ = 1, 2 do
  local worked, problem = pcall(sms.signs.update, sms.signs, id,
    { sign_name = "Too early" })
  assert(not worked and problem.kind == "pending")
end
print(pcall(sms.signs.get, sms.signs, "77"))
"""
        ended = self.does("run", self.write("job.lua", script))
        self.assertRegex(ended.err, "^1 done in ")
        [job] = self.does("jobs", "--json").events
        self.assertEqual((job["state"], job["failed"]), ("done", 0))
        script = script.replace("pcall(sms.signs.update, sms.signs, ",
                                "pcall(error) sms.signs:update(")
        self.write("job.lua", script.replace("In review", "Second"))
        ended = self.does("--json", "run", "job.lua", status=1)
        self.assertEqual((ended.summary["failed"], ended.summary["done"]),
                         (1, 1))

    def test_html_utf_16_and_a_byte_order_mark_where_a_script_was_meant(self):
        def save(name, content):
            (self.home / name).write_bytes(content)
        for page in (b"<!DOCTYPE html>", b"\n  <html>",
                     b'<?xml version="1.0"?>', b"\xef\xbb\xbf<p>"):
            save("page.lua", page)
            self.refuses(1, "this is HTML or XML, not Lua: perhaps the page "
                         "around", "run", "page.lua")
        self.assertOneSentence(self.signet("plan", "page.lua"),
                               "this is HTML or XML")
        save("wide.lua", b"\xff\xfep\0r\0")
        self.refuses(1, "this one is UTF-16: save it as UTF-8",
                     "run", "wide.lua")
        save("marked.lua", b"\xef\xbb\xbf#!/usr/bin/env signet\n"
             b'print(debug.getinfo(1).currentline, "\xef\xbb\xbf" == '
             b'"\\u{feff}")')
        self.assertEqual(self.does("run", "marked.lua").out, "2\ttrue\n")
        save("less.lua", b"local a <const> = 1 return a < 2\n")
        self.does("run", "less.lua")

    def test_an_error_whose_text_cant_be_made(self):
        self.write("odd.lua", "error(setmetatable({}, { __tostring = "
                   'function() error "no text" end }))\n')
        self.refuses(1, "an error whose __tostring fails", "run", "odd.lua")


class Output(Errors):
    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_standard_output_that_takes_nothing(self):
        for option in "", "--json":
            ended = self.in_shell(
                f"exec \"$0\" {option} -e 'print(1)' >/dev/full")
            self.assertEqual(ended.status, 1)
            self.assertEqual(ended.err, "error: standard output: No space "
                             "left on device\n")

    def test_a_reader_that_goes_away_ends_the_run_quietly(self):
        self.account(200, latency_ms=20)
        self.write("job.lua", """
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.signs:list(), function(s)
  print(sms.signs:get(s.sign_id).sign_name)
  io.stdout:flush()
end, { concurrency = 2 })
""")
        ended = self.in_shell('"$0" --json run job.lua | head -n 1 >/dev/null;'
                              ' echo "${PIPESTATUS[*]}"')
        self.assertEqual((ended.out, ended.err), ("1 0\n", ""))
        requests = self.control("GET", "/stats")["requests"]
        self.assertLess(requests, 200)

    def test_a_reader_that_goes_away_when_all_is_done_is_no_failure(self):
        self.account(2)
        self.write("job.lua", SMS + """
sms.signs:create { sign_name = "Done" }
print("created")
""")
        told = ""
        for status, *words in (
                (0, "run", "job.lua"), (0, "-e", "#sms.signs:list()"),
                (0, "help"), (1, "-e", "for i = 1, 1e6 do print(i) end"),
                (0, "-q", "plan", "-o", "plan.json", "rename", "--status",
                 "approved", "--suffix", " Ltd"),
                (0, "--json", "apply", "plan.json")):
            ended = self.in_shell(
                f'"$0" {shlex.join(words)} | true; echo "${{PIPESTATUS[*]}}"')
            self.assertEqual(ended.out, f"{status} 0\n", words)
            told += ended.err
        self.assertRegex(told, r"^1 done in [0-9.]+ m?s\n$")
        self.assertEqual(self.writes(), 3)

    def test_a_terminal_obeys_nothing_that_a_script_writes(self):
        for kind in ("xterm", "dumb"):
            for text in (
                    r'print("\u{9b}31m\x9b\x1b]0;t\a")', r'"\u{9b}31m"',
                    r'{ ["\u{9b}"] = "\x1b]" }',
                    r'io.write("\u{9b}31m\x1b]0;t\a\n")',
                    r'io.stdout:write("\u{9b}31m\n")',
                    r'io.stderr:write("\u{9b}31m", 7, "\n")'
                    r':write("\x1b]0;t\a\n")',
                    r'io.output(io.stderr) io.write("\u{9b}31m\n")',
                    r'warn("\u{9b}31m")', r'error("\u{9b}31m")',
                    r'x x "\u{9b}"',
                    r'require("signet").log("info", "\u{9b}")'):
                with self.subTest(kind=kind, text=text):
                    shown = self.on_terminal(
                        kind, "--no-journal", "-e", text)
                    self.assertTrue(shown)
                    self.assertIsNone(
                        re.search(rb"\x9b|\x1b\]|\x07", shown), shown)
        # A file gets what was written.
        ended = self.chunk(
            r'io.stderr:write("\u{9b}", 7, "\n") print("\u{9b}")',
            "--no-journal")
        self.assertEqual((ended.out, ended.err), ("\x9b\n", "\x9b7\n"))
        ended = self.chunk("print(pcall(io.stderr.write, io.stderr, {}))",
                           "--no-journal")
        self.assertIn("bad argument #1 to 'write' (string expected, got "
                      "table)", ended.out)

    def on_terminal(self, kind, *words):
        """The bytes that a command sends to a terminal of this kind."""
        return subprocess.run(
            ["script", "-qec", shlex.join([SIGNET, *words]), "/dev/null"],
            cwd=self.home, env={**self.environment, "TERM": kind},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            timeout=PATIENCE, check=False).stdout


class Closed(Errors):
    # A closed stream's number must not go to a connection, and what is printed
    # with it into a request.
    def test_standard_output_is_closed(self):
        self.account(3, 3)
        self.write("print.lua", SMS + "print(#sms.signs:list())\n" * 2)
        for command, sentence in (
                ('"$0" run print.lua >&-',
                 "standard output: Bad file descriptor"),
                ('"$0" run --json print.lua >&-',
                 "standard output is closed")):
            ended = self.in_shell(command)
            self.assertEqual(ended.status, 1)
            self.assertOneSentence(ended, sentence)
        ended = self.in_shell('"$0" run print.lua <&- 2>&-')
        self.assertEqual((ended.status, ended.out), (0, "3\n3\n"))

    # Nor to the journal, with a warning written into it.
    def test_standard_error_is_closed_and_the_journal_is_whole(self):
        self.account(3)
        self.write("write.lua", """
local signet = require "signet"
local sms = signet.connect()
for _, sign in ipairs(sms.signs:list()) do
  sms.signs:update(sign.sign_id, { sign_name = sign.sign_name .. " 2" })
  signet.log("warning", ("not for the journal "):rep(300))
end
""")
        for closed in ("2>&-", "<&- >&- 2>&-", "<&- 2>&-"):
            self.approve()
            self.in_shell(f'"$0" -v run write.lua {closed}')
            shown = self.does("show", self.newest())
            self.assertEqual(sum(" done " in line for line in shown.lines), 3)


class Files(Errors):
    def test_a_journal_that_cant_be_written_ends_a_run_at_once(self):
        self.account(3, 200)
        self.write("all.lua", """
local signet = require "signet"
local sms = signet.connect()
signet.each(sms.templates:list { status = "approved" }, function(template)
  sms.templates:update(template.template_id, { country_codes = "US" })
end, { concurrency = 2 })
""")
        folder = self.home / "open"
        folder.mkdir()
        folder.chmod(0o755)
        open_to_others = ("--state-dir", str(folder))
        ended = self.does("run", *open_to_others, "all.lua", status=3)
        self.assertEqual(sum(line.startswith("failed: ")
                             for line in ended.err.splitlines()), 2, ended)
        self.assertIn("open to other users: run chmod 700", ended.err)
        self.assertNoWrites()
        create = 'sms.signs:create { sign_name = "New" }'
        ended = self.chunk(create, *open_to_others, status=3)
        self.assertEqual(sum("run chmod 700" in line
                             for line in ended.err.splitlines()), 1, ended)
        self.assertNoWrites()
        ended = self.chunk(create, *open_to_others, "--json", status=3)
        self.assertEqual(ended.event("error")["error"]["op"], "signs:create")

    def test_a_pipe_where_signet_has_a_file_nobody_waits_at_its_end(self):
        self.account(3, 3)
        own = self.home / "own"
        own.mkdir(0o700)
        self.environment["SIGNET_STATE_DIR"] = str(own)
        for name in ("learned", "history"):
            os.mkfifo(own / name, 0o600)
        ended = self.does("repl", typed="#sms.signs:list()\n")
        self.assertEqual((ended.out, ended.err), ("3\n", ""))
        self.chunk('sms.signs:create { sign_name = "Made" }',
                   "--state-dir", str(own))
        [journal] = own.glob("*.db")
        second = SMS + 'sms.signs:create { sign_name = "Second" }'
        for ending in ("wal", "shm", "journal"):
            beside = journal.with_name(f"{journal.name}-{ending}")
            beside.unlink(missing_ok=True)
            os.mkfifo(beside, 0o600)
            sentence = f"-{ending} is no plain file: move it away"
            self.assertOneSentence(self.fails("jobs"), sentence)
            ended = self.in_shell('"$0" run <(echo "$1")', second)
            self.assertNotEqual(ended.status, 0)
            self.assertIn(sentence, ended.err)
            beside.unlink()
        self.assertEqual(self.writes(), 1)
        (self.home / "config/signet").mkdir(parents=True)
        config = self.home / "config/signet/config"
        os.mkfifo(config, 0o600)
        self.refuses(3, "config is a pipe, not a file",
                     "-e", "sms.signs:list()")
        config.unlink()
        os.mkfifo(self.home / "pem", 0o600)
        self.refuses(3, "--ca-file: pem is a pipe, not a file",
                     "--ca-file", "pem", "-e", "sms.signs:list()")


if __name__ == "__main__":
    main()
