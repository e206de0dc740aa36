# SPDX-License-Identifier: MIT
"""An account: what is stored, the rules of the provider's pages, the ledger."""

import heapq
import random
import re
import time
import unicodedata

from switches import Switches

PENDING, APPROVED, REJECTED = 1, 2, 3
SIGN, TEMPLATE = "sign", "template"
TYPES = ("utility", "marketing", "authentication", "otp")
ID = {SIGN: "sign_id", TEMPLATE: "template_id"}
NAME = {SIGN: "sign_name", TEMPLATE: "template_name"}


class Refused(Exception):
    """A request that the rules don't allow."""

    def __init__(self, message, reason="rule"):
        super().__init__(message)
        self.message = message
        self.reason = reason


class Entry(dict):
    """Never changed once it is stored: a change stores another."""

    __slots__ = ("shown",)

    def __init__(self, *fields, **more):
        super().__init__(*fields, **more)
        self.shown = None


class Clock:
    """The service's time, and what is due at a time."""

    def __init__(self, switches):
        self.switches = switches
        self.advanced = 0
        self.due = []
        self.count = 0

    def unix(self):
        return time.time() + self.advanced + self.switches.clock_offset

    def steady(self):
        return time.monotonic() + self.advanced

    def after(self, seconds, call):
        self.count += 1
        heapq.heappush(self.due, (self.steady() + seconds, self.count, call))

    def reset(self):
        self.advanced = 0
        self.due.clear()

    def run_due(self):
        """Does what is due; the seconds until the next is, an hour at most."""
        while self.due and self.due[0][0] <= self.steady():
            heapq.heappop(self.due)[2]()
        return max(0, self.due[0][0] - self.steady()) if self.due else 3600


class View:
    """The account as a reader sees it: it follows the truth, and never back."""

    def __init__(self):
        self.entries = {SIGN: {}, TEMPLATE: {}}
        self.uses = {}
        self.behind = []
        self.position = 0
        self.as_of = 0

    def apply(self, kind, entry_id, entry):
        old = self.entries[kind].get(entry_id)
        if entry is None:
            self.entries[kind].pop(entry_id, None)
        else:
            self.entries[kind][entry_id] = entry
        if kind == TEMPLATE:
            self._count(old, -1)
            self._count(entry, 1)

    def _count(self, entry, change):
        if entry and entry["sign_id"]:
            key = entry["sign_id"]
            self.uses[key] = self.uses.get(key, 0) + change

    def catch_up(self, until):
        """Takes over what changed until then."""
        self.as_of = max(self.as_of, until)
        while self.position < len(self.behind) and \
                self.behind[self.position][0] <= until:
            self.apply(*self.behind[self.position][1:])
            self.position += 1
        if self.position > 4096:
            del self.behind[:self.position]
            self.position = 0


class Account:
    """Its entries, and every change of them."""

    def __init__(self, seed=0):
        self.switches = Switches()
        self.clock = Clock(self.switches)
        self.chance = random.Random(seed)
        self.truth = View()
        self.lists = View()
        self.details = View()
        self.ledger = []
        self.holders = {}
        self.held_until = {}
        self.next_id = {SIGN: 100000000, TEMPLATE: 200000000}
        self.on_change = []

    def pick(self, value):
        """A switch's seconds: a number, or chosen from a range."""
        if isinstance(value, list):
            return self.chance.uniform(*value)
        return value

    # --- views ---

    def list_view(self):
        return self._view(self.lists, self.switches.list_lag)

    def detail_view(self):
        return self._view(self.details, self.switches.detail_lag)

    def _view(self, view, lag):
        view.catch_up(self.clock.steady() - self.pick(lag))
        return view

    def catch_up(self):
        for view in (self.lists, self.details):
            view.catch_up(self.clock.steady())

    # --- changes ---

    def store(self, kind, entry_id, entry, who, verb, request=None):
        """One effect: into the truth, the ledger, and later into the views."""
        before = self.truth.entries[kind].get(entry_id)
        self.truth.apply(kind, entry_id, entry)
        now = self.clock.steady()
        for view in (self.lists, self.details):
            view.behind.append((now, kind, entry_id, entry))
        if kind == SIGN:
            self._hold_names(entry_id, before, entry)
        effect = {
            "n": len(self.ledger) + 1, "time": self.clock.unix(),
            "steady": now, "who": who, "verb": verb, "kind": kind,
            "id": entry_id, "before": before, "after": entry,
            "request": request}
        self.ledger.append(effect)
        for call in self.on_change:
            call(effect)
        return effect

    def replace(self, state):
        """The whole state, as `state()` gave it; the ledger begins anew."""
        self.truth, self.lists, self.details = View(), View(), View()
        self.ledger.clear()
        self.holders.clear()
        self.held_until.clear()
        for kind, key in ((SIGN, "signs"), (TEMPLATE, "templates")):
            for fields in state.get(key, []):
                self._load(kind, fields)
        self.catch_up()
        self.ledger.clear()

    def _load(self, kind, fields):
        before = int(self.clock.unix()) - 2  # no client has begun by then
        entry = Entry(blank(kind), created_time=before, updated_time=before)
        entry.update(fields)
        if not entry.get(ID[kind]):
            entry[ID[kind]] = self.new_id(kind)
        entry_id = entry[ID[kind]] = str(entry[ID[kind]])
        if entry.get("sign_id"):
            entry["sign_id"] = str(entry["sign_id"])
        if kind == SIGN and entry["status"] == APPROVED:
            entry["approved_name"] = entry["sign_name"]
        self.next_id[kind] = max(self.next_id[kind], int(entry_id))
        self.store(kind, entry_id, entry, "control", "load")

    def state(self):
        return {"signs": list(self.truth.entries[SIGN].values()),
                "templates": list(self.truth.entries[TEMPLATE].values())}

    def new_id(self, kind):
        self.next_id[kind] += 1
        return str(self.next_id[kind])

    def get(self, kind, entry_id):
        entry = self.truth.entries[kind].get(entry_id)
        if entry is None:
            raise Refused(("sign" if kind == SIGN else "template")
                          + " config not exist", "missing")
        return entry

    # --- names ---

    def _key(self, name):
        return name.casefold() if self.switches.name_case == "ignored" \
            else name

    def _names(self, entry):
        names = {entry["sign_name"]}
        if self.switches.names_freed == "approval" and entry["approved_name"]:
            names.add(entry["approved_name"])
        return {self._key(name) for name in names if name is not None}

    def _hold_names(self, entry_id, before, after):
        for name in self._names(before) if before else ():
            if self.holders.get(name) == entry_id:
                del self.holders[name]
                if after is None and self.switches.deleted_name_held:
                    self.held_until[name] = self.clock.steady() + self.pick(
                        self.switches.deleted_name_held)
        for name in self._names(after) if after else ():
            self.holders[name] = entry_id

    def check_name_is_free(self, name, entry_id):
        key = self._key(name)
        holder = self.holders.get(key)
        if holder is not None and holder != entry_id or \
                self.held_until.get(key, 0) > self.clock.steady():
            raise Refused("sign_name already exist", "exists")

    # --- what is written, and how it is stored ---

    def form(self, value):
        """Text as it is stored."""
        if self.switches.trim:
            value = value.strip()
        if self.switches.unicode != "as is":
            value = unicodedata.normalize(self.switches.unicode, value)
        return value

    def countries(self, value):
        codes = value.split(",")
        if self.switches.country_separator != ",":
            codes = [code.strip() for code in codes]
        if self.switches.country_order == "sorted":
            codes.sort()
        elif self.switches.country_order == "reversed":
            codes.reverse()
        joined = self.switches.country_separator.join(codes)
        return joined.strip() if self.switches.trim else joined

    def fields(self, kind, body, stored_before=None):
        """The fields that a body writes; refuses what the pages forbid."""
        if not isinstance(body, dict):
            raise Refused("parameter error: body", "parameter")
        return self._sign_fields(body) if kind == SIGN \
            else self._template_fields(body)

    def _sign_fields(self, body):
        name = self.form(needed(body, "sign_name"))
        if not 2 <= len(name) <= 60 or re.search(r"[\[\]【】]", name):
            raise Refused("parameter error: sign_name", "parameter")
        return {"sign_name": name}

    def _template_fields(self, body):
        name = self.form(needed(body, "template_name"))
        content = self.form(needed(body, "template_content"))
        kind = needed(body, "template_type")
        codes = self.countries(needed(body, "country_codes"))
        if not 1 <= len(name) <= 255:
            raise Refused("parameter error: template_name", "parameter")
        if kind not in TYPES:
            raise Refused("parameter error: template_type", "parameter")
        if not codes:
            raise Refused("parameter error: country_codes", "parameter")
        self._check_content(content)
        if kind == "otp" and self.switches.otp_is_authentication:
            kind = "authentication"
        sign_id, position = self._signature_of(body)
        return {"template_name": name, "template_type": kind,
                "template_content": content, "country_codes": codes,
                "sign_id": sign_id, "sign_position": position}

    def _check_content(self, content):
        test = {"anywhere": "test|测试", "word": r"\btest\b|测试",
                "allowed": "(?!)"}[self.switches.test_word]
        if not content or re.search(r"[\[\]【】、]|" + test, content):
            raise Refused("parameter error: template_content", "parameter")

    def _signature_of(self, body):
        add = body.get("add_signature", False)
        if not isinstance(add, bool):
            raise Refused("parameter error: add_signature", "parameter")
        if not add:
            return None, 0
        sign_id = body.get("sign_id")
        if not isinstance(sign_id, str) or not sign_id.isascii() or \
                not sign_id.isdigit():
            raise Refused("invalid signId", "parameter")
        position = body.get("sign_position")
        if position not in (1, 2) or isinstance(position, bool):
            raise Refused("parameter error: sign_position", "parameter")
        if self.get(SIGN, sign_id)["status"] != APPROVED:
            raise Refused("sign status is not approved, can not use")
        return sign_id, position

    # --- writes ---
    # Each is checked first and returns a function that carries it out, so that
    # an effect may come late or not at all.

    def create(self, kind, body, who="client", request=None, review=True):
        fields = self.fields(kind, body)
        if kind == SIGN:
            self.check_name_is_free(fields["sign_name"], None)
        entry_id = self.new_id(kind)
        asked = int(self.clock.unix())

        def carry_out():
            self.fields(kind, body)
            if kind == SIGN:
                self.check_name_is_free(fields["sign_name"], None)
            now = asked if self.switches.late_created_time == "request" \
                else int(self.clock.unix())
            entry = Entry(blank(kind), **fields, created_time=now,
                          updated_time=now)
            entry[ID[kind]] = entry_id
            self.store(kind, entry_id, reviewed(entry, review), who,
                       "create", request)
        carry_out.id = entry_id
        return carry_out

    def update(self, kind, entry_id, body, who="client", request=None,
               review=True):
        def check():
            entry = self.get(kind, entry_id)
            self._check_can_change(kind, entry, "update")
            fields = self.fields(kind, body)
            if kind == SIGN:
                self.check_name_is_free(fields["sign_name"], entry_id)
            return entry, fields

        def carry_out():
            entry, fields = check()
            same = all(entry[name] == value for name, value in fields.items())
            if same and self.switches.same_put == "nothing":
                return
            after = Entry(entry, **fields, audit_remark="",
                          updated_time=int(self.clock.unix()))
            self.store(kind, entry_id, reviewed(after, review), who,
                       "update", request)
        check()
        carry_out.id = entry_id
        return carry_out

    def delete(self, kind, entry_id, who="client", request=None):
        def check():
            entry = self.get(kind, entry_id)
            if entry["status"] == PENDING and not self.switches.pending_delete:
                raise Refused(f"can not delete pending status {kind}")
            self._check_can_change(kind, entry, "delete")
            if kind == SIGN and self.truth.uses.get(entry_id) and \
                    self.switches.signature_in_use == "refuse":
                raise Refused("there are templates using current sign, "
                              "can not delete")

        def carry_out():
            check()
            self.store(kind, entry_id, None, who, "delete", request)
        check()
        carry_out.id = entry_id
        return carry_out

    def _check_can_change(self, kind, entry, verb):
        if verb == "update" and entry["status"] == PENDING:
            raise Refused(f"can not update pending status {kind}", "pending")
        if entry["plan"]:
            raise Refused("there are pending or running plans using current "
                          f"{kind}, can not {verb}", "in use")

    # --- people ---

    def decide(self, kind, entry_id, status, remark="", who="reviewer"):
        entry = self.get(kind, entry_id)
        after = Entry(entry, status=status, audit_remark=remark,
                      updated_time=int(self.clock.unix()))
        self.store(kind, entry_id, approved(after), who, "review")

    def lock(self, kind, entry_id, plan):
        entry = self.get(kind, entry_id)
        self.store(kind, entry_id, Entry(entry, plan=plan), "control", "lock")

    def edit(self, kind, entry_id, fields, status=None, who="colleague"):
        """As in the console, which has no rules here: any field, at once."""
        entry = Entry(self.get(kind, entry_id), **fields,
                      updated_time=int(self.clock.unix()))
        if status is not None:
            entry["status"] = status
        self.store(kind, entry_id, approved(entry), who, "update")


def blank(kind):
    common = {"status": APPROVED, "audit_remark": "", "plan": None}
    if kind == SIGN:
        return {"sign_id": None, "sign_name": None, "approved_name": None,
                **common}
    return {"template_id": None, "template_name": None,
            "template_type": "utility", "template_content": "",
            "country_codes": "CN", "sign_id": None, "sign_position": 0,
            **common}


def reviewed(entry, review):
    entry["status"] = PENDING if review else APPROVED
    return approved(entry)


def approved(entry):
    if "approved_name" in entry and entry["status"] == APPROVED:
        entry["approved_name"] = entry["sign_name"]
    return entry


def needed(body, name):
    value = body.get(name)
    if not isinstance(value, str):
        raise Refused(f"parameter error: {name}", "parameter")
    return value
