# SPDX-License-Identifier: MIT
"""/_control/: switches, faults, the ledger, the state, other people's hands."""

import json
import urllib.parse

import faults
import switches
from account import APPROVED, PENDING, Refused


class Control:
    """What a test may do with the service; no credentials are asked for."""

    def __init__(self, account, server, api):
        self.account = account
        self.server = server
        self.api = api
        api.control = self
        self.first = {}

    def handle(self, request):
        request.connection.controls = True
        name = request.path[len("/_control"):].strip("/")
        query = {key: values[0] for key, values in
                 urllib.parse.parse_qs(request.query).items()}
        try:
            body = json.loads(request.body) if request.body else {}
            status, answer = 200, self._answer(
                request.method, name, body, query)
        except (switches.Bad, faults.Bad, ValueError, KeyError) as error:
            status, answer = 400, {"error": str(error) or repr(error)}
        except Refused as error:
            status, answer = 409, {"error": error.message}
        request.connection.reply(
            status, {"Content-Type": "application/json"},
            json.dumps(answer, ensure_ascii=False).encode())

    def _answer(self, method, name, body, query):
        if method == "GET":
            return self._show(name, query)
        if method == "DELETE":
            return self._clear(name)
        if name == "switches":
            self.account.switches.set(body)
            return self.account.switches.values
        if name == "faults":
            for rule in body if isinstance(body, list) else [body]:
                self.api.faults.add(rule)
            return {"faults": len(self.api.faults.rules)}
        if name == "state":
            self.account.replace(body)
            return {"signs": len(body.get("signs", [])),
                    "templates": len(body.get("templates", []))}
        return self.do({**body, "do": name})

    def _show(self, name, query):
        since = int(query.pop("since", 0))
        if name == "switches":
            return self.account.switches.values
        if name == "faults":
            return [{**fault.rule, "met": fault.met}
                    for fault in self.api.faults.rules]
        if name == "state":
            return self.account.state()
        if name == "time":
            return {"unix": self.account.clock.unix(),
                    "steady": self.account.clock.steady()}
        if name in ("ledger", "requests"):
            records = self.account.ledger if name == "ledger" \
                else self.api.requests
            return [record for record in records
                    if record["n"] > since and all(
                        str(record.get(key)) == value
                        for key, value in query.items())]
        raise KeyError(f"nothing to show: {name}")

    def _clear(self, name):
        if name == "switches":
            self.account.switches.set(switches.DEFAULTS)
        elif name == "faults":
            self.api.faults.clear()
        elif name == "requests":
            self.api.requests.clear()
        else:
            raise KeyError(f"nothing to clear: {name}")
        return {}

    def do(self, operation):
        """One act of somebody: also what a fault does before and after."""
        operation = dict(operation)
        name = operation.pop("do")
        if name not in ACTS:
            raise KeyError(f"no such act: {name}")
        return ACTS[name](self, **operation) or {}

    # --- acts ---

    def _ids(self, kind, id):
        if id == "all":
            return list(self.account.truth.entries[kind])
        return id if isinstance(id, list) else [id]

    def review(self, kind, id="all", status=APPROVED, remark=""):
        """Decides; "all" is what is pending."""
        entries = self.account.truth.entries[kind]
        for entry_id in self._ids(kind, id):
            if id != "all" or entries[entry_id]["status"] == PENDING:
                self.account.decide(kind, entry_id, status, remark)

    def lock(self, kind, id, plan="running", seconds=None):
        """A message plan that uses an entry, for some seconds or for good."""
        for entry_id in self._ids(kind, id):
            self.account.lock(kind, entry_id, plan)
            if seconds is not None:
                self.account.clock.after(
                    seconds, lambda e=entry_id: self._unlock(kind, e))

    def _unlock(self, kind, entry_id):
        if entry_id in self.account.truth.entries[kind]:
            self.account.lock(kind, entry_id, None)

    def edit(self, kind, id, fields, status=None):
        """A colleague in the console: no rule stops them."""
        for entry_id in self._ids(kind, id):
            self.account.edit(kind, entry_id, fields, status)

    def create(self, kind, fields, review=False):
        carry_out = self.account.create(
            kind, fields, "colleague", review=review)
        carry_out()
        return {"id": carry_out.id}

    def delete(self, kind, id):
        for entry_id in self._ids(kind, id):
            self.account.delete(kind, entry_id, "colleague")()

    def advance(self, seconds):
        """Time goes by, here only."""
        self.account.clock.advanced += seconds
        self.account.clock.run_due()

    def settle(self):
        """Late effects happen, and everybody sees everything."""
        self.api.faults.settle()
        self.account.catch_up()

    def reset(self):
        """Everything as it was when the service began."""
        self.account.clock.reset()
        self.account.switches.set(switches.DEFAULTS)
        self.api.faults = faults.Faults(self.account)
        self.api.requests.clear()
        self.account.replace(self.first)

    def set(self, **values):
        self.account.switches.set(values)

    def fault(self, **rule):
        self.api.faults.add(rule)

    def stop(self):
        self.server.going = False


ACTS = {name: getattr(Control, name) for name in (
    "review", "lock", "edit", "create", "delete", "advance", "settle", "set",
    "fault", "reset", "stop")}
