# SPDX-License-Identifier: MIT
"""A signature that templates use by now is not deleted unseen: these would be
out of service for good."""

from harness import Promise, main

DELETE = 'sms.signs:delete("100000003")'


class Users(Promise):
    templates = 2  # one for each of the first two signatures

    def user(self, sign):
        """A colleague's template that uses a signature."""
        return {"do": "create", "kind": "template", "fields": {
            "template_name": "Theirs", "template_type": "utility",
            "template_content": "Text", "country_codes": "CN",
            "add_signature": True, "sign_id": sign, "sign_position": 1}}

    def create(self, sign):
        user = self.user(sign)
        self.service.do(user.pop("do"), **user)

    def fresh(self):
        return next(entry_id for entry_id, sign
                    in self.service.entries("sign").items()
                    if sign["sign_name"] == "Fresh")

    def theirs(self):
        return next(entry_id for entry_id, template
                    in self.service.entries("template").items()
                    if template["template_name"] == "Theirs")

    def made(self):
        """A job that made a signature, which is approved."""
        self.run_job('sms.signs:create { sign_name = "Fresh" }\n'
                     'sms.templates:update("200000001", '
                     '{ template_content = "New" })', status=0)
        for kind in ("sign", "template"):
            self.service.do("review", kind=kind)
        return self.newest()

    def test_an_undo_looks_just_before_it_deletes(self):
        job = self.made()
        self.after_list("sign", self.user(self.fresh()))
        ended = self.signet("undo", "--yes", "--park", job, status=1)
        self.assertIn(f"use it by now: {self.theirs()}", ended.err)
        self.assertIn("Fresh", self.names())

    def test_an_undo_that_is_resumed_looks_again(self):
        job = self.made()
        self.service.do("lock", kind="sign", id=self.fresh())
        self.signet("undo", "--yes", "--park", job, status=75)
        self.service.do("lock", kind="sign", id=self.fresh(), plan=None)
        self.create(self.fresh())
        ended = self.signet("resume", "--yes", "--park", status=1)
        self.assertIn(f"use it by now: {self.theirs()}", ended.err)
        self.assertIn("Fresh", self.names())

    def test_an_apply_sends_nothing(self):
        plan = self.plan(
            DELETE + ' sms.signs:update("100000001", { sign_name = "New" })')
        self.create("100000003")
        ended = self.signet("apply", "--yes", plan, status=4)
        self.assertIn("1 template uses it by now, and the plan knows of 0",
                      ended.err)
        self.assertEqual(self.sent(), [])

    def test_a_script_has_seen_it_unused(self):
        self.configure(fresh="0")
        self.after_list("sign", self.user("100000003"))
        ended = self.run_job("local all = sms.signs:list()\n" + DELETE,
                             status=1)
        self.assertIn("related_template_count is now 1, it was 0", ended.text)
        self.assertEqual(self.sent(), [])

    def test_templates_that_the_plan_deletes_may_still_be_listed(self):
        plan = self.plan('sms.templates:delete("200000002")\n'
                         'sms.signs:delete("100000002")')
        self.service.switch(list_lag=1, detail_lag=1)
        self.signet("apply", "--yes", plan)
        self.assertEqual([effect["verb"] for effect in self.effects()],
                         ["delete", "delete"])


if __name__ == "__main__":
    main()
