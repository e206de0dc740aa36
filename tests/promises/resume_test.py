# SPDX-License-Identifier: MIT
"""A resume tells what is true: a review is nobody's edit, what the job did is
its own, and what lags is waited for. An edit stays an edit."""

from harness import Promise, main

LEGAL = "Legal text"
STEP = """
local all = signet.step("all", function()
  local list = {}
  for i, s in ipairs(sms.signs:list()) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
sms:request("GET", "/v1/sign-configs/100000001")
"""
RENAME = """
signet.each(all, function(s)
  WAIT
  sms.signs:update(s.id, { sign_name = s.name .. "!" })
end)
"""


class Reviews(Promise):
    """What a step saw in review is compared, whatever its review changed."""

    def killed_after_the_step(self, body):
        self.service.do("edit", kind="sign", id="100000002", status=1,
                        fields={})
        self.service.do("advance", seconds=5)
        self.service.fault({"match": {"what": "get"}, "times": 1,
                            "reply": "hold"})
        self.die_at(self.begin("run", "--yes", self.script(STEP + body)),
                    "/v1/sign-configs/100000001", "GET")
        self.service.well()
        self.service.do("advance", seconds=5)

    def test_a_review_that_ended_is_no_edit(self):
        for wait, status in (("", 2), ("", 3), (
                "if s.id == '100000002' then sms.signs:wait(s.id) end", 2)):
            with self.subTest(wait=wait, status=status):
                self.service.do("reset")
                self.killed_after_the_step(RENAME.replace("WAIT", wait))
                self.service.do("review", kind="sign", id="100000002",
                                status=status, remark="no")
                ended = self.signet("resume", "--yes", status=0)
                self.assertEqual(self.names(), [
                    "Company 1!", "Company 2!", "Company 3!"], ended)

    def test_an_edit_that_was_reviewed_is_one(self):
        self.killed_after_the_step(RENAME.replace("WAIT", ""))
        self.service.do("edit", kind="sign", id="100000002", status=2,
                        fields={"sign_name": LEGAL})
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.names(), ["Company 1!", "Company 3!", LEGAL],
                         ended)
        self.assertIn(f'sign_name is now "{LEGAL}", it was "Company 2"',
                      ended.err)

    def test_a_delete_that_its_status_decided(self):
        self.killed_after_the_step('sms.signs:delete("100000002")\n')
        self.service.do("review", kind="sign", id="100000002")
        ended = self.signet("resume", "--yes", status=1)
        self.assertIn("status is now approved, it was pending", ended.err)
        self.assertEqual(self.effects(), [], ended)

    def test_an_edit_between_two_steps(self):
        self.killed_after_the_step("""
signet.step("again", function() return #sms.signs:list() end)
sms:request("GET", "/v1/sign-configs/100000001")
""" + RENAME.replace("WAIT", ""))
        self.service.do("edit", kind="sign", id="100000003", status=1,
                        fields={"sign_name": LEGAL})
        self.service.fault({"match": {"what": "get"}, "skip": 1, "times": 1,
                            "reply": "hold"})
        resumed = self.begin("resume", "--yes")
        self.wait_for(lambda: len([
            request for request in self.service.requests()
            if request["path"] == "/v1/sign-configs/100000001"]) == 3)
        resumed.kill()
        resumed.communicate()
        self.service.well()
        self.service.do("review", kind="sign")
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.names(), ["Company 1!", "Company 2!", LEGAL],
                         ended)


if __name__ == "__main__":
    main()
