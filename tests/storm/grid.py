# SPDX-License-Identifier: MIT
"""Every job of a storm against every fault, on every kind of account.

One cell is one of each, the fault meeting the second request of its kind, while
a colleague edits at random; what a storm leaves to chance is looked for here.
"""

from second import FAULTS, JOBS, Storm

ACCOUNTS = [
    {},
    {"trim": True, "unicode": "NFC", "country_separator": ", ",
     "country_order": "reversed", "otp_is_authentication": True},
    {"ids": "number", "statuses": "string", "times": "string",
     "no_signature": "zero"},
    {"list_lag": 0.3, "detail_lag": 0.2, "create_tells_id": False},
    {"list_hides": ["template_content"], "list_order": "newest"},
    {"clock_offset": -7200, "same_put": "nothing"},
    {"names_freed": "approval", "pending_delete": False},
    {"requests_per_connection": 2, "idle": 0.2},
    {"race": {"request": 2, "effect": "now"}},
]
SIZE = len(JOBS) * len(FAULTS) * len(ACCOUNTS)


class Cell(Storm):
    """The storm of one cell."""

    def choose(self, seed):
        number, job = divmod(seed % SIZE, len(JOBS))
        number, fault = divmod(number, len(FAULTS))
        self.name = list(JOBS)[job]
        self.planned = self.undoes = False
        self.killed_after = None
        self.fresh = "0"
        self.options = self._base_options() + ["--outage", "1"]
        self.switches = dict(ACCOUNTS[number])
        self.switches["colleague"] = {
            "seed": seed, "every": [0.005, 0.12], "review": seed % 3 == 0}
        if self.name == "rounds":
            self.switches["reviewer"] = {"delay": 0.05, "reject": 0}
        self.phases = [(60, [{**FAULTS[fault], "skip": 1, "times": 1}])]
        self.arguments = {"seed": seed, "signs": 3, "templates": 4}
