# SPDX-License-Identifier: MIT
"""The judges of the storms can say no: what is planted here must be found.

A job that looks at nothing again writes over a colleague's edits, and one that
does look leaves them alone; histories that were never played tell what may pass
and what may not; an executable that says a little more than signet gives advice
that can't be followed, and advice that leads nowhere.
"""

import os
import stat
import sys
import tempfile
import unittest

import second
from edits import Edits

SIGNET = os.path.abspath(sys.argv.pop(1))
SLEEPY = "    signet.sleep(1.8)\n    return list\n"
SAYS_MORE = """#!/bin/sh
'{signet}' "$@"
status=$?
case "$*" in
*job.lua*|*{again}*) printf 'to go on: signet {advice}\\n' >&2 ;;
esac
exit $status
"""


class Calm(second.Storm):
    """No weather; a job lists and writes."""

    edited = False
    fresh = "0"

    def choose(self, seed):
        self.name = "content"
        self.planned = self.undoes = False
        self.killed_after = None
        self.options = self._base_options()
        self.switches = {}
        self.phases = [(0.1, [])]
        self.arguments = {"seed": seed, "signs": 1, "templates": 6}


class Slow(Calm):
    """It sleeps in between, while a colleague edits."""

    def choose(self, seed):
        super().choose(seed)
        self.switches = {"colleague": {"every": 0.05, "edits": 20, "seed": seed,
                                       "review": False}}

    def __init__(self, *arguments):
        super().__init__(*arguments)
        with open(self.script, "r+", encoding="utf-8") as file:
            text = file.read().replace("    return list\n", SLEEPY)
            file.seek(0)
            file.write(text)


class Trusting(Slow):
    def choose(self, seed):
        super().choose(seed)
        self.options[self.options.index("--fresh") + 1] = "never"


def blamed(kind, signet=SIGNET):
    with tempfile.TemporaryDirectory() as folder:
        return [what for what, _ in kind(signet, 1, folder).go()]


class Played(unittest.TestCase):
    def test_a_job_that_looks_at_nothing_again(self):
        self.assertIn("I11", " ".join(blamed(Trusting)))

    def test_a_job_that_looks(self):
        self.assertEqual(blamed(Slow), [])

    def says_more(self, advice, again="resume"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "signet")
            with open(path, "w", encoding="utf-8") as file:
                file.write(SAYS_MORE.format(
                    signet=SIGNET, advice=advice, again=again))
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
            return " ".join(blamed(Calm, path))

    def test_advice_that_is_a_mistake_in_usage(self):
        self.assertRegex(self.says_more("resume --no-such-option 2026"),
                         r"(?s)ends with 2: .*\(I12\)")

    def test_advice_that_leads_nowhere(self):
        self.assertRegex(self.says_more("undo 1999", "undo"),
                         r"which has changed nothing \(I12\)")


class Told(unittest.TestCase):
    """What a ledger and its requests tell, without a service."""

    def blamed(self, *acts, fresh=0, suffix="!", undo=False):
        """Acts are (second, who, what, values): 'list' and 'get' are answered
        at once and show everything, other verbs write."""
        ledger, requests = [], []
        entry = {"template_name": "Name", "template_content": "Old"}
        for when, who, what, fields in acts:
            number = len(requests) + 1
            if who == "client":
                requests.append({
                    "n": number, "steady": when, "answered": when,
                    "as_of": when, "what": what, "kind": "template",
                    "id": None if what == "list" else "1", "status": 200,
                    "whole": True})
            if what in ("list", "get"):
                continue
            before = entry
            entry = None if what == "delete" else {**before, **fields}
            ledger.append({
                "n": len(ledger) + 1, "steady": when, "who": who,
                "verb": what, "kind": "template", "id": "1",
                "before": before, "after": entry,
                "request": number if who == "client" else None})
        found = []
        Edits(ledger, requests, suffix, fresh,
              lambda what, _: found.append(what)).check(undo=undo)
        return found

    LIST = (0, "client", "list", {})
    EDIT = (1, "colleague", "update", {"template_content": "Legal"})
    LOOK = (2, "client", "get", {})

    def test_what_was_shown_and_overwritten(self):
        found = self.blamed(self.LIST, self.EDIT, self.LOOK, (
            2.1, "client", "update", {"template_content": "Old!"}))
        self.assertIn("which request 2 had shown", found[0])

    def test_what_was_built_on(self):
        self.assertEqual(self.blamed(self.LIST, self.EDIT, self.LOOK, (
            2.1, "client", "update", {"template_content": "Legal!"})), [])

    def test_what_nobody_looked_for(self):
        write = (4, "client", "update", {"template_content": "Old!"})
        self.assertIn("nobody had looked for 4.0 s",
                      self.blamed(self.LIST, self.EDIT, write)[0])
        self.assertEqual(
            self.blamed(self.LIST, self.EDIT, write, fresh=10), [])

    def test_what_nobody_can_see(self):
        self.assertEqual(self.blamed(
            self.LIST, (0.9, "client", "get", {}), self.EDIT,
            (1.2, "client", "update", {"template_content": "Old!"})), [])

    def test_a_field_that_a_write_completes(self):
        found = self.blamed(
            self.LIST, self.EDIT, self.LOOK,
            (2.1, "client", "update", {"template_name": "Name!",
                                       "template_content": "Old"}))
        self.assertEqual(len(found), 1)
        self.assertIn("template_content was 'Legal'", found[0])

    def test_what_was_shown_and_deleted(self):
        delete = (2.1, "client", "delete", {})
        self.assertIn("was deleted after an edit", self.blamed(
            self.LIST, self.EDIT, self.LOOK, delete)[0])
        self.assertEqual(self.blamed(
            self.EDIT, (1.1, "client", "list", {}), self.LOOK, delete), [])

    def test_an_undo(self):
        wrote = (0.5, "client", "update", {"template_content": "Old!"})
        back = (2.1, "client", "update", {"template_content": "Old"})
        self.assertEqual(self.blamed(self.LIST, wrote, self.LOOK, back,
                                     undo=None), [])
        self.assertEqual(len(self.blamed(
            self.LIST, wrote, self.EDIT, self.LOOK, back, undo=None)), 1)


if __name__ == "__main__":
    unittest.main()
