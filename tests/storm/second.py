# SPDX-License-Identifier: MIT
"""Storms on the second service: switches, faults, and people at random."""

import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "service"))

from client import Service  # noqa: E402
from advice import Advice, told  # noqa: E402
from judge import Judge  # noqa: E402

SECRET = (TESTS / "canary/secret").read_text().strip()
PATIENCE = 60
SUFFIX = " Cafe\u0301 "
ENDS = ("done", "failed", "unsent", "drift")
HEAD = """
local signet = require "signet"
local sms = signet.connect()
local SUFFIX = "%s"
local function chosen(collection, id, fields)
  return signet.step(id .. fields[1], function()
    local list = {}
    for _, entry in ipairs(collection:list { status = "approved" }) do
      local item = { id = entry[id] }
      for _, name in ipairs(fields) do
        item[name] = entry[name] or collection:get(entry[id])[name]
      end
      list[#list + 1] = item
    end
    return list
  end)
end
"""
JOBS = {
    "rename": """
signet.each(chosen(sms.signs, "sign_id", { "sign_name" }), function(s)
  sms.signs:update(s.id, { sign_name = s.sign_name .. SUFFIX })
end)
""",
    "content": """
signet.each(chosen(sms.templates, "template_id", { "template_content" }),
  function(t)
    sms.templates:update(t.id,
      { template_content = t.template_content .. SUFFIX })
  end)
""",
    "names": """
signet.each(chosen(sms.templates, "template_id", { "template_name" }),
  function(t)
    sms.templates:update(t.id, { template_name = t.template_name .. SUFFIX })
  end)
""",
    "delete": """
signet.each(chosen(sms.templates, "template_id", { "template_name" }),
  function(t, i)
    if i % 2 == 0 then sms.templates:delete(t.id) end
  end)
""",
    "create": """
signet.each({ 1, 2, 3, 4, 5, 6 }, function(i)
  if i % 2 == 0 then
    sms.signs:create { sign_name = "Fresh sign " .. i }
  else
    sms.templates:create { template_name = "Fresh " .. i // 4,
      template_type = "otp", template_content = "Fresh text " .. i // 4,
      country_codes = "CN,US" }
  end
end)
""",
    "rounds": """
signet.each(chosen(sms.signs, "sign_id", { "sign_name" }), function(s)
  sms.signs:update(s.id, { sign_name = s.sign_name .. SUFFIX })
  sms.signs:wait(s.id, { timeout = 5 })
end)
""",
}
JOBS["all"] = JOBS["rename"] + JOBS["content"] + JOBS["create"]
WRITES = {"match": {"writes": True}}
FAULTS = [
    {"reply": {"status": 500}},
    {"reply": {"status": 503}},
    {"reply": {"status": 502}, "effect": "now"},
    {"reply": {"status": 503, "headers": {"Retry-After": "0.3"}}},
    {"reply": {"status": 429}},
    {"reply": {"status": 429, "headers": {"Retry-After": {"date_in": 1}}}},
    {"reply": {"status": 400, "code": 3004, "message": "frequency limit"}},
    {"reply": {"status": 400, "code": 5001, "message": "system error"}},
    {"reply": {"status": 400, "code": 1000, "message": "system error"},
     "effect": "now"},
    {"reply": {"status": 200, "body": "<html>"}},
    {"reply": "lost"},
    {"reply": "lost", "effect": "now"},
    {"reply": "reset", "effect": "now"},
    {"reply": "hold"},
    {"reply": "hold", "effect": "now"},
    {"delay": 0.8},
    {"cut_after": 40},
    {**WRITES, "reply": "lost", "effect": "late", "effect_after": [0, 0.6]},
    {**WRITES, "reply": "hold", "effect": "late", "effect_after": [0, 0.3],
     "late_from": "cut"},
    {**WRITES, "effect": "late", "effect_after": [0, 0.4],
     "late_from": "reply"},
    {**WRITES, "effect": "none"},
]
SWITCHES = {
    "trim": [True], "unicode": ["NFC", "NFD"],
    "country_order": ["sorted", "reversed"], "country_separator": [", "],
    "otp_is_authentication": [True],
    "list_lag": [0.1, 0.5, [0, 0.4]], "detail_lag": [0.1, 0.3],
    "clock_offset": [-7200, 3600, 86400], "date_header": [False],
    "late_created_time": ["request"],
    "ids": ["number"], "statuses": ["string"], "times": ["string"],
    "no_signature": ["empty", "zero", "null"],
    "list_hides": [["template_content"], ["sign_id"], ["audit_remark"]],
    "list_order": ["newest", "random"],
    "short_list": [{"entries": 0, "lists": 1}, {"entries": 2, "lists": 2},
                   {"entries": 0, "seconds": 0.3}],
    "create_tells_id": [False], "same_put": ["nothing"],
    "pending_delete": [False], "names_freed": ["approval"],
    "name_case": ["ignored"],
    "limit": [{"per_second": 30, "burst": 3},
              {"per_second": 40, "reply": {"status": 400, "code": 3004,
                                           "message": "frequency limit"}}],
    "retry_after": ["0.1", "1", 0.05],
    "race": [{"request": 2, "effect": "now"}, {"request": 3},
             {"request": 2, "effect": "now", "writes_only": True}],
    "requests_per_connection": [1, 3], "idle": [0.2],
    "reviewer": [{"delay": [0.05, 0.5], "reject": 0.2},
                 {"delay": 0.05, "reject": 0}],
}
CALM = {"list_lag": 0, "detail_lag": 0, "short_list": None, "limit": None,
        "race": None, "requests_per_connection": 0, "idle": 0,
        "colleague": None, "reviewer": {"delay": 0.02}}


SETTINGS = """[default]
settle = 0.05
settle_create = 1
timeout = 0.5
poll_interval = 0.05
backoff = 0.02
backoff_max = 0.1
breaker_pause = 0.05
outage = 2
"""


class Storm:
    """One job in its weather, in a folder of its own."""

    patience = PATIENCE
    endings = (0, 1, 4, 5, 75, 130, -9)

    def __init__(self, signet, seed, folder):
        self.signet = signet
        self.folder = folder
        self.broken = []
        self.heard = []
        self.edits = self.typed = 0
        self.choose(seed)
        self._configure()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder,
            "XDG_STATE_HOME": folder, "LC_ALL": "C.UTF-8",
            "GCOV_ERROR_FILE": "/dev/null", "ENGAGELAB_SMS_KEY": "key",
            "ENGAGELAB_SMS_SECRET": SECRET}
        self.script = os.path.join(folder, "job.lua")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(self.text())

    def text(self):
        """The script of the job."""
        return HEAD % SUFFIX + JOBS[self.name]

    def _configure(self):
        """What is typed without options is no slower than a storm."""
        config = pathlib.Path(self.folder, ".config/signet/config")
        config.parent.mkdir(parents=True)
        config.write_text(SETTINGS, encoding="utf-8")
        config.chmod(0o600)

    def choose(self, seed):
        """Job, options, switches, weather and people."""
        chance = random.Random(seed)
        self.name = chance.choice(list(JOBS))
        self.planned = chance.random() < 0.3
        self.undoes = chance.random() < 0.4
        self.killed_after = chance.uniform(0.1, 1) \
            if chance.random() < 0.25 else None
        self.fresh = chance.choice(["0", "0.1", "0.3"])
        self.options = self._options(chance)
        self.switches = {
            name: chance.choice(values) for name, values in SWITCHES.items()
            if chance.random() < 0.15}
        if self.name == "rounds" or self.planned:
            self.switches.setdefault("reviewer", {"delay": 0.1, "reject": 0})
        if chance.random() < 0.6:
            self.switches["colleague"] = {
                "seed": seed, "every": [0.05, 0.4],
                "review": chance.random() < 0.3,
                "verbs": chance.choice([["update"], ["update", "create"],
                                        ["update", "delete"]])}
        self.phases = self._phases(chance)
        if self.switches.get("date_header") is False and \
                "clock_offset" in self.switches:
            self._drop_dates()
        self.arguments = {
            "seed": seed, "signs": chance.choice([1, 3, 8]),
            "templates": chance.choice([2, 6, 20])}

    def _base_options(self):
        return [
            "--yes", "--max-deletes", "100%", "--backoff", "0.02",
            "--backoff-max", "0.1", "--breaker-pause", "0.05", "--settle",
            "0.05", "--timeout", "0.5", "--poll-interval", "0.05", "--fresh",
            self.fresh, "--settle-create", "1"]

    def _options(self, chance):
        options = self._base_options() + [
            "--outage", chance.choice(["0.3", "1", "2"])]
        for share, option, values in [
                (0.2, "--breaker", ["0", "1", "2"]),
                (0.2, "--attempts", ["1", "2", "5"]),
                (0.2, "--concurrency", ["1", "2"]),
                (0.2, "--deadline", ["1.5", "3"])]:
            if chance.random() < share:
                options += [option, chance.choice(values)]
        return options

    @staticmethod
    def _phases(chance):
        phases = []
        for _ in range(chance.randint(1, 4)):
            faults = []
            for fault in chance.sample(FAULTS, chance.choice([0, 1, 1, 2, 3])):
                faults.append({**fault, "every": chance.choice([1, 2, 3]),
                               "times": chance.choice([1, 3, 100])})
            phases.append((chance.uniform(0.1, 1.0), faults))
        return phases

    def _drop_dates(self):
        """Nobody knows when it is by a clock that isn't shown: a pause until
        then may last for hours."""
        for _, faults in self.phases:
            for fault in faults:
                if "date_in" in json.dumps(fault):
                    fault["reply"] = {"status": 429}

    # --- commands ---

    def require(self, holds, what, entry_id=None):
        if not holds:
            self.broken.append((what, entry_id))

    def call(self, *arguments, kill_after=None):
        process = subprocess.Popen(
            [self.signet, *arguments], env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=kill_after or PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.require(kill_after, f"{arguments[0]} did not end: "
                         f"{err[-300:]}")
        self.require(SECRET not in out + err, "the secret was shown (I8)")
        self.require(process.returncode in self.endings,
                     f"{' '.join(arguments)}: exit {process.returncode}: "
                     f"{err[-300:]}")
        self.said += f"$ signet {' '.join(arguments)}\n{err[-700:]}" \
            f"(exit {process.returncode})\n"
        events = [json.loads(line) for line in out.splitlines()
                  if line.startswith("{") and line.endswith("}")]
        self.heard += [err, *strings(events)]
        return process.returncode, events, err

    def rage(self, service, over):
        for seconds, faults in self.phases:
            service.well()
            if faults:
                service.fault(*faults)
            if over.wait(seconds):
                break
        service.well()

    def steady(self):
        return self.service.control("GET", "time")["steady"]

    # --- one storm ---

    def go(self):
        self.said = ""
        with Service(secret=SECRET, **self.arguments) as self.service:
            self.environment["SIGNET_BASE_URL"] = self.service.url
            self.service.do("advance", seconds=2)  # entries are that old
            self.began = self.steady()
            try:
                self._go()
            finally:
                self._remember()
        return self.broken

    def _go(self):
        begin = ["run", "--json", *self.options, self.script]
        if self.planned:
            self.call("plan", "-o", "plan.json", self.script)
            begin = ["apply", "--json", *self.options, "plan.json"]
        self.service.switch(**self.switches)
        over = threading.Event()
        weather = threading.Thread(target=self.rage, args=(
            self.service, over))
        weather.start()
        status, events, err = self.call(*begin, kill_after=self.killed_after)
        self.audited = status in (0, 1, 4, 5) and "deadline" not in err and \
            "could not be checked" not in json.dumps(events)
        over.set()
        weather.join()
        jobs = [event for event in self.call("jobs", "--json")[1]
                if event["event"] == "job"]
        if not jobs:
            self.require(not self._client_effects(),
                         "effects, and there is no job (I2)")
            return
        job = jobs[0]["job"]
        self._compare(job)
        self._check_summary(status, events, job)
        self._calm()
        self._resume(job, status)
        if self.undoes and not self.broken:
            self._undo(job)
        if not self.broken:
            self._advise(job)

    def _client_effects(self):
        return self.service.ledger(who="client")

    def _judge(self):
        # The weather's thread is over: only this one asks.
        return Judge(SUFFIX, self.service.ledger(), self.service.requests(),
                     self.audited)

    def _compare(self, job, since=0):
        writes = [event for event in self.call("show", "--json", job)[1]
                  if event["event"] == "write"]
        judge = self._judge()
        judge.compare(writes)
        judge.find_overwritten(float(self.fresh), since, resumed=self.resumed)
        self._add(judge)
        return writes

    def _add(self, judge):
        self.broken += [one for one in judge.broken if one not in self.broken]

    resumed = float("inf")
    audited = True

    def _check_summary(self, status, events, job):
        """I10: exit status, summary and journal tell the same."""
        if not events or status == -9:
            return
        summary = events[-1]
        self.require(summary["event"] == "summary", "no summary (I10)")
        if status == 0:
            self.require(not summary["failed"] and not summary["unknown"],
                         f"exit 0, and {summary} (I10)")
        if status == 5:
            self.require(summary["unknown"], f"exit 5, and {summary} (I10)")
        writes = [event for event in self.call("show", "--json", job)[1]
                  if event["event"] == "write"]
        lost = [w for w in writes if w["state"] in ("unknown", "intent")]
        self.require(not lost or status in (5, 130, 1, 75),
                     f"exit {status}, and {len(lost)} writes are open (I10)")

    def _calm(self):
        """The service is well, and everything that was late has happened."""
        self.service.well()
        time.sleep(0.05)
        self.service.switch(**CALM)
        self.service.do("settle")
        self.service.do("review", kind="sign")
        self.service.do("review", kind="template")

    def _resume(self, job, status):
        options = ["--yes", "--max-deletes", "100%"]
        for name in ("--settle", "--timeout", "--fresh", "--settle-create",
                     "--poll-interval"):
            options += [name, self.options[self.options.index(name) + 1]]
        self.resumed = self.steady()
        for _ in range(3):
            if status in (0, 1, 4):
                break
            self.audited = True
            status = self.call("resume", *options, job)[0]
        writes = self._compare(job)
        for write in writes:
            ends = ENDS
            if write["verb"] == "create" and (
                    write["kind"] == "template" or "colleague" in self.switches
                    or self.switches.get("date_header") is False):
                # Of equal twins, of what may be older, and of what somebody
                # may have changed since, a person decides.
                ends += ("unknown",)
            self.require(
                write["state"] in ends,
                f"{write['verb']} {write['kind']} {write['id']} is "
                f"{write['state']} after all (I4)", write["id"])
        left = [w for w in writes if w["state"] in ("unknown", "intent")]
        self.require(status != 0 or not left,
                     f"exit 0, and {len(left)} writes are open (I10)",
                     left[0]["id"] if left else None)
        if status == 0:
            sent = len(self._sent())
            self.call("resume", *options, job)
            self.require(len(self._sent()) == sent,
                         "a second resume wrote something (I5)")

    def _sent(self):
        return [request for request in self.service.requests()
                if request["method"] != "GET"]

    def _undo(self, job):
        """I6: back to what it was, or a conflict that is told."""
        since = self.steady()
        status, _, _ = self.call(
            "undo", "--yes", "--json", "--max-deletes", "100%", "--timeout",
            "2", "--poll-interval", "0.05", "--settle", "0.05", job)
        judge = self._judge()
        judge.find_overwritten(float(self.fresh), since, undo=True)
        self._add(judge)
        if status != 0:
            return
        first = {}
        edits = judge.edits(float(self.fresh))
        for effect in judge.effects:
            if effect["steady"] < since and effect["verb"] == "update" and \
                    not self._came_late(judge, effect) and \
                    not edits.came_unseen(effect):
                first.setdefault((effect["kind"], effect["id"]),
                                 effect["before"])
        for (kind, entry_id), before in first.items():
            entry = self.service.entries(kind).get(entry_id)
            self.require(entry is None or all(
                entry[name] == before[name] or name not in entry
                for name in ("sign_name", "template_content")
                if name in before),
                f"{kind} {entry_id} was not undone, and exit 0 (I6)",
                entry_id)

    # --- what it proposed ---

    def _advise(self, job):
        """I12, and I11 for what that did."""
        since = self.steady()
        heard, self.heard = self.heard, []

        def state():
            return told(self.call("show", "--json", job)[1]), \
                len(self.service.ledger()), len(self._sent())
        self.typed = Advice(self, state).type_all(heard)
        judge = self._judge()
        judge.find_overwritten(float(self.fresh), since, undo=None,
                               resumed=self.resumed)
        self._add(judge)

    @staticmethod
    def _came_late(judge, effect):
        """What others did before a late effect, no client could see."""
        request = judge.requests.get(effect["request"])
        return request is not None and request["effect"] == "late"

    def _remember(self):
        """The story of the entries that went wrong, while it can be asked."""
        judge = self._judge()
        self.edits = sum(e["who"] == "colleague" for e in judge.ledger)
        self.tale = self.said.splitlines()
        for entry_id in dict.fromkeys(
                entry_id for _, entry_id in self.broken[:4]):
            self.tale += [f"the story of {entry_id}:",
                          *judge.story(entry_id, self.began)]

    def tell(self):
        changed = ", ".join(f"{name}={json.dumps(value)}" for name, value
                            in self.switches.items())
        how = "a plan of " if self.planned else ""
        killed = f", killed after {self.killed_after:.1f} s" \
            if self.killed_after else ""
        return "\n".join([
            f"{how}{self.name} on {self.arguments['signs']} signatures and "
            f"{self.arguments['templates']} templates{killed}",
            f"  options: {' '.join(self.options[11:])}",
            f"  switches: {changed or 'none'}",
            *(f"  weather for {seconds:.1f} s: {json.dumps(faults)}"
              for seconds, faults in self.phases),
            *(f"  BROKEN: {what}" for what, _ in self.broken[:8]),
            *("  " + line for line in self.tale)])


def strings(value):
    """All text in what --json wrote."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in strings(item)] \
        if isinstance(value, list) else []
