# SPDX-License-Identifier: MIT
"""Success without effect: the service answers 200, and nothing has changed.
What it doesn't show is not done, wherever it is told."""

import os
import pathlib
import shutil
import subprocess
import time

from harness import SECRET, SIGNET, Promise, main
from proposals import proposals

RENAME = """
signet.each({ "100000001", "100000002", "100000003" }, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end)
"""
MAP = """sign_id,sign_name
100000001,One
100000002,Two
100000003,Three
"""


class Effects(Promise):
    def setUp(self):
        super().setUp()
        self.configure(settle="0.03", settle_create="0", timeout="0.5")

    def no_effect(self, **match):
        self.service.fault({"match": match, "effect": "none",
                            "reply": "normal"})

    def is_unknown(self, ended, done, unknown, finding):
        """Exit, counts, what is told, jobs, show: all say unknown."""
        self.assertEqual(ended.status, 5, ended)
        self.assertEqual(ended.summary["done"], done, ended)
        self.assertEqual(ended.summary["unknown"], unknown, ended)
        self.assertEqual(ended.summary["failed"], 0, ended)
        told = [event for event in ended.events if event["event"] == "failed"]
        self.assertEqual(len(told), unknown, ended)
        for event in told:
            self.assertEqual(event["error"]["kind"], "unknown_outcome")
            self.assertEqual(event["error"]["outcome"], "unknown")
            self.assertIn(finding, event["error"]["message"])
        self.is_kept(ended.summary["job"], done, unknown, finding)

    def is_kept(self, job, done, unknown, finding):
        entry, = [entry for entry in self.jobs() if entry["job"] == job]
        self.assertEqual(entry["state"], "failed")
        self.assertEqual((entry["done"], entry["unknown"]), (done, unknown))
        open_writes = [write for write in self.writes(job)
                       if write["state"] == "unknown"]
        self.assertEqual(len(open_writes), unknown)
        for write in open_writes:
            self.assertIn(finding, write["error"]["message"])
        self.assertIn(finding, self.signet("show", job).out)

    def test_a_run_that_resume_brings_to_its_end(self):
        before = self.sign("100000002")["sign_name"]
        self.no_effect(what="update", id="100000002")
        ended = self.run_job(RENAME)
        self.is_unknown(ended, 2, 1, f'shows sign_name "{before}", and not '
                        '"New 100000002"')
        self.service.well()
        job = self.newest()
        self.signet("resume", "--yes", job, status=0)
        self.assertEqual(self.sign("100000002")["sign_name"],
                         "New 100000002")
        self.assertEqual(len(self.effects()), 3)

    def test_a_contradiction_that_cannot_be_looked_at_again(self):
        """The list shows otherwise, and the entry can't be read any more."""
        self.no_effect(what="update", id="100000002")
        self.service.fault({"match": {"what": "get"}, "skip": 3,
                            "reply": {"status": 500}})
        ended = self.run_job(RENAME, "--fresh", "never")
        self.is_unknown(ended, 2, 1, "the service did not show that, and "
                        "could not be looked at again")
        self.assertIn("could not be checked", ended.text)
        self.service.well()
        self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(self.sign("100000002")["sign_name"],
                         "New 100000002")

    def test_what_only_the_entry_shows_is_no_contradiction(self):
        """Lists hide the content, and the entries can't be read."""
        self.service.switch(list_hides=["template_content"])
        self.service.fault({"match": {"what": "get"}, "skip": 1,
                            "reply": {"status": 500}})
        ended = self.run_job("""
sms.templates:update("200000001", { template_content = "Other text" })
""", "--fresh", "never")
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("could not be checked", ended.text)

    def edited(self, effect, **fields):
        self.service.fault({"match": {"what": "update", "id": "200000002"},
                            "effect": effect, "reply": "normal", "times": 1,
                            "after": [self.edit("200000002", **fields)]})
        return self.run_job('''
for i = 1, 3 do
  sms.templates:update("20000000" .. i, { template_name = "Name " .. i,
    template_content = "Content " .. i })
end''')

    def test_what_somebody_changes_afterwards_was_done(self):
        process = self.begin("run", "--yes", "--json", self.script("""
for i = 1, 3 do
  sms.templates:update("20000000" .. i, { template_content = "Content " .. i })
end
local id = sms.signs:create { sign_name = "Fresh" }
while not io.open("edited") do signet.sleep(0.02) end"""))
        made = self.wait_for(lambda: self.effects()[3:])[0]
        time.sleep(2.1)  # the service's times are whole seconds
        self.service.do("edit", kind="template", id="200000002",
                        fields={"template_content": "Legal text"})
        self.service.do("edit", kind="sign", id=made["id"],
                        fields={"sign_name": "Legal text"})
        self.write("edited", "")
        ended = self.ended(process)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.summary["done"], 4, ended)
        self.assertIn("2 entries were changed by somebody else after this run "
                      "wrote them", ended.out)
        self.assertEqual([write["state"] for write in self.writes()],
                         ["done"] * 4)

    def test_what_may_have_been_changed_before_is_unknown(self):
        ended = self.edited("now", template_content="Legal text")
        self.is_unknown(ended, 2, 1, "the service shows template_content")

    def test_an_edit_of_what_had_no_effect_hides_nothing(self):
        ended = self.edited("none", template_content="Legal text")
        self.is_unknown(ended, 2, 1, "the service shows template_name")

    def test_creates_and_deletes(self):
        self.no_effect(what="create")
        self.no_effect(what="delete")
        ended = self.run_job("""
sms.templates:delete("200000001")
sms.signs:update("100000001", { sign_name = "Real" })
sms.signs:create { sign_name = "Fresh" }
""", "--max-deletes", "100%")
        self.is_unknown(ended, 1, 2, "the service ")
        self.service.well()
        ended = self.signet("resume", "--yes", self.newest(), status=1)
        self.assertIn("or deleted it", ended.text)
        self.assertNotIn("Fresh", self.names())
        self.assertIsNone(self.template())
        self.assertEqual(len(self.effects()), 2)

    def test_a_create_is_not_sent_twice(self):
        """Its effect comes late; resume finds it by its id."""
        self.service.fault({"match": {"what": "create"}, "effect": "late",
                            "effect_after": 60, "times": 1})
        ended = self.run_job("""
sms.templates:create { template_name = "Fresh", template_type = "utility",
  template_content = "Text", country_codes = "CN" }
""")
        self.is_unknown(ended, 0, 1, "does not show it")
        self.service.do("settle")
        self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(len(self.effects()), 1)

    def test_what_somebody_deletes_meanwhile_is_not_made_again(self):
        self.service.fault({"match": {"what": "create"}, "delay": 0.3})
        process = self.begin("run", "--yes", "--json", self.script(
            'sms.signs:create { sign_name = "Fresh" }'))
        made, = self.wait_for(self.effects)
        self.service.do("delete", kind="sign", id=made["id"])
        ended = self.ended(process)
        self.is_unknown(ended, 0, 1, "does not show it")
        ended = self.signet("resume", "--yes", self.newest(), status=1)
        self.assertIn("or deleted it", ended.text)
        self.assertEqual(len(self.effects()), 1)

    def test_what_was_seen_once_is_not_doubted_again(self):
        self.service.fault({"match": {"what": "update", "id": "100000003"},
                            "reply": "lost", "effect": "none", "times": 9})
        self.run_job(RENAME + """
sms.signs:create { sign_name = "Fresh" }
""")
        self.service.well()
        made, = [effect["id"] for effect in self.effects()
                 if effect["verb"] == "create"]
        self.service.do("delete", kind="sign", id=made)
        self.service.do("edit", kind="sign", id="100000001", status=2,
                        fields={"sign_name": "Company 1"})
        ended = self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(self.names(), ["Company 1", "New 100000002",
                                        "New 100000003"], ended)
        self.assertEqual({write["state"] for write in self.writes()}
                         - {"unsent"}, {"done"})

    def test_a_list_that_lags_contradicts_nothing(self):
        self.service.switch(list_lag=0.15)
        ended = self.run_job(RENAME + """
sms.signs:create { sign_name = "Fresh" }
sms.templates:delete("200000001")
""", "--max-deletes", "100%", status=0)
        self.assertEqual(ended.summary["unknown"], 0, ended)
        self.assertEqual({write["state"] for write in self.writes()},
                         {"done"})

    def test_a_shipped_job_names_what_was_done(self):
        self.no_effect(what="update", id="100000002")
        self.write("names.csv", MAP)
        ended = self.signet("run", "--yes", "rename", "--map", "names.csv",
                            status=5)
        self.assertIn("2 signatures renamed:", ended.out)
        self.assertIn("1 may or may not have been done:", ended.out)
        for entry in ("200000001", "200000002"):
            self.service.do("review", kind="template", id=entry, status=3,
                            remark="no")
        self.no_effect(what="delete", id="200000001")
        ended = self.signet("run", "--yes", "--max-deletes", "100%", "clean",
                            status=5)
        self.assertIn("1 deleted:", ended.out)
        self.assertIn("template 200000001", ended.out)

    def test_migrate(self):
        using = [key for key, entry in self.service.entries(
            "template").items() if entry.get("sign_id") == "100000001"]
        self.assertTrue(using)
        self.no_effect(what="update", id=using[0])
        ended = self.signet("run", "--yes", "migrate", "--from", "100000001",
                            "--to", "100000002", status=5)
        self.assertIn(f"{len(using) - 1} template", ended.out)
        self.assertIn("1 may or may not have been done:", ended.out)

    def test_apply_and_undo(self):
        plan = self.plan("""
sms.signs:update("100000001", { sign_name = "Planned" })
sms.signs:create { sign_name = "Made" }
sms.signs:create { sign_name = "Not made" }
""")
        self.no_effect(what="create", body="Not made")
        ended = self.signet("apply", "--yes", "--json", plan)
        self.is_unknown(ended, 2, 1, "does not show it")
        made = [event for event in ended.events
                if " is 10000" in event.get("text", "")]
        self.assertEqual(len(made), 1, ended)
        self.service.well()
        self.service.do("review", kind="sign")
        job = self.newest()
        self.no_effect(what="update")
        ended = self.signet("undo", "--yes", "--json", "--max-deletes",
                            "100%", job)
        self.is_unknown(ended, 1, 1, 'shows sign_name "Planned"')
        self.service.well()
        self.signet("undo", "--yes", "--max-deletes", "100%", job, status=0)
        self.assertNotIn("Planned", self.names())
        self.assertNotIn("Made", self.names())

    def test_the_repl(self):
        self.no_effect(what="update")
        ended = self.signet("repl", "--write", typed="sms.signs:update("
                            '"100000001", { sign_name = "New" })\n')
        self.assertEqual(ended.status, 5, ended)
        self.assertIn("unknown: signature 100000001", ended.err)
        self.is_kept(self.newest(), 0, 1, "the service shows")

    def test_a_script_asks_for_itself(self):
        self.no_effect(what="update", id="100000002")
        ended = self.run_job(RENAME + """
for _, one in ipairs(sms:audit()) do
  print(one.kind, one.id, one.verb, one.finding)
end
print(#sms:audit())
signet.join(signet.spawn(function() print(#sms:audit()) end))
""")
        self.assertIn("sign\\t100000002\\tupdate\\tit was written, but",
                      ended.out)
        self.assertEqual(ended.status, 5, ended)
        self.assertEqual(ended.summary["unknown"], 1, ended)
        lists = [request for request in self.service.requests()
                 if request["path"] == "/v1/sign-configs"]
        self.assertEqual(len(lists), 2, "for the names, and it is looked at "
                         "once")

    def test_the_stock_module(self):
        lua = shutil.which("lua5.4")
        module = pathlib.Path(SIGNET).parent / "lua"
        if lua is None or not (module / "signet.so").exists():
            self.skipTest("no lua5.4, or no module for it")
        self.no_effect(what="update")
        for ending in ("", "sms:close()"):
            file = self.write("stock.lua", """
local signet = require "signet"
local sms = signet.connect { journal = true }
sms.signs:update("100000001", { sign_name = "New" })
""" + ending)
            ended = subprocess.run(
                [lua, str(file)], capture_output=True, text=True,
                cwd=self.home, check=False,
                env={**self.environment, "LUA_CPATH": f"{module}/?.so",
                     "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")})
            self.assertNotIn(SECRET, ended.stdout + ended.stderr)
            self.assertIn("warning: signature 100000001: it was written, but "
                          "the service shows sign_name", ended.stderr)
            self.assertEqual(ended.returncode, 1 if ending else 0, ended)
            self.is_kept(self.newest(), 0, 1, "the service shows")
            self.service.do("review", kind="sign")

    def test_a_repl_that_wrote_nothing_that_is_shown(self):
        """It proposes what finds out, and nothing to take back."""
        self.no_effect(what="update")
        ended = self.signet("repl", "--write", status=5, typed=(
            'sms.signs:update("100000001", { sign_name = "New" })\n'))
        (command,) = proposals(ended.err)
        self.assertEqual(command[1], "resume", ended)

    def test_the_stock_module_with_a_folder_of_its_own(self):
        """The command that it proposes finds the journal."""
        lua = shutil.which("lua5.4")
        module = pathlib.Path(SIGNET).parent / "lua"
        if lua is None or not (module / "signet.so").exists():
            self.skipTest("no lua5.4, or no module for it")
        self.no_effect(what="update")
        file = self.write("stock.lua", """
local signet = require "signet"
local sms = signet.connect { journal = true, state_dir = "our 'state'" }
sms.signs:update("100000001", { sign_name = "New" })
print(select(2, pcall(sms.close, sms)))
""")
        ended = subprocess.run(
            [lua, str(file)], capture_output=True, text=True,
            cwd=self.home, check=False,
            env={**self.environment, "LUA_CPATH": f"{module}/?.so",
                 "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")})
        (command,) = proposals(ended.stdout)
        self.assertIn("our 'state'", command, ended)
        self.assertIn("the service shows", self.signet(
            *command[1:], status=0).out)


if __name__ == "__main__":
    main()
