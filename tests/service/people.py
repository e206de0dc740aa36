# SPDX-License-Identifier: MIT
"""Who else works on an account: a reviewer, and a colleague in the console."""

import random

from account import APPROVED, NAME, PENDING, REJECTED, SIGN, TEMPLATE, Refused


class Reviewer:
    """Decides what waits for review, some time after it was submitted."""

    def __init__(self, account):
        self.account = account
        account.on_change.append(self._changed)
        account.switches.changed.append(self._switched)

    def _changed(self, effect):
        if self.account.switches.reviewer and effect["after"] and \
                effect["after"]["status"] == PENDING:
            self._expect(effect["kind"], effect["id"], effect["after"])

    def _switched(self, values):
        if not values.get("reviewer"):
            return
        for kind, entries in self.account.truth.entries.items():
            for entry_id, entry in entries.items():
                if entry["status"] == PENDING:
                    self._expect(kind, entry_id, entry)

    def _expect(self, kind, entry_id, entry):
        delay = self.account.switches.reviewer.get("delay", 1)
        self.account.clock.after(
            self.account.pick(delay),
            lambda: self._decide(kind, entry_id, entry))

    def _decide(self, kind, entry_id, entry):
        """A decision is about what was submitted, and about nothing else."""
        reviewer = self.account.switches.reviewer
        if not reviewer or \
                self.account.truth.entries[kind].get(entry_id) is not entry:
            return
        if self.account.chance.random() < reviewer.get("reject", 0):
            self.account.decide(kind, entry_id, REJECTED,
                                reviewer.get("remark", "not clear enough"))
        else:
            self.account.decide(kind, entry_id, APPROVED)


class Colleague:
    """Edits at random what there is; a seed chooses the edits and, as far as a
    clock does, their moments, whatever else is chosen at random meanwhile."""

    def __init__(self, account):
        self.account = account
        self.chance = account.chance
        self.left = 0
        self.round = 0
        account.switches.changed.append(self._switched)

    def _switched(self, values):
        if "colleague" not in values:
            return
        self.round += 1
        if values["colleague"]:
            self.left = values["colleague"].get("edits", 1 << 30)
            if "seed" in values["colleague"]:
                self.chance = random.Random(values["colleague"]["seed"])
            self._next(self.round)

    def _next(self, of_round):
        every = self.account.switches.colleague.get("every", 1)
        self.account.clock.after(
            self.chance.uniform(*every) if isinstance(every, list) else every,
            lambda: self._act(of_round))

    def _act(self, of_round):
        if of_round != self.round or self.left <= 0:
            return
        self.left -= 1
        settings = self.account.switches.colleague
        chance = self.chance
        kind = chance.choice(settings.get("kinds", [SIGN, TEMPLATE]))
        verb = chance.choice(settings.get("verbs", ["update"]))
        try:
            if not self._edit(kind, verb, settings.get("review", True)):
                self.left += 1
        except Refused:
            pass
        self._next(of_round)

    def _edit(self, kind, verb, review):
        """Whether there was something to edit."""
        account = self.account
        now = int(account.clock.unix())  # nobody finds it faster than that
        ids = [entry_id for entry_id, entry in
               account.truth.entries[kind].items()
               if entry["created_time"] < now]
        word = f"of a colleague {self.chance.randrange(10 ** 6)}"
        if not ids and verb != "create":
            return False
        if verb == "create":
            body = {"sign_name": "Name " + word} if kind == SIGN else {
                "template_name": "Name " + word, "template_type": "utility",
                "template_content": "Text " + word, "country_codes": "CN"}
            account.create(kind, body, "colleague", review=review)()
            return True
        entry_id = self.chance.choice(ids)
        if verb == "delete":
            account.delete(kind, entry_id, "colleague")()
            return True
        field = self.chance.choice(
            [NAME[kind]] if kind == SIGN else
            ["template_name", "template_content", "template_content"])
        account.edit(kind, entry_id, {field: "Edit " + word},
                     PENDING if review else APPROVED)
        return True
