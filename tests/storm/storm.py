#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Jobs against a service that fails at random, with options chosen at random.

storm.py SIGNET FIRST COUNT [SECONDS [SERVICE]]: COUNT runs, the first of them
by the seed FIRST, or as many as SECONDS allow. SERVICE is sandbox, second (the
one that shares nothing with the sandbox, where colleagues edit meanwhile), both
in turn, or grid: one fault at a time on the second, cell by cell. After each,
what the journal says is compared with what the service carried out; then the
service is well, the job is resumed, and must come to its end. Tells the story
of each run that breaks a promise, and exits with 1 then. A seed chooses faults
and options, not the moments at which they meet: run it several times.
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import grid
import matrix
import second

TESTS = pathlib.Path(__file__).resolve().parent.parent
SECRET = (TESTS / "canary/secret").read_text().strip()
PATIENCE = 40  # seconds; no run has reason to take half of it
JOB = """
local signet = require "signet"
local sms = signet.connect()
signet.spawn(function() pcall(sms.signs.get, sms.signs, "100000001") end)
local ids = signet.step("ids", function()
  local ids = {}
  for i = 1, COUNT do ids[i] = tostring(100000000 + i) end
  return ids
end)
signet.each(ids, function(id, i)
  BODY
end)
"""
BODIES = {
    "get": "sms.signs:get(id)",
    "update": 'sms.signs:update(id, { sign_name = "New " .. id })',
    "delete": "sms.signs:delete(id)",
    "create": 'sms.signs:create { sign_name = "Fresh " .. id }',
}
BODIES["all"] = f"""
  if i % 4 == 0 then {BODIES["get"]}
  elseif i % 4 == 1 then {BODIES["update"]}
  elseif i % 4 == 2 then {BODIES["delete"]}
  else {BODIES["create"]} end"""
FAULTS = [
    {"status": 500},
    {"status": 503},
    {"status": 502, "effect": True},
    {"status": 503, "headers": {"Retry-After": "1"}},
    {"status": 429},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": {"code": 500, "message": "no"}, "effect": True},
    {"close": "before"},
    {"close": "after"},
    {"delay_ms": 600},
    {"delay_ms": 400, "effect": "late"},
    {"cut_after": 5},
    {"per_second": 30, "status": 429},
]


def choose_options(chance):
    options = [
        "--yes", "--max-deletes", "100%", "--backoff", "0.02",
        "--backoff-max", "0.1", "--breaker-pause", "0.05",
        "--settle", "0.05", "--settle-create", "0", "--timeout", "0.3",
        "--outage", chance.choice(["0", "0.3", "1", "2", "3"])]
    for share, option, values in [
            (0.2, "--breaker", ["0", "1", "2"]),
            (0.2, "--attempts", ["1", "2", "5"]),
            (0.2, "--retry-percent", ["0"]),
            (0.2, "--retry-floor", ["0"]),
            (0.2, "--concurrency", ["1", "2"]),
            (0.1, "--deadline", ["0.5", "1.5"]),
            (0.1, "--pace", ["gentle", "fast"]),
            (0.2, "--rate", ["40"])]:
        if chance.random() < share:
            options += [option, chance.choice(values)]
    return options


def choose_weather(chance):
    """Phases: seconds, and the faults that rage in them."""
    phases = []
    for _ in range(chance.randint(1, 5)):
        faults = []
        for fault in chance.sample(FAULTS, chance.choice([0, 1, 1, 2, 4])):
            fault = dict(fault)
            if "per_second" not in fault:
                fault["every"] = chance.choice([1, 1, 2, 3])
            faults.append(fault)
        phases.append((chance.uniform(0.05, 1.2), faults))
    return phases


class Sandbox:
    """The service, with the credentials that are looked for in everything."""

    def __init__(self, signet, environment):
        self.process = subprocess.Popen(
            [signet, "sandbox", "--seed", "60,0", "--credentials-from-env"],
            stdout=subprocess.PIPE, env=environment)
        self.url = self.process.stdout.readline().decode().strip()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + "/__sandbox" + path, data, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def rage(self, phases, over):
        for seconds, faults in phases:
            self.control("DELETE", "/faults")
            for fault in faults:
                self.control("POST", "/faults", fault)
            if over.wait(seconds):
                break
        self.control("DELETE", "/faults")

    def effects(self):
        """How often each write was carried out."""
        done = self.control("GET", "/requests?effect=true&limit=1000")
        return collections.Counter(
            name_of(request["method"], request["path"], request["body"])
            for request in done if request["method"] != "GET")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def name_of(method, path, body):
    if method == "POST":
        return "create " + json.loads(body)["sign_name"]
    verb = "update" if method == "PUT" else "delete"
    return verb + " " + path.rsplit("/", 1)[1]


class Run:
    """One job, in a folder of its own."""

    edits = typed = 0

    def __init__(self, signet, seed, folder):
        chance = random.Random(seed)
        self.signet = signet
        self.count = chance.choice([1, 3, 20, 60])
        self.verb = chance.choice(list(BODIES))
        self.options = choose_options(chance)
        self.phases = choose_weather(chance)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder,
            "XDG_STATE_HOME": folder, "LC_ALL": "C.UTF-8",
            "GCOV_ERROR_FILE": "/dev/null", "ENGAGELAB_SMS_KEY": "key",
            "ENGAGELAB_SMS_SECRET": SECRET}
        self.script = os.path.join(folder, "job.lua")
        self.broken = []
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(JOB.replace("COUNT", str(self.count))
                       .replace("BODY", BODIES[self.verb]))

    def require(self, holds, what):
        if not holds:
            self.broken.append(what)

    def call(self, *arguments):
        try:
            ended = subprocess.run(
                [self.signet, *arguments], env=self.environment,
                timeout=PATIENCE, capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            self.broken.append(f"{arguments[0]} did not end")
            return None, []
        self.require(SECRET not in ended.stdout + ended.stderr,
                     "the secret was shown")
        self.require(ended.returncode in (0, 1, 5, 130),
                     f"exit {ended.returncode}: {ended.stderr[-200:]}")
        return ended.returncode, [
            json.loads(line) for line in ended.stdout.splitlines()]

    def compare(self, sandbox, job):
        """What the journal says of each write, with what was done."""
        writes = [event for event in self.call("show", job, "--json")[1]
                  if event["event"] == "write"]
        effects = sandbox.effects()
        for name, times in effects.items():
            self.require(times == 1, f"{name}: carried out {times} times")
        said = {}
        for write in writes:  # of several the last one counts
            after = write.get("after") or {}
            said["create " + after["sign_name"] if write["verb"] == "create"
                 else write["verb"] + " " + write["id"]] = write["state"]
        for name, state in said.items():
            self.require(state != "done" or effects[name] == 1,
                         f"{name}: said to be done")
            self.require(state not in ("failed", "unsent")
                         or effects[name] == 0, f"{name}: said to be {state}")
        for name in effects:
            self.require(name in said, f"{name}: not in the journal")
        return said

    def resume(self, sandbox, job, ended):
        """The service is well: nothing may stay open."""
        for _ in range(3):
            if ended in (0, 1):
                break
            ended, _ = self.call(
                "resume", "--yes", "--max-deletes", "100%", job, "--json")
        said = self.compare(sandbox, job)
        for name, state in said.items():
            self.require(state in ("done", "failed", "unsent"),
                         f"{name}: {state} after all")

    def go(self):
        sandbox = Sandbox(self.signet, self.environment)
        self.environment["SIGNET_BASE_URL"] = sandbox.url
        over = threading.Event()
        weather = threading.Thread(
            target=sandbox.rage, args=(self.phases, over))
        weather.start()
        ended, events = self.call(
            "run", "--json", *self.options, self.script)
        over.set()
        weather.join()
        if events:
            summary = events[-1]
            total = sum(summary.get(name, 0) for name in (
                "done", "failed", "skipped", "unknown", "waiting"))
            self.require(summary["event"] == "summary", "no summary")
            self.require(ended == 130 or "--deadline" in self.options
                         or total == self.count, f"{total} of {self.count}")
            if summary.get("job"):
                self.compare(sandbox, summary["job"])
                self.resume(sandbox, summary["job"], ended)
        sandbox.stop()
        return self.broken

    def tell(self):
        return (f"{self.count} x {self.verb}, {' '.join(self.options[14:])}, "
                f"{self.phases}: {'; '.join(self.broken[:5])}")


KINDS = {"sandbox": Run, "second": second.Storm, "grid": grid.Cell,
         "matrix": matrix.Row}
SIZES = {"grid": grid.SIZE, "matrix": matrix.SIZE}


def main():
    signet = os.path.abspath(sys.argv[1])
    first, count = int(sys.argv[2]), int(sys.argv[3])
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 1e9
    service = sys.argv[5] if len(sys.argv) > 5 else "both"
    count = min(count, SIZES.get(service, count))
    began, bad, seed = time.monotonic(), 0, first
    edits = typed = 0
    while seed < first + count and time.monotonic() - began < seconds:
        kind = ("sandbox", "second")[seed % 2] if service == "both" \
            else service
        with tempfile.TemporaryDirectory() as folder:
            run = KINDS[kind](signet, seed, folder)
            if run.go():
                bad += 1
                print(f"seed {seed}: {run.tell()}", flush=True)
            edits += run.edits
            typed += run.typed
        seed += 1
    print(f"{seed - first} runs, {bad} of them broke a promise"
          f" ({edits} edits of colleagues, {typed} proposed commands typed)")
    return 1 if bad or seed == first else 0


if __name__ == "__main__":
    sys.exit(main())
