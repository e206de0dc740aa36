# SPDX-License-Identifier: MIT
"""I11: no byte of somebody else's edit is overwritten without a word.

The service records every edit and its moment, and of which moment each read
showed the account. So what a client had been shown when it wrote needs no
guess: a write over an edit that its client was shown before is a violation, and
so is one over an edit that it didn't look for, though what it had read was
older than --fresh. An edit that came between the last look and the write can't
be seen by anybody: no request carries a version.

What a write may put in the place of an edit is what is built from it: the
writers that are judged put a suffix on what they have read.
"""

import unicodedata

FIELDS = ("sign_name", "template_name", "template_content", "template_type",
          "country_codes")
# Seconds that a busy machine may need between a look and the write; and between
# a list, which many wait for, and a write that was on its way meanwhile.
SLACK, ON_ITS_WAY = 1.0, 0.3


def norm(value):
    """A text in the form in which two services may store it alike."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value).strip()


def same(name, one, other):
    """By meaning where the field has one, else by form."""
    one, other = norm(one), norm(other)
    if name == "country_codes":
        return {code.strip() for code in one.split(",")} == {
            code.strip() for code in other.split(",")}
    return one == other or name == "template_type" and {one, other} == {
        "otp", "authentication"}


class Edits:
    """The ledger's edits beside the client's effects; `blame` is called with
    what isn't right and the effect. Effects build on what was, with `undo` they
    put it back; with None either may be."""

    def __init__(self, ledger, requests, suffix, fresh, blame):
        self.ledger = ledger
        self.requests = {request["n"]: request for request in requests}
        self.suffix = unicodedata.normalize("NFC", suffix)
        self.fresh = fresh
        self.blame = blame
        self.reads = [request for request in requests
                      if request["what"] in ("list", "get")
                      and request["status"] == 200 and request["whole"]]
        self.effects = [e for e in ledger if e["who"] == "client"]
        self.met = 0

    def check(self, since=0, undo=False, resumed=float("inf")):
        """Of all effects from then on. A run that is resumed goes by what an
        earlier one decided: it knows what was edited since by the second in
        which that was."""
        decided = min(map(self.asked, self.effects), default=0) + 1.1
        for effect in self.effects:
            asked = self.asked(effect)
            if effect["before"] is None or asked < since:
                continue
            known_from = decided if asked >= resumed else 0
            if effect["verb"] == "update":
                for field in FIELDS:
                    if field in effect["before"]:
                        self._check_field(effect, field, known_from, undo)
            elif effect["verb"] == "delete":
                self._check_deleted(effect, known_from, undo)

    def came_unseen(self, effect):
        """Whether the client could not know of the last edit before it."""
        edits = [e for e in self.ledger[:effect["n"] - 1]
                 if (e["kind"], e["id"]) == (effect["kind"], effect["id"])
                 and e["who"] == "colleague"]
        return bool(edits) and not self._looked(effect, edits[-1])

    def asked(self, effect):
        """When the request that brought it about arrived."""
        request = self.requests.get(effect["request"])
        return request["steady"] if request else effect["steady"]

    # --- an edit that is overwritten ---

    def _check_field(self, effect, field, known_from, undo):
        before, after = effect["before"][field], effect["after"][field]
        if same(field, before, after) or \
                not undo and self._is_built(before, after) or \
                undo is not False and self._is_built(after, before):
            return
        edit = self._last_change(effect, field)
        if edit is None or edit["who"] != "colleague" or \
                not known_from < edit["steady"] < self.asked(effect):
            return
        word = self._looked(effect, edit)
        if word:
            self.blame(f"{effect['kind']} {effect['id']}: {field} was "
                       f"'{before}', and '{after}' overwrote it, {word} (I11)",
                       effect)

    def _is_built(self, old, new):
        return norm(norm(old) + self.suffix) == norm(new)

    def _last_change(self, effect, field):
        for edit in reversed(self.ledger[:effect["n"] - 1]):
            if (edit["kind"], edit["id"]) == (effect["kind"], effect["id"]) \
                    and (edit["before"] is None or edit["after"] is None
                         or edit["before"][field] != edit["after"][field]):
                return edit
        return None

    def _looked(self, effect, edit):
        """What its client knew of the edit, or should have."""
        self.met += 1
        asked = self.asked(effect)
        last = shown = None
        for read in self._reads_of(effect, asked):
            if read["as_of"] >= edit["steady"]:
                shown = read
            elif shown and self._is_same_second(edit):
                shown = None  # nothing tells which of the two is younger
            last = read
        if shown:
            return f"which request {shown['n']} had shown"
        age = asked - last["steady"] if last else float("inf")
        if asked - edit["steady"] > self.fresh + SLACK and \
                age > self.fresh + SLACK:
            return f"and nobody had looked for {age:.1f} s"
        return None

    @staticmethod
    def _is_same_second(edit):
        """Whether the entry was changed before in the second of the edit."""
        return edit["before"] is not None and edit["after"] is not None and \
            edit["before"]["updated_time"] == edit["after"]["updated_time"]

    def _reads_of(self, effect, asked):
        """Reads of the entry that were answered before the write was sent."""
        for read in self.reads:
            if read["kind"] != effect["kind"]:
                continue
            if read["what"] == "get" and read["id"] == effect["id"] and \
                    read["answered"] <= asked or \
                    read["what"] == "list" and \
                    read["answered"] + ON_ITS_WAY <= asked:
                yield read

    # --- an edited entry that is deleted ---

    def _check_deleted(self, effect, known_from, undo):
        edits = [e for e in self.ledger[:effect["n"] - 1]
                 if e["who"] == "colleague" and e["verb"] == "update"
                 and (e["kind"], e["id"]) == (effect["kind"], effect["id"])]
        asked = self.asked(effect)
        if not edits or not known_from < edits[-1]["steady"] < asked or \
                undo is False and not known_from and \
                self._chosen_after(effect, edits[-1]):
            return
        word = self._looked(effect, edits[-1])
        if word:
            self.blame(f"{effect['kind']} {effect['id']} was deleted after an "
                       f"edit, {word} (I11)", effect)

    def _chosen_after(self, effect, edit):
        """Whether a list by which it was chosen may have shown the edit: one
        that was made before the delete was asked for."""
        asked = self.asked(effect)
        return any(request["what"] == "list" and request["status"] == 200
                   and request["kind"] == effect["kind"]
                   and edit["steady"] <= request["as_of"]
                   and request["steady"] < asked
                   for request in self.requests.values())
