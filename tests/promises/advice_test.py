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


class Declined(Promise):
    """Deletes that nobody has confirmed."""

    DELETE = """
for i = 1, 3 do sms.templates:delete("20000000" .. i) end"""

    def test_a_job_that_sent_nothing_is_resumed_by_its_name(self):
        ended = self.signet("run", self.script(self.DELETE), status=4)
        job = self.newest()
        advice = f"signet resume --yes {job}"
        self.assertIn(advice, ended.err)
        ended = self.signet("resume", status=0)
        self.assertIn("no job of this account waits to be resumed", ended.err)
        self.assertEqual(self.sent(), [])
        self.assertIn(advice, self.signet("show", job).out)
        self.signet("resume", "--yes", job, status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_one_that_sent_something_asks_again(self):
        self.signet("run", self.script('sms.templates:update("200000004", '
                                       '{ template_name = "New" })'
                                       + self.DELETE), status=4)
        ended = self.signet("resume", status=4)
        self.assertIn("deletes have to be confirmed", ended.err)


class Undoing(Promise):
    def test_what_is_made_again_is_another_entry(self):
        self.run_job("""
sms.templates:delete("200000001")
sms.templates:delete("200000002")
sms.signs:update("100000003", { sign_name = "New" })""", "--max-deletes",
                     "100%", status=0)
        self.service.do("review", kind="sign")
        ended = self.signet("undo", "--yes", self.newest(), status=0)
        self.assertIn("2 steps can't restore what was there: an entry that is "
                      "made again gets a new id", ended.err)

    def test_what_is_only_changed_back_is_restored(self):
        self.run_job(RENAME, status=0)
        self.service.do("review", kind="sign")
        ended = self.signet("undo", "--yes", self.newest(), status=0)
        self.assertNotIn("can't restore", ended.text)


class Statuses(Promise):
    """One number has one meaning, whichever command it is."""

    def test_nothing_to_resume_is_no_failure(self):
        self.signet("resume", status=0)
        self.assertEqual(self.signet("resume", "--json", status=0).summary,
                         {"event": "summary", "job": None, "done": 0,
                          "failed": 0, "skipped": 0, "unknown": 0,
                          "waiting": 0})
        self.run_job(RENAME, status=0)
        self.signet("resume", status=0)
        self.signet("resume", self.newest(), status=0)

    def test_what_is_not_there(self):
        for words in (["run", "no.lua"], ["plan", "no.lua"],
                      ["apply", "no.json"], ["plan", "--from", "no"],
                      ["show", "no"], ["undo", "no"], ["resume", "no"]):
            with self.subTest(words):
                self.signet(*words, status=2)

    def test_another_account(self):
        plan = self.plan(RENAME)
        self.run_job(RENAME, status=0)
        self.environment["ENGAGELAB_SMS_KEY"] = "other"
        for words in (["apply", plan], ["undo", self.newest()],
                      ["resume", self.newest()]):
            with self.subTest(words):
                self.signet(*words, status=3)


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
