# SPDX-License-Identifier: MIT
"""The matrix of faults on the second service, with a colleague who edits.

A row is one fault, met once by each of ten calls of one run: list, get, create,
update and delete of a signature and of a template (in the dialect of 2023, of a
signature). Faults are in the bytes of a reply: cut after so many, one bit
turned over, any status with four bodies, heads and bodies that don't say what
they must, effects that are lost, late or none. The run must come to its end as
the ledger says; then it is resumed, what it proposed is typed, and nobody's
edit may be overwritten.
"""


from second import HEAD, SUFFIX, Storm

KINDS = ("sign", "template")
WHATS = ("list", "get", "create", "update", "delete")
SUCCESS, REFUSED = {"code": 0, "message": "success"}, {
    "code": 400, "message": "sign config not exist"}
BODIES = ("<html><body>Something is wrong here</body></html>", "", SUCCESS,
          REFUSED)
# Cuts are at every byte of a reply's head, of 110 bytes or so, and of what is
# as long as the body of a write; longer bodies are cut where it falls.
CUTS = range(0, 400)
# What a flipped bit makes of a body may be another sound answer, about which a
# ledger says nothing: of replies that say something bits of the head count.
FLIPS = range(0, 8 * 100)
STATUSES = [status for status in range(200, 600)
            if status not in (204, 304)]  # these have no body
HEADS = [
    {"Content-Length": "7"}, {"Content-Length": "-1"},
    {"Content-Length": "99999"}, {"Content-Length": "1, 2"},
    {"Transfer-Encoding": "chunked"}, {"Transfer-Encoding": "gzip"},
    {"Content-Encoding": "gzip"}, {"Content-Encoding": "br"},
    {"Location": "http://127.0.0.1:1/x"}, {"Retry-After": "0"},
    {"Retry-After": "0.2"}, {"Retry-After": "soon"}, {"Date": "yesterday"},
    {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"Connection": "close"},
    {"X": "x" * 70000}, {"Content-Type": "text/html"},
]
NO = '{"code":1,"message":"\\u001b[31m\\u202e"}'
ODD = [
    "null", "true", "0", '""', "[]", "{}", "[{}]", "[[]]", "[null]",
    '{"code":"0"}', '{"code":0,"code":400}', '{"code":400,"code":0}',
    '{"code":0', '{"code":0}}', '{"code":0} x', "{'code':0}", '{"code":0,}',
    '{"Code":0}', '{"code":null}', '{"code":[0]}', '{"code":500}', NO,
    '{"count":0}', '{"count":2}',
    '{"sign_id":""}', '{"sign_id":"../102"}', '{"sign_id":101.5}',
    '{"template_id":"12345678901234567890"}', '{"result":null}',
    '[{"sign_id":"101"},]', '[{"sign_id":"101"}', "[" * 60,
]
EFFECTS = ("now", "none", "late")


def make_rows():
    """Of each family its rows: a name, and what the fault is."""
    rows = []

    def add(family, **fault):
        rows.append((family, fault))
    for at in CUTS:
        add("cut", cut_after=at)
        add("cut", cut_after=at, effect="none")
    for at in FLIPS:
        add("flip", flip=at)
    for status in STATUSES:
        for number in (status % 4, (status + 1) % 4):
            # A no is one: no service does what it refuses.
            works = status not in (307, 308, *range(400, 408),
                                   *range(409, 500)) and (
                number == 2 or status >= 500 and number)
            add("status", effect="now" if works else "none",
                reply={"status": status, "body": BODIES[number]})
    for headers in HEADS:
        for effect in EFFECTS[:2]:
            add("header", effect=effect, effect_after=0.1,
                reply={"status": 200, "headers": headers, "body": SUCCESS})
    for body in ODD:
        for effect in EFFECTS[:2]:
            add("content", effect="none" if body == NO else effect,
                reply={"status": 200, "body": body})
    for reply in ("lost", "reset", "hold", "normal"):
        for effect in EFFECTS:
            for begin in ("request", "reply", "cut"):
                add("time", reply=reply, effect=effect, late_from=begin,
                    effect_after=[0, 0.4])
    for delay in (0.1, 0.4, 0.6, 1.2):
        add("time", delay=delay)
        add("time", delay=delay, effect="none")
    return rows


ROWS = make_rows()
SIZE = 2 * len(ROWS)
STRIDE = 1009  # so that any few rows are of all families
SIGNS = """
pcall(sms.signs.list, sms.signs)
local signs = signet.step("signs", function()
  local list = {}
  for i, s in ipairs(sms.signs:list()) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
local calls = {
  function() sms.signs:get(signs[1].id) end,
  function() sms.signs:create { sign_name = "Fresh sign" } end,
  function()
    sms.signs:update(signs[2].id, { sign_name = signs[2].name .. SUFFIX })
  end,
  function() sms.signs:delete(signs[3].id) end,
}
"""
TEMPLATES = """
pcall(sms.templates.list, sms.templates)
local templates = signet.step("templates", function()
  local list = {}
  for i, t in ipairs(sms.templates:list()) do
    list[i] = { id = t.template_id, text = t.template_content }
  end
  return list
end)
for _, call in ipairs {
  function() sms.templates:get(templates[1].id) end,
  function()
    sms.templates:create { template_name = "Fresh", template_type = "otp",
      template_content = "Fresh text", country_codes = "CN,US" }
  end,
  function()
    sms.templates:update(templates[2].id,
      { template_content = templates[2].text .. SUFFIX })
  end,
  function() sms.templates:delete(templates[3].id) end,
} do calls[#calls + 1] = call end
"""
CALL = """
signet.each(calls, function(call) call() end)
"""


class Row(Storm):
    """The run of one row."""

    endings = (*Storm.endings, 3)  # a 401 may be among what is said

    def choose(self, seed):
        number, self.old = divmod(seed % SIZE, 2)
        self.name, fault = ROWS[number * STRIDE % len(ROWS)]
        self.planned = self.undoes = False
        self.killed_after = None
        self.fresh = "0"
        self.options = self._base_options() + [
            "--outage", "1", "--concurrency", "4",
            "--api", "signs" if self.old else "configs"]
        self.switches = {"colleague": {
            "seed": seed, "every": [0.005, 0.1], "review": seed % 3 == 0}}
        self.phases = [(60, [
            {"match": {"kind": kind, "what": what}, "times": 1, **fault}
            for kind in KINDS for what in WHATS])]
        self.arguments = {"seed": seed, "signs": 4, "templates": 4}

    def text(self):
        return HEAD % SUFFIX + SIGNS + ("" if self.old else TEMPLATES) + CALL
