# SPDX-License-Identifier: MIT
"""Other people in the account: their edits are never overwritten unseen."""

from harness import Promise, has_option, main

LEGAL = "Legal text"
RENAMES = """
signet.each(sms.signs:list(), function(s)
  sms.signs:update(s.sign_id, { sign_name = "New " .. s.sign_id })
end)
"""


class Colleagues(Promise):
    def setUp(self):
        super().setUp()
        if has_option("--fresh"):
            self.configure(fresh="0")

    def test_a_field_that_a_write_completes_is_the_colleagues(self):
        self.after_list("template",
                        self.edit("200000002", template_content=LEGAL))
        ended = self.run_job("""
local all = sms.templates:list()
signet.each(all, function(t)
  sms.templates:update(t.template_id,
    { template_name = t.template_name .. "!" })
end)
""")
        self.assertEqual(self.template("200000002")["template_content"],
                         LEGAL, ended)

    def test_migrate(self):
        self.after_list("template",
                        self.edit("200000001", template_content=LEGAL))
        self.signet("run", "--yes", "migrate", "--from", "100000001",
                    "--to", "100000002")
        self.assertEqual(self.template("200000001")["template_content"],
                         LEGAL, self.said[-1])

    def test_a_rename_names_both_values(self):
        self.after_list("sign", self.edit("100000002", sign_name=LEGAL))
        ended = self.run_job(RENAMES, status=1)
        self.assertEqual(self.sign("100000002")["sign_name"], LEGAL, ended)
        self.assertEqual(len(self.effects()), 2, ended)
        conflict = ended.events[0]["error"]
        self.assertEqual(conflict["kind"], "conflict")
        self.assertIn(f'sign_name is now "{LEGAL}", it was "Company 2" when '
                      "this run read it at", conflict["message"])

    def test_an_edit_that_lists_show_and_the_entry_not_yet(self):
        self.service.switch(detail_lag=60, clock_offset=3)
        self.after_list("sign", self.edit("100000002", sign_name=LEGAL))
        ended = self.run_job(RENAMES, status=1)
        self.assertEqual(self.sign("100000002")["sign_name"], LEGAL, ended)
        self.assertEqual(len(self.effects()), 2, ended)
        self.assertIn(f'sign_name is now "{LEGAL}"',
                      ended.events[0]["error"]["message"])

    def test_what_an_earlier_run_decided_is_not_written_over_edits(self):
        for api, look, dates in (
                ("configs", "", True), ("configs", "sms.signs:list()", True),
                ("configs", "", False), ("configs", "sms.signs:list()", False),
                ("signs", "", True), ("signs", "sms.signs:list()", True),
                ("part", "", False)):
            with self.subTest(api=api, look=look, dates=dates):
                self.service.do("reset")
                self.service.switch(date_header=dates)
                self.configure(api="signs" if api == "signs" else "configs")
                self.is_not_written_over(
                    look, "sms.signs:list { status = 'approved' }"
                    if api == "part" else "sms.signs:list()",
                    "/v1/signs/100000002" if api == "signs"
                    else "/v1/sign-configs/100000002")

    def is_not_written_over(self, look, chosen, path):
        """Whatever the script reads once more, and even where the service tells
        no time."""
        self.configure(timeout="0.5", settle_create="0")
        body = """
local all = signet.step("selection", function()
  local list = {}
  for i, s in ipairs(CHOSEN) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
LOOK
signet.each(all, function(s)
  sms.signs:update(s.id, { sign_name = s.name .. "!" })
end)
""".replace("CHOSEN", chosen).replace("LOOK", look)
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        self.die_at(self.begin("run", "--yes", "--concurrency", "1",
                               self.script(body)), path)
        self.service.do("advance", seconds=5)
        self.service.well()
        self.service.do("edit", kind="sign", id="100000003", status=2,
                        fields={"sign_name": LEGAL})
        ended = self.signet("resume", "--yes", self.newest(), status=1)
        self.assertEqual(self.names(), ["Company 1!", "Company 2!", LEGAL],
                         ended)
        self.assertIn("somebody else changed it", ended.err)

    def test_what_an_earlier_run_decided_before_it_wrote(self):
        """Whether the service tells the time, or only its entries do."""
        body = """
local all = signet.step("selection", function()
  local list = {}
  for i, s in ipairs(sms.signs:list()) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
sms:request("GET", "/v1/sign-configs/100000001")
signet.each(all, function(s)
  sms.signs:update(s.id, { sign_name = s.name .. "!" })
end)
"""
        for dates in (True, False):
            with self.subTest(dates=dates):
                self.service.do("reset")
                self.service.switch(date_header=dates)
                self.service.do("advance", seconds=5)
                self.service.fault({"match": {"what": "get"}, "times": 1,
                                    "reply": "hold"})
                self.die_at(self.begin("run", "--yes", self.script(body)),
                            "/v1/sign-configs/100000001", "GET")
                self.service.do("advance", seconds=5)
                self.service.do("edit", kind="sign", id="100000003", status=2,
                                fields={"sign_name": LEGAL})
                ended = self.signet("resume", "--yes", self.newest(), status=1)
                self.assertEqual(self.names(),
                                 ["Company 1!", "Company 2!", LEGAL], ended)
                self.assertIn("somebody else changed it", ended.err)

    def test_a_list_that_hides_content_and_a_write_that_waits(self):
        self.service.switch(list_hides=["template_content"])
        self.service.fault({"match": {"what": "update"}, "times": 1, "reply": {
            "status": 429, "headers": {"Retry-After": "0.4"}}, "after": [
                self.edit("200000001", template_content=LEGAL)]})
        ended = self.run_job("""
local one = sms.templates:list()[1]
sms.templates:update(one.template_id, { template_name = "New" })
""", status=1)
        self.assertEqual(self.template()["template_content"], LEGAL, ended)
        self.assertIn(f'template_content is now "{LEGAL}"', ended.text)

    def test_what_an_earlier_run_could_not_send_is_compared(self):
        self.service.fault({"match": {"what": "update"}, "reply": {
            "status": 429, "headers": {"Retry-After": "60"}}})
        self.signet("run", "--yes", "--deadline", "0.4", self.script("""
sms.signs:update("100000001", { sign_name = "New" })
sms.templates:update("200000001", { template_content = "New" })
"""), status=(1, 130))
        self.service.do("advance", seconds=60)
        self.service.well()
        self.service.do("edit", kind="sign", id="100000001", status=2,
                        fields={"sign_name": LEGAL})
        ended = self.signet("resume", "--yes", self.newest(), status=1)
        self.assertEqual(self.sign()["sign_name"], LEGAL, ended)
        self.assertIn(f'sign_name is now "{LEGAL}", it was "Company 1"',
                      ended.err)

    def test_a_create_that_somebody_renamed_is_not_sent_again(self):
        self.configure(timeout="0.4", settle_create="1")
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "lost", "effect": "now", "after": [
                                {"do": "advance", "seconds": 2},
                                self.edit("100000004", sign_name=LEGAL)]})
        ended = self.run_job('sms.signs:create { sign_name = "Fresh" }',
                             status=5)
        self.assertEqual(len(self.effects()), 1, ended)
        self.assertIn("it may have become signature 100000004", ended.text)
        self.signet("resume", "--yes", self.newest(), status=5)
        self.assertEqual(len(self.effects()), 1)

    def test_a_delete_leaves_what_was_edited(self):
        self.after_list("template",
                        self.edit("200000002", template_content=LEGAL))
        ended = self.run_job("""
signet.each(sms.templates:list(), function(t)
  sms.templates:delete(t.template_id)
end)
""", "--max-deletes", "100%", status=1)
        self.assertEqual(self.names("template"), ["Template 2"], ended)
        self.assertIn(LEGAL, ended.text)

    def test_a_status_that_changed_is_a_conflict(self):
        self.after_list("sign", {"do": "review", "kind": "sign",
                                 "id": "100000001", "status": 3,
                                 "remark": "no"})
        ended = self.run_job("""
local one = sms.signs:list()[1]
sms.signs:update(one.sign_id, { sign_name = "New" })
""")
        self.assertEqual(self.effects(), [], ended)
        self.assertIn("conflict", ended.text)

    def test_how_old_is_too_old(self):
        body = """
local one = sms.signs:list()[1]
signet.sleep(0.4)
sms.signs:update(one.sign_id, { sign_name = "New" })
"""
        for fresh, name in (("0.2", LEGAL), ("60", "New")):
            self.service.do("reset")
            self.after_list("sign", self.edit("100000001", sign_name=LEGAL))
            ended = self.run_job(body, "--fresh", fresh)
            self.assertEqual(self.sign()["sign_name"], name, ended)

    def test_what_waited_for_the_lock_reads_again(self):
        self.configure(fresh="1h")
        holder = self.begin("run", "--yes", self.script("""
sms.signs:update("100000003", { sign_name = "Held" })
io.stdout:write("held\\n")
io.stdout:flush()
io.stdin:read("l")
""", "holder.lua"))
        self.assertEqual(holder.stdout.readline(), "held\n")
        waiter = self.begin("run", "--yes", "--wait-lock", "60", self.script("""
sms.signs:list()
local task = signet.spawn(function()
  sms.signs:update("100000001", { sign_name = "New" })
end)
signet.sleep(0.3)
io.stdout:write("waiting\\n")
io.stdout:flush()
signet.join { task }
""", "waiter.lua"))
        self.assertEqual(waiter.stdout.readline(), "waiting\n")
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": LEGAL}, status=2)
        self.ended(holder, "go on\n")
        ended = self.ended(waiter)
        self.assertEqual(self.sign()["sign_name"], LEGAL, ended)
        self.assertEqual(ended.status, 1, ended)

    RENAMES = """
for _, s in ipairs(sms.signs:list()) do
  signet.spawn(function()
    sms.signs:update(s.sign_id, { sign_name = "New " .. s.sign_id })
  end)
end
"""

    def waits_for_its_turn(self, *command):
        """The first of three writes has left, and the others wait for their
        turn, when a colleague edits the entry of one."""
        process = self.begin(command[0], "--rate", "3", *command[1:])
        first = self.wait_for(self.sent)[0]["path"].split("/")[-1]
        other = "100000002" if first == "100000003" else "100000003"
        self.service.do("edit", kind="sign", id=other,
                        fields={"sign_name": LEGAL})
        ended = self.ended(process)
        self.assertEqual(self.sign(other)["sign_name"], LEGAL, ended)
        self.assertEqual(len(self.effects()), 2, ended)
        self.assertEqual(ended.status, 1, ended)
        return ended

    def test_a_write_that_waits_for_its_turn_looks_again(self):
        self.configure(fresh="0.3")
        script = self.script(self.RENAMES)
        ended = self.waits_for_its_turn("run", script)
        self.assertIn(f'sign_name is now "{LEGAL}"', ended.err)
        self.assertEqual(sorted(write["state"] for write in self.writes()),
                         ["done", "done", "unsent"])

    def test_so_does_one_that_the_service_told_to_come_back(self):
        self.configure(fresh="0.3")
        self.service.fault({"match": {"what": "update", "id": "100000003"},
                            "times": 1, "reply": {
                                "status": 429, "code": 429,
                                "message": "slower",
                                "headers": {"Retry-After": "1"}}})
        process = self.begin("run", self.script("""
sms.signs:update(sms.signs:list()[3].sign_id, { sign_name = "New" })
"""))
        self.wait_for(self.sent)
        self.service.do("edit", kind="sign", id="100000003",
                        fields={"sign_name": LEGAL})
        ended = self.ended(process)
        self.assertEqual(self.sign("100000003")["sign_name"], LEGAL, ended)
        self.assertEqual(self.effects(), [], ended)

    def test_apply_looks_again_as_fresh_as_it_is_told_to(self):
        self.configure(fresh="0.3")
        self.plan(self.RENAMES)
        ended = self.waits_for_its_turn("apply", "--yes", "plan.json")
        self.assertIn(LEGAL, ended.err)

    def test_apply_reads_nothing_twice(self):
        self.service.switch(reviewer={"delay": 0.05})
        self.configure(fresh="1h")
        self.plan("""
sms.signs:update("100000001", { sign_name = "One" })
sms.signs:wait("100000001", { status = "approved" })
for i = 2, 3 do
  sms.signs:update("10000000" .. i, { sign_name = "New " .. i })
end
""")
        before = len(self.reads())
        ended = self.signet("apply", "--yes", "plan.json", status=0)
        self.assertEqual(self.reads()[before:], [], ended)
        self.assertEqual(len(self.effects()), 3, ended)

    def reads(self):
        """Reads of one entry."""
        return [request for request in self.service.requests()
                if request["method"] == "GET"
                and request["path"].count("/") > 2]

    def test_who_wants_it_so_reads_nothing_again(self):
        self.after_list("sign", self.edit("100000001", sign_name=LEGAL))
        self.run_job("""
local one = sms.signs:list()[1]
sms.signs:update(one.sign_id, { sign_name = "New" })
""", "--fresh", "never", status=0)
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_what_the_job_wrote_last_is_its_own(self):
        self.service.switch(reviewer={"delay": 0.02})
        self.run_job("""
for i = 1, 3 do
  sms.signs:update("100000001", { sign_name = "Round " .. i })
  sms.signs:wait("100000001")
end
""", status=0)
        self.assertEqual(self.sign()["sign_name"], "Round 3")

    def test_apply_compares_every_step_on_an_entry(self):
        plan = self.plan("""
sms.signs:update("100000001", { sign_name = "First" })
sms.signs:wait("100000001")
sms.signs:update("100000001", { sign_name = "Second" })
""")
        process = self.begin("apply", "--yes", plan)
        self.wait_for(self.effects)
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": LEGAL}, status=2)
        ended = self.ended(process)
        self.assertEqual(self.sign()["sign_name"], LEGAL, ended)
        self.assertNotEqual(ended.status, 0, ended)

    def test_apply_compares_in_every_round(self):
        plan = self.plan("""
sms.signs:update("100000001", { sign_name = "First" })
sms.signs:wait("100000001")
sms.templates:update("200000001", { template_content = "Second" })
""")
        process = self.begin("apply", "--yes", plan)
        self.wait_for(self.effects)
        self.service.do("edit", kind="template", id="200000001",
                        fields={"template_content": LEGAL})
        self.service.do("review", kind="sign")
        ended = self.ended(process)
        self.assertEqual(self.template()["template_content"], LEGAL, ended)
        self.assertNotEqual(ended.status, 0, ended)

    def test_an_edit_that_lists_hide(self):
        """Of the content: a plan and an undo find it in the entry itself."""
        self.service.switch(list_hides=["template_content", "updated_time"],
                            reviewer={"delay": 0})
        plan = self.plan('sms.templates:delete("200000001")\n')
        self.run_job("""
sms.templates:create { template_name = "Fresh", template_type = "utility",
  template_content = "Text", country_codes = "CN" }
""", status=0)
        fresh, = [entry["template_id"] for entry
                  in self.service.entries("template").values()
                  if entry["template_name"] == "Fresh"]
        for entry_id in ("200000001", fresh):
            self.service.do("edit", kind="template", id=entry_id, fields={
                "template_content": "Of a colleague"})
        applied = self.signet("apply", "--yes", "--max-deletes", "100%", plan,
                              status=(1, 4))
        self.assertIn("Of a colleague", applied.text)
        undone = self.signet("undo", "--yes", "--max-deletes", "100%",
                             self.jobs()[-1]["job"], status=(1, 4))
        self.assertIn("Of a colleague", undone.text)
        self.assertEqual(
            [self.template(entry_id)["template_content"]
             for entry_id in ("200000001", fresh)], ["Of a colleague"] * 2)

    def test_undo_leaves_a_colleagues_edit(self):
        self.run_job('sms.signs:update("100000001", { sign_name = "New" })',
                     status=0)
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": LEGAL}, status=2)
        ended = self.signet("undo", "--yes", self.newest(), status=1)
        self.assertEqual(self.sign()["sign_name"], LEGAL, ended)
        self.assertIn(LEGAL, ended.text)

    def test_resume_leaves_a_colleagues_edit(self):
        self.service.fault({"match": {"what": "update"}, "reply": "hold"})
        process = self.begin("run", "--yes", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })'))
        self.wait_for(self.sent)
        process.kill()
        process.communicate()
        self.service.well()
        self.service.do("edit", kind="sign", id="100000001",
                        fields={"sign_name": LEGAL})
        ended = self.signet("resume", "--yes", self.newest())
        self.assertEqual(self.sign()["sign_name"], LEGAL, ended)
        self.assertNotEqual(ended.status, 0, ended)


class Resumed(Promise):
    """What an earlier run of the job read, wrote or was told stays so."""

    STEP = """
local all = signet.step("all", function()
  local list = {}
  BEFORE_IT_READS
  for i, t in ipairs(sms.templates:list()) do
    list[i] = { id = t.template_id, content = t.template_content }
  end
  return list
end)
signet.each(all, function(t)
  sms.templates:update(t.id, { template_content = t.content .. "!" })
end)
"""

    def setUp(self):
        super().setUp()
        self.configure(fresh="0", timeout="0.5", settle_create="0")

    def test_what_the_job_wrote_itself(self):
        for kind, body, fields in (
                ("sign", """
sms.signs:update("100000001", { sign_name = "One" })
sms.signs:wait("100000001")
sms.signs:update("100000001", { sign_name = "Two" })""",
                 {"sign_name": LEGAL}),
                ("sign", """
sms.signs:update("100000001", { sign_name = "One" })
sms.signs:wait("100000001")
sms.signs:delete("100000001")""", {"sign_name": LEGAL}),
                ("template", """
local t = signet.step("t", function()
  return sms.templates:get("200000001").template_content
end)
sms.templates:update("200000001", { template_name = "New" })
sms.templates:wait("200000001")
sms.templates:update("200000001", { template_content = t .. "!" })""",
                 {"template_content": LEGAL}),
                ("template", """
local id = sms.templates:create { template_name = "Made",
  template_type = "utility", template_content = "Text",
  country_codes = "CN" }
sms.templates:wait(id)
sms.templates:update(id, { template_content = "Other text" })""",
                 {"template_content": LEGAL})):
            with self.subTest(body):
                self.service.do("reset")
                self.run_job(body, "--park", "--max-deletes", "100%",
                             status=75)
                self.service.do("review", kind=kind)
                entry_id = self.effects()[0]["id"]
                self.service.do("edit", kind=kind, id=entry_id, status=2,
                                fields=fields)
                ended = self.signet("resume", "--yes")
                self.assertIn(f'is now "{LEGAL}"', ended.err)
                self.assertEqual(len(self.effects()), 1, ended)

    def test_what_it_was_told_to_be_a_conflict(self):
        self.service.do("advance", seconds=60)
        self.after_list("template", {"do": "advance", "seconds": 5},
                        self.edit("200000002", template_content=LEGAL))
        self.service.fault({"match": {"what": "update", "id": "200000003"},
                            "reply": "hold", "effect": "none"})
        self.run_job(self.STEP.replace("BEFORE_IT_READS", ""))
        self.service.well()
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.template("200000002")["template_content"],
                         LEGAL, ended)
        self.assertEqual(len(self.effects()), 5, ended)
        self.assertIn("resuming would not send again what was refused",
                      ended.err)

    def test_a_change_is_not_made_on_top_of_itself(self):
        """A write of the entry that had no effect hides none that was done."""
        self.service.switch(reviewer={"delay": 0.05})
        self.service.fault({"match": {"what": "update"}, "skip": 1, "times": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--yes", "--poll-interval", "0.1",
                             self.script("""
for _, t in ipairs(sms.templates:list()) do
  sms.templates:update(t.template_id,
    { template_name = t.template_name .. "!" })
  sms.templates:wait(t.template_id)
  sms.templates:update(t.template_id,
    { template_content = t.template_content .. "!" })
end
"""))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("resume", "--yes", status=4)
        self.assertIn("asks for other writes than the first one", ended.err)
        self.assertEqual(len(self.effects()), 1, ended)

    def test_what_it_read_before_a_step_came_to_its_end(self):
        """The step takes longer than a second, which is what times tell."""
        self.after_list("template",
                        self.edit("200000002", template_content=LEGAL))
        self.service.fault({"match": {"what": "update"},
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script(self.STEP.replace(
                                 "BEFORE_IT_READS",
                                 'os.execute("sleep 1.1")')))
        self.die_at(process)
        self.service.well()
        ended = self.signet("resume", "--yes", status=1)
        self.assertEqual(self.template("200000002")["template_content"],
                         LEGAL, ended)
        self.assertIn("somebody else changed it", ended.err)


class Many(Promise):
    signs, templates = 40, 0

    def test_one_list_serves_all_who_wait(self):
        self.configure(fresh="0")
        self.after_list("sign", self.edit("100000007", sign_name=LEGAL))
        ended = self.run_job(RENAMES, status=1)
        self.assertEqual(self.sign("100000007")["sign_name"], LEGAL, ended)
        self.assertEqual(len(self.effects()), 39)
        reads = [request["what"] for request in self.service.requests()]
        self.assertLess(reads.count("get"), 5, reads)
        self.assertLess(reads.count("list"), 20, reads)


if __name__ == "__main__":
    main()
