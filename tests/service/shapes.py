# SPDX-License-Identifier: MIT
"""How entries are shown in both dialects, as the switches want it."""

import json
import time

from account import ID, NAME, SIGN, TEMPLATE


class Shapes:
    """Entries to JSON; what was shown once is kept with the entry."""

    def __init__(self, account):
        self.account = account
        self.switches = account.switches

    def show(self, view, kind, entry, in_list):
        """The bytes of an entry of today's API."""
        beside = view.entries[SIGN].get(entry["sign_id"]) \
            if kind == TEMPLATE else view.uses.get(entry["sign_id"], 0)
        key = (self.switches.generation, in_list)
        if entry.shown and entry.shown[0] == key and \
                entry.shown[1] is beside:
            return entry.shown[2]
        fields = self._sign(entry, beside) if kind == SIGN \
            else self._template(entry, beside)
        if in_list:
            for name in self.switches.list_hides:
                if name != ID[kind]:
                    fields.pop(name, None)
        shown = json.dumps(fields, ensure_ascii=False).encode()
        entry.shown = (key, beside, shown)
        return shown

    def _sign(self, entry, uses):
        return {"sign_id": self.id(entry["sign_id"]),
                "sign_name": self.name(SIGN, entry),
                "status": self.status(entry["status"]),
                "related_template_count": uses, **self._rest(entry)}

    def _template(self, entry, sign):
        shown = {"template_id": self.id(entry["template_id"]),
                 "template_name": self.name(TEMPLATE, entry)}
        for name in ("template_type", "template_content", "country_codes"):
            shown[name] = entry[name]
        shown["status"] = self.status(entry["status"])
        if entry["sign_id"]:
            shown["sign_id"] = self.id(entry["sign_id"])
            shown["sign_name"] = sign["sign_name"] if sign else ""
            shown["sign_position"] = entry["sign_position"]
            shown["sign_status"] = self.status(sign["status"] if sign else 3)
        elif self.switches.no_signature != "absent":
            nothing = {"empty": "", "zero": self.id("0"), "null": None}[
                self.switches.no_signature]
            shown.update(sign_id=nothing, sign_name=None if nothing is None
                         else "", sign_position=0)
        return {**shown, **self._rest(entry)}

    def _rest(self, entry):
        return {"audit_remark": entry["audit_remark"],
                "created_time": self.time(entry["created_time"]),
                "updated_time": self.time(entry["updated_time"])}

    def id(self, value):
        return int(value) if self.switches.ids == "number" else value

    def status(self, value):
        return str(value) if self.switches.statuses == "string" else value

    def time(self, value):
        return str(value) if self.switches.times == "string" else value

    def name(self, kind, entry):
        if entry[ID[kind]] in self.switches.null_names:
            return None
        return entry[NAME[kind]]

    def sign_2023(self, view, entry):
        """The bytes of a signature of the 2023 API."""
        return json.dumps({
            "sign_id": int(entry["sign_id"]),
            "sign_name": self.name(SIGN, entry),
            "create_time": stamp(entry["created_time"]),
            "update_time": stamp(entry["updated_time"])},
            ensure_ascii=False).encode()

    # --- lists ---

    def entries(self, view, kind):
        """The entries of a list: in order, too few, or some of them twice."""
        entries = list(view.entries[kind].values())
        order = self.switches.list_order
        if order == "newest":
            entries.reverse()
        elif order == "random":
            self.account.chance.shuffle(entries)
        twice = self.switches.duplicates
        if twice:
            entries += [view.entries[kind][entry_id] for entry_id in twice
                        if entry_id in view.entries[kind]]
        return self._shorten(kind, entries)

    def _shorten(self, kind, entries):
        short = self.switches.short_list
        if not short or short.get("kind", kind) != kind:
            return entries
        if short.get("lists") == 0 or self.account.clock.steady() > \
                short.setdefault("until", self._until(short)):
            return entries
        if "lists" in short:
            short["lists"] -= 1
        return entries[:short.get("entries", 0)]

    def _until(self, short):
        if "seconds" not in short:
            return float("inf")
        return self.account.clock.steady() + short["seconds"]


def stamp(seconds):
    """As in 2023: a zone of east Asia, without a colon."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+0800",
                         time.gmtime(seconds + 8 * 3600))
