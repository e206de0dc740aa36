# SPDX-License-Identifier: MIT
"""Every door passes the same guard: run, -e, the REPL, plan, raw requests."""

import json
import os

from harness import Promise, Service, main

DELETE_ALL = """
for _, s in ipairs(sms.signs:list()) do sms.signs:delete(s.sign_id) end
"""


class Repl(Promise):
    def type(self, *lines, options=()):
        return self.signet("repl", *options, typed="\n".join(lines) + "\n")

    def test_it_begins_read_only(self):
        ended = self.type(DELETE_ALL.strip())
        self.assertEqual(self.sent(), [], ended)
        self.assertIn("--write", ended.text)

    def test_an_announcement_hears_so_too(self):
        ended = self.type('print(pcall(signet.announce, '
                          '{ account = sms, deletes = 2 }))')
        self.assertIn("this REPL is read-only", ended.out)
        self.assertIn("--write", ended.out)

    def test_raw_requests_are_read_only_too(self):
        ended = self.type('sms:request("DELETE", "/v1/sign-configs/100000001")',
                          'signet.connect():request("DELETE", '
                          '"/v1/sign-configs/100000001")')
        self.assertEqual(self.sent(), [], ended)

    def test_writes_are_in_the_journal(self):
        self.type('sms.signs:update("100000001", { sign_name = "New" })',
                  options=["--write"])
        self.assertEqual(self.sign()["sign_name"], "New", self.said[-1])
        self.assertEqual(len(self.writes()), 1)

    def test_limits_hold(self):
        self.type(DELETE_ALL.strip(),
                  options=["--write", "--max-deletes", "1"])
        self.assertLessEqual(len(self.effects()), 1, self.said[-1])

    def test_a_local_lasts(self):
        ended = self.type("local which = 41", "print(which + 1)")
        self.assertIn("42", ended.out)

    def test_a_filter_of_nil_is_an_error(self):
        for call in ("sms.signs:list(nil)", "sms.templates:list(nil)",
                     "sms.signs:find(nil)", "sms.templates:find(nil)"):
            ended = self.signet("-e", call)
            self.assertNotEqual(ended.status, 0, ended)


class Requests(Promise):
    BODY = """
sms:request("GET", "/v1/template-configs", {
  template_name = "Raw", template_type = "utility",
  template_content = "Text", country_codes = "CN" })
"""

    def test_a_get_has_no_body(self):
        for command in (["run", "--yes"], ["plan"], ["run", "--dry-run"]):
            ended = self.signet(*command, self.script(self.BODY), status=1)
            self.assertIn("a GET has no body", ended.err)
        self.signet("-e", self.BODY, status=1)
        self.signet("repl", "--write", typed=self.BODY)
        self.assertEqual(self.effects(), [])
        self.assertEqual(self.sent(), [])

    def test_a_raw_write_is_in_the_journal(self):
        self.run_job('sms:request("PUT", "/v1/sign-configs/100000001", '
                     '{ sign_name = "Raw Name" })', status=0)
        self.assertEqual(len(self.effects()), 1)
        self.assertEqual(len(self.writes()), 1)

    def test_methods_in_other_letters_are_what_they_are(self):
        for method in ("get", "Put", "delete"):
            self.signet("plan", self.script(
                f'sms:request("{method}", "/v1/sign-configs/100000001")'))
        self.assertEqual(self.sent(), [])


class Doors(Promise):
    def test_a_chunk_is_guarded(self):
        self.signet("-e", DELETE_ALL)
        self.assertEqual(self.effects(), [], self.said[-1])

    def test_a_chunk_is_in_the_journal(self):
        self.signet("-e", 'sms.signs:update("100000001", '
                          '{ sign_name = "New" })', status=0)
        self.assertEqual(len(self.writes()), 1)

    def test_protection_holds_at_every_door(self):
        self.configure(protect_id="100000001")
        path = '"/v1/sign-configs/100000001"'
        for body in (
                'sms.signs:update("100000001", { sign_name = "New" })',
                'sms.signs:delete("100000001")',
                f'sms:request("PUT", {path}, {{ sign_name = "New" }})',
                f'sms:request("DELETE", {path})',
                'signet.connect { profile = "default" }.signs'
                ':delete("100000001")'):
            self.run_job(body)
            self.signet("-e", body)
            self.signet("repl", "--write", typed=body + "\n")
        self.assertEqual(self.effects(), [])


class Protection(Promise):
    def reject(self, entry_id, kind="sign"):
        self.service.do("review", kind=kind, id=entry_id, status=3,
                        remark="no")

    def test_cascade_leaves_the_templates_of_a_protected_signature(self):
        self.configure(protect_id="100000001")
        self.reject("100000001")
        self.reject("100000002")
        self.signet("run", "--yes", "--max-deletes", "100%", "clean",
                    "--cascade", "--backup", "saved.json")
        self.assertIsNotNone(self.sign("100000001"))
        self.assertIsNotNone(self.template("200000001"), self.said[-1])
        self.assertIsNotNone(self.template("200000004"))

    def test_names_in_another_case_or_form_are_protected(self):
        for written, protected in (
                ("ACME Live", "Acme live"), ("Cafe\u0301", "Caf\u00e9"),
                ("\uff21cme", "Acme")):
            self.service.do("reset")
            self.service.do("edit", kind="sign", id="100000001",
                            fields={"sign_name": written})
            self.configure(protect_name=protected)
            self.run_job('sms.signs:delete("100000001")', "--max-deletes",
                         "100%")
            self.assertIsNotNone(self.sign(), (written, protected))

    def test_a_name_that_is_not_shown_may_be_protected(self):
        self.service.switch(null_names=["100000001"])
        self.configure(protect_name="Company*")
        ended = self.run_job('sms.signs:delete("100000001")', "--max-deletes",
                             "100%", status=4)
        self.assertIn("the service shows no name of it, which may be protected "
                      "by protect_name = Company*", ended.err)
        self.assertEqual(self.effects(), [])

    def test_limits_are_judged_before_the_first_delete(self):
        for entry_id in ("100000001", "100000002", "100000003"):
            self.reject(entry_id)
            for n in (1, 2, 3, 4, 5, 6):
                self.reject(f"20000000{n}", "template")
        ended = self.signet("run", "--yes", "--max-deletes", "2", "clean",
                            "--cascade", "--backup", "saved.json")
        self.assertEqual(ended.status, 4, ended)
        self.assertEqual(self.effects(), [], ended)

    def test_protection_is_judged_before_the_first_write(self):
        self.configure(protect_id="100000003")
        self.write("names.csv", "sign_id,sign_name\n100000001,One\n"
                                "100000002,Two\n100000003,Three\n")
        ended = self.signet("run", "--yes", "--json", "rename", "--map",
                            "names.csv")
        self.assertEqual(ended.status, 4, ended)
        self.assertEqual(self.effects(), [], ended)

    def test_a_script_announces_what_it_will_write(self):
        body = """
signet.announce { updates = 3 }
for i = 1, 3 do
  sms.signs:update(tostring(100000000 + i), { sign_name = "New " .. i })
end
"""
        ended = self.run_job(body, "--max-changes", "2")
        self.assertEqual(ended.status, 4, ended)
        self.assertEqual(self.effects(), [])
        self.run_job(body, "--max-changes", "3", status=0)
        self.assertEqual(len(self.effects()), 3)


class Profiles(Promise):
    UPDATE = 'sms.signs:update("100000001", { sign_name = "New" })'

    def test_an_explicit_profile_wins_whole(self):
        with Service(signs=1, key="other") as other:
            self.configure("b", base_url=other.url, key="other",
                           secret="secret")
            ended = self.signet("run", "--yes", "--profile", "b",
                                self.script(self.UPDATE))
            self.assertEqual(self.effects(), [], ended)
            self.assertEqual(len(other.ledger(who="client")), 1, ended)

    def test_a_mixture_is_refused_with_both_named(self):
        self.configure(secret="secret")
        del self.environment["ENGAGELAB_SMS_SECRET"]
        ended = self.signet("run", "--yes", self.script(self.UPDATE))
        self.assertEqual(ended.status, 3, ended)
        self.assertIn("ENGAGELAB_SMS_KEY", ended.err)
        self.assertIn("config", ended.err)
        self.assertEqual(self.effects(), [])

    def test_an_empty_variable_is_not_set(self):
        self.configure(base_url=self.service.url, key="key",
                       secret="secret")
        with Service(signs=1) as other:
            self.configure(base_url=other.url, key="key", secret="secret")
            ended = self.signet(
                "run", "--yes", self.script(self.UPDATE), environment={
                    "ENGAGELAB_SMS_KEY": "", "ENGAGELAB_SMS_SECRET": "",
                    "SIGNET_BASE_URL": ""})
            self.assertEqual(ended.status, 0, ended)
            self.assertEqual(len(other.ledger(who="client")), 1, ended)
        self.assertEqual(self.effects(), [])


class Places(Promise):
    def test_no_home(self):
        """What has no place is named, and no file without a name."""
        ended = self.signet("doctor", status=3, environment={
            "HOME": "", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""})
        self.assertIn("HOME names no place for a file", ended.out)
        self.assertNotIn("no file ,", ended.out)

    def test_a_url_names_the_folder_of_all_that_is_kept(self):
        ended = self.run_job("""
            sms.signs:update("100000001", { sign_name = "New" })
            """, "--state-dir", f"sqlite:{self.home}/kept")
        self.assertEqual(ended.status, 0, ended.err)
        kept = sorted(name.split("-")[0].split(".")[0]
                      for name in os.listdir(self.home / "kept"))
        self.assertIn("journal", kept)
        self.assertIn("learned", kept)
        self.assertFalse([name for name in os.listdir(self.home)
                          if name.startswith("sqlite")])


class Identity(Promise):
    def other_spelling(self):
        return self.service.url.replace("127.0.0.1", "LOCALHOST") + "/"

    def one_spelling(self):
        return self.service.url.replace("127.0.0.1", "localhost")

    def test_one_account_has_one_journal(self):
        self.environment["SIGNET_BASE_URL"] = self.one_spelling()
        self.run_job('sms.signs:update("100000001", { sign_name = "New" })',
                     status=0)
        self.service.do("review", kind="sign")
        job = self.newest()
        self.environment["SIGNET_BASE_URL"] = self.other_spelling()
        ended = self.signet("undo", "--yes", job)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(self.sign()["sign_name"], "Company 1")

    def test_one_account_has_one_lock(self):
        self.environment["SIGNET_BASE_URL"] = self.one_spelling()
        self.service.fault({"match": {"what": "update"}, "reply": "hold",
                            "times": 1})
        first = self.begin("run", "--yes", self.script(
            'sms.signs:update("100000001", { sign_name = "One" })'))
        self.wait_for(self.sent)
        self.environment["SIGNET_BASE_URL"] = self.other_spelling()
        ended = self.signet("run", "--yes", self.script(
            'sms.signs:update("100000002", { sign_name = "Two" })', "b.lua"))
        first.kill()
        first.communicate()
        self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(self.effects(), [])

    def test_two_apis_have_one_lock(self):
        update = 'sms.signs:update("10000000%d", { sign_name = "%s" })'
        for one, other in (("configs", "signs"), ("signs", "configs")):
            with self.subTest(one):
                self.service.do("reset")
                self.service.fault({"match": {"what": "update"}, "times": 1,
                                    "reply": "hold", "effect": "none"})
                first = self.begin("run", "--yes", "--api", one, self.script(
                    update % (1, "One")))
                self.wait_for(self.sent)
                second = ["run", "--yes", "--api", other, self.script(
                    update % (2, "Two"), "b.lua")]
                ended = self.signet(*second, status=4)
                self.assertIn(f"process {first.pid} on ", ended.err)
                self.assertEqual(len(self.sent()), 1)
                waiting = self.begin(*second, "--wait-lock", "20")
                first.kill()
                first.communicate()
                self.assertEqual(self.ended(waiting).status, 0)
                self.assertEqual(self.sign("100000002")["sign_name"], "Two")
                self.assertEqual({job["account"].split()[0]
                                  for job in self.jobs()[:2]}, {one, other})


class Marks(Promise):
    """A byte order mark, or a page, where a script was meant."""

    MARK = "\ufeff"

    def test_a_mark_is_no_text(self):
        self.write("part.lua", self.MARK + 'return "part"')
        self.write("whole.lua", self.MARK
                   + 'local part = require "part" print(part)')
        self.assertEqual(self.signet("run", "whole.lua", status=0).out,
                         "part\n")
        self.assertEqual(self.signet("-e", self.MARK + "print(1)",
                                     status=0).out, "1\n")
        self.assertEqual(self.signet("repl", typed=self.MARK + "print(1)\n",
                                     status=0).out, "1\n")
        plan = self.plan('sms.signs:update("100000001", '
                         '{ sign_name = "New" })')
        self.write("marked.json", self.MARK + plan.read_text("utf-8"))
        self.signet("apply", "marked.json", status=0)
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_a_page_in_place_of_a_module(self):
        self.write("part.lua", self.MARK + "\n<!DOCTYPE html>\n<html>")
        self.assertIn("this is HTML or XML, not Lua", self.signet(
            "run", self.write("whole.lua", "print(pcall(require, 'part'))"),
            status=0).out)


class Plans(Promise):
    RAW = ('print(pcall(sms.request, sms, "DELETE", '
           '"/v1/sign-configs/100000001"))\n')

    def test_no_plan_of_what_a_script_would_write_by_raw_requests(self):
        """The run would go on after the request, which did something."""
        for command in (["plan"], ["run", "--dry-run"]):
            ended = self.signet(*command, "-o", "raw.json", self.script(
                self.RAW + 'sms.signs:update("100000002", '
                '{ sign_name = "New" })'), status=4)
            self.assertIn("1 raw write", ended.err)
            self.assertNotIn("Nothing would be changed", ended.out)
            self.assertFalse((self.home / "raw.json").exists())
        self.assertEqual(self.sent(), [])

    def test_what_json_says_is_json(self):
        ended = self.signet("plan", "--json", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })'), status=0)
        for line in ended.out.splitlines():
            json.loads(line)
        self.assertEqual(self.sent(), [])

    def test_an_empty_plan_proposes_no_apply(self):
        ended = self.signet("plan", "-o", "empty.json", self.script(""),
                            status=0)
        self.assertNotIn("signet apply", ended.text)


if __name__ == "__main__":
    main()
