# SPDX-License-Identifier: MIT
"""What the provider's pages leave open, and what services are known to do.

Each switch has a name, its value at the start, what it accepts and a sentence.
The first value is what the pages say or, where they say nothing, the plainest
behaviour.
"""


class Bad(Exception):
    """A switch that doesn't exist, or a value that it doesn't accept."""


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def seconds(value):
    """A number of seconds, or a range to choose from each time."""
    if isinstance(value, list):
        return len(value) == 2 and all(map(is_number, value))
    return is_number(value) and value >= 0


def flag(value):
    return isinstance(value, bool)


def one_of(*choices):
    def check(value):
        return value in choices and not isinstance(value, bool)
    check.words = " or ".join(f'"{choice}"' for choice in choices)
    return check


def strings(value):
    return isinstance(value, list) and all(
        isinstance(item, str) for item in value)


def text(value):
    return isinstance(value, str)


def offset(value):
    return is_number(value)


def members(*names):
    def check(value):
        return value is None or isinstance(value, dict) and set(
            value) <= set(names)
    check.words = "null or an object of " + ", ".join(names)
    return check


seconds.words = "seconds, or [least, most]"
flag.words = "true or false"
strings.words = "a list of strings"
text.words = "text"
offset.words = "seconds, negative for the past"

SWITCHES = [
    # Forms: what is stored of what was written.
    ("trim", False, flag, "white space around names and content is dropped"),
    ("unicode", "as is", one_of("as is", "NFC", "NFD"),
     "the Unicode form in which text is stored"),
    ("country_order", "as is", one_of("as is", "sorted", "reversed"),
     "the order in which countries are stored"),
    ("country_separator", ",", one_of(",", ", "),
     "what stands between two countries"),
    ("otp_is_authentication", False, flag,
     "the type otp is stored as authentication"),
    # Time: when an effect can be seen, and what the service's clock says.
    ("list_lag", 0, seconds, "a list shows the account as it was so long ago"),
    ("detail_lag", 0, seconds, "so does a single entry"),
    ("clock_offset", 0, offset,
     "the service's clock is ahead: Date, created_time, updated_time"),
    ("date_header", True, flag, "replies have a Date"),
    ("late_created_time", "effect", one_of("effect", "request"),
     "created_time of an effect that comes late"),
    # Shape: how an entry is shown.
    ("ids", "string", one_of("string", "number"), "how ids are written"),
    ("statuses", "number", one_of("number", "string"),
     "how statuses are written"),
    ("times", "number", one_of("number", "string"), "how times are written"),
    ("no_signature", "absent", one_of("absent", "empty", "zero", "null"),
     "the fields of a signature where a template has none"),
    ("null_names", [], strings, "ids of entries whose name is shown as null"),
    ("list_hides", [], strings,
     "fields that a list doesn't show, besides the id"),
    ("list_order", "id", one_of("id", "newest", "random"),
     "the order of a list"),
    ("duplicates", [], strings, "ids of entries that a list shows twice"),
    ("short_list", None, members("entries", "lists", "seconds", "kind"),
     "lists show so many entries at most, for so many lists or seconds"),
    # Rules that the pages leave open.
    ("create_tells_id", True, flag, "the reply to a create has the new id"),
    ("same_put", "review", one_of("review", "nothing"),
     "what a PUT does that changes nothing"),
    ("pending_delete", True, flag, "an entry in review can be deleted"),
    ("names_freed", "submit", one_of("submit", "approval"),
     "when a rename frees the old name"),
    ("deleted_name_held", 0, seconds,
     "the name of a deleted signature is taken so much longer"),
    ("name_case", "exact", one_of("exact", "ignored"),
     "whether names that differ in case are equal"),
    ("test_word", "anywhere", one_of("anywhere", "word", "allowed"),
     "where content must not have the word test"),
    ("signature_in_use", "delete", one_of("delete", "refuse"),
     "a delete of a signature that templates use"),
    ("signs_review", False, flag, "writes by /v1/signs go to review"),
    ("signs_limit", 100, offset, "how many signatures /v1/signs lets exist"),
    # Limits and connections.
    ("limit", None, members("per_second", "burst", "reply", "writes_only"),
     "requests above a rate are refused"),
    ("retry_after", None, lambda value: value is None or isinstance(
        value, str) or is_number(value) or isinstance(value, dict),
     "Retry-After of such a refusal"),
    ("race", None, members("request", "effect", "writes_only"),
     "a connection is closed when its n-th request was read"),
    ("requests_per_connection", 0, offset,
     "a connection is closed after so many replies, without a word"),
    ("idle", 0, seconds, "a connection that is idle so long is closed"),
    # People.
    ("reviewer", None, members("delay", "reject", "remark"),
     "somebody who decides reviews"),
    ("colleague", None, members(
        "every", "edits", "verbs", "kinds", "review", "seed"),
     "somebody who edits in the console"),
]
SWITCHES[-8][2].words = "null, a number, text, or {date_in: seconds}"
DEFAULTS = {name: value for name, value, _, _ in SWITCHES}
CHECKS = {name: check for name, _, check, _ in SWITCHES}


class Switches:
    """Their values; `generation` counts the changes."""

    def __init__(self):
        self.generation = 0
        self.values = dict(DEFAULTS)
        self.changed = []

    def __getattr__(self, name):
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    def set(self, values):
        for name, value in values.items():
            if name not in CHECKS:
                raise Bad(f"no such switch: {name}")
            if not CHECKS[name](value):
                raise Bad(f"{name} is {CHECKS[name].words}")
        self.values.update(values)
        self.generation += 1
        for call in self.changed:
            call(values)
