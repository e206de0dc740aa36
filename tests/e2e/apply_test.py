# SPDX-License-Identifier: MIT
"""signet apply and signet undo: exactly the plan, and back."""

import json

from sandbox import SMS, Account, main

ROUNDS = """
local signet = require "signet"
local sms = signet.connect()
local old = sms.signs:list { status = "approved" }[1]
local id = sms.signs:create { sign_name = "Brand New" }
sms.signs:wait(id, { status = "approved" })
signet.each(sms.templates:list { sign_id = old.sign_id }, function(template)
  if template.status == signet.status.pending then
    return signet.skip "pending"
  end
  sms.templates:update(template.template_id, { sign_id = id })
  sms.templates:wait(template.template_id, { status = "approved" })
end)
sms.signs:update(old.sign_id, { sign_name = "Old One" })
"""
QUICK = ("--poll-interval", "0.05")


class Planned(Account):
    def plan(self, *words, name="plan.json"):
        """Saves a plan, and returns its steps."""
        self.does("plan", "-o", name, *words)
        return self.steps(name)

    def plan_script(self, text, name="plan.json"):
        return self.plan(self.write("script.lua", text), name=name)

    def steps(self, name="plan.json"):
        return json.loads(self.read(name))["steps"]

    def held(self, with_status=True):
        """What the account holds, without ids, times and remarks."""
        state = self.control("GET", "/state")
        names = {sign["sign_id"]: sign["sign_name"] for sign in state["signs"]}
        lines = [("sign", sign["sign_name"], sign["status"])
                 for sign in state["signs"]]
        lines += [("template", entry["template_name"], entry["template_type"],
                   entry["template_content"], entry["country_codes"],
                   entry["sign_position"],
                   names.get(entry.get("sign_id"), ""), entry["status"])
                  for entry in state["templates"]]
        return sorted(line if with_status else line[:-1] for line in lines)

    def names(self):
        return [sign["sign_name"] for sign in self.entries()]

    def behind(self, chunk, *options):
        """What somebody else does meanwhile."""
        self.does("-q", "--no-journal", *options, "-e", chunk)

    def review(self, after_ms=0, **more):
        self.control("PUT", "/reviewer", [{"after_ms": after_ms, **more}])

    def counts(self, ended, **wanted):
        for name, count in wanted.items():
            self.assertEqual(ended.summary[name], count, (name, str(ended)))


class Apply(Planned):
    def test_a_plan_that_was_applied_leaves_what_the_run_would_have_left(self):
        self.account(30, 100)
        self.does("run", "rename", "--prefix", "New ")
        direct = self.held()
        self.account(30, 100)
        self.plan("rename", "--prefix", "New ")
        self.does("apply", "plan.json")
        self.assertEqual(self.held(), direct)

    def test_rounds_parked_resumed_nothing_sent_twice(self):
        self.account(8, 40)
        steps = self.plan_script(ROUNDS)
        parked = self.does("apply", "--park", "--json", "plan.json", status=75)
        self.counts(parked, done=1)
        self.assertGreater(parked.summary["waiting"], 1)
        self.does("resume", "--park", status=75)
        self.assertEqual(self.writes(), 1)
        self.approve()
        self.does("resume", "--park", status=75)
        self.approve()
        self.does("resume", "--json")
        self.assertEqual(self.writes(), len(steps))
        self.assertTrue(all(request["effect"] for request in self.requests()
                            if request["method"] != "GET"))
        self.assertIn("Brand New", self.names())
        self.assertIn("apply  plan.json  done", self.does("jobs").out)

    def test_without_park_it_waits_for_the_reviews_itself(self):
        self.account(8, 40)
        self.review(50)
        self.plan_script(ROUNDS)
        applied = self.does("apply", *QUICK, "plan.json")
        self.assertLine(r"signature 9000000000000000001 is [0-9]+", applied)

    def test_a_run_that_waits_for_reviews_says_so_once(self):
        self.account(6)
        self.does("run", "rename", "--status", "approved", "--suffix", " 2")
        undo = self.begin("undo", "--yes", self.newest())
        said = []

        def waits():
            said.append(undo.stderr.readline())
            return "waiting for reviews" in said[-1]

        self.wait_for(waits)
        ended = self.interrupt(undo)
        text = "".join(said) + ended.err
        self.assertEqual(
            text.count("waiting for reviews that are under way"), 1, text)
        self.assertRegex(text, "under way, of signature 10000000[0-9], "
                         "signature 10000000[0-9].*; with --park it ends")

    def test_a_plan_may_rest_on_a_review_that_is_under_way(self):
        self.account(6)
        self.write("wait.lua", SMS + """
local sign = sms.signs:list { status = "pending" }[1]
sms.signs:wait(sign.sign_id, { status = "approved" })
sms.signs:update(sign.sign_id, { sign_name = "Waited For" })
""")
        planned = self.does("plan", "-o", "plan.json", "wait.lua")
        self.assertIn("after its review, which is under way", planned.out)
        self.does("apply", "--park", "plan.json", status=75)
        self.assertEqual(self.writes(), 0)
        self.approve()
        self.does("apply", "plan.json")
        self.assertIn("Waited For", self.names())

    def test_a_review_that_ends_otherwise_stops_what_rests_on_it(self):
        self.account(8, 40)
        self.review(status="rejected")
        steps = self.plan_script(ROUNDS)
        stopped = self.does("apply", *QUICK, "--json", "plan.json", status=1)
        self.assertIn("the review of step 1: it is rejected", stopped.out)
        self.counts(stopped, done=1, failed=1)
        self.assertEqual(self.writes(), 1)
        self.does("resume", *QUICK, status=1)
        self.assertEqual(self.writes(), 1)
        # Somebody submits it again, and talks to the reviewers. What changes
        # nothing goes to another review only when it is asked for.
        self.review()
        self.write("again.lua", SMS + """
local sign = sms.signs:find { sign_name = "Brand New" }
sms.signs:update(sign.sign_id, { sign_name = "Brand New" })
""")
        self.does("run", "-q", "--no-journal", "again.lua")
        self.assertEqual(self.writes(), 1)
        self.does("run", "-q", "--no-journal", "--resubmit", "again.lua")
        self.assertEqual(self.writes(), 2)
        self.does("resume", *QUICK)
        self.assertEqual(self.writes(), len(steps) + 1)

    def test_apply_check_only_looks(self):
        self.account(6)
        self.plan("rename", "--suffix", " 2")
        checked = self.does("apply", "--check", "plan.json")
        self.assertIn("can be carried out as they stand; nothing was sent",
                      checked.err)
        self.assertEqual(self.writes(), 0)
        self.assertNotIn("apply", self.does("jobs").out)
        self.does("apply", "plan.json")

    def test_what_a_message_plan_holds_is_parked_and_resumed_when_free(self):
        self.account(4)
        steps = self.plan("rename", "--status", "approved", "--suffix", " 2")
        lock = {"kind": "sign", "id": steps[0]["id"]}
        self.control("POST", "/lock", lock)
        self.counts(self.does("apply", "--json", "plan.json", status=75),
                    waiting=1)
        self.does("resume", status=75)
        self.control("POST", "/unlock", lock)
        self.does("resume")
        self.assertEqual(len(self.effects("PUT")), len(steps))

    def test_what_is_left_of_a_plan_is_planned_anew(self):
        self.account(8, 40)
        steps = self.plan_script(ROUNDS)
        self.does("apply", "--park", "plan.json", status=75)
        job = self.newest()
        last = steps[-1]["id"]
        self.behind(f"sms.signs:update('{last}', {{ sign_name = 'Between' }})")
        self.approve()
        rest = self.plan("--from", job, name="rest.json")
        self.assertEqual(len(rest), len(steps) - 1)
        self.assertEqual(rest[-1]["before"]["sign_name"], "Between")
        self.review(50)
        self.does("apply", *QUICK, "rest.json")
        self.assertIn("Old One", self.names())
        self.does("plan", "--from", job, "script.lua", status=2)
        self.signet("run", "--yes", "rename", "--suffix", " 3")
        self.does("plan", "--from", self.newest(), status=2)

    def test_a_plan_that_was_begun_is_resumed_not_applied_again(self):
        self.account(8, 40)
        self.plan_script(ROUNDS)
        self.does("apply", "--park", "plan.json", status=75)
        again = self.does("apply", "--park", "plan.json", status=4)
        self.assertRegex(again.err, "(?s)which is parked: go on with that job.*"
                         "to go on: signet resume ")

    def test_of_two_that_wait_for_the_lock_one_carries_the_plan_out(self):
        self.account(30, latency_ms=20)
        steps = self.plan("rename", "--suffix", " 2")
        words = ("apply", "--wait-lock", "60", "--concurrency", "2",
                 "plan.json")
        other = self.begin(*words)
        first = self.signet(*words)
        second = self.end(other)
        self.assertEqual(first.status + second.status, 4, (first, second))
        self.assertEqual(self.writes(), len(steps))

    def test_kill_9_in_the_middle_of_a_plan_then_resume(self):
        self.account(60, latency_ms=20)
        steps = self.plan("rename", "--suffix", " 2")
        applied = self.begin("apply", "--concurrency", "2", "plan.json")
        self.wait_for(lambda: self.writes() > 5)
        self.kill(applied)
        self.assertLess(self.writes(), len(steps), "it was done already")
        # Effects come at once here, so what is open can be decided soon.
        self.does("resume", "--timeout", "2", "--settle-create", "0")
        # Each signature was renamed once, whatever was sent.
        self.assertEqual(len(self.effects("PUT")), len(steps))
        self.does("resume")

    def test_the_2023_dialect_applied_and_undone_at_once(self):
        self.account(5)
        before = self.held()
        self.write("signs.lua", SMS + """
local id = sms.signs:create { sign_name = "Brand New" }
sms.signs:update(id, { sign_name = "Newer" })
sms.signs:update(sms.signs:list()[1].sign_id, { sign_name = "Older" })
""")
        self.signet("--api", "signs", "plan", "-o", "plan.json", "signs.lua")
        self.does("--api", "signs", "apply", "plan.json")
        self.assertIn("Newer", self.names())
        self.does("--api", "signs", "undo", "--yes", self.newest())
        self.assertEqual(self.held(), before)


class Refused(Planned):
    """What stands against a plan is said before anything is sent."""

    def test_drift_stops_the_plan_or_what_needs_that_step_and_is_shown(self):
        self.account(4)
        steps = self.plan_script(SMS + """
local signs = sms.signs:list { status = "approved" }
local name = signs[1].sign_name
sms.signs:update(signs[1].sign_id, { sign_name = "Step One" })
sms.signs:update(signs[2].sign_id, { sign_name = name })
sms.signs:create { sign_name = "Step Three" }
""")
        first = steps[0]["id"]
        self.behind(
            f"sms.signs:update('{first}', {{ sign_name = 'Drifted' }})")
        drift = "drift: sign_name is Drifted, and the plan expects"
        self.does("apply", "--check", "plan.json", status=4)
        ended = self.does("apply", "--json", "plan.json", status=4)
        self.assertIn(drift, ended.out)
        self.assertIn("1 of the plan's 3 steps can't be carried out", ended.err)
        self.counts(ended, done=0)
        self.assertEqual(self.writes(), 1)
        ended = self.does("apply", "--skip-drifted", "--json", "plan.json",
                          status=1)
        self.counts(ended, done=1, failed=1, skipped=1)
        self.assertIn(drift, ended.out)
        self.assertIn("needs step 1, which was not done", ended.out)
        self.assertEqual(self.writes(), 2)
        self.assertIn("Step Three", self.names())
        self.assertIn("Drifted", self.names())

    def test_a_deleted_entry_is_drift_too_and_so_is_a_decided_review(self):
        self.account(12)
        steps = self.plan_script(SMS + """
for _, sign in ipairs(sms.signs:list()) do
  if sign.status ~= 2 then sms.signs:delete(sign.sign_id) end
end
""")
        self.approve()
        gone = [step["id"] for step in steps if step["before"]["status"] == 3]
        self.behind(f"sms.signs:delete('{gone[0]}')", "--yes")
        ended = self.does("apply", "--yes", "--json", "plan.json", status=4)
        self.assertIn("drift: the entry is gone", ended.out)
        self.assertIn("drift: status is 2, and the plan expects 1", ended.out)

    def test_protected_entries_and_signatures_that_cant_be_used(self):
        self.account(8, 40)
        self.plan_script(ROUNDS, name="rounds.json")
        steps = self.plan_script(SMS + """
local signs = sms.signs:list { status = "approved" }
for index, template in ipairs(sms.templates:list { status = "approved" }) do
  if index <= 2 then
    sms.templates:update(template.template_id,
      { sign_id = signs[index].sign_id, sign_position = 1 })
  end
end
""")
        sign, template = steps[1]["after"]["sign_id"], steps[0]["id"]
        self.configure(f"[default]\nprotect_id = {template}\n")
        self.behind(f"sms.signs:update('{sign}', {{ sign_name = 'Odd' }})")
        before = self.writes()
        ended = self.does("apply", "--json", "plan.json", status=4)
        self.assertIn(f"it is protected by protect_id = {template}", ended.out)
        self.assertIn(f"the signature {sign} that it is to show is pending",
                      ended.out)
        self.assertEqual(self.writes(), before)

    def refused(self, sentence, text, **environment):
        self.write("plan.json", text)
        self.refuses(4, sentence, "apply", "plan.json", **environment)
        self.assertEqual(self.writes(), 0)

    def test_plans_that_are_refused_with_the_reason(self):
        self.account(4)
        self.plan("rename", "--suffix", " 2", name="good.json")
        good = self.read("good.json")
        self.refused("was changed after it was saved",
                     good.replace(' 2"', ' 3"'))
        self.refused("is of the older format version 0",
                     good.replace('"version":1', '"version":0'))
        self.refused("is of the newer format version 2",
                     good.replace('"version":1', '"version":2'))
        self.refused("this is no plan: it lacks",
                     good.replace("signet-plan", "other"))
        self.refused("this is no plan: ", good[:300])
        self.refused("this is no plan: it must be a JSON object", "[]\n")
        self.refuses(2, "nothing.json can't be read: No such file",
                     "apply", "nothing.json")
        self.write("plan.json", good)
        self.refuses(3, "the plan is for configs", "apply", "plan.json",
                     ENGAGELAB_SMS_KEY="other")
        self.does("apply", "plan.json")
        self.refuses(4, "the plan was applied already, by job",
                     "apply", "plan.json")

    def test_an_apply_that_was_refused_for_lack_of_yes_doesnt_count(self):
        self.account(4)
        self.plan_script(SMS + """
sms.signs:create { sign_name = "Brand New" }
sms.signs:delete(sms.signs:list()[1].sign_id)
""")
        self.does("apply", "plan.json", status=4)
        self.assertEqual(self.writes(), 0)
        self.does("apply", "--yes", "plan.json")

    def test_limits_are_checked_before_the_first_write_of_a_plan(self):
        self.account(20)
        self.plan_script(SMS + """
sms.signs:create { sign_name = "Brand New" }
for index, sign in ipairs(sms.signs:list()) do
  if index > 10 then sms.signs:delete(sign.sign_id) end
end
""")
        self.refuses(4, "the plan deletes 11 of 20 signatures",
                     "apply", "--yes", "plan.json")
        self.assertEqual(self.writes(), 0)
        self.refuses(4, "the plan changes 12 entries, more than 5",
                     "apply", "--yes", "--max-changes", "5",
                     "--max-deletes", "100%", "plan.json")
        ended = self.does("apply", "--max-deletes", "100%", "plan.json",
                          status=4)
        self.assertIn("--yes confirms", ended.err)


class Undo(Planned):
    QUICK = ("--yes", "--max-deletes", "100%", "--poll-interval", "0.02")

    def run_and_undo(self, *words):
        """With reviewers that approve at once; the undo has to end well, and
        nothing to be left of the run. Returns the job and what undo said."""
        self.review()
        before = self.held(with_status=False)
        self.does("run", *self.QUICK, *words)
        job = self.newest()
        undone = self.does("undo", *self.QUICK, job)
        self.assertEqual(self.held(with_status=False), before)
        return job, undone

    def test_undo_of_the_three_jobs(self):
        self.account(12, 60)
        self.review()
        self.approve()
        self.run_and_undo("rename", "--prefix", "New ")
        _, undone = self.run_and_undo("clean", "--only", "templates")
        self.assertIn("[new id, was ", undone.out)

    def test_a_chain_waits_where_names_are_freed_by_approval(self):
        self.account(4, free_name_on_submit=False)
        self.review(100)
        before = self.held(with_status=False)
        self.plan_script(SMS + """
local signs = sms.signs:list { status = "approved" }
local name = signs[1].sign_name
sms.signs:update(signs[1].sign_id, { sign_name = "Free" })
sms.signs:update(signs[2].sign_id, { sign_name = name })
""")
        self.does("apply", *QUICK, "plan.json")
        self.assertIn("Free", self.names())
        # And so does its undo, once nothing is pending from before.
        self.approve()
        self.does("undo", "--yes", "--park", self.newest(), status=75)
        self.approve()
        self.does("resume", *QUICK)
        self.approve()
        self.assertEqual(self.held(with_status=False), before)

    def test_undo_shows_first_what_each_step_can_be(self):
        self.account(5)
        self.write("mixed.lua", SMS + """
local signs = sms.signs:list { status = "approved" }
sms.signs:create { sign_name = "Brand New" }
sms.signs:update(signs[1].sign_id, { sign_name = "Another" })
sms.signs:delete(signs[2].sign_id)
sms:request("PUT", "/v1/sign-configs/" .. signs[3].sign_id,
  { sign_name = "Raw" })
""")
        self.does("run", "--yes", "mixed.lua")
        before = self.writes()
        ended = self.does("undo", self.newest(), status=4)
        for mark in ("[reversible]", "[needs review]", "[new id, was "):
            self.assertIn(mark, ended.out)
        self.assertIn("1 write of the job can't be taken back", ended.err)
        self.assertIn("an undo has to be confirmed, and there is no terminal",
                      ended.err)
        self.assertEqual(self.writes(), before)

    def test_undo_leaves_alone_what_somebody_else_changed_since(self):
        self.account(5)
        self.review()
        self.approve()
        self.does("run", "rename", "--suffix", " 2")
        job = self.newest()
        entry = self.does("-q", "-e", "print(sms.signs:list()[1].sign_id)")
        entry = entry.out.strip()
        undo = ("undo", "--yes", "--json", job)
        self.behind(f"sms.signs:update('{entry}', {{ sign_name = 'Mine' }})")
        ended = self.does(*undo, status=1)
        self.counts(ended, failed=1, done=4)
        self.assertIn("conflict: sign_name is Mine, and the undo expects",
                      ended.out)
        self.assertIn("Mine", self.names())
        # What is left can be taken back once nothing stands against it.
        self.counts(self.does(*undo, status=1), failed=1, done=0)
        jobs = self.does("jobs", "--json").out
        self.assertIn(f'"job":"{job}","type":"run","name":"rename",'
                      '"state":"partly undone"', jobs)
        self.behind(f"sms.signs:update('{entry}', "
                    "{ sign_name = 'Northwind Trading 2' })")
        self.does("undo", "--yes", job)
        self.assertIn("Northwind Trading", self.names())
        self.refuses(4, f"job {job} was undone already, by job ",
                     "undo", "--yes", job)

    def test_undo_of_an_undo(self):
        self.account(5)
        self.run_and_undo("rename", "--suffix", " 2")
        self.does("undo", "--yes", self.newest())
        self.assertTrue(any(name.endswith(" 2") for name in self.names()))

    def test_undo_of_a_job_that_is_unknown_or_of_another_account(self):
        self.account(5)
        self.does("undo", "2099", status=2)
        job, _ = self.run_and_undo("rename", "--suffix", " 2")
        self.refuses(3, "works on configs", "undo", "--yes", job,
                     ENGAGELAB_SMS_KEY="other")


if __name__ == "__main__":
    main()
