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


class Refused(Promise):
    def test_no_resume_is_proposed_that_would_find_the_same(self):
        plan = self.plan(THREE)
        self.service.fault({"match": {"what": "update", "id": "100000002"},
                            "reply": {"status": 400, "code": 400,
                                      "message": "sign_name is bad"}})
        told = []
        told.append(self.signet("apply", "--yes", plan, status=1))
        told.append(self.signet("resume", "--yes", status=1))
        told.append(self.signet("show", self.newest(), status=0))
        for ended in told:
            self.assertNotIn("to go on", ended.text)
            self.assertIn(f"signet plan --from {self.newest()}", ended.text)

    def test_what_is_refused_for_now_is_resumed(self):
        plan = self.plan(THREE)
        self.service.fault({"match": {"what": "update", "id": "100000002"},
                            "times": 1, "reply": {
                                "status": 400, "code": 400, "message":
                                "sign_name already exist"}})
        ended = self.signet("apply", "--yes", plan)
        if ended.status:
            self.assertIn("to go on: signet resume", ended.err)
            self.signet("resume", "--yes", status=0)
        self.assertEqual(self.names(), ["New 1", "New 2", "New 3"])


class Once(Promise):
    DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}"

    def check(self, plan, rest):
        """What is asked for by --check and refused; it leaves no trace."""
        job, requests = self.newest(), len(self.service.requests())
        ended = self.signet("apply", "--check", plan, status=4)
        self.assertRegex(ended.err, f"the plan was applied already, by job "
                         f"{job} on {self.DATE}{rest}")
        self.assertNotIn("drift", ended.text)
        self.assertEqual(len(self.service.requests()), requests)
        self.assertEqual(len(self.jobs()), 1)
        return ended

    def test_a_check_names_the_job_that_applied_the_plan(self):
        plan = self.plan(THREE)
        self.signet("apply", "--check", plan, status=0)
        self.signet("apply", "--yes", plan, status=0)
        told = self.check(plan, ": a new plan shows what there is to do now")
        again = self.signet("apply", "--yes", plan, status=4)
        self.assertEqual(again.err.splitlines()[0], told.err.splitlines()[0])
        job = self.newest()
        self.service.switch(reviewer={"delay": 0.05})
        self.signet("undo", "--yes", job, status=0)
        ended = self.signet("apply", "--check", plan, status=4)
        self.assertRegex(ended.err, f"by job {job} on {self.DATE}, which is "
                         "undone: make a new plan")

    def test_a_check_while_it_is_applied_and_after_it_was_cut_short(self):
        plan = self.plan(THREE)
        self.service.fault({"match": {"what": "update", "id": "100000002"},
                            "reply": "hold", "effect": "none"})
        process = self.begin("apply", "--yes", "--concurrency", "1", plan)
        self.wait_for(lambda: len(self.sent()) == 2)
        ended = self.check(plan, ", which is running: wait for its end")
        self.assertNotIn("signet resume", ended.err)
        process.kill()
        process.communicate()
        ended = self.check(plan, ", which is crashed: go on with that job")
        self.assertIn("to go on: signet resume", ended.err)

    def test_a_check_of_what_was_left(self):
        plan = self.plan(THREE)
        self.service.fault({"match": {"what": "update", "id": "100000002"},
                            "reply": {"status": 400, "code": 400,
                                      "message": "sign_name is bad"}})
        self.signet("apply", "--yes", plan, status=1)
        first = self.newest()
        self.service.well()
        ended = self.check(plan, ", which is failed: go on with that job, not "
                           "with the plan")
        self.assertRegex(ended.err, "resuming would not send again what was "
                         f"refused; .*: signet plan --from {first}")
        self.signet("plan", "--from", first, "-o", "rest.json", status=0)
        self.signet("apply", "--check", "rest.json", status=0)
        self.signet("apply", "--yes", "rest.json", status=0)
        ended = self.signet("apply", "--check", "rest.json", status=4)
        self.assertIn(f"what was left of job {first} is carried out already, "
                      "by job ", ended.err)


class Reviews(Promise):
    def test_a_rejected_review_is_no_success(self):
        plan = self.plan(ROUNDS)
        self.service.switch(reviewer={"delay": 0.05, "reject": 1,
                                      "remark": "no"})
        ended = self.signet("apply", "--yes", plan)
        self.assertIn(ended.status, (1, 75), ended)
        self.assertEqual(len(self.effects()), 1)
        self.assertNotEqual(self.jobs()[0]["state"], "done")

    def test_it_goes_on_when_the_cause_is_gone(self):
        plan = self.plan(ROUNDS)
        self.service.switch(reviewer={"delay": 0.05, "reject": 1,
                                      "remark": "no"})
        self.signet("apply", "--yes", plan, status=(1, 75))
        self.service.switch(reviewer={"delay": 0.05})
        self.service.do("review", kind="sign", id="100000001")
        ended = self.signet("resume", "--yes", self.newest())
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 2)

    def test_a_plan_made_anew_from_where_it_stands(self):
        plan = self.plan(ROUNDS)
        self.service.switch(reviewer={"delay": 0.05, "reject": 1,
                                      "remark": "no"})
        self.signet("apply", "--yes", plan, status=(1, 75))
        self.service.switch(reviewer={"delay": 0.05})
        self.service.do("review", kind="sign", id="100000001")
        self.signet("plan", "--from", self.newest(), "-o", "rest.json",
                    status=0)
        self.signet("apply", "--yes", "rest.json", status=0)
        self.assertEqual(len(self.effects()), 2)

    def test_parked_before_its_first_write_it_is_applied_again(self):
        self.service.do("edit", kind="sign", id="100000001", fields={},
                        status=1)
        plan = self.plan("""
sms.signs:wait("100000001")
sms.templates:update("200000001", { template_content = "New" })
""")
        ended = self.signet("apply", "--yes", "--park", plan, status=75)
        self.assertIn("nothing was sent yet; to try again: signet apply",
                      ended.err)
        self.service.do("review", kind="sign")
        self.signet("apply", "--yes", "--park", plan, status=0)

    def test_a_step_in_use_waits(self):
        plan = self.plan(THREE)
        self.service.do("lock", kind="sign", id="100000002")
        ended = self.signet("apply", "--yes", "--park", plan)
        self.assertIn(ended.status, (1, 4, 75), ended)
        self.service.do("lock", kind="sign", id="100000002", plan=None)
        if ended.status == 4:
            self.signet("apply", "--yes", plan, status=0)
        else:
            self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_a_step_that_is_locked_meanwhile_waits(self):
        plan = self.plan(THREE)
        self.service.fault({
            "match": {"what": "update", "id": "100000002"}, "times": 1,
            "before": [{"do": "lock", "kind": "sign", "id": "100000002"}]})
        ended = self.signet("apply", "--yes", "--park", plan)
        self.assertIn(ended.status, (1, 75), ended)
        self.service.do("lock", kind="sign", id="100000002", plan=None)
        ended = self.signet("resume", "--yes", self.newest())
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 3)

    def test_a_wait_for_what_was_pending_before_the_plan(self):
        self.service.do("review", kind="sign", id="100000001", status=1)
        plan = self.plan("""
sms.signs:wait("100000001")
sms.templates:create { template_name = "Fresh", template_type = "utility",
  template_content = "Text", country_codes = "CN", sign_id = "100000001",
  sign_position = 1 }
""")
        self.service.switch(reviewer={"delay": 0.3})
        ended = self.signet("apply", "--yes", plan)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 1)

    def test_a_chain_where_names_are_freed_on_approval(self):
        plan = self.plan("""
sms.signs:update("100000002", { sign_name = "Company C" })
sms.signs:update("100000001", { sign_name = "Company 2" })
""")
        self.service.switch(names_freed="approval", reviewer={"delay": 0.3})
        ended = self.signet("apply", "--yes", plan)
        if ended.status in (1, 75):
            self.service.do("review", kind="sign")
            ended = self.signet("resume", "--yes", self.newest())
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(self.sign()["sign_name"], "Company 2")

    def test_a_limit_of_the_family_is_waited_for(self):
        plan = self.plan(THREE)
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "times": 2, "reply": {
            "status": 400, "code": 3004, "message": "frequency limit"}})
        ended = self.signet("apply", "--yes", plan)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 3)


class Looks(Promise):
    def drift(self):
        plan = self.plan(THREE)
        self.service.do("edit", kind="sign", id="100000002",
                        fields={"sign_name": "Legal text"})
        return plan

    def test_drift_is_found_before_the_first_write(self):
        ended = self.signet("apply", "--yes", self.drift())
        self.assertEqual(ended.status, 4, ended)
        self.assertEqual(self.sent(), [], ended)
        self.assertIn("Legal text", ended.text)

    def test_the_rest_goes_on_when_asked(self):
        ended = self.signet("apply", "--yes", "--skip-drifted", self.drift())
        self.assertIn(ended.status, (0, 1), ended)
        self.assertEqual(len(self.effects()), 2, ended)
        self.assertEqual(self.sign("100000002")["sign_name"], "Legal text")

    def left_out(self, body, **edit):
        """What is sent of a plan of which an entry was changed."""
        plan = self.plan(body)
        (entry, fields), = edit.items()
        kind = "sign" if entry[1] == "1" else "template"
        self.service.do("edit", kind=kind, id=entry[1:], fields=fields)
        self.service.switch(reviewer={"delay": 0.02})
        ended = self.signet("apply", "--yes", "--skip-drifted", plan, status=1)
        return ended, [effect["id"] for effect in self.effects()]

    def test_what_only_comes_after_a_drifted_step_goes_on(self):
        _, done = self.left_out("""
sms.templates:update("200000001", { template_content = "New" })
sms.signs:update("100000001", { sign_name = "New" })""",
                                _200000001={"template_content": "Legal"})
        self.assertEqual(done, ["100000001"])

    def test_what_came_after_its_review_goes_on(self):
        _, done = self.left_out("""
sms.signs:update("100000001", { sign_name = "New" })
sms.signs:wait("100000001")
sms.signs:update("100000002", { sign_name = "Newer" })""",
                                _100000001={"sign_name": "Legal"})
        self.assertEqual(done, ["100000002"])

    def test_what_needs_its_name_is_left_out(self):
        ended, done = self.left_out("""
sms.signs:update("100000001", { sign_name = "New" })
sms.signs:update("100000002", { sign_name = "Company 1" })
sms.signs:update("100000003", { sign_name = "Company 2" })""",
                                    _100000001={"sign_name": "Legal"})
        self.assertEqual(done, [])
        self.assertIn("needs step 1, which was not done", ended.err)

    def test_a_template_that_would_have_left_the_signature(self):
        _, done = self.left_out("""
sms.templates:update("200000001", { sign_id = "100000002" })
sms.signs:update("100000001", { sign_name = "New" })
sms.signs:update("100000003", { sign_name = "Newer" })""",
                                _200000001={"template_content": "Legal"})
        self.assertEqual(done, ["100000003"])

    def test_everything_is_told_together(self):
        plan = self.drift()
        self.service.do("delete", kind="sign", id="100000003")
        self.configure(protect_id="100000001")
        ended = self.signet("apply", "--yes", plan)
        self.assertEqual(ended.status, 4, ended)
        for entry_id in ("100000001", "100000002", "100000003"):
            self.assertIn(entry_id, ended.text)
        self.assertEqual(self.sent(), [])

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

    def test_an_apply_refused_for_lack_of_yes_is_none(self):
        plan = self.plan('sms.signs:delete("100000003")')
        self.signet("apply", "--max-deletes", "100%", plan)
        self.assertEqual(self.sent(), [])
        ended = self.signet("apply", "--yes", "--max-deletes", "100%", plan)
        self.assertEqual(ended.status, 0, ended)


class Twice(Promise):
    def test_two_processes_with_one_plan(self):
        plan = self.plan("""
for i = 1, 4 do
  sms.templates:create { template_name = "T" .. i, template_type = "utility",
    template_content = "Text " .. i, country_codes = "CN" }
end
""")
        self.service.fault({"match": {"writes": True}, "delay": 0.1})
        both = [self.begin("apply", "--yes", "--wait-lock", "20", plan)
                for _ in range(2)]
        statuses = sorted(self.ended(process).status for process in both)
        self.assertEqual(len(self.effects()), 4, self.said)
        self.assertEqual(statuses[0], 0)
        self.assertNotEqual(statuses[1], 0)

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


class Creates(Promise):
    PLAN = """
for i = 1, 3 do sms.signs:create { sign_name = "Fresh " .. i } end
sms.templates:create { template_name = "Fresh", template_type = "utility",
  template_content = "Text", country_codes = "CN" }
"""

    def test_what_was_created_is_known_by_its_id(self):
        for switches in ({}, {"list_lag": 0.3},
                         {"short_list": {"entries": 2, "lists": 3}}):
            self.service.do("reset")
            plan = self.plan(self.PLAN)
            self.service.switch(create_tells_id=False, **switches)
            ended = self.signet("apply", "--yes", plan)
            job = self.newest()
            for _ in range(2):
                if ended.status == 5:
                    ended = self.signet("resume", "--yes", job)
            writes = self.writes(job)
            left = [write for write in writes if write["state"] != "done"]
            self.assertTrue(ended.status or not left, ended)
            made = {effect["id"] for effect in self.effects()}
            self.assertEqual({write["id"] for write in writes
                              if write["state"] == "done"} - made, set(),
                             ended)
            self.assertEqual(len(self.effects()), 4, ended)


if __name__ == "__main__":
    main()
