# SPDX-License-Identifier: MIT
"""Memory that runs out: at each allocation that the executable itself asks
for, once and from then on. It never crashes, it says why it ends, and a status
of 0 means that everything is there. FAILING is the library that lets it fail.
"""

import os
import re
import subprocess

from sandbox import PATIENCE, SIGNET, SMS, Account, Ended, main

FAILING = os.path.abspath(os.environ["FAILING"])


class Memory(Account):
    def run_failing(self, *words, **settings):
        """Runs a command with the library that lets memory fail."""
        return Ended(words, subprocess.run(
            [SIGNET, *words], cwd=self.home, stdin=subprocess.DEVNULL,
            env={**self.environment, **settings, "LD_PRELOAD": FAILING},
            capture_output=True, text=True, errors="replace",
            timeout=PATIENCE, check=False))

    def without_memory(self, stride, *words):
        """Every `stride`-th allocation of this command fails, once and from it
        on. Returns the command with all its memory, at how many places one
        failed, and how many runs ended otherwise for it."""
        whole = self.run_failing(*words, FAILING_MALLOC_COUNT="asked")
        asked = int(self.read("asked"))
        reached = ended = 0
        for more in {}, {"FAILING_MALLOC_ON": "1"}:
            for place, run in self.run_each(words, asked, stride, **more):
                self.check_end(whole, run, (place, more, asked))
                reached += 1
                ended += run.status != whole.status
        self.assertEqual(reached, 2 * len(range(1, asked + 1, stride)))
        return whole, reached, ended

    def run_each(self, words, asked, stride, **settings):
        """Yields each place and how the command ended that lacked memory
        there; they are forks of one process."""
        folder = self.home / "places"
        folder.mkdir(exist_ok=True)
        runs = self.run_failing(
            *words, FAILING_MALLOC_AT=f"1-{asked}/{stride}",
            FAILING_MALLOC_FOLDER=str(folder), **settings)
        self.assertEqual(runs.status, 0, runs)
        for line in runs.out.splitlines():
            place, status = line.split()
            yield place, Ended(words, subprocess.CompletedProcess(
                words, int(status), *((folder / f"{place}.{name}").read_text(
                    errors="replace") for name in ("out", "err"))))

    def check_end(self, whole, run, place):
        self.assertGreaterEqual(run.status, 0, (place, str(run)))
        self.assertLess(run.status, 128, (place, str(run)))
        if run.status == 0:
            self.assertEqual(run.out, whole.out, place)
        else:
            self.assertTrue(
                any(re.search("(?m)^(error|fail)", text)
                    for text in (run.out, run.err)), (place, str(run)))

    def create(self, name, then=""):
        self.does("-e", f"sms.signs:create {{ sign_name = '{name}' }}{then}")

    def test_jobs_and_show_the_whole_list_or_an_error(self):
        self.account(5, 5)
        for i in "123":
            self.create(f"New {i}", " sms.signs:list()")
        job = self.newest()
        for words in (("jobs",), ("jobs", "--json"), ("show", job),
                      ("show", "--json", job)):
            whole, reached, ended = self.without_memory(1, *words)
            self.assertEqual(whole.status, 0, whole)
            self.assertGreaterEqual(reached, 40, words)
            self.assertGreaterEqual(ended, reached * 9 // 10, words)
        self.assertEqual(self.writes(), 3)

    def test_doctor_undo_resume_send_nothing_that_nobody_was_asked_about(self):
        self.account(5, 5)
        self.create("New")
        job = self.newest()
        for stride, *words in ((3, "doctor", "-q"), (3, "resume", job),
                               (7, "undo", job)):
            _, reached, ended = self.without_memory(stride, *words)
            self.assertGreaterEqual(reached, 12, words)
            self.assertGreaterEqual(ended, 8, words)
        self.assertEqual(self.writes(), 1)

    def test_chunk_run_plan_repl_trace_lose_luas_memory_too(self):
        self.account(5, 5)
        self.write("read.lua", SMS + """
print(#sms.signs:list(), sms.signs:get("100000001").sign_name)
""")
        self.write("write.lua", SMS + 'sms.signs:create { sign_name = "New" }')
        for words in (
                ("-e", "{1,2}"), ("run", "-q", "read.lua"),
                ("plan", "write.lua"),
                ("plan", "-q", "-o", "plan.json", "write.lua"), ("repl",),
                ("run", "-q", "--trace", "trace.har", "read.lua")):
            whole, reached, ended = self.without_memory(127, *words)
            self.assertEqual(whole.status, 0, whole)
            self.assertGreaterEqual(reached, 25, words)
            self.assertGreaterEqual(ended, reached * 2 // 5, words)
        self.assertEqual(self.writes(), 0)


if __name__ == "__main__":
    main()
