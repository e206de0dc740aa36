# SPDX-License-Identifier: MIT
"""Replies that get lost, of each kind of write, on fresh and used connections:
nothing is done twice, and nothing is reported wrongly."""

from sandbox import Case, main

# Effects come at once here, so it needs no long looks.
QUICK = ("--timeout", "0.6", "--settle", "0.1", "--settle-create", "0",
         "--yes", "--max-deletes", "100%", "--json")
FAULTS = (
    {"close": "after"}, {"close": "before"}, {"delay_ms": 1200},
    {"cut_after": 1}, {"status": 502, "effect": True}, {"status": 502},
    {"status": 200, "body": "", "effect": True})


class Lost(Case):
    """Each job has four effects, whatever happens to one of its requests."""

    options = ("--seed", "5,5")

    def lose_in_every_way(self, method, script):
        """Fresh: the first write; on a connection used before: the third."""
        for fault in FAULTS:
            for nth in (1, 3):
                with self.subTest(fault=fault, nth=nth):
                    self.lose(method, {**fault, "nth": nth}, script)

    def lose(self, method, fault, script):
        """The run ends well, or says that the outcome is unknown and is
        resumed; then each of the four effects is there once."""
        self.control("POST", "/reset", {"signs": 5, "templates": 40, "seed": 1})
        self.control("DELETE", "/faults")
        self.control("POST", "/faults", {**fault, "method": method})
        ended = self.signet(*QUICK, "--concurrency", "1", "-e", script)
        if ended.status == 5:
            self.assertIn('"outcome":"unknown"', ended.out, ended)
            ended = self.signet("resume", *QUICK)
        self.assertEqual(ended.status, 0, ended)
        summary = ended.events[-1]
        self.assertEqual((summary["unknown"], summary["failed"]), (0, 0), ended)
        self.judge(method)

    def judge(self, method):
        requests = [request for request in
                    self.control("GET", "/requests?limit=100")
                    if request["method"] == method]
        effects = [request["path"] + request["body"] for request in requests
                   if request["effect"]]
        self.assertEqual(len(effects), 4, requests)
        self.assertEqual(len(set(effects)), 4, requests)
        job = self.signet("jobs", "--json").events[0]
        self.assertEqual(job["state"], "done")
        # The journal counts every sending: none goes out behind its back.
        sent = sum(event.get("attempts", 0) for event in
                   self.signet("show", "--json", job["job"]).events)
        self.assertEqual(sent, len(requests))

    def test_creates_of_signatures(self):
        self.lose_in_every_way("POST", """
for i = 1, 4 do sms.signs:create { sign_name = "New " .. i } end""")

    def test_creates_of_templates(self):
        self.lose_in_every_way("POST", """
for i = 1, 4 do
  sms.templates:create {
    template_name = "New " .. i, template_type = "utility",
    template_content = "Your parcel is on its way", country_codes = "DE" }
end""")

    def test_updates(self):
        self.lose_in_every_way("PUT", """
local ids = require("signet").step("ids", function()
  local ids = {}
  for _, t in ipairs(sms.templates:list { status = "approved" }) do
    if (t.sign_id or "") == "" then ids[#ids + 1] = t.template_id end
  end
  return ids
end)
for i = 1, 3 do
  sms.templates:update(ids[i], { template_name = "New " .. i })
end
sms.signs:update("100000001", { sign_name = "New 4" })""")

    def test_deletes(self):
        self.lose_in_every_way("DELETE", """
local ids = require("signet").step("ids", function()
  local ids = {}
  for i, t in ipairs(sms.templates:list()) do ids[i] = t.template_id end
  return ids
end)
for i = 1, 4 do sms.templates:delete(ids[i]) end""")


if __name__ == "__main__":
    main()
