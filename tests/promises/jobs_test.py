# SPDX-License-Identifier: MIT
"""Jobs by their names: show, resume and undo mean the same job; what ran is
what goes on; what a crash left is settled before anything else."""

from harness import Promise, main

RENAME = """
signet.each({ "100000001", "100000002", "100000003" }, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end)
"""


class Names(Promise):
    def test_a_word_that_begins_no_id_is_no_job(self):
        self.run_job(RENAME, status=0)
        self.service.do("review", kind="sign")
        for command in ("undo", "resume", "show"):
            ended = self.signet(command, *(
                [] if command == "show" else ["--yes"]), "rename-typo")
            self.assertIn(ended.status, (1, 2, 3), ended)
            self.assertIn("rename-typo", ended.err)
        self.assertEqual(len(self.effects()), 3)

    def test_an_abbreviation_means_one_job_for_every_command(self):
        self.run_job(RENAME, status=0)
        job = self.newest()
        self.service.do("review", kind="sign")
        self.run_job('sms.signs:update("100000001", { sign_name = "Once" })',
                     status=0)
        self.service.do("review", kind="sign")
        other = self.newest()
        self.assertNotEqual(job, other)
        alike = 0
        while job[:alike + 1] == other[:alike + 1]:
            alike += 1
        short = job[:alike + 1]
        shown = self.signet("show", "--json", short, status=0)
        self.assertIn(job, shown.out)
        ended = self.signet("undo", "--yes", other[:alike + 1], status=0)
        self.assertEqual(self.sign()["sign_name"], "New 100000001", ended)

    def test_an_abbreviation_of_several_jobs_is_refused(self):
        for _ in range(2):
            self.run_job(RENAME, status=0)
            self.service.do("review", kind="sign")
            for n in (1, 2, 3):
                self.service.do("edit", kind="sign", id=f"10000000{n}",
                                fields={"sign_name": f"Company {n}"})
        before = len(self.effects())
        ended = self.signet("undo", "--yes", self.newest()[:4])
        self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), before)


class Undo(Promise):
    def crash(self):
        """Three renames, all carried out, of which the replies never came."""
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "effect": "now", "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "3",
                             self.script(RENAME))
        self.wait_for(lambda: len(self.effects()) == 3)
        process.kill()
        process.communicate()
        self.service.well()
        self.service.do("review", kind="sign")

    def test_a_chain_is_undone_where_names_are_freed_on_approval(self):
        self.service.switch(names_freed="approval")
        self.run_job('sms.signs:update("100000002", { sign_name = "Third" })',
                     status=0)
        first = self.newest()
        self.service.do("review", kind="sign")
        self.service.switch(reviewer={"delay": 0.1})
        self.signet("undo", "--yes", first, status=0)
        self.assertEqual(self.sign("100000002")["sign_name"], "Company 2")


class Resume(Promise):
    MAP = """
for line in io.lines("names.txt") do
  local id, name = line:match("(%d+) (.+)")
  sms.signs:update(id, { sign_name = name })
end
"""

    def test_changed_modules_are_refused(self):
        self.write("helper.lua", 'return { name = "New Name" }')
        body = 'local h = require "helper"\n' \
            'sms.signs:update("100000001", { sign_name = h.name })\n' \
            'sms.signs:update("100000002", { sign_name = h.name .. "2" })'
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold"})
        process = self.begin("run", "--yes", self.script(body))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        self.write("helper.lua", 'return { name = "Wrong Name" }')
        self.signet("resume", "--yes", self.newest())
        self.assertNotIn("Wrong Name2", self.names())

    def test_a_second_resume_does_nothing(self):
        self.service.fault({"match": {"what": "update"}, "effect": "now",
                            "reply": "lost"})
        self.run_job(RENAME)
        self.service.well()
        job = self.newest()
        self.signet("resume", "--yes", job)
        before = len(self.sent())
        self.signet("resume", "--yes", job)
        self.assertEqual(len(self.sent()), before)
        self.assertEqual(len(self.effects()), 3)


class Damage(Promise):
    def killed(self):
        """A run that was killed with its log full; the log, and its folder."""
        self.service.fault({"match": {"what": "create"}, "skip": 5,
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script("""
for i = 1, 8 do
  sms.templates:create { template_name = "Fresh " .. i,
    template_type = "utility", template_content = "Text",
    country_codes = "CN" }
end
"""))
        self.wait_for(lambda: len(self.sent()) == 6)
        process.kill()
        process.communicate()
        self.service.well()
        log = max((self.home / "state").rglob("*-wal"),
                  key=lambda file: file.stat().st_size)
        self.assertGreater(log.stat().st_size, 0)
        return log

    def refuses(self, what):
        """Nothing is written, and it is said why."""
        before = len(self.sent())
        ended = self.signet("resume", "--yes", "--deadline", "3")
        self.assertEqual(len(self.sent()), before, (what, ended))
        self.assertNotEqual(ended.status, 0, (what, ended))

    def test_a_log_that_is_missing_is_found(self):
        log = self.killed()
        log.unlink()
        self.refuses("no log")


class Counts(Promise):

    def test_a_job_that_runs_now_is_shown(self):
        self.service.fault({"match": {"what": "update", "id": "100000003"},
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script(RENAME))
        self.wait_for(lambda: len(self.sent()) == 3)
        jobs = self.jobs()
        process.kill()
        process.communicate()
        self.assertEqual(len(jobs), 1, self.said[-1])
        self.assertIn(jobs[0]["state"], ("running", "working"))

    def test_what_a_script_catches_is_its_own(self):
        self.service.do("lock", kind="sign", id="100000002")
        ended = self.run_job("""
for i = 1, 3 do
  local worked, problem = pcall(sms.signs.update, sms.signs,
    tostring(100000000 + i), { sign_name = "New " .. i })
  assert(worked or problem.kind == "in_use")
end
""")
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.summary["failed"], 0, ended)


if __name__ == "__main__":
    main()
