# SPDX-License-Identifier: MIT
"""Forms: what was stored in another form is what was written; what isn't shown
isn't empty; odd entries are their own problem only."""

import json

from harness import Promise, main

UPDATE = """
sms.templates:update("200000001", { template_content = %s })
"""


class Stored(Promise):
    def update(self, content, again=True):
        """An update is done, told, audited, not sent again, and undone."""
        before = self.template()["template_content"]
        body = f"sms.templates:update('200000001', {content})"
        ended = self.run_job(body)
        self.assertEqual(ended.status, 0, ended)
        job = self.newest()
        self.assertEqual(self.writes(job)[0]["state"], "done")
        self.service.do("review", kind="template")
        if again:
            self.run_job(body, status=0)
            self.assertEqual(len(self.effects()), 1, self.said[-1])
        ended = self.signet("undo", "--yes", job, status=0)
        self.assertEqual(self.template()["template_content"], before, ended)

    def test_it_is_told_as_stored_as(self):
        self.service.switch(trim=True)
        ended = self.signet("run", "--yes", self.script("""
signet.each({ 1, 2, 3 }, function(i)
  sms.templates:update(tostring(200000000 + i),
    { template_content = "New " .. i .. " " })
end)
"""), status=0)
        self.assertEqual(ended.text.count("stored as"), 1, ended)

    def test_a_create_is_found_in_its_other_form(self):
        self.service.switch(trim=True, unicode="NFC", country_separator=", ",
                            create_tells_id=False)
        ended = self.run_job("""
print(sms.templates:create { template_name = " Caf\\u{65}\\u{301} ",
  template_type = "utility", template_content = "Text ",
  country_codes = "CN,US" })
print(sms.signs:create { sign_name = "Caf\\u{65}\\u{301} " })
""")
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 2)

    def test_a_lost_update_in_another_form_is_settled(self):
        self.service.switch(trim=True)
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "effect": "now", "reply": "lost"})
        ended = self.run_job(
            'sms.templates:update("200000001", { template_content = "New " })')
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 1)

    def test_apply_and_resume(self):
        self.service.switch(trim=True, unicode="NFC")
        plan = self.plan(UPDATE % '"Cafe\\u{301} "')
        ended = self.signet("apply", "--yes", plan)
        self.assertEqual(ended.status, 0, ended)
        self.service.do("review", kind="template")
        self.signet("undo", "--yes", self.newest(), status=0)


class NothingToChange(Promise):
    JOB = """
local t = sms.templates:list()[1]
sms.templates:update(t.template_id, { country_codes = t.country_codes })
local s = sms.signs:get "100000001"
sms.signs:update(s.sign_id, { sign_name = s.sign_name .. " " })
"""

    def test_own_values_are_not_sent_back(self):
        ended = self.signet("run", "--yes", self.script(self.JOB), status=0)
        self.assertEqual(self.effects(), [], ended)
        self.assertIn("2 updates are unchanged", ended.text)

    def test_resubmit_sends_them(self):
        ended = self.signet("run", "--yes", "--resubmit",
                            self.script(self.JOB), status=0)
        self.assertEqual(len(self.effects()), 2, ended)

    def test_a_rejected_one_says_so(self):
        self.service.do("review", kind="sign", id="100000001", status=3,
                        remark="no")
        ended = self.signet("run", "--yes", self.script(self.JOB), status=0)
        self.assertEqual(self.effects(), [], ended)
        self.assertIn("1 is rejected", ended.text)
        self.assertIn("--resubmit", ended.text)


class Names(Promise):
    def test_a_name_that_comes_free_late(self):
        self.service.switch(deleted_name_held=0.3)
        ended = self.run_job("""
local name = sms.signs:get("100000003").sign_name
sms.signs:delete("100000003")
print(sms.signs:create { sign_name = name })
""", "--max-deletes", "100%", status=0)
        self.assertEqual(len(self.effects()), 2, ended)

    def test_a_map_that_means_another_form(self):
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": "Caf\u00e9"})
        rows = self.write("map.csv", "old_name,new_name\nCafe\u0301,Bar\n")
        ended = self.signet("run", "--yes", "rename", "--map", rows, status=1)
        self.assertIn("signature 100000001 has that name in another Unicode "
                      "form", ended.text)


class LookAlikes(Promise):
    NAME = "Caf\u00e9 Nord"

    def setUp(self):
        super().setUp()
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": self.NAME})

    def rename(self, *names, status=0):
        """Renames the second signature, and the third."""
        rows = "".join(f"{100000002 + i},{name}\n"
                       for i, name in enumerate(names))
        return self.signet("run", "--yes", "rename", "--map", self.write(
            "map.csv", "sign_id,sign_name\n" + rows), status=status)

    def test_a_name_that_looks_the_same_is_doubted(self):
        for name in ("Cafe\u0301 Nord", "CAF\u00c9 nord",
                     "\uff23\uff41\uff46\u00e9 Nord", "Caf\u00e9\u00a0Nord",
                     "Ca\u200bf\u00e9 Nord"):
            with self.subTest(ascii(name)):
                self.service.do("review", kind="sign")
                self.service.do("edit", kind="sign", id="100000002",
                                fields={"sign_name": "Company 2"})
                ended = self.rename(name)
                self.assertIn("looks the same as signature 100000001",
                              ended.err)

    def test_two_new_names_that_look_the_same(self):
        ended = self.rename("Fresh Name", "fresh\u00a0name", status=None)
        self.assertIn("looks the same", ended.err, ended)

    def test_another_name_is_none(self):
        ended = self.rename("Cafe Nord")
        self.assertNotIn("looks the same", ended.text)

    def test_a_name_that_nobody_sees_is_refused(self):
        for name in ("\u3000\u3000", "\u200b\u200b", "\u00a0\u2003"):
            with self.subTest(ascii(name)):
                ended = self.rename(name, status=None)
                self.assertNotEqual(ended.status, 0, ended)
                ended = self.run_job("sms.signs:create { sign_name = "
                                     f'"{name}" }}')
                self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(self.sent(), [])


class LookAlikesOfScripts(Promise):
    """A doubt before the first write, once."""

    def named(self, name):
        self.service.do("edit", kind="sign", id="100000001", status=2,
                        fields={"sign_name": name})

    def warnings(self, ended):
        return [event for event in ended.events
                if "looks the same" in event.get("text", "")]

    def test_a_create_and_a_rename(self):
        self.named("Café")
        for name in ("Cafe\u0301", "CAFÉ", "Ｃａｆé", "Ca\u200bfé"):
            for body in ('sms.signs:create { sign_name = "%s" }' % name,
                         'sms.signs:update("100000002", { sign_name = "%s" })'
                         % name):
                self.service.fault({"match": {"writes": True}, "reply": {
                    "status": 400, "code": 400, "message": "no"}})
                ended = self.run_job("sms.signs:list()\n" + body)
                warning, = self.warnings(ended)
                self.assertIn("looks the same as signature 100000001, "
                              "'Café'", warning["text"])

    def test_names_that_the_run_writes_itself(self):
        for body, doubts in (
                ('for _, name in ipairs { "Fresh", "FRESH", "Fresh Two" } do\n'
                 "  sms.signs:create { sign_name = name } end", 1),
                ('signet.each({ "Fresh", "\uff26resh" }, function(name)\n'
                 "  sms.signs:create { sign_name = name } end)", 1),
                ('sms.signs:update("100000001", { sign_name = "Fresh" })\n'
                 'sms.signs:update("100000002", { sign_name = "FRESH" })', 1),
                ('sms.signs:create { sign_name = "Fresh" }\n'
                 'sms.signs:create { sign_name = "Other" }', 0)):
            with self.subTest(body):
                self.service.do("reset")
                ended = self.run_job(body, status=0)
                self.assertEqual(len(self.warnings(ended)), doubts, ended)

    def test_a_name_that_was_given_up_is_none(self):
        self.service.switch(reviewer={"delay": 0.05})
        ended = self.run_job("""
sms.signs:update("100000001", { sign_name = "Fresh" })
sms.signs:wait("100000001", { status = "approved" })
sms.signs:update("100000001", { sign_name = "Other" })
sms.signs:create { sign_name = "FRESH" }
""", status=0)
        self.assertEqual(self.warnings(ended), [], ended)

    def test_the_first_create(self):
        """The list that comes before it tells."""
        self.named("Acme")
        ended = self.run_job('sms.signs:create { sign_name = "ACME" }',
                             status=0)
        self.assertEqual(len(self.warnings(ended)), 1, ended)

    def lists(self):
        return [request for request in self.service.requests()
                if request["method"] == "GET"
                and request["path"].split("?")[0].endswith("/sign-configs")]

    def test_where_the_script_lists_nothing(self):
        """One list comes before the first name, and no second."""
        self.named("Acme")
        for first in ('sms.templates:list()', 'sms.signs:get("100000002")',
                      'sms.signs:list { status = 3 }'):
            for body in ('sms.signs:create { sign_name = "ACME" }',
                         'sms.signs:update("100000002", '
                         '{ sign_name = "ACME" })'):
                with self.subTest(first=first, body=body):
                    self.service.fault({"match": {"writes": True}, "reply": {
                        "status": 400, "code": 400, "message": "no"}})
                    before = len(self.lists())
                    ended = self.run_job(f"""
{first}
for _ = 1, 2 do
  pcall(function() {body} end)
end""")
                    self.assertEqual(len(self.warnings(ended)), 1, ended)
                    self.assertLessEqual(len(self.lists()) - before,
                                         2 if "list {" in first else 1)

    def test_what_a_slow_list_makes_old_is_read_again(self):
        self.service.fault({"match": {"what": "list", "kind": "sign"},
                            "delay": 0.3, "times": 1, "before": [{
                                **self.edit("100000002", sign_name="Legal"),
                                "status": 2}]})
        ended = self.run_job('local s = sms.signs:get("100000002")\n'
                             'sms.signs:update("100000002", '
                             '{ sign_name = s.sign_name .. "!" })',
                             "--fresh", "0.1", status=1)
        self.assertEqual(self.sign("100000002")["sign_name"], "Legal", ended)

    def test_before_the_write_and_once(self):
        self.named("Acme")
        ended = self.run_job("""
sms.signs:list()
for _ = 1, 2 do
  pcall(sms.signs.create, sms.signs, { sign_name = "ACME" })
  print("written")
end
""")
        texts = [event.get("text", "") for event in ended.events]
        self.assertEqual(len(self.warnings(ended)), 1, ended)
        self.assertLess([i for i, text in enumerate(texts)
                         if "looks the same" in text][0],
                        texts.index("written\n"))

    def test_what_is_no_doubt(self):
        self.named("Acme")
        for body in (
                'sms.signs:create { sign_name = "ACME" }',  # no list was read
                'sms.signs:list() sms.signs:update("100000001", '
                '{ sign_name = "ACME" })',  # its own name
                'sms.signs:list() sms.signs:create { sign_name = "Other" }',
                'sms.signs:list() sms.signs:update("100000001", '
                '{ sign_name = "Else" }) '
                'sms.signs:create { sign_name = "ACME" }'):
            self.service.do("reset")
            self.named("Acme")
            ended = self.run_job(body, "--no-journal", status=0)
            self.assertEqual(self.warnings(ended), [], ended)

    def test_asked_by_the_script(self):
        self.named("Acme")
        ended = self.run_job("""
assert(sms.signs:alike("ACME") == nil)
sms.signs:list()
print(sms.signs:alike("ACME").sign_id, sms.signs:alike("Acme"),
  sms.signs:alike("ACME", "100000001"), sms.signs:alike("Else"))
assert(not pcall(sms.signs.alike, sms.signs, "ACME", nil))
assert(not pcall(sms.templates.alike, sms.templates, "ACME"))
sms.signs:create { sign_name = "ACME" }
""", status=0)
        self.assertIn("100000001\\tnil\\tnil\\tnil", ended.out)
        self.assertEqual(self.warnings(ended), [], ended)

    def test_a_rename_tells_it_once(self):
        self.named("Acme")
        self.write("names.csv", "sign_id,sign_name\n100000002,ACME\n")
        ended = self.signet("run", "--yes", "--json", "rename", "--map",
                            "names.csv", status=0)
        self.assertEqual(len(self.warnings(ended)), 1, ended)


class ListsShowLess(Promise):
    def setUp(self):
        super().setUp()
        self.service.switch(list_hides=["template_content"])

    def test_the_audit_looks_at_the_entries(self):
        self.run_job("""
sms.templates:update("200000001", { template_content = "New" })
""", status=0)

    def test_an_effect_that_did_not_come_is_found(self):
        self.service.fault({"match": {"what": "update"}, "effect": "none",
                            "reply": "normal"})
        ended = self.run_job("""
sms.templates:update("200000001", { template_content = "New" })
""")
        self.assertNotEqual(ended.status, 0, ended)

    def test_a_plan_shows_what_was_there(self):
        ended = self.signet("plan", self.script("""
sms.templates:update("200000001", { template_content = "New" })
"""), status=0)
        self.assertNotIn("(empty)", ended.text)
        self.assertIn(self.template()["template_content"], ended.text)

    def test_a_signature_of_which_only_the_name_is_shown(self):
        shown = self.template()
        for name in ("sign_id", "sign_position"):
            del shown[name]
        shown.update(sign_name="Company 1", sign_status=2)
        self.service.fault({
            "match": {"what": "get", "kind": "template"},
            "reply": {"status": 200, "body": json.dumps(shown)}})
        ended = self.run_job('sms.templates:update("200000001", '
                             '{ template_name = "New" })', status=4)
        self.assertIn("does not tell whether the template shows a signature",
                      ended.out)
        self.assertEqual(self.effects(), [])

    def test_a_rename_keeps_the_content(self):
        before = self.template()
        self.run_job("""
for _, t in ipairs(sms.templates:list()) do
  sms.templates:update(t.template_id, { template_name = t.template_id })
end
""", status=0)
        after = self.template()
        self.assertEqual(after["template_name"], "200000001")
        for name in ("template_content", "sign_id", "sign_position"):
            self.assertEqual(after[name], before[name], name)

    HIDDEN = (["sign_id"], ["sign_position"], ["sign_id", "sign_position"],
              ["sign_id", "sign_position", "sign_name", "sign_status"])
    RENAME_ALL = """
for _, t in ipairs(sms.templates:list()) do
  sms.templates:update(t.template_id, { template_name = "New" })
end
"""

    def each_hidden(self):
        for hidden in self.HIDDEN:
            self.service.do("reset")
            self.service.switch(list_hides=hidden)
            yield hidden

    def users(self):
        return [(entry["sign_id"], entry["sign_position"])
                for entry in self.service.entries("template").values()]

    def test_a_signature_that_lists_hide_is_not_dropped(self):
        used = self.users()
        for _ in self.each_hidden():
            self.run_job(self.RENAME_ALL, "--fresh", "0", status=0)
            self.assertEqual(self.users(), used)
            self.assertEqual(self.names("template"), ["New"] * 6)

    def test_a_plan_keeps_a_signature_that_lists_hide(self):
        used = self.users()
        for _ in self.each_hidden():
            planned = self.plan(self.RENAME_ALL)
            self.assertNotIn("sign_", self.said[-1].out)
            self.signet("apply", "--yes", planned, status=0)
            self.assertEqual(self.users(), used)
            self.assertEqual(self.names("template"), ["New"] * 6)

    def test_a_filter_looks_at_what_lists_hide(self):
        for _ in self.each_hidden():
            ended = self.signet(
                "run", "--yes", "migrate", "--from", "100000001", "--to",
                "100000002", status=0)
            self.assertIn("2 templates moved", ended.out)
            self.assertNotIn("100000001", [sign for sign, _ in self.users()])
        self.service.do("reset")
        self.service.switch(list_hides=["template_type", "status"])
        ended = self.signet(
            "-e", 'print(#sms.templates:list { template_type = "utility", '
            'status = "approved" })', status=0)
        self.assertEqual(ended.out, "6\n")

    def test_lists_without_signatures_cost_no_more(self):
        """No template has one, as the signatures' counts tell."""
        self.service.switch(list_hides=[])
        for id_ in self.service.entries("template"):
            self.service.do("edit", kind="template", id=id_, status=2,
                            fields={"sign_id": None, "sign_position": 0})
        self.service.control("DELETE", "requests")
        self.signet("plan", self.script(
            "sms.templates:list()\n"
            'sms.templates:delete("200000002")'), status=0)
        self.assertLessEqual(len(self.service.requests()), 4,
                             self.service.requests())

    def test_clean_where_lists_hide_signatures(self):
        for _ in self.each_hidden():
            self.service.do("review", kind="template", id="200000001",
                            status=3, remark="no")
            file = self.home / "saved.json"
            file.unlink(missing_ok=True)
            tried = self.signet("plan", "clean", "--backup", file, status=0)
            self.assertIn("1 would be deleted:", tried.out)
            self.signet("run", "--yes", "--max-deletes", "100%", "clean",
                        "--backup", file, status=0)
            self.assertIn('"sign_id":"100000001"', file.read_text())
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertIsNone(self.template())

    def test_clean_saves_what_it_deletes(self):
        self.service.do("review", kind="template", id="200000001", status=3,
                        remark="no")
        self.signet("run", "--yes", "--max-deletes", "100%", "clean",
                    "--backup", "saved.json", status=0)
        self.assertIn('"template_content"',
                      (self.home / "saved.json").read_text())


class Odd(Promise):
    def setUp(self):
        super().setUp()
        self.service.switch(ids="number", statuses="string")

    def test_clean_leaves_a_signature_that_templates_use(self):
        self.service.do("review", kind="sign", id="100000001", status=3,
                        remark="no")
        ended = self.signet("run", "--yes", "--max-deletes", "100%", "clean")
        self.assertIsNotNone(self.sign(), ended)

    def test_migrate_finds_numbers(self):
        self.service.switch(times="string")
        template = self.template()
        other = "100000002" if template["sign_id"] == "100000001" \
            else "100000001"
        self.service.do("edit", kind="template", id="200000001", status=2,
                        fields={"sign_id": other, "sign_position": 1})
        ended = self.signet("run", "--yes", "migrate", "--from", other, "--to",
                            "100000003", status=0)
        self.assertEqual(self.template()["sign_id"], "100000003", ended)

    def test_one_form_in_scripts(self):
        ended = self.run_job("""
for _, sign in ipairs { sms.signs:list()[1], sms.signs:get("100000001") } do
  print(math.type(sign.status), type(sign.sign_id))
end
assert(#sms.signs:list { sign_id = "100000001", status = "approved" } == 1)
""", status=0)
        self.assertEqual(ended.out.count("integer\\tstring"), 2, ended)

    def test_waits_see_statuses(self):
        self.run_job('''
sms.signs:update("100000001", { sign_name = "New" })
local ok = pcall(sms.signs.wait, sms.signs, "100000001",
  { status = "approved", timeout = 0.2 })
assert(not ok)
''')
        self.service.do("review", kind="sign", id="100000001", status=2)
        self.run_job('sms.signs:wait("100000001", { status = "approved",\n'
                     '  timeout = 10 })', status=0)

    def test_an_odd_entry_is_no_problem_of_a_plan(self):
        """Names that are null, and those that only the list doesn't show."""
        for switches in ({"null_names": ["100000002", "200000002"]},
                         {"list_hides": ["sign_name", "template_name"]}):
            with self.subTest(switches):
                self.service.do("reset")
                self.service.switch(**switches)
                plan = self.plan("""
sms.templates:update("200000001", { template_content = "New" })
sms.signs:update("100000001", { sign_name = "New" })
""")
                self.signet("apply", "--yes", plan, status=0)
                self.assertEqual(len(self.effects()), 2)

    def test_an_entry_that_no_copy_can_hold_is_left_out(self):
        self.service.do("edit", kind="sign", id="100000002",
                        fields={"created_time": 18446744073709551615})
        self.service.do("edit", kind="sign", id="100000003",
                        fields={"created_time": 18446744073709551615})
        ended = self.signet("plan", "rename", "--suffix", " Ltd", status=1)
        self.assertIn("2 entries are left out of the dry run", ended.err)
        self.assertIn("signature 100000002: created_time", ended.err)
        self.assertIn("1 change: 1 update", ended.out)

    def test_what_a_list_hides_has_not_changed(self):
        self.service.switch(list_hides=["audit_remark", "updated_time"])
        self.service.do("review", kind="template", id="200000001", status=3,
                        remark="no")
        self.signet("run", "--yes", "--max-deletes", "100%", "clean", status=0)
        self.assertIsNone(self.template("200000001"))

    def test_a_status_that_is_hidden_is_judged_by_the_service(self):
        self.run_job('sms.templates:update("200000001", '
                     '{ template_content = "New" })', status=0)
        self.service.do("review", kind="template", id="all", status=2)
        self.service.switch(list_hides=["status"])
        self.signet("undo", "--yes", "--park", self.newest(), status=0)
        self.assertEqual(len(self.effects()), 2)

    def test_a_null_name_is_its_own_problem(self):
        self.service.switch(null_names=["100000002", "200000002"])
        ended = self.signet("run", "--yes", "rename", "--prefix", "X ",
                            status=0)
        self.assertIn("100000002", ended.text)
        self.assertEqual({effect["id"] for effect in self.effects()},
                         {"100000001", "100000003"}, ended)
        self.write("names.csv", "sign_id,sign_name\n100000002,Found Again\n")
        self.service.do("review", kind="sign")
        # No list can confirm the name that it shows as null.
        self.signet("run", "--yes", "rename", "--map", "names.csv",
                    status=(0, 1))
        self.assertEqual(self.sign("100000002")["sign_name"], "Found Again")
        self.service.do("edit", kind="template", id="all",
                        fields={"sign_id": "100000001", "sign_position": 1})
        self.service.do("review", kind="template", status=2)
        self.service.do("edit", kind="sign", id="all", fields={}, status=2)
        ended = self.signet("run", "--yes", "migrate", "--from", "100000001",
                            "--to", "100000002", status=1)
        self.assertIn("5 templates moved", ended.out, ended)
        self.assertIn("lacks a field", ended.err, ended)
        self.service.do("review", kind="template", status=3, remark="no")
        self.signet("run", "--yes", "--max-deletes", "100%", "clean", status=0)

    def test_no_signature_in_other_shapes(self):
        self.service.do("edit", kind="template", id="200000001",
                        fields={"sign_id": None, "sign_position": 0})
        for shape in ("empty", "zero", "null", "absent"):
            self.service.switch(no_signature=shape)
            ended = self.run_job(
                'sms.templates:update("200000001", '
                f'{{ template_content = "New {shape}" }})')
            self.assertEqual(ended.status, 0, (shape, ended))
            self.service.do("review", kind="template")
            self.assertIsNone(self.template()["sign_id"], shape)


if __name__ == "__main__":
    main()
