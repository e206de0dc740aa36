# SPDX-License-Identifier: MIT
"""The example host that works with jobs: planned, killed in the middle of the
apply, resumed, taken back, all through the C API."""

import os
import signal
import subprocess

from sandbox import Account, Ended, PATIENCE, SECRET, main

JOBS = os.path.abspath(os.environ["JOBS"])
SETTINGS = ("[default]\nsettle = 0.05\npoll_interval = 0.05\n"
            "settle_create = 0\ntimeout = 2\nconcurrency = 1\n")
SCRIPT = """
local sms = require("signet").connect()
for number = 1, 6 do
  sms.signs:create { sign_name = "Planned " .. number }
end
"""
NEW = [f"Planned {number}" for number in range(1, 7)]


class Host(Account):
    def setUp(self):
        super().setUp()
        self.account(signs=2)
        self.configure(SETTINGS)
        self.write("script.lua", SCRIPT)

    def jobs(self, *words, status=0):
        """Runs the example to an end of this kind."""
        ended = Ended(words, subprocess.run(
            [JOBS, *words], cwd=self.home, env=self.environment,
            capture_output=True, text=True, timeout=PATIENCE, check=False))
        self.assertEqual(ended.status, status, ended)
        self.assertNotIn(SECRET, ended.out + ended.err)
        return ended

    def names(self):
        return [entry["sign_name"] for entry in self.entries()
                if entry["sign_name"] in NEW]

    def planned(self):
        """The plan of the script, of which nothing was sent."""
        ended = self.jobs("plan", "script.lua", "plan.json")
        self.assertEqual(ended.lines, [f"step {number}: create signature {name}"
                                       for number, name in enumerate(NEW, 1)])
        self.assertEqual(self.writes(), 0)
        return "plan.json"

    def killed(self):
        """The id of a job that was killed in the middle of an apply."""
        ended = self.jobs("apply", self.planned(), "3", status=-signal.SIGKILL)
        self.assertLine("step [1-6]: done", ended)
        self.assertIn(len(self.names()), range(3, 6))
        return self.jobs("list").lines[0].split()[0]


class Story(Host):
    def test_a_killed_apply_is_resumed_and_taken_back(self):
        before = self.entries()
        job = self.killed()
        self.assertLine(rf"{job} apply plan\.json: crashed, \d writes",
                        self.jobs("list"))
        self.assertLine("to go on: jobs resume", self.jobs("show", job))
        self.jobs("resume", job[:9])
        self.assertEqual(sorted(self.names()), NEW)
        self.assertEqual(self.writes(), len(NEW), "something was sent twice")
        self.assertLine(rf"{job} apply plan\.json: done, 6 writes",
                        self.jobs("list"))
        self.assertEqual(len(self.jobs("show", job).lines), 2 + len(NEW))
        self.approve()
        self.jobs("undo", job)
        self.assertEqual(self.entries(), before)
        self.assertLine(rf"{job} apply plan\.json: undone, 6 writes",
                        self.jobs("list"))

    def test_the_command_goes_on_with_a_job_of_the_host(self):
        job = self.killed()
        self.does("resume", "--yes", job)
        self.assertEqual(sorted(self.names()), NEW)
        self.assertEqual(self.writes(), len(NEW))
        self.assertIn("is done", self.jobs("resume", job, status=1).err)

    def test_the_host_goes_on_with_a_job_of_the_command(self):
        self.planned()
        self.control("POST", "/faults", {"method": "POST", "nth": 3,
                                         "status": 401})
        self.does("apply", "--yes", "plan.json", status=3)
        self.control("DELETE", "/faults")
        self.jobs("resume", self.newest())
        self.assertEqual(sorted(self.names()), NEW)

    def test_an_undo_leaves_alone_what_others_changed(self):
        self.jobs("apply", self.planned())
        self.approve()
        sign = self.entries()[-1]["sign_id"]
        self.does("-q", "--no-journal", "-e",
                  f'sms.signs:update("{sign}", {{ sign_name = "Theirs" }})')
        ended = self.jobs("undo", self.newest(), status=1)
        self.assertIn("step 1: conflict: sign_name is Theirs",
                      ended.out + ended.err)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.entries()[-1]["sign_name"], "Theirs")

    def test_an_undo_that_leaves_something_alone_is_not_done(self):
        self.jobs("apply", self.planned())
        self.approve()
        sign = self.entries()[-1]["sign_id"]
        self.does("-q", "--no-journal", "-e", f"""sms.templates:create {{
            template_name = "Theirs", template_type = "utility",
            template_content = "Text", country_codes = "CN",
            sign_id = "{sign}", sign_position = 1 }}""")
        ended = self.jobs("undo", self.newest(), status=1)
        self.assertIn(f"sign {sign}: conflict: the job made it", ended.err)
        self.assertEqual(self.names(), ["Planned 6"])
        self.assertLine(r"\S+ apply plan\.json: partly undone, 6 writes",
                        self.jobs("list"))
        self.assertLine(r"\S+ undo \S+: failed, 5 writes", self.jobs("list"))


class Scripts(Host):
    def test_a_shipped_job_by_its_name(self):
        self.write("map.csv", "old_name,new_name\n" + "".join(
            f"{entry['sign_name']},Planned {number}\n"
            for number, entry in enumerate(self.entries(), 1)))
        self.assertIn("--map", self.jobs("run", "rename", "--help").out)
        self.approve()
        self.jobs("run", "rename", "--map", "map.csv")
        self.assertEqual(self.names(), NEW[:2])
        self.assertLine(r"\S+ run rename: done, 2 writes", self.jobs("list"))

    def test_a_script_is_resumed_with_what_it_had(self):
        self.write("lib/words.lua", 'return "Planned "')
        self.write("lib/script.lua", """
            local sms = require("signet").connect()
            for _, word in ipairs(arg) do
              sms.signs:create { sign_name = require("words") .. word }
            end""")
        self.control("POST", "/faults", {"method": "POST", "nth": 2,
                                         "status": 401})
        self.jobs("run", "lib/script.lua", "1", "2", "3", status=1)
        self.control("DELETE", "/faults")
        script = self.read("lib/script.lua")
        self.write("lib/script.lua", 'error("another one")')
        ended = self.jobs("resume", self.newest(), status=1)
        self.assertIn("lib/script.lua has changed since job", ended.err)
        self.write("lib/script.lua", script)
        self.jobs("resume", self.newest())
        self.assertEqual(self.names(), NEW[:3])
        self.assertLine(r"\S+ run lib/script\.lua: done, 3 writes",
                        self.jobs("list"))

    def test_a_script_that_fails_leaves_a_failed_job(self):
        self.write("script.lua", SCRIPT + 'error("enough")')
        ended = self.jobs("run", "script.lua", status=1)
        self.assertIn("enough", ended.err)
        self.assertLine(r"(\S+) run script\.lua: failed, 6 writes",
                        self.jobs("list"))
        self.does("show", self.newest())
        self.jobs("undo", self.newest())
        self.assertEqual(self.names(), [])


class Refused(Host):
    def test_a_plan_is_applied_once(self):
        self.jobs("apply", self.planned())
        ended = self.jobs("apply", "plan.json", status=1)
        self.assertIn("was applied already", ended.err)
        self.assertEqual(self.writes(), len(NEW))

    def test_what_drifted_is_told_and_nothing_is_sent(self):
        sign = self.entries()[0]["sign_id"]
        self.write("script.lua", f"""
            local sms = require("signet").connect()
            sms.signs:update("{sign}", {{ sign_name = "Planned 1" }})
            sms.signs:create {{ sign_name = "Planned 2" }}""")
        self.jobs("plan", "script.lua", "plan.json")
        self.control("POST", "/reset", {"signs": 2, "templates": 0, "seed": 9})
        ended = self.jobs("apply", "plan.json", status=1)
        self.assertLine(r"step 1: .*", ended)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.jobs("list").out, "")

    def test_mistakes(self):
        self.jobs(status=2)
        self.jobs("apply", status=2)
        self.assertIn("no job 77", self.jobs("show", "77", status=1).err)
        self.assertIn("none.lua",
                      self.jobs("plan", "none.lua", "plan.json", status=1).err)


if __name__ == "__main__":
    main()
