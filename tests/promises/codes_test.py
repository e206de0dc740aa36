# SPDX-License-Identifier: MIT
"""Codes of the provider's family, limits, and what a refusal advises."""

import os
import subprocess

from harness import SIGNET, Promise, has_option, main, proposals

KINDS = {3004: None, 4001: "not_found", 1000: "server", 5001: "server",
         2001: "auth", 2002: "auth", 2004: "auth", 3001: "validation",
         3002: "validation", 3003: "validation"}
UPDATE = 'sms.signs:update("100000001", { sign_name = "New" })'


class Codes(Promise):
    def refuse(self, what, code, **more):
        self.service.fault({"match": {"what": what}, "times": 1, "reply": {
            "status": 400, "code": code, "message": "something", **more}})

    def test_reads(self):
        for code, kind in KINDS.items():
            if kind is None or kind == "server":
                continue
            self.service.do("reset")
            self.refuse("get", code)
            ended = self.run_job("""
local good, problem = pcall(sms.signs.get, sms.signs, "100000001")
print(good, problem.kind, problem.code, problem.http_status)
""")
            self.assertIn(f"false\\t{kind}\\t{code}\\t400", ended.out, ended)

    def test_a_failure_inside_is_read_again(self):
        for code in (1000, 5001):
            self.service.do("reset")
            self.refuse("get", code)
            self.run_job('sms.signs:get("100000001")', status=0)

    def test_a_write_that_failed_inside_is_settled(self):
        self.configure(settle_create="0")
        for code in (1000, 5001):
            for effect in ("now", "none"):
                self.service.do("reset")
                self.service.fault({
                    "match": {"what": "update"}, "times": 1, "effect": effect,
                    "reply": {"status": 400, "code": code, "message": "oh"}})
                ended = self.run_job(UPDATE)
                self.assertEqual(ended.status, 0, ended)
                self.assertEqual(len(self.effects()), 1, ended)
                self.assertEqual(self.sign()["sign_name"], "New")

    def test_what_is_throttled_is_sent_again(self):
        self.refuse("update", 3004, headers={"Retry-After": "0.5"})
        ended = self.run_job(UPDATE)
        self.assertEqual(ended.status, 0, ended)
        first, second = self.sent()
        self.assertGreaterEqual(second["steady"] - first["steady"], 0.9)
        self.assertIn('"reason":"the service asks for a pause (HTTP 400)"',
                      ended.out)

    def test_a_step_that_is_throttled_for_long_waits(self):
        """It looks at its entry again meanwhile, which is no doubt."""
        self.configure(fresh="1.5", outage="0.5")
        plan = self.plan(UPDATE)
        self.service.fault({"match": {"what": "update"}, "reply": {
            "status": 400, "code": 3004, "message": "limit exceeded"}})
        self.refuse("update", 3004, headers={"Retry-After": "2"})
        self.signet("apply", "--yes", plan, status=75)
        self.service.well()
        self.signet("resume", "--yes", status=0)
        self.assertEqual(len(self.effects()), 1)

    def test_a_refusal_is_final(self):
        for code in (3001, 3002, 3003, 4001):
            self.service.do("reset")
            self.refuse("update", code)
            ended = self.run_job(UPDATE)
            self.assertEqual(ended.status, 1, ended)
            self.assertEqual(len(self.sent()), 1, ended)

    def test_documented_words_say_more(self):
        self.service.fault({"match": {"what": "update"}, "times": 1, "reply": {
            "status": 400, "code": 3001,
            "message": "sign_name already exist"}})
        ended = self.run_job("""
local good, problem = pcall(sms.signs.update, sms.signs, "100000001",
  { sign_name = "New" })
print(problem.kind)
""")
        self.assertIn("conflict", ended.out, ended)

    def test_what_is_throttled_for_good_comes_to_an_end(self):
        """Though its entry is read again, and that works, each time."""
        self.service.fault({"match": {"what": "update"}, "reply": {
            "status": 429, "code": 429, "message": "slow down"}})
        self.configure(outage="0.6", backoff="0.02", backoff_max="0.1")
        for fresh in ("0", "0.05"):
            with self.subTest(fresh=fresh):
                ended = self.run_job("""
sms.signs:update("100000001", { sign_name = "Renamed" })
""", "--fresh", fresh, status=1)
                self.assertIn("429", ended.text)
                self.assertEqual(self.effects(), [])


class Limits(Promise):
    def test_a_fraction_is_rounded_up(self):
        self.limited("0.2")
        ended = self.run_job(UPDATE)
        self.assertEqual(ended.status, 0, ended)
        first, second = self.sent()
        self.assertGreaterEqual(second["steady"] - first["steady"], 0.9)

    def test_longer_than_an_outage(self):
        self.configure(outage="0.3")
        self.limited("1", times=2)
        ended = self.run_job(UPDATE)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.sent()), 3, ended)

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

    MANY = """
local ids = {}
for i = 1, 30 do ids[i] = i end
signet.each(ids, function(i)
  sms.signs:create { sign_name = "Fresh " .. i }
end)
"""

    def follow(self, ended):
        """Types what is proposed; it does what was promised."""
        typed = [self.signet(*words[1:]) for words in proposals(ended.text)]
        for one in typed:
            self.assertIn(one.status, (0, 1), f"{ended}\nproposes:\n{one}")
        return typed

    def test_no_resume_is_proposed_for_what_is_gone(self):
        update = ('sms.templates:update("200000099", '
                  '{ template_name = "New" })')
        wait = 'sms.signs:wait("100000099")'
        for body in (update, wait, f"""signet.each({{ 1, 2 }}, function(i)
  if i == 1 then {update} else {wait} end
end)"""):
            self.service.do("reset")
            ended = self.signet("run", self.script(UPDATE + "\n" + body),
                                status=1)
            self.assertIn("another run tries it anew", ended.err)
            self.assertNotIn("signet resume", ended.err)

    def test_a_fact_is_told_once(self):
        causes = (("a wrong key", [], {"ENGAGELAB_SMS_SECRET": "wrong"}),
                  ("a limit", ["--max-changes", "5"], None))
        for what, options, environment in causes:
            with self.subTest(what):
                ended = self.signet("run", "--yes", *options, self.script(
                    self.MANY), environment=environment)
                self.assertNotEqual(ended.status, 0, ended)
                self.assertLess(len(ended.err.splitlines()), 9, ended)
                self.assertRegex(ended.err, r"\b(2[0-9]|30) (more|failed)")

    def test_a_limit_is_followed_by_what_goes_on(self):
        ended = self.signet("run", "--yes", "--max-changes", "5",
                            self.script(self.MANY))
        self.assertEqual(len(self.effects()), 5, ended)
        self.assertTrue(self.follow(ended), ended)
        self.assertEqual(len(self.effects()), 30)

    def test_show_proposes_what_the_run_did(self):
        """And what it proposes lifts what stopped the job."""
        delete = """
sms.signs:update("100000001", { sign_name = "New" })
for i = 1, 3 do sms.templates:delete(tostring(200000000 + i)) end
"""
        for what, options, body in (
                ("max-changes", ["--yes", "--max-changes", "2"], self.MANY),
                ("max-deletes", ["--yes", "--max-deletes", "1"], delete),
                ("yes", [], delete)):
            with self.subTest(what):
                self.service.do("reset")
                ended = self.signet("run", *options, self.script(body),
                                    status=4)
                told, = proposals(ended.err)
                shown, = proposals(self.signet("show", self.newest()).out)
                self.assertEqual(shown, told)
                self.assertIn("--" + what, shown)
                self.signet(*shown[1:], status=(0, 4))
                if what != "yes":
                    self.assertEqual(self.jobs()[0]["state"], "done")

    def test_a_raw_request_that_was_refused_is_not_resumed(self):
        ended = self.signet("run", self.script(
            'sms:request("POST", "/v1/sign-configs", '
            '{ sign_name = "Company 2" })'), status=1)
        self.assertNotIn("signet resume", ended.err)
        self.assertNotIn("signet resume", self.signet(
            "show", self.newest()).out)

    def test_output_that_is_lost_is_no_refusal(self):
        script = self.script('sms.signs:update("100000001", '
                             '{ sign_name = "New" }) print("done")')
        with open("/dev/full", "w", encoding="ascii") as full:
            ended = subprocess.run(
                [SIGNET, "run", str(script)], env=self.environment,
                stdout=full, stderr=subprocess.PIPE, text=True,
                cwd=self.home, check=False)
        self.assertEqual(ended.returncode, 1)
        self.assertNotIn("refused", ended.stderr)

    def test_a_reader_that_has_seen_enough(self):
        """Whatever is printed: that its reader goes is no failure."""
        script = self.script('sms.signs:update("100000001", '
                             '{ sign_name = "New" })')
        self.signet("run", script, status=0)
        for arguments in (["jobs"], ["show", self.newest()], ["help"],
                          ["plan", str(self.script("print(1)"))]):
            reader, writer = os.pipe()
            os.close(reader)
            ended = subprocess.run(
                [SIGNET, *arguments], env=self.environment, stdout=writer,
                stderr=subprocess.PIPE, text=True, cwd=self.home, check=False)
            os.close(writer)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""),
                             arguments)

    def test_show_proposes_no_resume_of_what_is_protected(self):
        self.configure(protect_id="100000002")
        ended = self.signet("run", self.script("""
signet.each({ "100000001", "100000002" }, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end)
"""))
        self.assertNotIn("signet resume", ended.err)
        self.assertNotIn("signet resume", self.signet(
            "show", self.newest()).out)

    def test_a_refused_plan_proposes_what_works(self):
        self.plan(self.MANY)
        ended = self.signet("apply", "--yes", "--max-changes", "5",
                            "plan.json", status=4)
        self.follow(ended)
        self.assertEqual(self.sent(), [])

    def test_a_deadline_proposes_a_resume_that_works(self):
        self.configure(timeout="0.5", settle_create="0")
        self.service.fault({"match": {"what": "update"}, "reply": "hold"})
        ended = self.signet("run", "--yes", "--deadline", "0.5",
                            self.script(UPDATE))
        self.assertNotEqual(ended.status, 0, ended)
        self.assertIn("signet resume", ended.err)


if __name__ == "__main__":
    main()
