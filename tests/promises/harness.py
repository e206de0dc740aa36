# SPDX-License-Identifier: MIT
"""What the promises share: the second service, the executable, their story.

A test runs the real executable against the second service, with a home and a
state folder of its own, and compares what it said with the service's ledger.
Whatever command a message proposes is typed at the end: it must not be a
mistake in usage.
"""

import atexit
import functools
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "service"))

from client import Service  # noqa: E402
from proposals import proposals  # noqa: E402

SIGNET = os.path.abspath(os.environ.get(
    "SIGNET", HERE.parent.parent / "build" / "signet"))
SECRET = (HERE.parent / "canary" / "secret").read_text().strip()
PATIENCE = 30
SETTINGS = {
    "settle": "0.05", "backoff": "0.02", "backoff_max": "0.1",
    "breaker_pause": "0.05", "poll_interval": "0.05", "timeout": "2",
    "outage": "2", "settle_create": "0"}


@functools.cache
def has_option(name):
    """Whether this executable knows an option."""
    return name in subprocess.run(
        [SIGNET, "run", "--help"], capture_output=True, text=True,
        check=True).stdout


class Ended:
    """A command that ended: its status, its output, what --json wrote."""

    def __init__(self, arguments, status, out, err):
        self.arguments = arguments
        self.status = status
        self.out = out
        self.err = err

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines()
                if line.startswith("{")]

    @property
    def summary(self):
        return self.events[-1]

    @property
    def text(self):
        return self.out + self.err

    def __str__(self):
        return (f"$ signet {shlex.join(self.arguments)}\n{self.out}"
                f"{self.err}(exit {self.status})")

    __repr__ = __str__


class Promise(unittest.TestCase):
    """Three approved signatures and six approved templates in an account."""

    signs, templates = 3, 6

    services = {}

    @classmethod
    def setUpClass(cls):
        """Accounts of one size share a service, which is as new each time."""
        size = (cls.signs, cls.templates)
        if size not in cls.services:
            cls.services[size] = Service(signs=size[0], templates=size[1],
                                         secret=SECRET)
            atexit.register(cls.services[size].stop)
        cls.service = cls.services[size]

    def setUp(self):
        self.service.do("reset")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="signet-promise-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.problems = self._problems()
        self.said = []
        self.running = []
        self.settings = dict(SETTINGS)
        if has_option("--settle-create"):
            self.settings["settle_create"] = "0.5"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "LC_ALL": "C.UTF-8", "GCOV_ERROR_FILE": "/dev/null",
            "ENGAGELAB_SMS_KEY": "key", "ENGAGELAB_SMS_SECRET": SECRET,
            "SIGNET_BASE_URL": self.service.url}
        self.configure()

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()
        if self._problems() == self.problems:
            self.type_advice()

    def _problems(self):
        result = self._outcome.result
        return len(result.failures) + len(result.errors)

    def configure(self, profile="default", **settings):
        """Writes the settings of this home; those given are added."""
        self.settings.update(settings)
        folder = self.home / "config" / "signet"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"[{profile}]"] + [
            f"{name} = {value}" for name, value in self.settings.items()]
        file = folder / "config"
        file.write_text("\n".join(lines) + "\n")
        file.chmod(0o600)

    # --- commands ---

    def signet(self, *arguments, status=None, typed=None, environment=None):
        """Runs a command to its end; `typed` is its standard input."""
        ended = self.ended(self.begin(
            *arguments, environment=environment), typed)
        if status is not None:
            wanted = status if isinstance(status, tuple) else (status,)
            self.assertIn(ended.status, wanted, ended)
        return ended

    def begin(self, *arguments, environment=None):
        arguments = [str(argument) for argument in arguments]
        process = subprocess.Popen(
            [SIGNET, *arguments], cwd=self.home, text=True,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        process.words = arguments
        self.running.append(process)
        return process

    def ended(self, process, typed=None):
        try:
            out, err = process.communicate(typed or "", PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            ended = Ended(process.words, "none", out, err)
            self.fail(f"did not end in {PATIENCE} s: {ended}")
        ended = Ended(process.words, process.returncode, out, err)
        self.said.append(ended)
        self.assertNotIn(SECRET, ended.text, "the secret was shown")
        self.assertNotIn("traceback", ended.err, ended)
        return ended

    def write(self, name, text):
        file = self.home / name
        file.write_text(text, encoding="utf-8")
        return file

    def script(self, body, name="job.lua"):
        """A file with a script that has the account in `sms`."""
        return self.write(name, 'local signet = require "signet"\n'
                          "local sms = signet.connect()\n" + body)

    def run_job(self, body, *options, status=None):
        return self.signet("run", "--yes", "--json", *options,
                           self.script(body), status=status)

    def plan(self, body, name="plan.json"):
        self.signet("plan", "-o", name, self.script(body), status=0)
        return self.home / name

    def die_at(self, process, path="/v1/", method="PUT"):
        """kill -9 as soon as such a request has arrived."""
        self.wait_for(lambda: [request for request in self.service.requests()
                               if request["method"] == method
                               and request["path"].startswith(path)])
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def wait_for(self, condition, seconds=PATIENCE):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = condition()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError("waited in vain")

    # --- what it said, and what is true ---

    def jobs(self):
        return [event for event in self.signet("jobs", "--json").events
                if event["event"] == "job"]

    def newest(self):
        return self.jobs()[0]["job"]

    def writes(self, job=None):
        """The journal of a job: its writes."""
        return [event for event in self.signet(
            "show", "--json", job or self.newest()).events
            if event["event"] == "write"]

    def effects(self, who="client"):
        return self.service.ledger(who=who)

    def sent(self):
        """Requests that write."""
        return [request for request in self.service.requests()
                if request["method"] != "GET"]

    def sign(self, entry_id="100000001"):
        return self.service.entries("sign").get(entry_id)

    def template(self, entry_id="200000001"):
        return self.service.entries("template").get(entry_id)

    def names(self, kind="sign"):
        return sorted(entry[kind + "_name"] or ""
                      for entry in self.service.entries(kind).values())

    def edit(self, entry_id, **fields):
        """An act of a colleague, for the console or for a fault's hooks."""
        kind = "sign" if entry_id.startswith("1") else "template"
        return {"do": "edit", "kind": kind, "id": entry_id, "fields": fields}

    def after_list(self, kind, *acts, skip=0):
        """What others do right after a list was shown."""
        self.service.fault({"match": {"what": "list", "kind": kind},
                            "skip": skip, "times": 1, "after": list(acts)})

    def assertHolds(self, condition, ended=None):
        self.assertTrue(condition, "\n".join(map(str, self.said))
                        if ended is None else ended)

    def type_advice(self):
        """Every command that a message proposed is none of bad usage."""
        said, self.said = self.said, []
        self.service.well()
        self.service.switch(reviewer={"delay": 0.05})
        for ended in said:
            if "--help" in ended.arguments:
                continue
            for words in proposals(ended.text):
                if "repl" in words or words[1:] == ended.arguments:
                    continue
                typed = self.signet(*words[1:])
                self.assertNotEqual(
                    typed.status, 2, f"{ended}\nproposes:\n{typed}")


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
