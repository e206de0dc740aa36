# SPDX-License-Identifier: MIT
"""Two commands on one job at once: one carries it out, the other waits for the
lock or hears who has it, and then judges anew what is left."""

import os
import pathlib
import shutil
import subprocess
import threading

from harness import SIGNET, Promise, main

RENAMES = """
for i = 1, 6 do
  sms.templates:update("20000000" .. i, { template_content = "New " .. i })
end
"""


class AtOnce(Promise):
    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle="0.02", settle_create="0")

    def both(self, first, second):
        """Begins them together. @return them, the one that succeeded first"""
        processes = [self.begin(*first), self.begin(*second)]
        ended = [self.ended(process) for process in processes]
        return sorted(ended, key=lambda one: one.status)

    def contents(self):
        return sorted(entry["template_content"] for entry in
                      self.service.entries("template").values())

    def done(self):
        before = self.contents()
        self.run_job(RENAMES, status=0)
        self.service.do("review", kind="template")
        return self.newest(), before

    def cut_short(self):
        self.service.fault({"match": {"writes": True}, "skip": 3, "times": 1,
                            "reply": "hold", "effect": "now"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script(RENAMES))
        self.wait_for(lambda: len(self.sent()) >= 4)
        process.kill()
        process.communicate()
        return self.newest()

    def stock(self, options):
        lua = shutil.which("lua5.4")
        module = pathlib.Path(SIGNET).parent / "lua"
        if lua is None or not (module / "signet.so").exists():
            self.skipTest("no lua5.4, or no module for it")
        file = self.write("stock.lua", """
local signet = require "signet"
local sms = signet.connect { journal = true, OPTIONS }
print(pcall(sms.signs.update, sms.signs, "100000001", { sign_name = "New" }))
""".replace("OPTIONS", options))
        return subprocess.run(
            [lua, str(file)], capture_output=True, text=True, cwd=self.home,
            check=True, env={
                **self.environment, "LUA_CPATH": f"{module}/?.so",
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}).stdout

    def test_the_stock_module_names_its_own_option(self):
        self.configure(timeout="60")
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--yes", self.script(
            'sms.templates:update("200000001", { template_content = "X" })'))
        self.wait_for(self.sent)
        said = self.stock("")
        self.assertIn("wait_lock = SECONDS waits for its end", said)
        self.assertNotIn("--", said)
        killer = threading.Timer(0.2, process.kill)
        killer.start()
        self.assertIn("true", self.stock("wait_lock = 20"))
        killer.join()
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_who_is_waited_for_is_said_once(self):
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "none"})
        first = self.begin("run", "--yes", self.script(RENAMES))
        self.wait_for(self.sent)
        waiting = self.begin("run", "--yes", "--wait-lock", "20", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })', "b.lua"))
        self.wait_for(lambda: [line for line in iter(
            waiting.stderr.readline, "") if f"process {first.pid} on "
            in line and "this one waits for its end, for 20 s" in line])
        first.kill()
        first.communicate()
        ended = self.ended(waiting)
        self.assertEqual(ended.status, 0, ended)
        self.assertNotIn("waits for its end", ended.err)

    def test_two_undos_that_wait(self):
        job, before = self.done()
        undo = ("undo", "--yes", "--wait-lock", "20", job)
        first, second = self.both(undo, undo)
        self.assertEqual((first.status, second.status), (0, 4), second)
        self.assertIn("was undone already", second.err)
        self.assertEqual(self.contents(), before)
        self.assertEqual(len(self.effects()), 12)

    def test_two_undos_that_do_not_wait(self):
        job, before = self.done()
        self.service.switch(reviewer={"delay": 0.02})
        self.service.fault({"match": {"writes": True}, "delay": 0.2})
        first, second = self.both(("undo", "--yes", job),
                                  ("undo", "--yes", job))
        self.assertEqual((first.status, second.status), (0, 4), second)
        self.assertRegex(second.text, "another job works on|is running|"
                         "was undone already")
        self.assertEqual(self.contents(), before)
        self.assertEqual(len(self.effects()), 12)

    def test_resume_and_undo(self):
        job = self.cut_short()
        self.service.switch(reviewer={"delay": 0.02})
        first, second = self.both(
            ("resume", "--yes", "--wait-lock", "20", job),
            ("undo", "--yes", "--wait-lock", "20", job))
        self.assertEqual(first.status, 0, self.said)
        state = next(row["state"] for row in self.jobs() if row["job"] == job)
        self.assertIn(state, ("undone", "done"), self.said)
        new = [text for text in self.contents() if text.startswith("New")]
        self.assertEqual(len(new), 0 if state == "undone" else 6, self.said)

    def test_two_resumes(self):
        job = self.cut_short()
        resume = ("resume", "--yes", "--wait-lock", "20", job)
        both = self.both(resume, resume)
        self.assertEqual([one.status for one in both], [0, 0], both)
        self.assertEqual(sum("nothing to resume" in one.text for one in both),
                         1, both)
        self.assertEqual(len(self.effects()), 6)

    def test_two_applies(self):
        plan = self.plan(RENAMES)
        apply = ("apply", "--yes", "--wait-lock", "20", plan)
        first, second = self.both(apply, apply)
        self.assertEqual((first.status, second.status), (0, 4), second)
        self.assertIn("was applied already", second.err)
        self.assertEqual(len(self.effects()), 6)


if __name__ == "__main__":
    main()
