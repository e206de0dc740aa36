# SPDX-License-Identifier: MIT
"""Forms: what was stored in another form is what was written; what isn't shown
isn't empty; odd entries are their own problem only."""

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


class Odd(Promise):
    def setUp(self):
        super().setUp()
        self.service.switch(ids="number", statuses="string")

    def test_clean_leaves_a_signature_that_templates_use(self):
        self.service.do("review", kind="sign", id="100000001", status=3,
                        remark="no")
        ended = self.signet("run", "--yes", "--max-deletes", "100%", "clean")
        self.assertIsNotNone(self.sign(), ended)

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
