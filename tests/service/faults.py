# SPDX-License-Identifier: MIT
"""What goes wrong with a request: its effect, its reply, its connection."""

import json
from email.utils import formatdate

KEYS = {"match", "skip", "every", "times", "chance", "effect", "effect_after",
        "late_from", "reply", "delay", "cut_after", "flip", "before", "after",
        "name"}
MATCHES = {"method", "kind", "what", "id", "writes", "body"}


def is_throttle(reply):
    """Whether it says that the request was not carried out; the effect of a
    rule that meets the same request doesn't make that a lie."""
    return isinstance(reply, dict) and (
        reply.get("status") == 429 or reply.get("code") == 3004)


class Bad(Exception):
    """A fault that can't be."""


class Fault:
    """One rule: which requests it meets, and what becomes of them."""

    def __init__(self, rule):
        unknown = set(rule) - KEYS | set(rule.get("match", {})) - MATCHES
        if unknown:
            raise Bad("a fault has no " + ", ".join(sorted(unknown)))
        self.rule = rule
        self.seen = 0
        self.met = 0

    def _matches(self, call):
        match = self.rule.get("match", {})
        values = {"method": call.request.method, "kind": call.kind,
                  "what": call.what, "id": call.id, "writes": call.writes}
        for name, wanted in match.items():
            if name == "body":
                if wanted not in call.request.body.decode("utf-8", "replace"):
                    return False
            elif values[name] not in (
                    wanted if isinstance(wanted, list) else [wanted]):
                return False
        return True

    def meets(self, call, chance):
        rule = self.rule
        if not self._matches(call):
            return False
        self.seen += 1
        number = self.seen - rule.get("skip", 0)
        if number < 1 or (number - 1) % rule.get("every", 1):
            return False
        if "times" in rule and self.met >= rule["times"]:
            return False
        if chance.random() >= rule.get("chance", 1):
            return False
        self.met += 1
        return True


class Faults:
    """All rules, the limit, and the effects that are still to come."""

    def __init__(self, account):
        self.account = account
        self.rules = []
        self.tokens = 0
        self.filled = None
        self.late = {}

    def add(self, rule):
        self.rules.append(Fault(rule))

    def clear(self):
        self.rules = []

    def choose(self, call):
        """What becomes of a call: all rules that meet it, one over another."""
        plan, throttled = {}, None
        for fault in self.rules:
            if fault.meets(call, self.account.chance):
                rule = dict(fault.rule)
                for hook in ("before", "after"):
                    if hook in plan or hook in rule:
                        rule[hook] = [*plan.get(hook, ()),
                                      *rule.get(hook, ())]
                plan.update(rule)
                if is_throttle(rule.get("reply")):
                    throttled = rule
        if throttled and plan["reply"] is throttled["reply"]:
            plan["effect"] = throttled.get("effect", "none")
        if self._is_over_limit(call):
            plan = {"reply": self._limit_reply()}
        self._race(call, plan)
        if plan.get("reply", "normal") != "normal":
            plan.setdefault("effect", "none")
        return plan

    def _race(self, call, plan):
        race = self.account.switches.race
        if race and call.request.connection.requests == race["request"] and \
                (call.writes or not race.get("writes_only")):
            plan.update(reply="lost", effect=race.get("effect", "none"))

    # --- the limit ---

    def _is_over_limit(self, call):
        limit = self.account.switches.limit
        if not limit or limit.get("writes_only") and not call.writes:
            return False
        now = self.account.clock.steady()
        burst = limit.get("burst", max(1, limit["per_second"]))
        if self.filled is None:
            self.tokens = burst
        else:
            self.tokens = min(burst, self.tokens + (
                now - self.filled) * limit["per_second"])
        self.filled = now
        if self.tokens < 1:
            return True
        self.tokens -= 1
        return False

    def _limit_reply(self):
        reply = dict(self.account.switches.limit.get("reply") or {
            "status": 429, "code": 429, "message": "too many requests"})
        wait = self.account.switches.retry_after
        if wait is not None:
            reply["headers"] = {"Retry-After": wait,
                                **reply.get("headers", {})}
        return reply

    # --- replies ---

    def reply(self, reply, headers):
        """A reply that a rule spells out."""
        headers = dict(headers)
        for name, value in reply.get("headers", {}).items():
            if isinstance(value, dict):
                value = formatdate(self.account.clock.unix()
                                   + value["date_in"], usegmt=True)
            headers[name] = value
        body = reply.get("body")
        if body is None:
            status = reply.get("status", 200)
            body = {"code": reply.get("code", status),
                    "message": reply.get("message", "failed")}
        if not isinstance(body, str):
            body = json.dumps(body, ensure_ascii=False)
        return reply.get("status", 200), headers, body.encode()

    # --- effects that come late ---

    def later(self, seconds, effect):
        key = object()
        self.late[key] = effect

        def run():
            if self.late.pop(key, None):
                effect()
        self.account.clock.after(seconds, run)

    def settle(self):
        """Everything that is still to come happens now."""
        while self.late:
            self.late.pop(next(iter(self.late)))()
