# SPDX-License-Identifier: MIT
"""What a job said, held against the ledger of what truly took effect.

What became of the edits of others is in edits.py.
"""

import collections

from edits import Edits, norm

OPEN = ("intent", "unknown")
CLAIMS = {"done": 0, "failed": 2, "unsent": 2}


def norm_fields(fields):
    """The fields of a write or an entry, for comparison by meaning."""
    known = {}
    for name in ("sign_name", "template_name", "template_content"):
        if name in fields:
            known[name] = norm(fields[name])
    if "country_codes" in fields:
        known["country_codes"] = frozenset(
            code.strip() for code in fields["country_codes"].split(","))
    if "template_type" in fields:
        known["template_type"] = fields["template_type"].replace(
            "otp", "authentication")
    return known


def is_within(fields, entry):
    """Whether an entry has what a write wrote."""
    wanted, shown = norm_fields(fields), norm_fields(entry)
    return all(shown.get(name) == value for name, value in wanted.items())


class Judge:
    """One job's writes beside the ledger; `broken` holds what isn't right."""

    def __init__(self, suffix, ledger, requests, audited=True):
        self.suffix = suffix
        self.ledger = ledger
        self.requests = {request["n"]: request for request in requests}
        self.effects = [e for e in ledger if e["who"] == "client"]
        self.coming = [] if audited else self._find_coming(requests)
        self.broken = []

    def _find_coming(self, requests):
        """Writes that were answered and take effect later, or never: a run
        that had no time to look for them takes the service at its word."""
        came = {effect["request"] for effect in self.effects}
        return [request for request in requests
                if request["effect"] in ("late", "none")
                and request["status"] == 200
                and request["n"] not in came]

    def _is_coming(self, write):
        return any((request["what"], request["kind"]) == (
            write["verb"], write["kind"]) and (
            write["verb"] == "create" or request["id"] == write["id"])
            for request in self.coming)

    def blame(self, what, effect_or_id=None):
        entry_id = effect_or_id["id"] if isinstance(
            effect_or_id, dict) else effect_or_id
        if (what, entry_id) not in self.broken:
            self.broken.append((what, entry_id))

    # --- I1, I2, I3: each effect has its write, each write its effect ---

    def compare(self, writes):
        self._compare_changes([w for w in writes if w["verb"] != "create"])
        self._compare_creates([w for w in writes if w["verb"] == "create"])

    def _compare_changes(self, writes):
        effects = [e for e in self.effects if e["verb"] != "create"]
        of_write = collections.defaultdict(list)
        for effect in effects:
            mine = [w for w in writes if self._explains(w, effect)]
            if not mine:
                self.blame("an effect is not in the journal (I2)", effect)
                continue
            # Equal writes share their effects; those that say so come first.
            mine.sort(key=lambda w: (len(of_write[w["number"]]),
                                     CLAIMS.get(w["state"], 1)))
            of_write[mine[0]["number"]].append(effect)
        for write in writes:
            self._weigh(write, of_write[write["number"]])

    @staticmethod
    def _explains(write, effect):
        if (write["verb"], write["kind"], write["id"]) != (
                effect["verb"], effect["kind"], effect["id"]):
            return False
        return write["verb"] == "delete" or is_within(
            write["after"], effect["after"])

    def _weigh(self, write, effects):
        name = f"{write['verb']} {write['kind']} {write['id']}"
        if write["state"] == "done" and not effects and \
                not self._is_so_anyway(write) and \
                not self._is_coming(write) and not self._is_hidden(write):
            self.blame(f"{name} is said to be done, and had no effect (I1)",
                       write)
        if write["state"] in ("failed", "unsent") and effects:
            self.blame(f"{name} is said to be {write['state']}, and took "
                       "effect (I1)", write)
        if len(effects) > 1:
            self.blame(f"{name} took effect {len(effects)} times (I3)", write)

    def _is_so_anyway(self, write):
        """Whether the entry had at some time what was to be written."""
        for effect in self.ledger:
            if (effect["kind"], effect["id"]) != (write["kind"], write["id"]):
                continue
            if write["verb"] == "delete":
                if effect["after"] is None:
                    return True
            elif any(entry and is_within(write["after"], entry) for entry in
                     (effect["before"], effect["after"])):
                return True
        return write["verb"] == "update" and is_within(
            write["after"], write.get("before") or {})

    def _is_hidden(self, write):
        """Whether a colleague changed the entry clearly later than the service
        had answered: nothing tells any more what came of the write, and it is
        as the answer said."""
        def is_of(one):
            return (one["kind"], one["id"]) == (write["kind"], write["id"])
        answered = [request["answered"] for request in self.requests.values()
                    if request["what"] == write["verb"] and is_of(request)
                    and request["status"] == 200]
        return bool(answered) and any(
            act["who"] == "colleague" and is_of(act)
            and act["steady"] > max(answered) + 1 for act in self.ledger)

    def _compare_creates(self, writes):
        """Equal creates can't be told apart: counted together."""
        def key(kind, fields):
            return kind, tuple(sorted(
                (name, value if isinstance(value, str) else tuple(
                    sorted(value)))
                for name, value in norm_fields(fields).items()))
        effects, wanted = (collections.defaultdict(list) for _ in range(2))
        for effect in self.effects:
            if effect["verb"] == "create":
                effects[key(effect["kind"], effect["after"])].append(effect)
        for write in writes:
            wanted[key(write["kind"], write["after"])].append(write)
        for group in set(effects) | set(wanted):
            self._weigh_creates(effects[group], wanted[group])

    def _freed(self, effects):
        """How many signatures lost their names to a colleague before the same
        name was created again: that it is unique says nothing then."""
        return sum(
            any(act["who"] == "colleague"
                and (act["kind"], act["id"]) == (one["kind"], one["id"])
                and one["n"] < act["n"] < other["n"] for act in self.ledger)
            for one, other in zip(effects, effects[1:])
            if one["kind"] == "sign")

    def _weigh_creates(self, effects, writes):
        done = [w for w in writes if w["state"] == "done"]
        if len(done) > len(effects) and self._is_coming(done[0]):
            return
        open_ones = [w for w in writes if w["state"] in (*OPEN, "drift")]
        name = f"create {(writes or effects)[0]['kind']}"
        entry = (effects or writes)[0]
        if not writes:
            self.blame(f"{name} is not in the journal (I2)", entry)
        elif len(effects) - self._freed(effects) > len(writes):
            self.blame(f"{name}: {len(writes)} wanted, {len(effects)} "
                       "effects (I3)", entry)
        elif len(done) > len(effects):
            self.blame(f"{name}: {len(done)} said to be done, {len(effects)} "
                       "effects (I1)", entry)
        elif len(effects) > len(done) + len(open_ones):
            self.blame(f"{name}: {len(effects)} effects, {len(done)} said to "
                       f"be done, {len(open_ones)} open (I1)", entry)
        ids = [w["id"] for w in done]
        if len(set(ids)) < len(ids):
            self.blame(f"{name}: one entry answers two writes (I3)", entry)
        if not set(ids) <= {e["id"] for e in effects}:
            self.blame(f"{name}: said to be done with the ids {ids} (I1)",
                       entry)

    # --- I11: nobody's edit is overwritten without a word ---

    def find_overwritten(self, fresh, since=0, undo=False,
                         resumed=float("inf")):
        """How many edits were looked at closely."""
        edits = self.edits(fresh)
        edits.check(since, undo, resumed)
        return edits.met

    def edits(self, fresh):
        return Edits(self.ledger, self.requests.values(), self.suffix, fresh,
                     self.blame)

    # --- the story of one entry, in plain words ---

    def story(self, entry_id, began):
        lines = []
        for request in self.requests.values():
            if entry_id in (request["id"], request.get("id")) and \
                    entry_id is not None:
                lines.append((request["steady"], self._tell(request)))
        for effect in self.ledger:
            if effect["id"] == entry_id:
                lines.append((effect["steady"], tell_effect(effect)))
        return [f"  {when - began:7.3f} s  {text}"
                for when, text in sorted(lines)]

    @staticmethod
    def _tell(request):
        late = f", {request['late']}" if "late" in request else ""
        return (f"request {request['n']}: {request['method']} "
                f"{request['path'].rsplit('/', 1)[1]} is answered "
                f"{request['status']}, effect {request['effect']}{late}")


def tell_effect(effect):
    before, after = effect["before"] or {}, effect["after"] or {}
    changes = [f"{name} {before.get(name)!r} -> {after.get(name)!r}"
               for name in {**before, **after}
               if before.get(name) != after.get(name)
               and not name.endswith("_time")]
    return (f"{effect['who']}: {effect['verb']}"
            + (f" (request {effect['request']})" if effect["request"] else "")
            + ": " + ", ".join(changes))
