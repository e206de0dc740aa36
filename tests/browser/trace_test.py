#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `signet --trace FILE` writes, opened in Chromium's developer tools: that
they open it, and that what they show is what happened.

SIGNET names the executable. With SCREENSHOTS, the name of a folder, what was
seen is left there."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

from chromium import BrowserError, Chromium, run_tests
from network_panel import NetworkPanel, milliseconds
from service import LIST, REPLIES, Service

HERE = pathlib.Path(__file__).parent
CANARY = HERE.parent / "canary"
ODD = ["/binary", "/latin", "/empty", "/moved", "/half", "/gzip", "/reset"]

# The requests of trace.lua: their names, statuses, and whether they are red.
SHOWN = [
    ("sign-configs", "200", False),
    ("10", "200", False),
    ("sign-configs", "200", False),
    ("11", "200", False),
    ("12", "200", False),
    ("999", "400", True),
    ("13", "503", True),
    ("13", "200", False),
    ("14", "(failed) it took longer than 0.2 s in all (timeout)", False),
    ("15", "(failed) Empty reply from server", False),
    ("sign-configs?page=1&name=a%20b&flag", "200", False),
    ("template-configs", "200", False),
    ("binary", "200", False),
    ("latin", "400", True),
    ("empty", "200", False),
    ("moved", "302", False),
    ("half", "200", False),
    ("gzip", "200", False),
    ("reset", "(failed) Recv failure: Connection reset by peer", False),
    ("sign-configs", "200", False),  # signet's own, for its journal
]
NUMBER = {name: row for row, (name, *_) in enumerate(SHOWN)}
CREATE, RETRY = 2, 7


def entry(kind, number, **more):
    return {f"{kind}_id": str(number), f"{kind}_name": f"N {number}", **more}


STATE = {
    "version": 1,
    "signs": [entry("sign", number) for number in (10, 11, 12, 13)],
    "templates": [
        entry("template", 1000 + n, template_content="x" * 300)
        for n in range(4000)
    ],
}
FAULTS = [
    {"path": "*/13", "nth": 1, "status": 503, "headers": {"Retry-After": "0"}},
    {"path": "*/14", "delay_ms": 60000},
    {"path": "*/15", "close": "before"},
]


class Sandbox:
    """signet's own, with the entries and the faults that trace.lua is about."""

    def __init__(self, signet, environment):
        self._process = subprocess.Popen(
            [signet, "sandbox", "--port", "0", "--credentials-from-env"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self._process.stdout.readline().strip()

    def prepare(self):
        self._control("PUT", "state", STATE)
        for fault in FAULTS:
            self._control("POST", "faults", fault)

    def _control(self, method, path, value):
        request = urllib.request.Request(
            f"{self.url}/__sandbox/{path}",
            json.dumps(value).encode(),
            method=method,
        )
        urllib.request.urlopen(request).close()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()


def run_signet(work, service):
    """Leaves the trace of trace.lua in t.har."""
    signet = os.environ["SIGNET"]
    environment = {
        "HOME": str(work),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "ENGAGELAB_SMS_KEY": "key",
        "ENGAGELAB_SMS_SECRET": (CANARY / "secret").read_text().strip(),
    }
    sandbox = Sandbox(signet, environment)
    try:
        sandbox.prepare()
        environment["SIGNET_BASE_URL"] = sandbox.url
        subprocess.run(
            [signet, "run", "-q", "--yes", "--trace", "t.har"]
            + [HERE / "trace.lua", service.url, " ".join(ODD)],
            env=environment,
            cwd=work,
            check=True,
        )
    finally:
        sandbox.close()
    return sandbox.url


def about(shown, wanted):
    """What the tools have rounded."""
    return abs(shown - wanted) <= max(0.006 * wanted, 0.51)


def kilobytes(size):
    tenths = (size + 50) // 100
    if size < 100000:
        return f"{tenths / 10:.1f} kB"
    return f"{(size + 500) // 1000:,} kB"


def size_of(name, response):
    """What went over the network of a reply; the sandbox compresses nothing."""
    if f"/{name}" in REPLIES:
        return len(REPLIES[f"/{name}"] or b"")
    return max(response["headersSize"], 0) + response["content"]["size"]


def time_of(entry):
    """Of a request without its turn, in milliseconds."""
    return entry["time"] - entry["timings"]["blocked"]


def wrong_rows(rows, entries):
    """The numbers of the rows that don't tell what happened."""
    wrong = set()
    for number, (name, status, red) in enumerate(SHOWN):
        row, entry = rows[number], entries[number]
        right = (
            row["Name"] == name
            and row["Status"].startswith(status)
            and ("request failed" in row["icon"]) == red
            and row["Type"] == "fetch"
            and row["Size"] == kilobytes(size_of(name, entry["response"]))
            and about(milliseconds(row["Time"]), time_of(entry))
        )
        if not right:
            wrong.add(number)
    return wrong


class TraceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="signet-trace-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.service = Service()
        cls.addClassCleanup(cls.service.close)
        cls.url = run_signet(cls.work, cls.service)
        # Nothing that is left there holds the secret.
        scan = [CANARY / "scan", cls.work]
        cls.addClassCleanup(subprocess.run, scan, check=True)
        cls.file = cls.work / "t.har"
        cls.log = json.loads(cls.file.read_text("utf-8"))
        cls.entries = cls.log["log"]["entries"]
        cls.chromium = Chromium()
        cls.addClassCleanup(cls.chromium.close)
        cls.panel = NetworkPanel(cls.chromium)
        cls.count = cls.panel.load(cls.file)
        cls.rows = cls.panel.rows()
        cls.picture("trace.png")

    @classmethod
    def picture(cls, name):
        if "SCREENSHOTS" in os.environ:
            folder = pathlib.Path(os.environ["SCREENSHOTS"])
            cls.panel.page.screenshot(folder / name)

    def altered(self, change):
        """The file with some of its entries changed."""
        log = json.loads(json.dumps(self.log))
        change(log["log"]["entries"])
        path = self.work / f"{self.id()}.har"
        path.write_text(json.dumps(log))
        return path

    def test_every_request_is_shown_as_it_went(self):
        self.assertEqual(self.count, len(SHOWN))
        self.assertEqual(len(self.rows), len(SHOWN))
        wrong = wrong_rows(self.rows, self.entries)
        self.assertFalse(wrong, [self.rows[number] for number in wrong])

    def test_a_create(self):
        self.panel.details(
            CREATE,
            "Headers",
            [
                f"Request URL\n{self.url}/v1/sign-configs\n",
                "Request Method\nPOST\n",
                "Status Code\n200 OK\n",
                f"Remote Address\n{self.url.removeprefix('http://')}\n",
                "Content-Type\napplication/json\n",
                "Authorization\nBasic ****************",
            ],
        )
        self.picture("trace-create.png")
        name = '"Grüße <b>&\\"签名\\"</b>"'
        self.panel.details(CREATE, "Payload", ["sign_name", name])
        self.panel.details(CREATE, "Response", ['"sign_id"', '"100000001"'])

    def test_a_query(self):
        row = NUMBER["sign-configs?page=1&name=a%20b&flag"]
        self.panel.details(
            row, "Payload", ["page\n1\n", "name\na b\n", "flag"]
        )

    def test_bytes_that_are_no_text(self):
        binary = ["89\n50\n4E\n47\n00\nFF\n"]
        self.panel.details(NUMBER["binary"], "Response", binary)
        self.panel.details(NUMBER["latin"], "Response", ["Café!"])
        status = ["Status Code\n400 Pas trouv\ufffd\n"]
        self.panel.details(NUMBER["latin"], "Headers", status)

    def test_half_a_reply_is_no_success(self):
        status = "200 OK (failed) transfer closed with 592 bytes remaining"
        self.panel.details(NUMBER["half"], "Headers", [status])
        self.panel.details(NUMBER["half"], "Response", ["half"])

    def test_a_reply_that_leads_elsewhere(self):
        wanted = ["302 Found\n", "Location\nhttps://elsewhere.example/\n"]
        self.panel.details(NUMBER["moved"], "Headers", wanted)

    def test_a_compressed_list(self):
        self.assertGreater(len(LIST), 5 * len(REPLIES["/gzip"]))
        self.panel.details(NUMBER["gzip"], "Response", ['"number"', "12"])

    def test_waiting_for_a_reply_is_shown_as_that(self):
        for row in (NUMBER["14"], RETRY, NUMBER["binary"]):
            times = self.entries[row]["timings"]
            shown = self.panel.timing(row)
            waited = shown["Waiting for server response"]
            self.assertTrue(about(waited, times["wait"]), (shown, times))
            # A queue of no time at all isn't shown.
            queued = shown.get("Queueing", 0)
            self.assertTrue(about(queued, times["_blocked_queueing"]), shown)
            self.assertLess(shown["Stalled"], 0.01, shown)
        self.assertIn("Initial connection", shown)

    # What these tests would not see if they saw nothing.

    def test_a_file_that_lacks_something_is_refused(self):
        def change(entries):
            del entries[3]["timings"]

        with NetworkPanel(self.chromium) as panel:
            with self.assertRaisesRegex(BrowserError, "Failed to load HAR"):
                panel.load(self.altered(change))

    def test_half_a_file_is_refused(self):
        path = self.work / "half.har"
        path.write_bytes(self.file.read_bytes()[:-9])
        with NetworkPanel(self.chromium) as panel:
            with self.assertRaisesRegex(BrowserError, "Failed to load HAR"):
                panel.load(path)

    def test_whatever_is_told_wrongly_is_seen(self):
        def change(entries):
            entries[1]["response"]["status"] = 299
            entries[2]["_resourceType"] = "script"
            entries[4]["request"]["url"] += "3"
            entries[8]["response"]["statusText"] = ""
            entries[9]["response"]["statusText"] = "OK"
            entries[11]["response"]["bodySize"] = -1
            del entries[11]["response"]["_transferSize"]
            entries[13]["response"]["status"] = 200
            entries[17]["time"] += 100
            entries[17]["timings"]["wait"] += 100

        with NetworkPanel(self.chromium) as panel:
            panel.load(self.altered(change))
            wrong = wrong_rows(panel.rows(), self.entries)
        self.assertEqual(wrong, {1, 2, 4, 8, 9, 11, 13, 17})

    def test_a_text_that_is_not_there_is_missed(self):
        page = self.panel.page
        self.addCleanup(setattr, page, "patience", page.patience)
        page.patience = 1
        with self.assertRaisesRegex(BrowserError, "lacks"):
            self.panel.details(CREATE, "Headers", ["Basic a2V5"])


if __name__ == "__main__":
    run_tests()
