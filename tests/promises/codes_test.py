# SPDX-License-Identifier: MIT
"""Codes of the provider's family, limits, and what a refusal advises."""

from harness import Promise, has_option, main

KINDS = {3004: None, 4001: "not_found", 1000: "server", 5001: "server",
         2001: "auth", 2002: "auth", 2004: "auth", 3001: "validation",
         3002: "validation", 3003: "validation"}
UPDATE = 'sms.signs:update("100000001", { sign_name = "New" })'


class Limits(Promise):
    def limited(self, value, times=1, status=429):
        self.service.fault({"match": {"what": "update"}, "times": times,
                            "reply": {"status": status, "code": status,
                                      "message": "slower", "headers": {
                                          "Retry-After": value}}})

    def test_a_date_is_waited_for(self):
        self.limited({"date_in": 2})
        ended = self.run_job(UPDATE)
        self.assertEqual(ended.status, 0, ended)
        first, second = self.sent()
        self.assertGreaterEqual(second["steady"] - first["steady"], 0.9)

    def test_a_date_by_the_services_clock(self):
        self.service.switch(clock_offset=-7200)
        self.limited({"date_in": 2})
        ended = self.run_job(UPDATE)
        self.assertEqual(ended.status, 0, ended)
        first, second = self.sent()
        self.assertGreaterEqual(second["steady"] - first["steady"], 0.9)

    def test_hours_are_no_failure(self):
        self.limited("7200", times=1 << 20)
        options = ["--park"] if has_option("--park") else ["--deadline", "2"]
        process = self.begin("run", "--yes", *options, self.script(UPDATE))
        ended = self.ended(process)
        self.assertIn(ended.status, (75, 130), ended)
        self.assertEqual(len(self.sent()), 1, ended)

    def test_the_whole_account_waits(self):
        self.limited("1")
        ended = self.run_job("""
signet.each({ 1, 2, 3 }, function(i)
  sms.signs:update(tostring(100000000 + i), { sign_name = "New " .. i })
end)
""", "--concurrency", "1")
        self.assertEqual(ended.status, 0, ended)
        first, second = self.sent()[:2]
        self.assertGreaterEqual(second["steady"] - first["steady"], 0.9)


PATIENT = 20


class Advice(Promise):
    def test_no_resume_is_proposed_for_what_resume_never_repeats(self):
        ended = self.signet("run", "--yes", self.script("""
signet.each({ 1, 2, 3 }, function(i)
  sms.signs:update(tostring(100000000 + i), { sign_name = "x" })
end)
"""))
        self.assertEqual(ended.status, 1, ended)
        self.assertNotIn("signet resume", ended.err)

    def test_a_deadline_proposes_a_resume_that_works(self):
        self.service.fault({"match": {"what": "update"}, "reply": "hold"})
        ended = self.signet("run", "--yes", "--deadline", "0.5",
                            self.script(UPDATE))
        self.assertNotEqual(ended.status, 0, ended)
        self.assertIn("signet resume", ended.err)


if __name__ == "__main__":
    main()
