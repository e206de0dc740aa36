# SPDX-License-Identifier: MIT
"""A resume tells what is true: a review is nobody's edit, what the job did is
its own, and what lags is waited for. An edit stays an edit."""

import contextlib
import json
import sqlite3

from harness import Promise, main

LEGAL = "Legal text"
STEP = """
local all = signet.step("all", function()
  local list = {}
  for i, s in ipairs(sms.signs:list()) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
sms:request("GET", "/v1/sign-configs/100000001")
"""
RENAME = """
signet.each(all, function(s)
  WAIT
  sms.signs:update(s.id, { sign_name = s.name .. "!" })
end)
"""


class Reviews(Promise):
    """What a step saw in review is compared, whatever its review changed."""

    def killed_after_the_step(self, body):
        self.service.do("edit", kind="sign", id="100000002", status=1,
                        fields={})
        self.service.do("advance", seconds=5)
        self.service.fault({"match": {"what": "get"}, "times": 1,
                            "reply": "hold"})
        self.die_at(self.begin("run", "--yes", self.script(STEP + body)),
                    "/v1/sign-configs/100000001", "GET")
        self.service.well()
        self.service.do("advance", seconds=5)

    def test_a_review_that_ended_is_no_edit(self):
        for wait, status in (("", 2), ("", 3), (
                "if s.id == '100000002' then sms.signs:wait(s.id) end", 2)):
            with self.subTest(wait=wait, status=status):
                self.service.do("reset")
                self.killed_after_the_step(RENAME.replace("WAIT", wait))
                self.service.do("review", kind="sign", id="100000002",
                                status=status, remark="no")
                ended = self.signet("resume", "--yes", status=0)
                self.assertEqual(self.names(), [
                    "Company 1!", "Company 2!", "Company 3!"], ended)

    def test_an_edit_that_was_reviewed_is_one(self):
        self.killed_after_the_step(RENAME.replace("WAIT", ""))
        self.service.do("edit", kind="sign", id="100000002", status=2,
                        fields={"sign_name": LEGAL})
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.names(), ["Company 1!", "Company 3!", LEGAL],
                         ended)
        self.assertIn(f'sign_name is now "{LEGAL}", it was "Company 2"',
                      ended.err)

    def test_a_delete_that_its_status_decided(self):
        self.killed_after_the_step('sms.signs:delete("100000002")\n')
        self.service.do("review", kind="sign", id="100000002")
        ended = self.signet("resume", "--yes", status=1)
        self.assertIn("status is now approved, it was pending", ended.err)
        self.assertEqual(self.effects(), [], ended)

    def test_an_edit_between_two_steps(self):
        self.killed_after_the_step("""
signet.step("again", function() return #sms.signs:list() end)
sms:request("GET", "/v1/sign-configs/100000001")
""" + RENAME.replace("WAIT", ""))
        self.service.do("edit", kind="sign", id="100000003", status=1,
                        fields={"sign_name": LEGAL})
        self.service.fault({"match": {"what": "get"}, "skip": 1, "times": 1,
                            "reply": "hold"})
        resumed = self.begin("resume", "--yes")
        self.wait_for(lambda: len([
            request for request in self.service.requests()
            if request["path"] == "/v1/sign-configs/100000001"]) == 3)
        resumed.kill()
        resumed.communicate()
        self.service.well()
        self.service.do("review", kind="sign")
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.names(), ["Company 1!", "Company 2!", LEGAL],
                         ended)


class Lag(Promise):
    """What is shown from before an own write is no answer."""

    def setUp(self):
        super().setUp()
        self.rejects(list_lag=1)

    def rejects(self, **more):
        self.service.switch(reviewer={"delay": 0.1, "reject": 1,
                                      "remark": "no"}, **more)

    UPDATE = """
sms.signs:update("100000001", { sign_name = "New" })
local good, problem = pcall(function() sms.signs:wait("100000001") end)
print(good, problem)
"""

    def test_a_rejection_is_none_of_the_approvals_before(self):
        """Whatever tells the time, and whatever form it is stored in."""
        for dates, hides, trim in ((True, [], False), (False, [], True), (
                True, ["updated_time"], False)):
            with self.subTest(dates=dates, hides=hides, trim=trim):
                self.service.do("reset")
                self.rejects(list_lag=1, date_header=dates,
                             list_hides=hides, trim=trim)
                ended = self.run_job(self.UPDATE.replace(
                    '"New"', '"New "' if trim else '"New"'), status=0)
                self.assertIn("false", ended.out)
                self.assertIn("it was rejected: no", ended.out)

    def test_of_a_template_and_of_a_raw_request(self):
        for body in ("""
sms.templates:update("200000001", { template_content = "New" })
sms.templates:wait("200000001")""", """
sms:request("PUT", "/v1/sign-configs/100000001", { sign_name = "Raw" })
sms.signs:wait("100000001")"""):
            ended = self.run_job(body, status=1)
            self.assertIn("it was rejected: no", ended.out)

    def test_the_same_values_once_more(self):
        """Only the time tells."""
        ended = self.run_job(self.UPDATE.replace('"New"', '"Company 1"'),
                             "--resubmit", status=0)
        self.assertIn("it was rejected: no", ended.out)

    def test_an_apply(self):
        plan = self.plan("""
sms.signs:update("100000001", { sign_name = "New" })
sms.signs:wait("100000001")
sms.signs:update("100000002", { sign_name = "Other" })
""")
        ended = self.signet("apply", "--yes", plan, status=1)
        self.assertIn("it is rejected: no", ended.text)
        self.assertEqual(len(self.effects()), 1, ended)

    def test_a_resume(self):
        """What the earlier run has written lags behind as well."""
        self.service.switch(list_lag=2)
        process = self.begin("run", "--yes", self.script(self.UPDATE))
        self.wait_for(self.effects)
        process.kill()
        process.communicate()
        ended = self.signet("resume", "--yes", status=0)
        self.assertIn("it was rejected: no", ended.out)

    def test_without_an_effect_it_is_told(self):
        """And waited for no longer than ten seconds."""
        self.service.fault({"match": {"what": "update"}, "reply": {
            "status": 200, "body": '{"code": 0, "message": "success"}'}})
        ended = self.run_job(self.UPDATE)
        self.assertIn("as it was before it was written", ended.text)
        self.assertIn("true", ended.out)
        self.assertEqual(ended.status, 5, ended)

    TWICE = """
sms.templates:update("200000001", { template_content = "New" })
sms.templates:wait("200000001")
sms.templates:update("200000001", { template_name = "Name" })
"""

    def test_an_entry_that_lags_is_completed_from_nothing_old(self):
        """Its list shows what was written before the entry itself does."""
        self.service.switch(list_lag=0, detail_lag=1, reviewer={"delay": 0.02})
        for options in ([], ["--fresh", "0"]):
            self.service.do("edit", kind="template", id="200000001", status=2,
                            fields={"template_content": "Old",
                                    "template_name": "Old"})
            self.service.do("settle")
            ended = self.run_job(self.TWICE, *options, status=0)
            shown = self.template()
            self.assertEqual((shown["template_name"],
                              shown["template_content"]), ("Name", "New"),
                             ended)

    def test_so_it_is_in_a_resume(self):
        self.configure(timeout="0.5", settle_create="0")
        self.service.switch(list_lag=0, detail_lag=1, reviewer={"delay": 0.02})
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "times": 1, "effect": "none", "reply": "hold"})
        process = self.begin("run", "--yes", self.script(self.TWICE))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("resume", "--yes", status=0)
        shown = self.template()
        self.assertEqual((shown["template_name"], shown["template_content"]),
                         ("Name", "New"), ended)


class Decided(Promise):
    """What a review was before the job wrote the entry again is asked of the
    journal."""

    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def killed_at_last(self, body, requests, effect="now"):
        """The last of the requests that write is carried out, or not, and not
        answered."""
        self.service.fault({"match": {"writes": True}, "skip": requests - 1,
                            "times": 1, "effect": effect, "reply": "hold"})
        process = self.begin("run", "--yes", "--max-deletes", "100%",
                             self.script(body))
        self.wait_for(lambda: len(self.sent()) == requests)
        if effect == "now":
            self.wait_for(lambda: len(self.effects()) == requests)
        process.kill()
        process.communicate()
        self.service.well()

    def test_a_delete_after_its_review(self):
        self.service.switch(reviewer={"delay": 0.05})
        made = """sms.templates:create { template_name = "Made",
  template_type = "utility", template_content = "Text",
  country_codes = "CN" }"""
        for first in (made, 'sms.templates:update("200000001", '
                      '{ template_name = "Probe" })\nid = "200000001"'):
            with self.subTest(first):
                self.service.do("reset")
                self.service.switch(reviewer={"delay": 0.05})
                self.killed_at_last(f"""
local id = {first}
local t = sms.templates:wait(id)
print("seen", t.status, sms.templates:get(id).template_name)
sms.templates:delete(id)
print("gone")
""", 2)
                ended = self.signet("resume", "--yes", status=0)
                self.assertIn("gone", ended.out)
                self.assertRegex(ended.out, "seen\t(2|approved)\t"
                                 "(Made|Probe)")
                self.assertEqual(len(self.effects()), 2, ended)

    REJECTED = """
sms.signs:update("100000001", { sign_name = "First" })
local good, problem = pcall(sms.signs.wait, sms.signs, "100000001")
print(good, problem)
if not good then
  sms.signs:HANDLE
  sms.signs:update("100000002", { sign_name = "Other" })
end
"""

    def test_a_rejection_that_was_handled(self):
        for handle, effect in (
                ('update("100000001", { sign_name = "Second" })', "now"),
                ('update("100000001", { sign_name = "Second" })', "none"),
                ('delete("100000001", { cascade = true })', "now")):
            with self.subTest(handle=handle, effect=effect):
                self.service.do("reset")
                self.service.switch(reviewer={"delay": 0.05, "reject": 1,
                                              "remark": "no"})
                self.killed_at_last(self.REJECTED.replace("HANDLE", handle),
                                    2, effect)
                self.service.do("review", kind="sign")
                ended = self.signet("resume", "--yes", status=0)
                self.assertIn("it was rejected: no", ended.out)
                self.assertEqual(len(self.effects()), 3, ended)
                self.assertEqual(self.sign("100000002")["sign_name"], "Other")

    def test_a_review_that_nobody_went_on_from_is_looked_at_anew(self):
        self.service.switch(reviewer={"delay": 0.05, "reject": 1})
        body = self.REJECTED.replace("HANDLE", "list()").replace(
            "if not good", "if true")
        self.killed_at_last(body, 2, "none")
        self.service.do("review", kind="sign", id="100000001", status=2)
        self.service.switch(reviewer={"delay": 0.05})
        ended = self.signet("resume", "--yes", status=0)
        self.assertIn("true", ended.out)

    def test_a_raw_request_between_two_updates(self):
        for edit, name in ((None, "Third"), (LEGAL, LEGAL)):
            self.service.do("reset")
            self.service.switch(reviewer={"delay": 0.05})
            self.killed_at_last("""
sms.signs:update("100000001", { sign_name = "First" })
sms.signs:wait("100000001")
sms:request("PUT", "/v1/sign-configs/100000001", { sign_name = "Second" })
sms.signs:wait("100000001")
sms.signs:update("100000002", { sign_name = "Other" })
sms.signs:update("100000001", { sign_name = "Third" })
""", 3)
            self.wait_for(lambda: self.sign()["status"] == 2)
            if edit:
                self.service.do("edit", kind="sign", id="100000001",
                                fields={"sign_name": edit})
            ended = self.signet("resume", "--yes", status=1 if edit else 0)
            self.assertEqual(self.sign()["sign_name"], name, ended)

    def test_what_a_raw_request_has_made_is_no_contradiction(self):
        self.service.switch(reviewer={"delay": 0.05})
        self.run_job("""
sms.signs:update("100000001", { sign_name = "First" })
sms.signs:wait("100000001")
sms:request("PUT", "/v1/sign-configs/100000001", { sign_name = "Second" })
""", status=0)


class Edited(Promise):
    """Somebody edits what the job wrote before it is resumed."""

    SUFFIX = """
for _, s in ipairs(sms.signs:list()) do
  if not s.sign_name:find " Ltd$" then
    sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " Ltd" })
  end
end"""

    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def edited(self, name):
        """The first update takes effect and has no reply. An hour later its
        entry gets this name."""
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "now"})
        process = self.begin("run", "--concurrency", "1", "--yes",
                             self.script(self.SUFFIX))
        self.wait_for(self.effects)
        process.kill()
        process.communicate()
        self.service.well()
        self.service.do("advance", seconds=3600)
        self.service.do("edit", kind="sign", id="100000001", status=2,
                        fields={"sign_name": name})
        for _ in range(3):
            ended = self.signet("resume", "--yes", self.newest())
            self.assertEqual(self.sign()["sign_name"], name, ended)
        self.assertIn("somebody else", ended.text)

    def test_a_new_name_stays(self):
        self.edited("Company One")

    def test_the_old_name_stays(self):
        self.edited("Company 1")


class Hidden(Promise):
    """A create whose reply is lost is found, whatever lists don't show."""

    def test_a_lost_create(self):
        sign = 'sms.signs:create { sign_name = "Fresh" }'
        template = """sms.templates:create { template_name = "Fresh",
  template_type = "utility", template_content = "Text",
  country_codes = "CN" }"""
        for body, hides in ((sign, ["sign_name"]), (sign, ["created_time"]),
                            (template, ["created_time"]),
                            (template, ["template_name", "created_time"])):
            with self.subTest(body=body, hides=hides):
                self.service.do("reset")
                self.service.switch(list_hides=hides)
                self.configure(timeout="0.4")
                self.service.do("advance", seconds=10)
                self.service.fault({"match": {"what": "create"}, "times": 1,
                                    "reply": "lost", "effect": "now"})
                ended = self.run_job(body, status=0)
                self.assertEqual(len(self.effects()), 1, ended)

    def test_a_resume(self):
        self.configure(timeout="0.5", settle_create="0")
        self.service.switch(list_hides=["created_time"])
        self.service.do("advance", seconds=10)
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "hold", "effect": "now"})
        process = self.begin("run", "--yes", self.script(
            'sms.signs:create { sign_name = "Fresh" }'))
        self.wait_for(self.effects)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("resume", "--yes", status=0)
        self.assertEqual(len(self.effects()), 1, ended)


class Clean(Promise):
    """clean was killed after it had begun to write its backup."""

    def setUp(self):
        super().setUp()
        self.service.switch(list_hides=["template_content"])
        self.service.do("review", kind="template", id="200000001", status=3,
                        remark="no")

    def killed(self, *options):
        """Returns where the backup is, and how it begins."""
        self.service.fault({"match": {"what": "get", "kind": "template"},
                            "times": 1, "reply": "hold"})
        self.die_at(self.begin("run", "--yes", "--max-deletes", "100%",
                               "clean", *options),
                    "/v1/template-configs/", "GET")
        self.service.well()
        journal, = (self.home / "state" / "signet").glob("journal-*.db")
        with contextlib.closing(sqlite3.connect(journal)) as database:
            (value,), = database.execute(
                "SELECT value FROM steps WHERE name = 'backup file'")
        file, = json.loads(value)
        return self.home / file["path"], (
            f'{{\n  "saved_time": {file["time"]},\n'
            f'  "base_url": {json.dumps(self.service.url)},\n'.replace(
                "/", "\\/"))

    def test_it_goes_on_with_its_own_backup(self):
        for options, rest in ((["--backup", "b.json"], ""),
                              ([], '  "signs": [')):
            with self.subTest(options=options, rest=rest):
                path, begins = self.killed(*options)
                path.write_text(begins + rest)
                ended = self.signet("resume", "--yes", self.newest(), status=0)
                self.assertEqual([template["template_id"] for template in
                                  json.loads(path.read_text())["templates"]],
                                 ["200000001"], ended)
                self.assertIsNone(self.template(), ended)
                self.service.do("reset")
                self.setUp()

    def test_the_file_of_somebody_else_is_left(self):
        path, begins = self.killed("--backup", "b.json")
        for other in ("text", begins.replace('"saved_time": 1',
                                             '"saved_time": 2')):
            path.write_text(other)
            ended = self.signet("resume", "--yes", self.newest())
            self.assertIn("b.json exists", ended.err)
            self.assertNotEqual(ended.status, 0)
            self.assertEqual(path.read_text(), other)
        self.assertEqual(self.effects(), [])


if __name__ == "__main__":
    main()
