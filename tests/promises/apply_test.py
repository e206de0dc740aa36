# SPDX-License-Identifier: MIT
"""A saved plan: looked at whole before the first write, waited for, carried on,
and never applied twice."""

from harness import Promise, main

ROUNDS = """
sms.signs:update("100000001", { sign_name = "New A" })
sms.signs:wait("100000001")
sms.templates:create { template_name = "Fresh", template_type = "utility",
  template_content = "Text", country_codes = "CN", sign_id = "100000001",
  sign_position = 1 }
"""
THREE = """
for i = 1, 3 do
  sms.signs:update(tostring(100000000 + i), { sign_name = "New " .. i })
end
"""


class Looks(Promise):
    def drift(self):
        plan = self.plan(THREE)
        self.service.do("edit", kind="sign", id="100000002",
                        fields={"sign_name": "Legal text"})
        return plan

    def test_limits_are_judged_first(self):
        plan = self.plan(THREE)
        ended = self.signet("apply", "--yes", "--max-changes", "2", plan)
        self.assertEqual(ended.status, 4, ended)
        self.assertEqual(self.sent(), [])

    def test_a_refused_apply_can_be_applied(self):
        plan = self.plan(THREE)
        self.signet("apply", "--yes", "--max-changes", "2", plan, status=4)
        self.signet("apply", "--yes", plan, status=0)
        self.assertEqual(len(self.effects()), 3)


class Twice(Promise):

    def test_two_resumes_of_one_job(self):
        self.service.fault({"match": {"what": "create"}, "skip": 1,
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script("""
for i = 1, 4 do sms.signs:create { sign_name = "Fresh " .. i } end
"""))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        job = self.newest()
        both = [self.begin("resume", "--yes", "--wait-lock", "20",
                           "--deadline", "10", job) for _ in range(2)]
        for process in both:
            self.ended(process)
        names = [effect["after"]["sign_name"] for effect in self.effects()]
        self.assertEqual(len(names), len(set(names)), names)

    def test_a_plan_that_was_applied_is_refused(self):
        plan = self.plan(THREE)
        self.signet("apply", "--yes", plan, status=0)
        ended = self.signet("apply", "--yes", plan)
        self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 3)


if __name__ == "__main__":
    main()
