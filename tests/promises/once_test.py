# SPDX-License-Identifier: MIT
"""What a job has left is carried out once, by whichever job goes on with it,
and an entry that one job made is no write of another."""

from harness import Promise, main

THREE = """
for i = 1, 3 do
  sms.templates:create { template_name = "New " .. i, template_type = "utility",
    template_content = "Number " .. i, country_codes = "CN" }
end
"""
CREATES = """
sms.signs:update("100000001", { sign_name = "Between" })
sms.signs:wait("100000001")
""" + THREE
DELETES = """
for i = 1, 3 do sms.templates:delete(tostring(200000000 + i)) end
"""


class Once(Promise):
    def made(self):
        return [name for name in self.names("template")
                if name.startswith("New ")]

    def parked(self):
        """An apply whose creates wait for a review; a plan of what is left."""
        self.signet("apply", "--yes", "--park", self.plan(CREATES), status=75)
        job = self.newest()
        self.service.do("review", kind="sign", id="100000001")
        self.signet("plan", "--from", job, "-o", "rest.json", status=0)
        return job

    def test_the_rest_of_a_job_is_not_resumed_as_well(self):
        job = self.parked()
        self.signet("apply", "--yes", "--park", "rest.json", status=0)
        ended = self.signet("resume", "--yes", "--park", job, status=4)
        self.assertIn(self.newest(), ended.err)
        self.signet("resume", "--yes", "--park", status=0)
        self.signet("plan", "--from", job, status=4)
        self.signet("apply", "--yes", "plan.json", status=4)
        self.assertEqual(self.made(), ["New 1", "New 2", "New 3"])
        self.assertEqual([job["state"] for job in self.jobs()],
                         ["done", "continued"])

    def test_the_rest_of_a_job_that_went_on_is_not_applied(self):
        job = self.parked()
        self.signet("resume", "--yes", "--park", job, status=0)
        ended = self.signet("apply", "--yes", "--park", "rest.json", status=4)
        self.assertIn("has gone on", ended.err)
        self.assertEqual(self.made(), ["New 1", "New 2", "New 3"])

    def test_undone_the_rest_may_be_resumed(self):
        job = self.parked()
        self.signet("apply", "--yes", "--park", "rest.json", status=0)
        self.signet("undo", "--yes", "--park", self.newest(), status=0)
        self.signet("resume", "--yes", "--park", job, status=0)
        self.assertEqual(self.made(), ["New 1", "New 2", "New 3"])

    def test_no_plan_while_a_write_is_open(self):
        self.settings["settle_create"] = "0.5"
        self.configure()
        self.service.fault({"match": {"what": "create"}, "skip": 1,
                            "reply": "hold", "effect": "now"})
        plan = self.plan(THREE)
        process = self.begin("apply", "--yes", plan)
        self.wait_for(lambda: len(self.made()) == 3)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("plan", "--from", self.newest(), "-o", "rest.json",
                            status=5)
        self.assertIn("signet resume", ended.err)
        self.assertFalse((self.home / "rest.json").exists())
        self.signet("resume", "--yes", "--park", status=0)
        self.assertEqual(self.made(), ["New 1", "New 2", "New 3"])

    def half_undone(self):
        """A job, and an undo of it that has two creates left."""
        self.run_job(DELETES, "--max-deletes", "100%", status=0)
        job = self.newest()
        self.service.fault({
            "match": {"what": "create"}, "skip": 1,
            "reply": {"status": 400, "code": 400, "message":
                      "there are pending or running plans using current "
                      "template, can not update"}})
        self.signet("undo", "--yes", "--park", job, status=75)
        self.service.well()
        return job, self.newest()

    def test_an_undo_that_another_one_finished_is_not_resumed(self):
        job, undo = self.half_undone()
        self.signet("undo", "--yes", "--park", job, status=0)
        self.signet("resume", "--yes", "--park", undo, status=4)
        self.assertEqual(len(self.names("template")), 6)

    def test_the_rest_of_an_undo_is_an_undo(self):
        job, undo = self.half_undone()
        self.signet("plan", "--from", undo, "-o", "rest.json", status=0)
        self.signet("apply", "--yes", "--park", "rest.json", status=0)
        self.signet("apply", "--yes", "--park", "rest.json", status=4)
        self.signet("undo", "--yes", "--park", job, status=4)
        self.signet("resume", "--yes", "--park", undo, status=4)
        self.assertEqual(len(self.names("template")), 6)
        self.assertEqual([job["state"] for job in self.jobs()],
                         ["done", "continued", "undone"])


class Others(Promise):
    def test_what_another_job_made_is_no_write_of_this_one(self):
        """A create without effect does not claim another job's twin."""
        create = """
        print(sms.templates:create { template_name = "Twin",
          template_type = "utility", template_content = "Text",
          country_codes = "CN" })"""
        self.settings["settle_create"] = "0.5"
        self.settings["timeout"] = "0.5"
        self.configure()
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", self.script(create))
        self.wait_for(self.sent)
        process.kill()
        process.communicate()
        lost = self.newest()
        self.signet("run", self.script(create), status=0)
        self.signet("resume", lost, status=0)
        self.assertEqual(self.names("template").count("Twin"), 2)
        ids = [write["id"] for job in self.jobs()
               for write in self.writes(job["job"])
               if write["state"] == "done"]
        self.assertEqual(len(set(ids)), 2, ids)


if __name__ == "__main__":
    main()
