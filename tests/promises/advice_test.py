# SPDX-License-Identifier: MIT
"""What a message proposes works when it is typed, and does what it says."""

from harness import SECRET, Promise, main

RENAME = """
for i = 1, 3 do
  sms.signs:update("10000000" .. i, { sign_name = "New " .. i })
end
"""


class Profiles(Promise):
    """A script that names a profile, which no option does."""

    def setUp(self):
        super().setUp()
        for name in ("ENGAGELAB_SMS_KEY", "ENGAGELAB_SMS_SECRET",
                     "SIGNET_BASE_URL"):
            del self.environment[name]
        self.accounts()

    def accounts(self, *profiles):
        settings = {**self.settings, "key": "key", "secret": SECRET}
        port = self.service.url.rsplit(":", 1)[1]
        lines = []
        for name in profiles or ("default", "b"):
            host = "127.0.0.1" if name == "b" else "localhost"
            lines += [f"[{name}]", f"base_url = http://{host}:{port}"] + [
                f"{key} = {value}" for key, value in settings.items()]
        file = self.home / "config" / "signet" / "config"
        file.write_text("\n".join(lines) + "\n")

    def died(self):
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--concurrency", "1", self.write(
            "job.lua", 'local sms = require("signet").connect '
            '{ profile = "b", timeout = 0.5, settle_create = 0 }' + RENAME))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        return self.newest()

    def test_a_job_knows_the_profile_of_its_script(self):
        for profiles in (("default", "b"), ("b",)):
            with self.subTest(profiles):
                self.service.do("reset")
                self.accounts(*profiles)
                job = self.died()
                shown = self.signet("show", job, status=0)
                self.assertIn(f"signet resume {job}", shown.out)
                self.signet("resume", job, status=0)
                self.assertEqual(len(self.effects()), 3)
                self.service.do("review", kind="sign")
                self.signet("undo", "--yes", job, status=0)
                self.assertEqual(self.names()[0], "Company 1")

    def test_the_command_line_says_more(self):
        job = self.died()
        ended = self.signet("resume", "--profile", "default", job, status=3)
        self.assertIn("--profile", ended.err)

    def test_the_options_that_a_job_was_begun_with(self):
        script = self.write("job.lua", 'local sms = require("signet")'
                            ".connect()" + RENAME)
        self.signet("run", "--profile", "b", script, status=0)
        self.service.do("review", kind="sign")
        self.signet("undo", "--yes", self.newest(), status=0)
        self.assertEqual(self.names()[0], "Company 1")

    def test_a_plan_of_it(self):
        script = self.write("job.lua", 'local sms = require("signet").connect '
                            '{ profile = "b" }' + RENAME)
        ended = self.signet("plan", "-o", "p.json", script, status=0)
        self.assertIn("signet apply --profile b p.json", ended.err)
        self.signet("apply", "--profile", "b", "p.json", status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_an_undo_of_it_is_resumed(self):
        job = self.died()
        self.signet("resume", job, status=0)
        self.service.do("review", kind="sign")
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("undo", "--yes", "--concurrency", "1", job)
        self.wait_for(lambda: len(self.sent()) == 6)
        process.kill()
        process.communicate()
        self.service.well()
        self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(self.names()[0], "Company 1")


class Parked(Promise):
    def lock(self, plan="plan"):
        self.service.do("lock", kind="sign", id="100000002", plan=plan)

    def test_an_apply(self):
        self.lock()
        plan = self.plan(RENAME)
        ended = self.signet("apply", "--yes", "--park", plan, status=75)
        job = self.newest()
        advice = f"to go on: signet resume --park {job}\n"
        self.assertIn(advice, ended.err)
        self.assertIn(advice, self.signet("show", job).out)
        self.assertIn(advice, self.signet("resume", "--park", job,
                                          status=75).err)
        self.lock(None)
        self.signet("resume", "--park", job, status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_an_undo(self):
        self.run_job(RENAME, status=0)
        job = self.newest()
        ended = self.signet("undo", "--yes", "--park", job, status=75)
        self.assertIn("nothing was sent yet; to try again: signet undo --park "
                      f"{job}\n", ended.err)
        self.service.do("review", kind="sign")
        self.lock()
        ended = self.signet("undo", "--yes", "--park", job, status=75)
        self.assertIn(f"to go on: signet resume --park {self.newest()}\n",
                      ended.err)


class Causes(Promise):
    """Advice after what a resume alone does not mend."""

    def test_a_job_that_found_bad_input(self):
        self.run_job(
            'sms.signs:update("100000001", { sign_name = "New" })\n'
            'require("jobs.stop")("validation", "row 7 is bad")', status=1)
        shown = self.signet("show", self.newest())
        self.assertIn("to go on once the cause is gone: signet resume",
                      shown.out)

    def test_no_plan_is_made_of_what_is_done(self):
        self.run_job(RENAME, status=0)
        ended = self.signet("plan", "--from", self.newest(), status=2)
        self.assertNotIn("signet resume", ended.err)


if __name__ == "__main__":
    main()
