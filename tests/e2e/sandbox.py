# SPDX-License-Identifier: MIT
"""The executable's own sandbox and its commands, for tests in Python.

Tests of many cases are written in Python: each of their cases would start a
dozen programs in a shell.
"""

import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

sys.dont_write_bytecode = True
SIGNET = os.path.abspath(os.environ["SIGNET"])
SECRET = (pathlib.Path(__file__).resolve().parent.parent
          / "canary" / "secret").read_text().strip()
PATIENCE = 60  # seconds


class Ended:
    """A command that ended: its status, and what it wrote."""

    def __init__(self, words, ended):
        self.words = words
        self.status = ended.returncode
        self.out = ended.stdout
        self.err = ended.stderr

    @property
    def events(self):
        """What --json wrote."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return (f"signet {' '.join(self.words)}\n{self.out}{self.err}"
                f"(exit {self.status})")


class Case(unittest.TestCase):
    """A sandbox, and a home of its own, for the tests of a class."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="signet-"))
        cls.addClassCleanup(shutil.rmtree, cls.home)
        cls.environment = {
            "PATH": os.environ["PATH"], "HOME": str(cls.home),
            "LC_ALL": "C.UTF-8", "GCOV_ERROR_FILE": "/dev/null",
            "ENGAGELAB_SMS_KEY": "key", "ENGAGELAB_SMS_SECRET": SECRET}
        cls.process = subprocess.Popen(
            [SIGNET, "sandbox", "--port", "0", "--credentials-from-env",
             *cls.options], env=cls.environment, stdout=subprocess.PIPE,
            text=True)
        cls.addClassCleanup(cls._stop)
        url = cls.process.stdout.readline().strip()
        cls.environment["SIGNET_BASE_URL"] = url
        cls.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(url).netloc, timeout=PATIENCE)

    @classmethod
    def _stop(cls):
        cls.connection.close()
        cls.process.terminate()
        cls.process.communicate()

    def control(self, method, path, body=None):
        """The sandbox's control API."""
        self.connection.request(method, "/__sandbox" + path,
                                None if body is None else json.dumps(body))
        reply = self.connection.getresponse()
        answer = reply.read()
        self.assertLess(reply.status, 400, answer)
        return json.loads(answer) if answer else None

    def signet(self, *words):
        ended = Ended(words, subprocess.run(
            [SIGNET, *words], cwd=self.home, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False))
        self.assertNotIn(SECRET, ended.out + ended.err)
        return ended


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
