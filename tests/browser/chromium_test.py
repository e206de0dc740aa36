#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The browser of these tests: that it leaves nothing behind, and reaches
this machine only."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from chromium import PATIENCE, BrowserError, Chromium, run_tests

HERE = pathlib.Path(__file__).parent

# A test that is under way: tells where its browser's files are.
UNDER_WAY = """
from chromium import Chromium
chromium = Chromium()
page = chromium.open("data:text/html,<title>here</title>")
page.wait_for("document.title == 'here'")
print(chromium.directory, flush=True)
input()
"""

PAGE = """data:text/html,<title>One</title><main><h1>One</h1>
<input type=file><button onclick="document.title = 'Two'">Next</button></main>
"""


def processes_of(directory):
    """The processes that have something in that directory on their line."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(directory) in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            pass
    return found


def is_gone(directory):
    until = time.monotonic() + PATIENCE
    while directory.exists() or processes_of(directory):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


class ChromiumTest(unittest.TestCase):
    def test_a_page_is_read_and_used(self):
        with Chromium() as chromium:
            page = chromium.open(PAGE)
            page.find("heading", "One")
            page.click(page.find("button", "Next"))
            page.wait_for("document.title == 'Two'")
            page.choose_file("input[type=file]", __file__)
            chosen = "document.querySelector('input').files[0].name"
            self.assertEqual(page.evaluate(chosen), "chromium_test.py")
            page.patience = 0.2
            for missing in (
                lambda: page.find("button", "Back"),
                lambda: page.wait_for("document.title == 'Three'"),
                lambda: page.evaluate("missing"),
                lambda: page.call("No.such"),
            ):
                self.assertRaises(BrowserError, missing)
            directory = chromium.directory
            self.assertTrue(processes_of(directory))
        self.assertFalse(directory.exists())
        self.assertFalse(processes_of(directory))

    def test_it_reaches_this_machine_only(self):
        with Chromium() as chromium:
            page = chromium.open("about:blank")
            for url in ("http://example.com/", "http://192.0.2.1/"):
                answer = page.call("Page.navigate", url=url)
                self.assertEqual(
                    answer["errorText"], "net::ERR_NAME_NOT_RESOLVED"
                )

    def test_a_test_that_is_killed_leaves_nothing(self):
        test = subprocess.Popen(
            [sys.executable, "-c", UNDER_WAY],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with test:
            directory = pathlib.Path(test.stdout.readline().strip())
            self.assertTrue(processes_of(directory))
            test.send_signal(signal.SIGKILL)
        self.assertTrue(is_gone(directory))

    def test_its_files_are_nobodys(self):
        with tempfile.TemporaryDirectory() as home:
            program = UNDER_WAY.replace("input()", "chromium.close()")
            subprocess.run(
                [sys.executable, "-c", program],
                cwd=HERE,
                env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            self.assertEqual(os.listdir(home), [])

    def test_where_there_is_none_a_sentence_says_so(self):
        answer = subprocess.run(
            [sys.executable, HERE / "trace_test.py"],
            env={"PATH": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(answer.returncode, 1)
        self.assertEqual(
            answer.stderr,
            "there is no chromium: `scripts/dev setup test` installs it\n",
        )


if __name__ == "__main__":
    run_tests()
