# SPDX-License-Identifier: MIT
"""Both dialects: paths, bodies and replies as the provider's pages show them.

A request becomes a Call: what it asks for, of which dialect. A Call is answered
in three steps, which faults can take apart: what it reads or checks, its effect
(at once, late or never) and its reply (whole, cut, late or never).
"""

import base64
import json
import re
import urllib.parse

from account import SIGN, Refused
from faults import Faults
from shapes import Shapes

JSON = {"Content-Type": "application/json"}
CONFIGS = re.compile(r"/v1/(sign|template)-configs(?:/([^/]*))?")
SIGNS = re.compile(r"/v1/signs(?:/([^/]*))?")
WHAT = {("GET", False): "list", ("GET", True): "get",
        ("POST", False): "create", ("PUT", True): "update",
        ("DELETE", True): "delete"}


class Call:
    """What a request asks for."""

    def __init__(self, request):
        self.request = request
        self.kind = self.what = self.id = self.refused = None
        self.signs = False
        match = CONFIGS.fullmatch(request.path)
        if match:
            self.kind, self.id = match.groups()
        else:
            match = SIGNS.fullmatch(request.path)
            self.signs = True
            if match:
                self.kind, self.id = SIGN, match[1]
        if self.kind:
            self.what = WHAT.get((request.method, self.id is not None))
        try:
            self.body = json.loads(request.body) if request.body else None
        except ValueError:
            self.body = None

    @property
    def writes(self):
        return self.what in ("create", "update", "delete")


class Api:
    """Answers requests, and keeps what was asked and answered."""

    def __init__(self, account, server, key="key", secret="secret"):
        self.account = account
        self.server = server
        self.switches = account.switches
        self.shapes = Shapes(account)
        self.faults = Faults(account)
        self.allowed = "Basic " + base64.b64encode(
            f"{key}:{secret}".encode()).decode()
        self.requests = []
        self.control = None
        server.handle = self.handle

    def handle(self, request):
        if request.path.startswith("/_control"):
            self.control.handle(request)
            return
        call = Call(request)
        record = {
            "n": request.number, "time": self.account.clock.unix(),
            "steady": self.account.clock.steady(),
            "connection": id(request.connection),
            "nth": request.connection.requests, "method": request.method,
            "path": request.path, "query": request.query,
            "body": request.body.decode("utf-8", "replace"),
            "what": call.what, "kind": call.kind, "id": call.id,
            "status": None, "effect": None, "as_of": None, "answered": None,
            "whole": False}
        self.requests.append(record)
        Answer(self, call, record).go()

    # --- what the account says ---

    def refuse(self, call, error):
        """A refusal in the words of the dialect."""
        if not call.signs:
            return 400, encode({"code": 400, "message": error.message})
        if error.reason == "missing":
            return 400, encode({"code": 34010, "message": "sign not exists"})
        if error.reason in ("parameter", "exists"):
            return 400, encode({"code": 34005,
                                "message": "Invalid sign_name"})
        return 400, encode({"code": 34000, "message": error.message})

    def check_id(self, call):
        if call.id is not None and not re.fullmatch(r"[0-9]{1,19}", call.id):
            raise Refused("invalid signId" if call.kind == SIGN
                          else "invalid templateId",
                          "missing" if call.signs else "parameter")

    def read(self, call):
        if call.what == "list":
            return self._list(call)
        view = self.account.detail_view()
        entry = view.entries[call.kind].get(call.id)
        if entry is None:
            raise Refused(f"{call.kind} config not exist", "missing")
        if call.signs:
            return b'{"result": %b}' % self.shapes.sign_2023(view, entry)
        return self.shapes.show(view, call.kind, entry, False)

    def _list(self, call):
        view = self.account.list_view()
        entries = self.shapes.entries(view, call.kind)
        if not call.signs:
            return b"[" + b",".join(
                self.shapes.show(view, call.kind, entry, True)
                for entry in entries) + b"]"
        wanted = urllib.parse.parse_qs(call.request.query).get("sign_name")
        if wanted:
            entries = [entry for entry in entries
                       if wanted[0].casefold() in entry["sign_name"].casefold()]
        shown = b",".join(self.shapes.sign_2023(view, entry)
                          for entry in entries)
        return b'{"result": [%b], "count": %d, "total": %d}' % (
            shown, len(entries), len(entries))

    def write(self, call):
        """The checked write: a function that carries it out."""
        account, number = self.account, call.request.number
        review = self.switches.signs_review if call.signs else True
        if call.what == "create":
            if call.signs and len(account.truth.entries[SIGN]) >= \
                    self.switches.signs_limit:
                raise Refused("too many signatures")
            return account.create(call.kind, call.body, request=number,
                                  review=review)
        if call.what == "update":
            return account.update(call.kind, call.id, call.body,
                                  request=number, review=review)
        return account.delete(call.kind, call.id, request=number)

    def success(self, call, entry_id):
        """The reply to a write that was carried out, or is said to be."""
        if call.signs and call.what == "create":
            entry = self.account.truth.entries[SIGN].get(entry_id)
            if entry is None:  # late: what it is going to be
                now = int(self.account.clock.unix())
                entry = {"sign_id": entry_id, "created_time": now,
                         "updated_time": now, **call.body}
            return b'{"result": %b}' % self.shapes.sign_2023(
                self.account.truth, entry)
        if call.signs:
            return b'{"count": 1}'
        if call.what == "create" and self.switches.create_tells_id:
            return encode({f"{call.kind}_id": self.shapes.id(entry_id)})
        return encode({"code": 0, "message": "success"})


class Answer:
    """How one call is answered."""

    def __init__(self, api, call, record):
        self.api = api
        self.call = call
        self.record = record
        self.account = api.account
        self.connection = call.request.connection
        self.plan = {}

    def go(self):
        if self.call.request.headers.get("authorization") != self.api.allowed:
            self._refuse_key()
            return
        self.plan = self.api.faults.choose(self.call)
        self._do(self.plan.get("before", ()))
        status, body = self._outcome()
        self._do(self.plan.get("after", ()))
        self._reply(status, body)

    def _do(self, operations):
        for operation in operations:
            self.api.control.do(operation)

    def _refuse_key(self):
        body = {"code": 30000, "message": "Authentication failed"} \
            if self.call.signs else {"code": 2001, "message": "auth failed"}
        self._send(401, JSON, encode(body))

    def _outcome(self):
        """Status and body, with the effect carried out if it is time."""
        call = self.call
        if call.what is None:
            return 404, encode({"code": 404, "message": "not found"})
        try:
            self.api.check_id(call)
            if not call.writes:
                body = self.api.read(call)
                view = self.account.lists if call.what == "list" \
                    else self.account.details
                self.record["as_of"] = view.as_of
                return 200, body
            effect = self.plan.get("effect", "now")
            if effect == "none" and not isinstance(
                    self.plan.get("reply", "normal"), str):
                return 200, b""
            carry_out = self.api.write(call)
            self.record["effect"] = effect
            if effect == "now":
                carry_out()
            elif effect == "late":
                self._later(carry_out)
            return 200, self.api.success(call, carry_out.id)
        except Refused as error:
            self.record["refused"] = error.message
            return self.api.refuse(call, error)

    def _later(self, carry_out):
        """The effect some time after the request, its reply or its end."""
        seconds = self.account.pick(self.plan.get("effect_after", 0.2))
        begin = self.plan.get("late_from", "request")

        def effect():
            try:
                carry_out()
            except Refused as error:
                self.record["late"] = "refused: " + error.message

        def start():
            self.api.faults.later(seconds, effect)
        if begin == "request":
            start()
        elif begin == "cut":
            self.connection.on_close.append(start)
        else:
            self.plan["sent"] = start

    # --- the reply ---

    def _reply(self, status, body):
        headers = dict(JSON)
        reply = self.plan.get("reply", "normal")
        if isinstance(reply, dict):
            status, headers, body = self.api.faults.reply(reply, headers)
        delay = self.account.pick(self.plan.get("delay", 0))
        if delay:
            self.account.clock.after(
                delay, lambda: self._send(status, headers, body))
        else:
            self._send(status, headers, body)

    def _send(self, status, headers, body):
        reply = self.plan.get("reply")
        if reply in ("lost", "reset"):
            self.record["status"] = reply
            self.connection.close(reply == "reset")
        elif reply == "hold":
            self.record["status"] = reply
        else:
            self.record["status"] = status
            self.record["answered"] = self.account.clock.steady()
            self.record["whole"] = not isinstance(reply, dict) and not any(
                name in self.plan for name in ("cut_after", "flip", "delay"))
            if self.api.switches.date_header:
                headers = {"Date": self.api.server.date(), **headers}
            self.connection.reply(
                status, headers, body, self.plan.get("cut_after"),
                self.plan.get("flip"))
        if "sent" in self.plan:
            self.plan["sent"]()


def encode(value):
    return json.dumps(value, ensure_ascii=False).encode()
