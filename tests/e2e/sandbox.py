# SPDX-License-Identifier: MIT
"""The executable's own sandbox and its commands, for tests in Python.

Tests of many cases are written in Python: each of their cases would start a
dozen programs in a shell.
"""

import atexit
import base64
import concurrent.futures
import http.client
import io
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
SIGNET = os.path.abspath(os.environ["SIGNET"])
CANARY = pathlib.Path(__file__).resolve().parent.parent / "canary"
SECRET = (CANARY / "secret").read_text().strip()
PATIENCE = 60  # seconds
WRITES = ("POST", "PUT", "DELETE")
SMS = 'local sms = require("signet").connect()\n'

# All that the tests of a file leave lies here.
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="signet-e2e-"))
atexit.register(shutil.rmtree, FOLDER)


class Ended:
    """A command that ended: its status, and what it wrote."""

    def __init__(self, words, ended):
        self.words = words
        self.status = ended.returncode
        self.out = ended.stdout
        self.err = ended.stderr
        with open(FOLDER / "said", "a", encoding="utf-8") as said:
            said.write(self.out + self.err)

    @property
    def events(self):
        """What --json wrote."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self):
        return self.events[-1]

    def event(self, name):
        """The only event of this name."""
        [event] = [event for event in self.events if event["event"] == name]
        return event

    @property
    def lines(self):
        return [line for line in self.out.splitlines() if line]

    def __str__(self):
        return (f"signet {' '.join(self.words)}\n{self.out}{self.err}"
                f"(exit {self.status})")


class Case(unittest.TestCase):
    """A sandbox, and a home of its own, for the tests of a class."""

    options = ()
    port = 0
    secret = SECRET

    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        cls.environment = {
            "PATH": os.environ["PATH"], "HOME": str(cls.home),
            "LC_ALL": "C.UTF-8", "GCOV_ERROR_FILE": "/dev/null",
            "ENGAGELAB_SMS_KEY": "key", "ENGAGELAB_SMS_SECRET": cls.secret}
        cls.start_sandbox()
        cls.addClassCleanup(cls.stop_sandbox)

    @classmethod
    def start_sandbox(cls):
        cls.process = subprocess.Popen(
            [SIGNET, "sandbox", "--port", str(cls.port),
             "--credentials-from-env", *cls.options], cwd=cls.home,
            env=cls.environment, stdout=subprocess.PIPE, text=True)
        url = cls.process.stdout.readline().strip()
        cls.environment["SIGNET_BASE_URL"] = url
        cls.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(url).netloc, timeout=PATIENCE)

    @classmethod
    def stop_sandbox(cls):
        if cls.process.poll() is None:
            cls.connection.close()
            cls.process.terminate()
            cls.process.communicate()

    @property
    def url(self):
        return self.environment["SIGNET_BASE_URL"]

    def control(self, method, path, body=None):
        """The sandbox's control API."""
        self.connection.request(method, "/__sandbox" + path,
                                None if body is None else json.dumps(body))
        reply = self.connection.getresponse()
        answer = reply.read()
        self.assertLess(reply.status, 400, answer)
        return json.loads(answer) if answer else None

    def signet(self, *words, typed=None, **environment):
        """Runs a command to its end; `typed` is its standard input."""
        ended = Ended(words, subprocess.run(
            [SIGNET, *words], cwd=self.home,
            env={**self.environment, **environment}, input=typed or "",
            capture_output=True, text=True, timeout=PATIENCE, check=False))
        self.assertNotIn(SECRET, ended.out + ended.err)
        return ended


class Account(Case):
    """The same sandbox for all tests, and an account of its own for each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        connection = cls.connection
        connection.request("GET", "/__sandbox/options")
        cls.usual = json.loads(connection.getresponse().read())

    def setUp(self):
        self.running = []
        self.home = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        self.environment = {**self.environment, "HOME": str(self.home),
                            "XDG_CONFIG_HOME": str(self.home / "config")}

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def account(self, signs=0, templates=0, **options):
        """Another account, with these many entries; options of the service,
        such as latency_ms."""
        self.control("DELETE", "/reviewer")
        self.control("POST", "/reset", {"signs": signs,
                                        "templates": templates})
        self.control("PUT", "/options", {**self.usual, **options})

    # --- commands ---

    def does(self, *words, status=0, **environment):
        """Runs a command that ends so."""
        ended = self.signet(*words, **environment)
        self.assertEqual(ended.status, status, ended)
        return ended

    def fails(self, *words, **environment):
        """Runs a command that doesn't end well."""
        ended = self.signet(*words, **environment)
        self.assertNotEqual(ended.status, 0, ended)
        return ended

    def refuses(self, status, sentence, *words, **environment):
        """A command that says one sentence, which holds this text."""
        ended = self.does(*words, status=status, **environment)
        self.assertEqual(len(ended.err.splitlines()), 1, ended)
        self.assertIn(sentence, ended.err, ended)
        return ended

    def begin(self, *words, typed=subprocess.DEVNULL, **environment):
        process = subprocess.Popen(
            [SIGNET, *words], cwd=self.home,
            env={**self.environment, **environment}, text=True,
            stdin=typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.words = words
        self.running.append(process)
        return process

    def converse(self, *words):
        """A command that goes on with what is written to its stdin."""
        return self.begin(*words, typed=subprocess.PIPE)

    def end(self, process, send=None):
        if send is not None:
            process.send_signal(send)
        out, err = process.communicate(timeout=PATIENCE)
        self.assertNotIn(SECRET, out + err)
        return Ended(process.words, subprocess.CompletedProcess(
            process.words, process.returncode, out, err))

    def interrupt(self, process):
        return self.end(process, signal.SIGINT)

    def kill(self, process):
        return self.end(process, signal.SIGKILL)

    def write(self, name, text):
        file = self.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return name

    def configure(self, text):
        self.write("config/signet/config", text)
        (self.home / "config/signet/config").chmod(0o600)

    def read(self, name):
        return (self.home / name).read_text(encoding="utf-8")

    def wait_for(self, condition):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = condition()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError("it did not come to pass")

    # --- what is true ---

    def newest(self):
        """The id of the newest job."""
        return self.does("jobs", "--json").events[0]["job"]

    def fault(self, **fields):
        """What goes wrong with requests; `nth=1`: with the next one."""
        self.control("POST", "/faults", fields)

    def colleague(self, method, path, body=None):
        """Somebody else's request to the service."""
        word = base64.b64encode(f"key:{self.secret}".encode()).decode()
        self.connection.request(
            method, path, None if body is None else json.dumps(body),
            {"Authorization": f"Basic {word}"})
        reply = self.connection.getresponse()
        self.assertEqual(reply.status, 200, reply.read())
        reply.read()

    def approve(self):
        self.control("POST", "/review", {"status": "approved"})

    def writes(self):
        """How many writes the service has received, whatever it answered."""
        received = self.control("GET", "/stats")["methods"]
        return sum(received.get(method, 0) for method in WRITES)

    def received(self, method):
        """How many requests it has received with this method."""
        return self.control("GET", "/stats")["methods"].get(method, 0)

    def requests(self, query=""):
        return self.control("GET", "/requests?limit=20000" + query)

    def effects(self, method):
        """The paths of the writes that had an effect."""
        return [request["path"] for request in
                self.requests(f"&effect=true&method={method}")]

    def entries(self, kind="sign"):
        return self.control("GET", "/state")[kind + "s"]

    # --- assertions ---

    def assertLine(self, pattern, ended):
        """A line of the output is of this form."""
        self.assertRegex(ended.out, f"(?m)^(?:{pattern})$", ended)

    def assertEvents(self, ended):
        """Every line is an event, and the last one the only summary."""
        names = [event["event"] for event in ended.events]
        self.assertEqual(names.count("summary"), 1, ended)
        self.assertEqual(names[-1], "summary", ended)


def free_port():
    """One that stays free while nobody listens: others ask for any port, and
    get one of the kernel's range, which is above these."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def run_at_once():
    """Every class of tests beside the others; whether all went well."""
    found = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])
    classes = [tests for tests in found if tests.countTestCases()]
    outputs = [io.StringIO() for _ in classes]
    with concurrent.futures.ThreadPoolExecutor(len(classes)) as threads:
        results = list(threads.map(
            lambda tests, output: unittest.TextTestRunner(output).run(tests),
            classes, outputs))
    for output in outputs:
        sys.stderr.write(output.getvalue())
    return all(result.wasSuccessful() for result in results)


def main(at_once=False):
    """`at_once` is for tests that mostly wait."""
    if at_once and len(sys.argv) == 1:
        passed = run_at_once()
    else:
        passed = unittest.main(argv=sys.argv, exit=False).result.wasSuccessful()
    scan = subprocess.run([CANARY / "scan", FOLDER], check=False)
    sys.exit(not passed or scan.returncode)
