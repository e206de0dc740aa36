# SPDX-License-Identifier: MIT
"""The shipped jobs as an operator runs them: rename, migrate, clean."""

import json
import pathlib
import re
import subprocess
import sys
import time

from sandbox import PATIENCE, SECRET, Account, main

HERE = pathlib.Path(__file__).resolve().parent
STATE = json.loads((HERE / "jobs_state.json").read_text(encoding="utf-8"))
SERVICE = HERE.parent / "service" / "service.py"
HOSTILE = {"status": 400, "body": '{"code":400,"message":"no such luck"}'}
SIGN, TEMPLATE = "/v1/sign-configs/", "/v1/template-configs/"


class Jobs(Account):
    def setUp(self):
        super().setUp()
        self.account()
        self.control("PUT", "/state", STATE)

    def map(self, *rows, name="names.csv"):
        return self.write(name, "\n".join(rows) + "\n")

    def run_job(self, *words, status=0, **environment):
        return self.does("run", *words, status=status, **environment)

    def run_idle(self, *words, status=0, **environment):
        """Runs a job that must send no write."""
        before = self.writes()
        ended = self.run_job(*words, status=status, **environment)
        self.assertEqual(self.writes(), before, ended)
        return ended

    def fired(self):
        faults = self.control("GET", "/faults")
        return faults[0]["fired"] > 0

    def signs(self):
        return [f"{sign['sign_id']} {sign['sign_name']} {sign['status']}"
                for sign in self.entries()]

    def templates(self):
        return [f"{entry['template_id']} {entry['template_name']} "
                f"{entry.get('sign_id', '')} {entry['sign_position']} "
                f"{entry['status']}" for entry in self.entries("template")]

    def assertLines(self, ended, *lines):
        for line in lines:
            self.assertIn(line, ended.lines, ended)

    def assertShows(self, text, *patterns):
        for pattern in patterns:
            self.assertRegex(text, pattern)


class Rename(Jobs):
    def rename(self, *words, **more):
        return self.run_job("rename", *words, **more)

    def idle(self, *words, **more):
        return self.run_idle("rename", *words, **more)

    def mapped(self, *rows, **more):
        return self.rename("--map", self.map(*rows), **more)

    def test_a_map_by_names_and_nothing_to_do_the_second_time(self):
        text = ("\ufeffold_name,new_name\r\nAcme Corp,Acme\r\n"
                '"Beta, Inc.","Beta ""B"""\r\n')
        (self.home / "names.csv").write_bytes(text.encode())
        ended = self.rename("--map", "names.csv")
        self.assertEqual(ended.out, """\
2 signatures renamed:
1001  Acme Corp   →  Acme      3 templates
1002  Beta, Inc.  →  Beta "B"  1 template
Their approved templates can't send until the signatures are approved again.
""")
        self.assertIn("1001 Acme 1", self.signs())
        self.assertIn('1002 Beta "B" 1', self.signs())
        self.assertLines(self.idle("--map", "names.csv"),
                         "0 signatures renamed.",
                         "2 skipped, already named so:")

    def test_a_map_by_ids(self):
        ended = self.mapped("sign_id,sign_name", '1006,"Zeta\nTwo"',
                            "1001,公司")
        self.assertLines(
            ended, r"1006  Zeta       →  Zeta\x0ATwo  1 template",
            "1001  Acme Corp  →  公司         3 templates")
        self.assertShows(ended.err,
                         "'Zeta.x0ATwo' holds a control character")
        self.idle("--map", "names.csv")

    def test_one_bad_row_and_nothing_is_sent(self):
        self.map("sign_id,sign_name", "1001,[Acme]", "1002,Good", "99,Nobody",
                 "1005,X", "1006,Epsilon", "1001,Twice", name="bad.csv")
        ended = self.idle("--map", "bad.csv", status=1)
        self.assertEqual(ended.out, "")
        self.assertShows(
            ended.err, r"bad.csv:2: '\[Acme\]' holds \[",
            "bad.csv:4: no signature has the sign_id 99",
            "bad.csv:5: 'X' has 1 character",
            "bad.csv:7: sign_id 1001 is also in line 2",
            "4 problems, nothing was sent")
        self.assertNotIn("traceback", ended.err)

    def test_a_map_that_isnt_there_isnt_utf_8_has_another_header(self):
        ended = self.idle("--map", "none.csv", status=1)
        self.assertShows(ended.err, r"the map none.csv can't be read: "
                         r"No such file or directory\n\Z")
        ended = self.idle("--map", ".", status=1)
        self.assertShows(ended.err, "the map . can't be read: Is a directory")
        (self.home / "names.csv").write_bytes(
            b"old_name,new_name\nAcme Corp,M\xfcller\n")
        ended = self.idle("--map", "names.csv", status=1)
        self.assertShows(ended.err,
                         "names.csv:2: text that is not valid UTF-8")
        self.map("from,to", "Acme Corp,Acme")
        ended = self.idle("--map", "names.csv", status=1)
        self.assertShows(ended.err, "names.csv:1: the header must be "
                         "sign_id,sign_name or")

    def test_a_chain_last_name_first(self):
        ended = self.mapped("old_name,new_name", 'Acme Corp,"Beta, Inc."',
                            '"Beta, Inc.",Zeta', "Zeta,Zeta Old")
        self.assertLines(ended, "3 signatures renamed:")
        for line in ("1001 Beta, Inc. 1", "1002 Zeta 1", "1006 Zeta Old 1"):
            self.assertIn(line, self.signs())
        self.assertLines(self.idle("--map", "names.csv"),
                         "3 skipped, already named so:")

    def test_a_chain_whose_names_the_review_frees_takes_several_runs(self):
        self.control("PUT", "/options", {"free_name_on_submit": False})
        ended = self.mapped("old_name,new_name", 'Acme Corp,"Beta, Inc."',
                            '"Beta, Inc.",Beta')
        self.assertLines(
            ended, "1 signature renamed:",
            "1 skipped, waits until the review of 1002 frees its name:")
        self.approve()
        ended = self.rename("--map", "names.csv")
        self.assertLines(ended, "1 signature renamed:")
        self.approve()
        self.assertIn("1001 Beta, Inc. 2", self.signs())
        self.assertIn("1002 Beta 2", self.signs())
        self.idle("--map", "names.csv")

    def test_what_depends_on_a_signature_that_waits_is_skipped_with_it(self):
        self.map("sign_id,sign_name", "1001,Gamma 公司", "1003,Gamma")
        self.assertLines(
            self.idle("--map", "names.csv"), "1 skipped, waits for review:",
            "  1003 Gamma 公司",
            "1 skipped, needs the name of 1003, which this run did not rename:")

    def test_a_swap_is_refused(self):
        self.map("sign_id,sign_name", '1001,"Beta, Inc."', "1002,Acme Corp")
        ended = self.idle("--map", "names.csv", status=1)
        self.assertShows(ended.err, "names.csv:2: .* go round in a circle")

    def test_a_signature_that_a_plan_uses_is_skipped(self):
        ended = self.mapped("sign_id,sign_name", "1005,Epsilon Two")
        self.assertEqual(ended.out, """\
0 signatures renamed.
1 skipped, used by a pending or running message plan:
  1005 Epsilon
""")

    def test_a_failure_is_listed_with_its_entry_the_others_go_on(self):
        self.fault(method="PUT", path=SIGN + "1001", **HOSTILE)
        ended = self.mapped("sign_id,sign_name", "1001,Aa", "1002,Bb",
                            status=1)
        self.assertLines(ended, "1 signature renamed:", "1 failed:")
        self.assertLine("  1001 Acme Corp: .*no such luck.*", ended)

    def test_an_outcome_that_is_not_known_is_told_and_found_out_later(self):
        self.fault(path=SIGN + "1001", close="after")
        self.map("sign_id,sign_name", "1001,Aa", "1002,Bb")
        ended = self.run_job("--settle", "0.1", "--outage", "3", "rename",
                             "--map", "names.csv", status=5)
        self.assertLines(ended, "1 signature renamed:",
                         "1 may or may not have been done:")
        self.assertLine("  1001 Acme Corp: .*unknown.*", ended)
        self.control("DELETE", "/faults")
        self.assertLines(self.idle("--map", "names.csv"),
                         "2 skipped, already named so:")

    def test_interrupted_it_tells_what_it_did_and_a_later_run_goes_on(self):
        self.fault(method="PUT", path="/v1/*", nth=2, delay_ms=2000,
                   effect=True)
        self.map("sign_id,sign_name", "1001,Aa", "1002,Bb", "1004,Dd",
                 "1006,Ff")
        job = self.begin("run", "--concurrency", "1", "rename", "--map",
                         "names.csv")
        self.wait_for(lambda: self.requests("&effect=true&method=PUT"))
        ended = self.interrupt(job)
        self.assertEqual(ended.status, 130, ended)
        self.assertLine("[123] signatures? renamed:", ended)
        # How many there were decides how wide the column is.
        self.assertLine("1001  Acme Corp +→  Aa  3 templates", ended)
        self.assertNotIn("Ff", ended.out)
        self.control("DELETE", "/faults")
        self.rename("--map", "names.csv")
        self.assertIn("1006 Ff 1", self.signs())

    def test_a_rule_over_a_selection_and_nothing_the_second_time(self):
        rule = ("--suffix", " Ltd", "--status", "approved", "--name", "^[AB]")
        ended = self.rename(*rule)
        self.assertLines(ended,
                         "1001  Acme Corp   →  Acme Corp Ltd   3 templates",
                         "1002  Beta, Inc.  →  Beta, Inc. Ltd  1 template")
        self.assertNotIn("Epsilon", ended.out)
        self.approve()
        self.assertEqual(self.idle(*rule).out, "0 signatures renamed.\n")
        rule = ("--replace", "^(%a+) Corp (.*)$", "%1 %2", "--prefix", "The ",
                "--id", "1001", "--id", "1006")
        self.assertLines(self.rename(*rule), "2 signatures renamed:")
        self.assertIn("1001 The Acme Ltd 1", self.signs())
        self.assertIn("1006 The Zeta 1", self.signs())
        self.idle(*rule)

    def test_a_rule_that_would_go_on_for_ever_is_refused(self):
        ended = self.idle("--replace", "Acme", "Acme Europe", status=1)
        self.assertShows(ended.err,
                         "a second run would make 'Acme Europe Europe Corp'")

    def test_a_rule_that_makes_bad_or_colliding_names_is_refused(self):
        ended = self.idle("--replace", "^(%a).*$", "%1", status=1)
        self.assertShows(ended.err, "signature 1001: 'A' has 1 character")
        ended = self.idle("--replace", "^[AB].*$", "Same", status=1)
        self.assertShows(ended.err,
                         "signature 1002: the name 'Same' is given in")

    def chain_of(self, signs, rows):
        self.control("PUT", "/state", {"version": 1, "templates": [], "signs": [
            {"sign_id": str(i), "sign_name": f"Name {i}", "status": 2}
            for i in range(1, signs + 1)]})
        self.map("old_name,new_name", *rows)
        self.assertLines(self.rename("--map", "names.csv"),
                         f"{signs} signatures renamed:")
        return self.idle("--map", "names.csv")

    def test_a_chain_through_the_whole_account(self):
        self.chain_of(3000, (f"Name {i},Name {i + 1}"
                             for i in range(1, 3001)))

    def test_ten_thousand_entries(self):
        again = self.chain_of(10000, (f"Name {i},New {i}"
                                      for i in range(1, 10001)))
        self.assertLines(again, "10000 skipped, already named so:")

    def test_credentials_refused_half_way_what_was_changed_is_named(self):
        self.fault(method="PUT", nth=2, every=1, status=401)
        ended = self.run_job("-q", "--concurrency", "1", "rename", "--status",
                             "approved", "--suffix", " X", status=3)
        self.assertEqual(ended.lines[0], "1 signature renamed:")
        self.assertIn("Acme Corp X", ended.lines[1])
        self.assertIn("HTTP 401", ended.err)

    def test_json_the_report_is_events_the_summary_is_last(self):
        self.map("sign_id,sign_name", "1001,Aa", "1003,Bb")
        ended = self.run_job("--json", "rename", "--map", "names.csv")
        self.assertIn('"text":"1 signature renamed:', ended.out)
        self.assertEndsWith(ended, done=1, skipped=1)
        self.assertEndsWith(self.run_job("--json", "rename", "--nonsense",
                                         status=2))

    def assertEndsWith(self, ended, **counts):
        self.assertEqual(ended.summary["event"], "summary", ended)
        for name, count in counts.items():
            self.assertEqual(ended.summary[name], count, ended)


class Migrate(Jobs):
    def migrate(self, source, target, *words, status=0):
        return self.run_job("migrate", "--from", source, "--to", target,
                            *words, status=status)

    def idle(self, source, target, *words, status=0):
        return self.run_idle("migrate", "--from", source, "--to", target,
                             *words, status=status)

    def test_moves_templates_keeps_the_rest_and_nothing_the_second_time(self):
        self.assertEqual(self.migrate("1001", "1002").out, """\
2 templates moved from 1001 Acme Corp to 1002 Beta, Inc.:
5001  Login code      prefix
5002  Order received  suffix
They can't send until they are approved again.
1 skipped, waits for review:
  5003 Summer sale
""")
        for line in ("5001 Login code 1002 1 1", "5002 Order received 1002 2 1",
                     "5003 Summer sale 1001 1 1"):
            self.assertIn(line, self.templates())
        kept = next(entry for entry in self.entries("template")
                    if entry["template_id"] == "5002")
        self.assertEqual(
            (kept["template_type"], kept["template_content"],
             kept["country_codes"]),
            ("utility", "We have your order {{number}}.", "DE,US"))
        self.assertLines(
            self.idle("1001", "1002"),
            "0 templates moved from 1001 Acme Corp to 1002 Beta, Inc.")

    def test_selects_by_status_type_and_country_and_moves_the_signature(self):
        self.approve()
        moved = "1 template moved from 1001 Acme Corp to 1002 Beta, Inc.:"
        ended = self.migrate("1001", "1002", "--type", "marketing")
        self.assertLines(ended, moved, "5003  Summer sale  prefix")
        ended = self.migrate("1001", "1002", "--country", "cn", "--status",
                             "approved", "--position", "suffix")
        self.assertLines(ended, moved, "5001  Login code  suffix")
        self.idle("1001", "1002", "--status", "rejected")
        self.assertIn("5001 Login code 1002 2 1", self.templates())
        self.assertIn("5002 Order received 1001 2 2", self.templates())

    def test_refuses_a_signature_that_is_not_approved_or_not_there(self):
        for source, target, sentence in (
                ("1001", "1003", "signature 1003 'Gamma 公司' is pending, "
                 "and only an"),
                ("1001", "1004", "is rejected, and only an approved one"),
                ("1001", "77", "--to: no signature has the sign_id 77"),
                ("77", "1001", "--from: no signature and no template has the "
                 "sign_id")):
            ended = self.idle(source, target, status=4)
            self.assertIn(sentence, ended.err)

    def test_skips_what_a_plan_uses_lists_what_failed(self):
        self.fault(method="PUT", path=TEMPLATE + "5002", **HOSTILE)
        self.assertLines(
            self.migrate("1002", "1001"),
            "1 skipped, used by a pending or running message plan:",
            "  5007 Alert")
        ended = self.migrate("1001", "1002", status=1)
        self.assertLines(ended, "1 failed:")
        self.assertLine("  5002 Order received: .*no such luck.*", ended)

    # A delayed list lets the target go between it and the first move.
    def test_a_target_that_vanished_ends_it_with_one_sentence(self):
        self.fault(method="GET", path="/v1/template-configs", delay_ms=1000,
                   effect=True)
        job = self.begin("run", "--concurrency", "1", "migrate", "--from",
                         "1001", "--to", "1002")
        self.wait_for(self.fired)
        self.colleague("PUT", SIGN + "1002", {"sign_name": "Another name"})
        self.assertLine(".*skipped, signature 1002 of --to is pending now:",
                        self.end(job))
        # That one, and one move.
        self.assertEqual(len(self.requests("&method=PUT")), 2)


class Clean(Jobs):
    def clean(self, *words, status=0):
        return self.run_job("--yes", "clean", *words, status=status)

    def idle(self, *words, options=(), status=0):
        return self.run_idle(*options, "clean", *words, status=status)

    def names(self):
        return " ".join(self.signs() + self.templates())

    def test_saves_then_deletes_what_is_rejected_nothing_second_time(self):
        ended = self.clean("--backup", "deleted.json")
        self.assertEqual(ended.out, """\
3 records saved to deleted.json
3 deleted:
template   5004  Spring sale  wrong brand
template   5005  Old login    brand not registered
signature  1004  Delta Shop   brand not registered
1 skipped, templates use it, and --cascade was not given:
  signature 1006 Zeta
""")
        saved = json.loads(self.read("deleted.json"))
        self.assertEqual(
            [(sign["sign_id"], sign["sign_name"], sign["audit_remark"])
             for sign in saved["signs"]],
            [("1004", "Delta Shop", "brand not registered")])
        self.assertEqual(
            [(entry["template_id"], entry["template_content"],
              entry["country_codes"], entry["audit_remark"])
             for entry in saved["templates"]],
            [("5004", "Spring sale: {{offer}}", "DE", "wrong brand"),
             ("5005", "Code {{code}}", "US", "brand not registered")])
        for gone in ("1004", "5004", "5005"):
            self.assertNotIn(gone, self.names())
        self.assertIn("1006 Zeta 3", self.signs())
        self.assertIn("5006 Zeta news 1006 2 2", self.templates())
        self.assertLines(self.idle("--backup", "again.json"), "0 deleted.")
        self.assertFalse((self.home / "again.json").exists())

    def test_a_dry_run_ends_with_what_it_planned(self):
        ended = self.idle(options=["--dry-run"])
        self.assertIn("3 changes: 3 deletes\n", ended.out)
        self.assertRegex(ended.err, "(?m)^3 changes planned, 1 skipped in ")
        self.assertNotIn(" done", ended.err)

    def test_cascade_deletes_the_templates_too_names_and_saves_them(self):
        ended = self.clean("--only", "signs", "--cascade", "--backup",
                           "deleted.json")
        self.assertLines(ended, "4 records saved to deleted.json",
                         "4 deleted:")
        self.assertIn("5006  Zeta news", ended.out)
        self.assertIn("--cascade deletes template 5006 'Zeta news', "
                      "which is approved", ended.err)
        self.assertNotIn("5005", ended.err)
        self.assertEqual(len(re.findall(r'"template_id":"500[56]"',
                                        self.read("deleted.json"))), 2)
        self.assertIn("5004 Spring sale", self.names())
        self.assertNotIn("5006", self.names())
        self.assertNotIn("1006", self.names())

    def test_cascade_names_the_first_of_many_and_counts_the_rest(self):
        self.account(120, 400)
        ended = self.idle("--only", "signs", "--cascade",
                          options=["--dry-run"])
        warnings = re.findall("(?m)^warning: .*$", ended.err)
        self.assertEqual(len(warnings), 1)
        told = re.match(r"warning: --cascade deletes (\d+) templates that are "
                        r"not rejected: .*; (\d+) more$", warnings[0])
        self.assertEqual(int(told[1]) - int(told[2]),
                         len(re.findall("which is ", warnings[0])))

    def test_only_older_than_and_remark_select(self):
        self.assertEqual(self.idle("--older-than", "999999w").out,
                         "0 deleted.\n")
        self.assertEqual(self.idle("--remark", "^registered").out,
                         "0 deleted.\n")
        ended = self.clean("--only", "templates", "--remark", "not reg%a+",
                           "--older-than", "30d", "--backup", "deleted.json")
        self.assertLines(ended, "1 deleted:",
                         "template  5005  Old login  brand not registered")
        ended = self.clean("--only", "signs", "--backup", "more.json")
        self.assertLines(ended,
                         "signature  1004  Delta Shop  brand not registered")
        self.assertIn("5004 Spring sale", self.names())

    def test_without_a_backup_nothing_is_deleted(self):
        self.write("deleted.json", "precious\n")
        ended = self.idle("--backup", "deleted.json", status=4)
        self.assertIn("the backup can't be written: deleted.json exists",
                      ended.err)
        self.assertEqual(self.read("deleted.json"), "precious\n")
        self.idle("--backup", "none/deleted.json", status=4)
        subprocess.run(["mkfifo", self.home / "fifo"], check=True)
        for place in ("/dev/full", "/dev/null", ".", "fifo"):
            ended = self.idle("--backup", place, options=["--yes"], status=4)
            self.assertRegex(
                ended.err, r"\Aerror: the backup can't be written: .*("
                r"is no plain file; name a new one|Is a directory|"
                r"No space left.*|does not keep what is written to it; "
                r"name a new file)\n(to go on once the cause is gone: .*\n)?\Z")

    def test_refused_as_a_whole_before_anything_is_saved_or_sent(self):
        backup = ("--backup", "deleted.json")
        ended = self.idle(*backup, status=4)
        self.assertEqual(ended.err, "error: deletes have to be confirmed, and "
                         "there is no terminal to ask on: --yes confirms "
                         "them\n")
        ended = self.idle(*backup, options=["--yes", "--max-deletes", "1"],
                          status=4)
        self.assertRegex(
            ended.err, r"\Aerror: this run is going to delete [0-9]+ entries, "
            r"and may delete at most 1: --max-deletes N or N% allows "
            r"others\n\Z")
        ended = self.signet("run", "--yes", "--max-changes", "1", "clean",
                            *backup)
        self.assertIn("may change at most 1", ended.err)
        # Names in another case or form, and a signature's templates.
        for line in ("protect_name = delta*", "protect_name = Ｄelta shop",
                     "protect_id = 1004"):
            self.configure(f"[default]\n{line}\n")
            ended = self.idle("--cascade", "--only", "signs", *backup,
                              options=["--yes"], status=4)
            self.assertRegex(
                ended.err, r"error: ([0-9]+ entries are protected, )?("
                r"template [0-9]+ .*its signature is|"
                r"signature 1004 Delta Shop: it is) protected by ")
        self.assertFalse((self.home / "deleted.json").exists())

    # This machine is a year ahead of the service.
    def test_ages_are_by_the_services_clock(self):
        then = int(time.time()) - 365 * 86400 - 3600
        self.write("old.json", json.dumps({"templates": [], "signs": [{
            "sign_id": "1004", "sign_name": "Delta Shop", "status": 3,
            "created_time": then, "updated_time": then}]}))
        with subprocess.Popen(
                [sys.executable, SERVICE, "--lifetime", "60", "--stay",
                 "--state", self.home / "old.json", "--secret", SECRET,
                 "--switches", '{"clock_offset": -31536000}'],
                stdout=subprocess.PIPE, text=True) as service:
            self.addCleanup(service.kill)
            url = service.stdout.readline().strip()
            words = ("run", "--yes", "clean", "--backup", "a.json",
                     "--older-than")
            ended = self.does(*words, "2h", SIGNET_BASE_URL=url)
            self.assertEqual(ended.out, "0 deleted.\n")
            ended = self.does(*words, "30m", SIGNET_BASE_URL=url)
            self.assertLines(ended, "1 deleted:")
            service.terminate()
            service.wait(PATIENCE)

    def test_the_default_backup_lies_in_the_current_folder(self):
        self.clean()
        names = [file.name for file in self.home.glob("clean-*.json")]
        self.assertEqual(len(names), 1)
        self.assertRegex(names[0], r"\Aclean-[0-9]{8}-[0-9]{6}\.json\Z")

    def during_the_list(self, *words):
        """A delayed list lets entries change between it and the deletes."""
        self.fault(method="GET", path="/v1/template-configs", delay_ms=1000,
                   effect=True)
        job = self.begin("run", "--yes", "clean", *words, "--backup",
                         "deleted.json")
        self.wait_for(self.fired)
        return job

    def test_an_entry_that_changed_since_the_list_is_left_alone(self):
        job = self.during_the_list()
        self.colleague("PUT", TEMPLATE + "5004", {
            "template_name": "Spring sale", "template_type": "marketing",
            "template_content": "Spring: {{offer}}", "country_codes": "DE"})
        self.colleague("DELETE", SIGN + "1004")
        ended = self.end(job)
        self.assertEqual(ended.status, 0, ended)
        self.assertLines(ended, "1 skipped, changed since the account was "
                         "read:", "  template 5004 Spring sale",
                         "1 skipped, gone already:")
        self.assertIn("5004 Spring sale", self.names())

    def test_templates_stay_when_their_signature_is_no_longer_rejected(self):
        job = self.during_the_list("--cascade")
        self.colleague("PUT", SIGN + "1006", {"sign_name": "Zeta Two"})
        ended = self.end(job)
        self.assertEqual(ended.status, 0, ended)
        self.assertLines(
            ended,
            "1 skipped, its signature changed since the account was read:",
            "  template 5006 Zeta news",
            "1 skipped, changed since the account was read:",
            "  signature 1006 Zeta")
        self.assertIn("5006 Zeta news", self.names())

    def test_what_a_plan_uses_is_skipped_and_so_is_its_signature(self):
        self.control("POST", "/lock", {"kind": "template", "id": "5005"})
        self.assertLines(
            self.clean("--backup", "deleted.json"),
            "1 skipped, used by a pending or running message plan:",
            "  template 5005 Old login", "1 skipped, templates still use it:",
            "  signature 1004 Delta Shop")


class AllOfThem(Jobs):
    WRONG = """\
rename
rename --nonsense
rename --pre x
rename --map a.csv --prefix x
rename --map a.csv --status approved
rename --prefix x --status nonsense
rename --prefix x --name [a
rename --replace % x
rename --replace ( x
rename --replace x 50%
rename --replace a %9
rename --prefix x --id 77
rename extra
migrate --from 1001
migrate --from 1001 --to 1001
migrate --from 1001 --to 1002 --position middle
clean --older-than soon
clean --only everything
clean --only templates --cascade
clean --remark %
clean --dry-run
"""

    def test_wrong_options_one_sentence_exit_status_2_nothing_sent(self):
        said = {}
        for line in self.WRONG.splitlines():
            ended = self.run_idle(*line.split(), status=2)
            self.assertEqual(ended.out, "", ended)
            self.assertEqual(len(ended.err.splitlines()), 1, ended)
            said[line] = ended.err
        self.assertIn("--replace: '(' is no Lua pattern, unfinished capture; "
                      "%( stands for a bracket itself",
                      said["rename --replace ( x"])
        # An option of signet's own behind the script: where it belongs.
        self.assertEqual(said["clean --dry-run"], (
            "clean: unknown option '--dry-run'; signet's own options stand "
            "before clean (see signet run clean --help)\n"))

    def test_the_signs_api_of_2023_rename_works_the_others_say_why_not(self):
        old = {"SIGNET_API": "signs"}
        rename = ("rename", "--map", self.map("old_name,new_name",
                                              "Acme Corp,Acme"))
        ended = self.run_job(*rename, **old)
        self.assertEqual(ended.out, "1 signature renamed:\n"
                         "1001  Acme Corp  →  Acme\n")
        self.run_idle(*rename, **old)
        self.run_idle("rename", "--prefix", "x", "--status", "approved",
                      status=2, **old)
        ended = self.run_idle("migrate", "--from", "1001", "--to", "1002",
                              status=1, **old)
        self.assertIn("migrate needs templates, and the signs API of 2023",
                      ended.err)
        ended = self.run_idle("clean", status=1, **old)
        self.assertIn("the signs API of 2023 has no reviews", ended.err)


if __name__ == "__main__":
    main()
