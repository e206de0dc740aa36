# SPDX-License-Identifier: MIT
"""A journal that lost some of what it held: nothing is written before somebody
says so, and what was done and lost is found, not done again."""


from harness import Promise, main

CREATES = """
local names = {}
for i = 1, 12 do names[i] = "Fresh " .. i end
signet.each(names, function(name)
  sms.templates:create { template_name = name, template_type = "utility",
    template_content = "Text of " .. name, country_codes = "CN" }
end, { concurrency = 1 })
"""
SIGNS = """
for i = 1, 8 do sms.signs:create { sign_name = "Fresh " .. i } end
"""
CHANGES = """
for i = 1, 6 do
  sms.templates:update("20000000" .. i, { template_content = "New " .. i })
end
for i = 2, 3 do sms.signs:delete("10000000" .. i) end
"""
UNDONE = """
for i = 1, 3 do
  sms.templates:update("20000000" .. i, { template_content = "New " .. i })
end
for i = 4, 6 do sms.templates:delete("20000000" .. i) end
"""
HEADER, FRAME, PAGE = 32, 24, 8192


class Damaged(Promise):
    def setUp(self):
        super().setUp()
        self.configure(timeout="0.4", settle="0.02", settle_create="0",
                       outage="5")

    def kill_at(self, count, *command, **fault):
        """kill -9 while so many writes have arrived, the last of which took
        effect without a reply."""
        before = len(self.sent())
        self.service.fault({"match": {"writes": True}, "skip": count - 1,
                            "times": 1, "reply": "hold",
                            **(fault or {"effect": "now"})})
        process = self.begin(*command)
        self.wait_for(lambda: len(self.sent()) >= before + count)
        process.kill()
        process.communicate()

    def kill_after(self, count, body, **fault):
        self.kill_at(count, "run", "--yes", "--concurrency", "1",
                     self.script(body), **fault)

    def beside(self, ending):
        return next(self.home.glob("state/signet/journal-*.db" + ending))

    def flip(self, frame):
        """A bit of the content of a frame of the log."""
        log = self.beside("-wal")
        content = bytearray(log.read_bytes())
        size = FRAME + PAGE
        salt = content[16:24]
        used = 0
        while content[HEADER + used * size + 8:][:8] == salt:
            used += 1
        self.assertGreater(used, frame, "frames of the log")
        content[HEADER + frame * size + FRAME + 100] ^= 4
        log.write_bytes(content)

    def made(self, kind="template"):
        return [effect for effect in self.effects()
                if effect["verb"] == "create" and effect["kind"] == kind]

    def resume(self, *options, **more):
        return self.signet("resume", "--yes", *options, self.newest(), **more)

    def is_refused(self):
        """Nothing is sent, and the way on is told."""
        before = len(self.sent())
        ended = self.resume(status=1)
        self.assertRegex(ended.err, "at least [0-9]+ commits? after [0-9-]+ "
                         "[0-9:]+ (is|are) lost")
        self.assertIn("--accept-damage", ended.err)
        self.assertEqual(len(self.sent()), before)


class Creates(Damaged):
    def test_a_flipped_bit_makes_no_twin(self):
        self.kill_after(8, CREATES)
        self.flip(4)
        self.is_refused()
        ended = self.resume("--accept-damage", status=0)
        self.assertRegex(ended.err, "[1-9] writes that the journal had lost "
                         "were found done")
        self.assertEqual(len(self.made()), 12, ended)
        self.assertEqual(len(self.names("template")), 18)
        states = [write["state"] for write in self.writes()]
        self.assertEqual(states.count("done"), 12)
        self.audit()

    def test_a_copy_without_its_log(self):
        self.kill_after(8, CREATES)
        self.beside("-wal").unlink()
        self.is_refused()
        ended = self.resume("--accept-damage", status=0)
        self.assertIn("looked for on the account", ended.err)
        self.assertEqual(len(self.made()), 12, ended)
        self.audit()

    def test_signatures(self):
        self.kill_after(5, SIGNS)
        self.beside("-wal").unlink()
        self.is_refused()
        ended = self.resume("--accept-damage", status=0)
        self.assertEqual(len(self.made("sign")), 8, ended)
        self.audit()

    def test_an_effect_that_comes_late(self):
        self.configure(timeout="2.5")
        self.kill_after(7, CREATES, effect="late", effect_after=1.5)
        self.beside("-wal").unlink()
        self.resume("--accept-damage", status=0)
        self.assertEqual(len(self.made()), 12)

    def test_what_was_accepted_by_another_run_is_remembered(self):
        self.kill_after(8, CREATES)
        self.beside("-wal").unlink()
        job = self.newest()
        other = self.script('sms.signs:create { sign_name = "Other" }',
                            "other.lua")
        self.signet("run", "--accept-damage", other, status=0)
        shown = next(row for row in self.jobs() if row["job"] == job)
        self.assertEqual(shown["state"], "crashed")
        self.assertGreater(shown["damage"]["accepted_ms"],
                           shown["damage"]["after_ms"])
        self.assertGreater(shown["damage"]["commits"], 0)
        self.assertIn("damaged", self.signet("show", job).out)
        self.assertIn(job + " is damaged", self.signet("jobs").out)
        self.signet("undo", "--yes", job, status=4)
        self.signet("resume", "--yes", job, status=0)
        self.assertEqual(len(self.made()), 12)
        self.signet("undo", "--yes", "--max-deletes", "100%", job, status=0)
        self.assertEqual(len(self.names("template")), 6)

    def test_it_is_accepted_once(self):
        """Damage that comes later is not accepted with it."""
        self.kill_after(8, CREATES)
        self.beside("-wal").unlink()
        self.kill_at(3, "resume", "--yes", "--accept-damage", self.newest())
        self.beside("-wal").unlink()
        self.is_refused()
        self.resume("--accept-damage", status=0)
        self.assertEqual(len(self.made()), 12)

    def test_a_raw_request_can_not_be_told(self):
        raw = 'sms:request("POST", "/v1/sign-configs", { sign_name = "R%d" })\n'
        self.kill_after(3, "".join(raw % i for i in range(5)))
        self.beside("-wal").unlink()
        self.resume("--accept-damage", status=5)
        self.assertEqual(len(self.sent()), 3)

    def audit(self):
        """A second resume does nothing."""
        before = len(self.sent())
        self.resume(status=0)
        self.assertEqual(len(self.sent()), before)
        self.assertEqual(len(set(self.names("template"))),
                         len(self.names("template")), "twins")


LATER = """
for i = 1, 3 do sms.templates:create { template_name = "Fresh " .. i,
  template_type = "utility", template_content = "Text " .. i,
  country_codes = "CN" } end
local id = sms.templates:create { template_name = "Last",
  template_type = "utility", template_content = "Draft", country_codes = "CN" }
sms.templates:wait(id)
sms.templates:update(id, { template_name = "Final", template_content = "It" })
"""
RENAMED = """
sms.signs:create { sign_name = "Before" }
local id = sms.signs:create { sign_name = "Draft" }
sms.signs:wait(id)
sms.signs:update(id, { sign_name = "Final" })
"""
ANEW = """
sms.signs:create { sign_name = "Before" }
local all = signet.step("selection", function()
  local list = {}
  for i, s in ipairs(sms.signs:list { status = "approved" }) do
    list[i] = { id = s.sign_id, name = s.sign_name }
  end
  return list
end)
signet.each(all, function(s)
  sms.signs:update(s.id, { sign_name = s.name .. "!" })
end)
"""
NAMED_ANEW = """
sms.signs:create { sign_name = "Before" }
local name = signet.step("name", function()
  return "Number " .. #sms.templates:list() + 1
end)
for i = 1, 3 do sms.templates:create { template_name = name .. i,
  template_type = "utility", template_content = "Text of " .. name .. i,
  country_codes = "CN" } end
"""


class Changed(Damaged):
    """What the lost run created, it also changed."""

    def lose(self, count, body):
        self.service.switch(reviewer={"delay": 1.1, "reject": 0})
        self.kill_after(count, body)
        self.beside("-wal").unlink()
        self.service.do("review", kind="template")
        self.service.do("review", kind="sign")

    def test_a_template_that_was_changed_makes_no_twin(self):
        self.lose(5, LATER)
        ended = self.resume("--accept-damage", status=5)
        self.assertEqual(len(self.made()), 4, ended)
        self.assertIn("it may have become template 200000010", ended.err)
        self.resume(status=5)
        self.assertEqual(len(self.made()), 4)

    def test_a_signature_that_was_renamed_makes_no_twin(self):
        self.lose(3, RENAMED)
        ended = self.resume("--accept-damage", status=5)
        self.assertEqual(len(self.made("sign")), 2, ended)
        self.assertIn("it may have become signature 100000005", ended.err)
        ended = self.resume(status=5)
        self.assertEqual(len(self.made("sign")), 2, ended)
        self.assertNotIn("to go on", ended.err)

    def test_a_step_that_is_decided_anew_adds_to_nothing(self):
        self.lose(3, ANEW)
        ended = self.resume("--accept-damage", status=1)
        self.assertEqual(self.names(), ["Before!", "Company 1!", "Company 2!",
                                        "Company 3!"], ended)
        self.assertIn("perhaps by what the journal lost of the job", ended.err)

    def test_other_names_make_no_twins(self):
        self.lose(3, NAMED_ANEW)
        ended = self.resume("--accept-damage", status=5)
        self.assertEqual(len(self.made()), 2, ended)


class Changes(Damaged):
    def test_updates_and_deletes(self):
        self.kill_after(7, CHANGES)
        self.beside("-wal").unlink()
        self.is_refused()
        self.resume("--accept-damage", status=0)
        done = [(effect["verb"], effect["id"]) for effect in self.effects()]
        self.assertEqual(len(done), 8, done)
        self.assertEqual(len(set(done)), 8, done)

    def test_a_plan(self):
        plan = self.plan(CHANGES)
        self.kill_at(6, "apply", "--yes", "--concurrency", "1", plan)
        self.beside("-wal").unlink()
        self.signet("plan", "--from", self.newest(), status=4)
        self.resume("--accept-damage", status=0)
        done = [(effect["verb"], effect["id"]) for effect in self.effects()]
        self.assertEqual(len(done), 8, done)
        self.assertEqual(len(set(done)), 8, done)

    def test_an_undo(self):
        before = self.service.entries("template")
        self.run_job(UNDONE, status=0)
        self.service.do("review", kind="template")
        self.kill_at(5, "undo", "--yes", "--concurrency", "1", self.newest())
        self.beside("-wal").unlink()
        job = self.jobs()[1]["job"]
        self.service.do("review", kind="template")
        self.signet("undo", "--yes", "--accept-damage", job, status=0)
        self.assertEqual(
            sorted(entry["template_content"] for entry in before.values()),
            sorted(entry["template_content"] for entry in
                   self.service.entries("template").values()))
        self.assertEqual(len(self.made()), 3)


if __name__ == "__main__":
    main()
