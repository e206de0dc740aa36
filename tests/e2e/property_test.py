# SPDX-License-Identifier: MIT
"""Random scripts: run directly, and run as plan and apply, they end in the same
state; a run and its undo end where it began. SIGNET_TEST_SEEDS is how many of
each are tried."""

import os
import pathlib
import shutil

from sandbox import Case, main

SEEDS = int(os.environ.get("SIGNET_TEST_SEEDS", "8"))
SCRIPT = str(pathlib.Path(__file__).with_name("random_job.lua"))
OPTIONS = ("-q", "--poll-interval", "0.01", "--yes", "--max-deletes", "100%")


def lines_of(state, with_status):
    """What an account holds, without ids, times and remarks."""
    names = {sign["sign_id"]: sign["sign_name"] for sign in state["signs"]}

    def status(entry):
        return entry["status"] if with_status else 0

    lines = [("sign", sign["sign_name"], status(sign))
             for sign in state["signs"]]
    for template in state["templates"]:
        sign_id = template.get("sign_id")
        lines.append((
            "template", template["template_name"], template["template_type"],
            template["template_content"], template["country_codes"],
            template["sign_position"],
            names.get(sign_id, "gone") if sign_id else "", status(template)))
    return sorted(lines)


class Property(Case):
    options = ("--seed", "10,25")

    def fresh_account(self):
        """The same one each time, whose reviewer approves at once."""
        shutil.rmtree(self.home / ".local", ignore_errors=True)
        self.control("POST", "/reset")
        state = self.control("GET", "/state")
        # A template whose signature is rejected could not be made again.
        for entry in state["signs"] + state["templates"]:
            entry["status"] = 2
        self.control("PUT", "/state", state)
        self.control("PUT", "/reviewer", [{"after_ms": 0}])

    def account(self, with_status=False):
        return lines_of(self.control("GET", "/state"), with_status)

    def writes(self):
        return [request for request in
                self.control("GET", "/requests?limit=20000")
                if request["method"] != "GET"]

    def test_run_directly_or_as_plan_and_apply(self):
        for seed in range(1, SEEDS + 1):
            with self.subTest(seed=seed):
                self.compare_with_plan(str(seed))

    def compare_with_plan(self, seed):
        self.fresh_account()
        # What it escapes with is part of the game.
        self.signet("run", *OPTIONS, SCRIPT, seed, "30")
        direct = self.account(with_status=True)
        self.fresh_account()
        begin = self.account(with_status=True)
        self.signet("plan", "-q", "-o", "plan.json", SCRIPT, seed, "30")
        self.assertEqual(self.writes(), [])
        self.assertEqual(self.account(with_status=True), begin)
        applied = self.signet("apply", *OPTIONS, "plan.json")
        self.assertEqual(applied.status, 0, applied)
        self.assertEqual(self.account(with_status=True), direct)
        self.assertNotEqual(begin, direct)
        # The service refused nothing of the plan, and saw each step once.
        writes = self.writes()
        self.assertTrue(all(write["effect"] for write in writes), writes)
        plan = (self.home / "plan.json").read_text(encoding="utf-8")
        self.assertEqual(plan.count('\n {"step":'), len(writes))

    def test_a_run_and_its_undo(self):
        for seed in range(101, SEEDS + 101):
            with self.subTest(seed=seed):
                self.take_back(str(seed))

    def take_back(self, seed):
        self.fresh_account()
        begin = self.account()
        self.signet("run", *OPTIONS, SCRIPT, seed, "20", "reversible")
        self.assertNotEqual(self.account(), begin)
        job = self.signet("jobs", "--json").events[0]["job"]
        undone = self.signet("undo", *OPTIONS, job)
        self.assertEqual(undone.status, 0, undone)
        self.assertEqual(self.account(), begin)


if __name__ == "__main__":
    main()
