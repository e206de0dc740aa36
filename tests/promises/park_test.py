# SPDX-License-Identifier: MIT
"""--park: a pause that is longer than a run waits, and a review that is not
decided, end it with 75; the command that it proposes goes on."""

import re
import time

from harness import Promise, main
from proposals import proposals

RENAMES = """
local list = sms.signs:list()
signet.each(list, function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "New " .. sign.sign_id })
end)
print("renamed " .. #list)
"""


class Pauses(Promise):
    signs = 5

    def pause(self, what="update", skip=2, seconds=7200, status=429):
        self.service.fault({
            "match": {"what": what}, "skip": skip, "times": 1,
            "reply": {"status": status,
                      "headers": {"Retry-After": str(seconds)}}})

    def parked(self, ended, seconds=7200):
        """It says until when, in local time, and keeps the job as parked."""
        self.assertEqual(ended.status, 75, ended)
        found = re.search(r"^parked until ([0-9-]+ [0-9:]+): ", ended.err,
                          re.MULTILINE)
        self.assertIsNotNone(found, ended)
        until = time.mktime(time.strptime(found[1], "%Y-%m-%d %H:%M:%S"))
        self.assertLess(abs(until - time.time() - seconds), 60, ended)
        self.assertEqual(self.jobs()[0]["state"], "parked", ended)
        self.assertIn("parked until " + found[1],
                      self.signet("show", self.newest()).out)
        return ended

    def go_on(self, ended, status=0):
        self.service.well()
        command, = {tuple(words) for words in proposals(ended.err)
                    if "show" not in words}
        return self.signet(*command[1:], status=status)

    def all_renamed(self):
        self.assertEqual(len([name for name in self.names()
                              if name.startswith("New ")]), self.signs)
        self.assertEqual(len(self.effects()), self.signs)

    def test_a_run(self):
        self.pause()
        ended = self.parked(self.signet(
            "run", "--park", "--concurrency", "1", self.script(RENAMES)))
        self.assertNotIn("going on in", ended.err)
        self.assertIn("renamed 5", self.go_on(ended).out)
        self.all_renamed()

    def test_a_run_that_has_only_read(self):
        self.pause(what="list", skip=0)
        ended = self.parked(self.signet("run", "--park",
                                        self.script(RENAMES)))
        self.go_on(ended)
        self.all_renamed()

    def test_a_line_of_lua(self):
        self.pause(skip=0)
        ended = self.parked(self.signet(
            "-e", 'sms.signs:update("100000001", { sign_name = "New" })',
            "--park"))
        self.go_on(ended)
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_a_write_that_may_have_worked_is_unknown_first(self):
        self.pause(skip=0, status=503)
        ended = self.signet("run", "--park", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })'), status=5)
        self.assertEqual(self.jobs()[0]["state"], "parked", ended)
        self.go_on(ended)
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_the_look_at_the_end(self):
        """What was written could not be checked: the next run does."""
        self.pause(what="list", skip=1)
        ended = self.parked(self.signet("run", "--park",
                                        self.script(RENAMES)))
        self.go_on(ended)
        self.all_renamed()

    def test_a_resume(self):
        self.pause(seconds=7200)
        ended = self.signet("run", "--park", "--concurrency", "1",
                            self.script(RENAMES), status=75)
        self.pause(what="list", skip=0, seconds=3600)
        ended = self.parked(self.signet("resume", "--park", self.newest()),
                            3600)
        self.go_on(ended)
        self.all_renamed()

    def test_a_settling_resume(self):
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "now"})
        process = self.begin("run", "--timeout", "20", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })'))
        self.die_at(process)
        self.service.well()
        self.pause(what="list", skip=0)
        self.pause(what="get", skip=0)
        ended = self.signet("resume", "--park", self.newest())
        self.assertIn("parked until", ended.err)
        self.assertIn(ended.status, (5, 75), ended)
        self.assertEqual(self.jobs()[0]["state"], "parked")
        self.go_on(ended)
        self.assertEqual(len(self.effects()), 1)

    def test_an_apply_and_its_undo(self):
        plan = self.plan(RENAMES)
        self.pause()
        ended = self.parked(self.signet("apply", "--park", "--concurrency",
                                        "1", plan))
        self.go_on(ended)
        self.all_renamed()
        job = self.newest()
        self.service.do("review", kind="sign", id="all", status=2)
        self.pause(seconds=3600)
        ended = self.parked(self.signet("undo", "--yes", "--park",
                                        "--concurrency", "1", job), 3600)
        self.go_on(ended)
        self.assertEqual([name for name in self.names()
                          if name.startswith("New ")], [])

    def test_an_undo_that_has_not_begun(self):
        self.run_job(RENAMES, status=0)
        job = self.newest()
        self.service.do("review", kind="sign", id="all", status=2)
        self.pause(what="list", skip=0)
        ended = self.signet("undo", "--yes", "--park", job)
        self.assertEqual(ended.status, 75, ended)
        self.assertIn("parked until", ended.err)

    def test_a_pause_beyond_the_deadline(self):
        self.pause(seconds=300)
        self.configure(outage="900")
        ended = self.signet("run", "--park", "--deadline", "60",
                            "--concurrency", "1", self.script(RENAMES))
        self.parked(ended, 300)
        self.go_on(ended)

    def test_a_short_pause_and_one_without_park_are_waited_for(self):
        self.configure(outage="2")
        self.pause(seconds=1)
        self.signet("run", "--park", self.script(RENAMES), status=0)
        self.service.do("reset")
        self.configure(outage="0.1")
        self.pause(seconds=1)
        ended = self.signet("run", self.script(RENAMES), status=0)
        self.assertIn("going on in 1 s", ended.err)


class Told(Promise):
    def test_a_script_that_waits_for_reviews_says_so_once(self):
        process = self.begin("run", "--yes", "--poll-interval", "0.2",
                             self.script("""
sms.signs:update("100000001", { sign_name = "New" })
sms.signs:wait("100000001")
"""))
        said = ""
        while "waiting for" not in said:
            line = process.stderr.readline()
            self.assertTrue(line, said)
            said += line
        self.service.do("review", kind="sign")
        said += process.communicate()[1]
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(said.count("waiting for 1 review; with --park it ends "
                                    "instead, and says how to go on"), 1, said)


class Reviews(Promise):
    def test_a_run_that_waits_for_reviews(self):
        script = self.script("""
local list = sms.signs:list()
signet.each(list, function(sign)
  sms.signs:update(sign.sign_id, { sign_name = "New " .. sign.sign_id })
  sms.signs:wait(sign.sign_id, { status = "approved" })
  print(sign.sign_id .. " is approved")
end)
print("the end")
""")
        ended = self.signet("run", "--park", "--json", script, status=75)
        self.assertEqual(ended.summary["waiting"], 3, ended)
        job = self.jobs()[0]
        self.assertEqual(job["state"], "parked", ended)
        self.service.do("review", kind="sign", id="100000002", status=2)
        ended = self.signet("resume", "--park", status=75)
        self.assertIn("100000002 is approved", ended.out)
        self.assertIn("parked until 2 reviews are decided", ended.err)
        self.assertIn("signet resume --park " + job["job"], ended.err)
        self.service.do("review", kind="sign", id="all", status=2)
        self.assertIn("the end", self.signet("resume", "--park",
                                             status=0).out)
        self.assertEqual(len(self.effects()), 3)

    def test_an_item_that_waits_for_its_review_counts_as_waiting(self):
        """It has written, and nothing of it failed."""
        self.service.switch(reviewer={"delay": 600})
        ended = self.run_job("""
local names = { "One", "Two" }
local result = signet.each(names, function(name)
  sms.signs:wait(sms.signs:create { sign_name = name })
end)
print(result.done, result.failed, result.waiting)
""", "--park", status=75)
        self.assertEqual((ended.summary["done"], ended.summary["failed"],
                          ended.summary["waiting"]), (0, 0, 2), ended)
        self.service.well()
        self.service.switch(reviewer={"delay": 0.05})
        self.service.do("review", kind="sign")
        ended = self.signet("resume", "--json", self.newest(), status=0)
        self.assertEqual(ended.summary["done"], 2, ended)
        self.assertEqual(len(self.effects()), 2)

    def test_what_goes_on_meanwhile_is_not_parked(self):
        self.service.switch(reviewer={"delay": 0.8})
        ended = self.signet("run", "--park", self.script("""
sms.signs:update("100000001", { sign_name = "New" })
local task = signet.spawn(function() signet.sleep(1.2) end)
sms.signs:wait("100000001", { status = "approved" })
signet.join(task)
print("the end")"""), status=0)
        self.assertIn("the end", ended.out)


if __name__ == "__main__":
    main()
