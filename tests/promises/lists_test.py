# SPDX-License-Identifier: MIT
"""Lists that are empty, half, late or double: nothing is decided by a list that
is cut short, and one odd entry is its own problem."""

import time

from harness import Promise, main

COUNT = "print(#sms.signs:list())\n"
REPLACE = ("run", "--yes", "rename", "--suffix", " Ltd")


class Short(Promise):
    signs, templates = 40, 60

    def setUp(self):
        super().setUp()
        self.configure(settle_create="0", settle="0.02")

    def cut(self, entries, **more):
        self.service.switch(short_list={"entries": entries, **more})

    def cut_after_a_list(self, entries, **more):
        self.service.fault({"match": {"what": "list"}, "times": 1, "after": [
            {"do": "set", "short_list": {"entries": entries, **more}}]})

    def test_within_a_run(self):
        for entries in (0, 20):
            self.service.do("reset")
            self.cut_after_a_list(entries)
            ended = self.run_job(COUNT + COUNT, "--state-dir", f"s{entries}",
                                 status=4)
            self.assertIn(f"the list shows {entries} signatures, and there "
                          "were 40", ended.text)
            self.assertIn("--list-may-shrink", ended.text)

    def test_it_is_looked_at_again(self):
        self.cut_after_a_list(0, lists=2)
        ended = self.run_job(COUNT + COUNT, status=0)
        self.assertEqual(ended.out.count('"text":"40'), 2, ended)

    def test_what_an_earlier_run_saw(self):
        self.signet("-e", COUNT, status=0)
        self.cut(0)
        ended = self.signet(*REPLACE, status=4)
        self.assertNotIn("0 signatures renamed", ended.out)
        self.assertIn("there were 40 at ", ended.err)
        plan = self.signet("plan", self.script('sms.signs:create { sign_name '
                                               '= "New" }'), status=4)
        self.assertIn("there were 40", plan.err)
        ended = self.signet("run", "--yes", "--list-may-shrink",
                            *REPLACE[2:], status=0)
        self.assertIn("0 signatures renamed", ended.out)
        self.signet(*REPLACE, status=0)  # it is taken for what there is
        self.assertEqual(self.effects(), [])

    def test_what_is_legal_is_not_refused(self):
        self.signet("-e", COUNT + "print(#sms.templates:list())", status=0)
        for number in range(1, 10):  # a colleague deletes nine of forty
            self.service.do("delete", kind="sign",
                            id=str(100000000 + number))
        ended = self.signet("-e", COUNT + "print(#sms.signs:list { "
                            'status = "rejected" })', status=0)
        self.assertEqual(ended.out.split(), ["31", "0"])
        # own deletes explain what is missing, in this run and the next
        ended = self.run_job("""
for _, template in ipairs(sms.templates:list()) do
  if tonumber(template.template_id) % 6 > 0 then
    sms.templates:delete(template.template_id)
  end
end
print(#sms.templates:list())
""", "--max-deletes", "100%", status=0)
        self.assertIn('"text":"10', ended.out)
        ended = self.signet("-e", "print(#sms.templates:list())", status=0)
        self.assertEqual(ended.out.split(), ["10"])

    def test_a_crash_while_it_deletes(self):
        self.signet("-e", COUNT, status=0)
        self.service.fault({"match": {"what": "delete"}, "skip": 30,
                            "reply": "hold"})
        body = """
for id = 100000001, 100000039 do
  if signet.step("left" .. id, function() return true end) then
    sms.signs:delete(tostring(id))
  end
end
""" + COUNT
        process = self.begin("run", "--yes", "--max-deletes", "100%",
                             "--concurrency", "1", self.script(body))
        self.wait_for(lambda: len(self.sent()) == 31)
        process.kill()
        process.communicate()
        self.service.well()
        self.assertEqual(len(self.names()), 10)
        self.assertEqual(self.signet("-e", COUNT, status=0).out.split(),
                         ["10"])
        self.service.do("settle")
        self.signet("resume", "--yes", "--json", self.newest(), status=0)
        self.assertEqual(len(self.names()), 1)

    def test_a_wait_is_not_ended_by_a_short_list(self):
        self.signet("-e", COUNT, status=0)
        self.service.do("edit", kind="sign", id="100000040", status=1,
                        fields={"sign_name": "Pending"})
        self.cut(0, lists=2)
        process = self.begin("run", self.script(
            'print(sms.signs:wait("100000040").status)'))
        self.wait_for(lambda: len(self.service.requests()) >= 3)
        self.service.do("review", kind="sign", id="100000040", status=2)
        ended = self.ended(process)
        self.assertEqual((ended.status, ended.out), (0, "2\n"), ended)
        self.cut(0)
        ended = self.signet("-e", 'sms.signs:wait("100000040")', status=4)
        self.assertIn("there were 40", ended.err)

    def test_apply_and_its_audit(self):
        plan = self.plan('sms.signs:update("100000001", '
                         '{ sign_name = "New" })')
        self.cut(0)
        ended = self.signet("apply", "--yes", plan, status=4)
        self.assertIn("there were 40", ended.err)
        self.assertEqual(self.sent(), [])


class Late(Promise):
    def setUp(self):
        super().setUp()
        self.configure(settle_create="0", settle="0.05")

    def test_wait_after_create(self):
        self.service.switch(list_lag=0.3, reviewer={"delay": 0.01})
        ended = self.run_job("""
local id = sms.signs:create { sign_name = "Fresh" }
print(sms.signs:wait(id).sign_name)
""", status=0)
        self.assertIn("Fresh", ended.out)

    def test_what_is_not_there_is_not_waited_for(self):
        ended = self.signet("-e", 'sms.signs:wait("999")', status=1)
        self.assertIn("there is no such signature", ended.err)

    def test_waits_one_after_the_other_are_quick(self):
        began = time.monotonic()
        self.run_job("""
for round = 1, 4 do
  for id = 100000001, 100000003 do sms.signs:wait(tostring(id)) end
end
""", "--poll-interval", "5", status=0)
        self.assertLess(time.monotonic() - began, 15)


class Double(Promise):
    def test_a_duplicate_is_told(self):
        self.service.switch(duplicates=["100000002"])
        ended = self.run_job(COUNT, status=0)
        self.assertIn('"text":"3', ended.out)
        self.assertIn("shows signature 100000002 twice", ended.text)
        ended = self.signet(*REPLACE, status=0)
        self.assertIn("3 signatures renamed", ended.out)
        self.assertEqual(len(self.effects()), 3)

    def test_a_duplicate_of_the_signs_dialect(self):
        self.service.switch(duplicates=["100000002"])
        self.environment["SIGNET_API"] = "signs"
        self.assertIn("3 updates", self.signet(
            "plan", *REPLACE[2:], status=0).out)
        ended = self.signet(*REPLACE, status=0)
        self.assertIn("shows signature 100000002 twice", ended.text)
        self.assertEqual(len(self.effects()), 3)

    def test_a_plan(self):
        self.service.switch(duplicates=["100000002", "200000001"])
        plan = self.plan('sms.signs:update("100000002", '
                         '{ sign_name = "New" })')
        self.signet("apply", "--yes", plan, status=0)


if __name__ == "__main__":
    main()
