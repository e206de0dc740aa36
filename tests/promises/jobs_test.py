# SPDX-License-Identifier: MIT
"""Jobs by their names: show, resume and undo mean the same job; what ran is
what goes on; what a crash left is settled before anything else."""

from harness import Promise, main

RENAME = """
signet.each({ "100000001", "100000002", "100000003" }, function(id)
  sms.signs:update(id, { sign_name = "New " .. id })
end)
"""


class Names(Promise):
    def test_a_word_that_begins_no_id_is_no_job(self):
        self.run_job(RENAME, status=0)
        self.service.do("review", kind="sign")
        for command in ("undo", "resume", "show"):
            ended = self.signet(command, *(
                [] if command == "show" else ["--yes"]), "rename-typo")
            self.assertIn(ended.status, (1, 2, 3), ended)
            self.assertIn("rename-typo", ended.err)
        self.assertEqual(len(self.effects()), 3)

    def test_an_abbreviation_means_one_job_for_every_command(self):
        self.run_job(RENAME, status=0)
        job = self.newest()
        self.service.do("review", kind="sign")
        self.run_job('sms.signs:update("100000001", { sign_name = "Once" })',
                     status=0)
        self.service.do("review", kind="sign")
        other = self.newest()
        self.assertNotEqual(job, other)
        alike = 0
        while job[:alike + 1] == other[:alike + 1]:
            alike += 1
        short = job[:alike + 1]
        shown = self.signet("show", "--json", short, status=0)
        self.assertIn(job, shown.out)
        ended = self.signet("undo", "--yes", other[:alike + 1], status=0)
        self.assertEqual(self.sign()["sign_name"], "New 100000001", ended)

    def test_an_abbreviation_of_several_jobs_is_refused(self):
        for _ in range(2):
            self.run_job(RENAME, status=0)
            self.service.do("review", kind="sign")
            for n in (1, 2, 3):
                self.service.do("edit", kind="sign", id=f"10000000{n}",
                                fields={"sign_name": f"Company {n}"})
        before = len(self.effects())
        ended = self.signet("undo", "--yes", self.newest()[:4])
        self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), before)


MANY = """
signet.each({ %s }, function(n)
  sms.signs:create { sign_name = "New " .. n }
end)
"""


class Running(Promise):
    """Jobs are read beside the one that works, which does not notice."""

    def hold(self, skip=0, what="update"):
        self.service.fault({"match": {"what": what}, "skip": skip,
                            "effect": "now", "reply": "hold"})

    def test_it_and_the_others_are_shown(self):
        self.run_job(RENAME, status=0)
        former = self.newest()
        self.service.do("review", kind="sign")
        self.configure(timeout="60")
        self.hold(skip=1)
        process = self.begin("run", "--yes", "--concurrency", "1", self.script(
            RENAME.replace("New ", "Newer ")))
        self.wait_for(lambda: len(self.effects()) == 5)
        running, other = self.wait_for(
            lambda: (lambda jobs: jobs if len(jobs) == 2
                     and jobs[0]["done"] == 1 else None)(self.jobs()))
        self.assertEqual(other["job"], former)
        self.assertEqual(other["state"], "done")
        self.assertEqual(running["state"], "running")
        self.assertEqual(running["process"], process.pid)
        self.assertEqual(running["writes"], 1)
        self.assertEqual([write["state"] for write in self.writes(former)],
                         ["done"] * 3)
        self.assertEqual([write["state"] for write
                          in self.writes(running["job"])][:2],
                         ["done", "intent"])
        shown = self.signet("show", running["job"], status=0)
        self.assertIn(f"{process.pid} on ", shown.out)
        self.assertNotIn("signet resume", shown.out)
        self.assertIsNone(process.poll())

    def test_what_it_is_in_the_way_of(self):
        self.configure(timeout="60")
        self.run_job(RENAME, status=0)
        former = self.newest()
        self.service.do("review", kind="sign")
        self.hold()
        process = self.begin("run", "--yes", self.script(
            RENAME.replace("New ", "Newer ")))
        self.wait_for(lambda: len(self.effects()) == 6)
        running = self.newest()
        for command in (["resume"], ["resume", running], ["undo", "--yes",
                        former], ["undo", "--yes", running]):
            ended = self.signet(*command, status=4)
            self.assertIn(f"process {process.pid} on ", ended.err)
        # A job that ended waits for no other: a plan is made beside it.
        self.signet("plan", "--from", running, "-o", "left.json", status=2)

    def test_an_undo_that_has_sent_nothing(self):
        self.configure(timeout="60")
        self.run_job(RENAME, status=0)
        job = self.newest()
        self.service.do("review", kind="sign")
        self.hold(what="list")
        self.begin("undo", "--yes", job)
        undo = self.wait_for(lambda: [
            one for one in self.jobs() if one.get("type") == "undo"])[0]
        self.assertEqual(undo["state"], "running")
        self.assertEqual(undo["account"], self.jobs()[-1]["account"])
        shown = self.signet("show", undo["job"], status=0)
        self.assertRegex(shown.out, r"state +running\n")
        self.assertEqual(self.writes(undo["job"]), [])
        self.assertEqual(len(self.sent()), 3, "the run's own")

    def test_the_reviews_that_a_run_and_its_resume_wait_for(self):
        words = ["run", "--yes", self.script("""
            sms.signs:update("100000001", {sign_name = "New Acme"})
            sms.signs:wait("100000001")
        """)]
        for _ in range(2):
            process = self.begin(*words)
            self.wait_for(lambda: "1 review" in [
                one.get("waits_for") for one in self.jobs()])
            words = ["resume", self.newest()]
            process.kill()
            process.communicate()

    def test_a_resume_that_waits(self):
        self.configure(timeout="0.5", settle_create="60")
        self.service.fault({"match": {"what": "update"}, "effect": "none",
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "3",
                             self.script(RENAME))
        self.wait_for(lambda: len(self.sent()) == 3)
        process.kill()
        process.communicate()
        job = self.newest()
        process = self.begin("resume", "--yes", job)
        (shown,) = self.wait_for(
            lambda: [one for one in self.jobs() if one.get("waits_for")])
        self.assertEqual((shown["job"], shown["process"], shown["state"]),
                         (job, process.pid, "running"))
        self.assertRegex(shown["waits_for"], "^3 open writes until ")
        shown = self.signet("show", job, status=0)
        self.assertRegex(shown.out, "waits for +3 open writes until ")
        self.assertEqual(len(self.sent()), 3)
        process.kill()

    def test_readers_and_the_writer_are_killed_at_any_time(self):
        count = 300
        body = MANY % ", ".join(map(str, range(count)))
        process = self.begin("run", "--yes", "--json", "--concurrency", "8",
                             self.script(body))
        seen = []
        while process.poll() is None:
            reader = self.begin("jobs")
            jobs = [one for one in self.jobs() if one["job"]]
            seen.extend(one["writes"] for one in jobs)
            reader.kill()
            reader.communicate()
            self.assertEqual([one["state"] for one in jobs if
                              one["state"] not in ("running", "done")], [])
        ended = self.ended(process)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(len(self.effects()), count)
        self.assertEqual(len(self.writes()), count)
        process = self.begin("run", "--yes", "--json", "--concurrency", "8",
                             self.script(body.replace("New", "Newer")))
        self.wait_for(lambda: len(self.effects()) > count + 20)
        process.kill()
        process.communicate()
        crashed, done = self.jobs()
        self.assertEqual((crashed["state"], done["state"]),
                         ("crashed", "done"))
        self.assertGreaterEqual(crashed["writes"], 1)
        self.signet("resume", "--yes", "--deadline", "60", crashed["job"],
                    status=0)
        self.assertEqual(len(self.effects()), 2 * count)


class Undo(Promise):
    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def crash(self):
        """Three renames, all carried out, of which the replies never came."""
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "effect": "now", "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "3",
                             self.script(RENAME))
        self.wait_for(lambda: len(self.effects()) == 3)
        process.kill()
        process.communicate()
        self.service.well()
        self.service.do("review", kind="sign")

    def test_what_a_crash_left_open_is_undone_too(self):
        self.crash()
        ended = self.signet("undo", "--yes", "--deadline", "20",
                            self.newest(), status=0)
        self.assertEqual(self.names(),
                         ["Company 1", "Company 2", "Company 3"], ended)

    def test_a_second_undo_takes_what_the_first_left(self):
        self.run_job(RENAME, status=0)
        job = self.newest()
        self.service.do("review", kind="sign")
        self.service.do("lock", kind="sign", id="100000002")
        self.signet("undo", "--yes", job, status=(1, 75))
        self.assertEqual(self.names(),
                         ["Company 1", "Company 3", "New 100000002"])
        self.service.do("lock", kind="sign", id="100000002", plan=None)
        self.signet("undo", "--yes", job, status=0)
        self.assertEqual(self.names(),
                         ["Company 1", "Company 2", "Company 3"])
        before = len(self.sent())
        self.signet("undo", "--yes", job)
        self.assertEqual(len(self.sent()), before, "undone by now")

    def test_a_job_that_was_undone_is_not_resumed(self):
        self.service.fault({"match": {"what": "update", "id": "100000003"},
                            "reply": {"status": 400, "code": 400,
                                      "message": "no"}})
        self.run_job(RENAME, status=1)
        job = self.newest()
        self.service.well()
        self.service.do("review", kind="sign")
        self.signet("undo", "--yes", job, status=0)
        self.service.do("review", kind="sign")
        before = len(self.sent())
        ended = self.signet("resume", "--yes", job)
        self.assertEqual(len(self.sent()), before, ended)
        self.assertNotEqual(ended.status, 0, ended)
        self.assertIn("undone", ended.err)
        self.assertEqual([one["state"] for one in self.jobs()
                          if one["job"] == job], ["undone"])

    def test_a_signature_that_others_use_by_now_stays(self):
        self.run_job('sms.signs:create { sign_name = "Fresh" }', status=0)
        made = self.effects()[0]["id"]
        self.service.do("review", kind="sign")
        self.service.do("edit", kind="template", id="200000001",
                        fields={"sign_id": made, "sign_position": 1})
        ended = self.signet("undo", "--yes", "--max-deletes", "100%",
                            self.newest())
        self.assertIn(made, self.service.entries("sign"), ended)
        self.assertIn(ended.status, (1, 4), ended)
        self.assertIn("200000001", ended.text)

    def test_what_somebody_else_changed_is_named(self):
        self.service.fault({"match": {"what": "update", "id": "100000002"},
                            "delay": 0.3})
        process = self.begin("run", "--yes", self.script(RENAME))
        self.wait_for(lambda: [effect for effect in self.effects()
                               if effect["id"] == "100000002"])
        self.service.do("edit", kind="sign", id="100000002",
                        fields={"sign_name": "Legal text"}, status=2)
        self.ended(process)
        self.service.do("review", kind="sign")
        ended = self.signet("undo", "--yes", self.newest(), status=1)
        self.assertEqual(self.names(),
                         ["Company 1", "Company 3", "Legal text"])
        self.assertRegex(ended.err, "signature 100000002.*: conflict")

    def put_back(self, count):
        """Undoes the newest job, in which somebody has done all of it."""
        job = self.newest()
        before = len(self.sent())
        ended = self.signet("undo", "--yes", "--max-deletes", "100%", job,
                            status=0)
        self.assertEqual(len(self.sent()), before, ended)
        self.assertNotIn("conflict", ended.text)
        self.assertIn(f"{count} step{'s' if count > 1 else ''} had nothing to "
                      "do", ended.err)
        self.assertEqual([one["state"] for one in self.jobs()
                          if one["job"] == job], ["undone"])

    def test_what_was_put_back_by_hand_is_no_conflict(self):
        self.run_job('sms.signs:update("100000001", { sign_name = "New" })',
                     status=0)
        for status in (1, 2):  # in review, and after it
            self.service.do("edit", kind="sign", id="100000001",
                            status=status, fields={"sign_name": "Company 1"})
            if status == 1:
                self.signet("undo", "--yes", "--park", self.newest(),
                            status=(0, 75))
        self.assertEqual(len(self.sent()), 1)

    def test_each_sort_of_write_is_put_back(self):
        self.run_job('sms.signs:update("100000001", { sign_name = "New" })',
                     status=0)
        self.service.do("edit", kind="sign", id="100000001", status=2,
                        fields={"sign_name": "Company 1"})
        self.put_back(1)
        self.service.switch(reviewer={"delay": 0.02})
        self.run_job("""
local id = "100000002"
sms.signs:update(id, { sign_name = "Bb" })
sms.signs:wait(id)
sms.signs:update(id, { sign_name = "Cc" })
sms.signs:wait(id)
sms.signs:update(id, { sign_name = "Dd" })
""", "--deadline", "20", status=0)
        self.service.switch(reviewer=None)
        self.service.do("edit", kind="sign", id="100000002", status=2,
                        fields={"sign_name": "Company 2"})
        self.put_back(3)
        self.run_job('sms.signs:create { sign_name = "Fresh" }', status=0)
        self.service.do("delete", kind="sign", id=self.effects()[-1]["id"])
        self.put_back(1)

    def test_a_signature_that_was_made_again(self):
        self.service.do("edit", kind="sign", id="100000003", status=3,
                        fields={"sign_name": "Rejected"})
        self.run_job('sms.signs:delete("100000003")', "--max-deletes", "100%",
                     status=0)
        self.service.do("create", kind="sign",
                        fields={"sign_name": "Rejected"})
        self.put_back(1)
        self.assertEqual(self.names().count("Rejected"), 1)

    def test_a_delete_that_a_list_hides_is_carried_out(self):
        self.run_job('sms.signs:create { sign_name = "Fresh" }', status=0)
        self.service.do("review", kind="sign")
        self.service.switch(short_list={"entries": 3, "kind": "sign"})
        self.signet("undo", "--yes", "--max-deletes", "100%", "--settle-create",
                    "0", self.newest(), status=0)
        self.assertNotIn("Fresh", self.names())

    def test_what_a_list_hides_is_restored(self):
        self.service.switch(list_hides=["template_content"])
        before = self.template()["template_content"]
        self.run_job('sms.templates:list()\nsms.templates:update("200000001",'
                     ' { template_content = "New" })', status=0)
        self.service.do("review", kind="template")
        self.signet("undo", "--yes", self.newest(), status=0)
        self.assertEqual(self.template()["template_content"], before)

    def test_a_chain_is_undone_where_names_are_freed_on_approval(self):
        self.service.switch(names_freed="approval")
        self.run_job('sms.signs:update("100000002", { sign_name = "Third" })',
                     status=0)
        first = self.newest()
        self.service.do("review", kind="sign")
        self.service.switch(reviewer={"delay": 0.1})
        self.signet("undo", "--yes", first, status=0)
        self.assertEqual(self.sign("100000002")["sign_name"], "Company 2")


class Resume(Promise):
    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def goes_on_after(self, reply):
        """An item that failed before its write keeps no resume from asking for
        the others, which are done."""
        self.service.fault({"match": {"what": "get", "id": "100000001"},
                            "reply": reply})
        ended = self.run_job("""
            signet.each({ "100000001", "100000002", "100000003" },
              function(id)
                sms.signs:update(id, { sign_name = "New " .. id })
              end)
            """, "--concurrency", "1", "--attempts", "2", "--fresh", "0")
        self.assertEqual(ended.status, 1)
        shown = self.signet("show", self.newest())
        self.assertIn("unsent   update signature 100000001  sign_name: New",
                      shown.out)
        self.service.well()
        ended = self.signet("resume", "--yes", self.newest())
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(self.sign()["sign_name"], "New 100000001")

    def test_an_item_that_failed_before_its_write_can_be_resumed(self):
        self.goes_on_after({"status": 500})

    def test_so_can_one_whose_entry_was_not_there(self):
        self.goes_on_after({"status": 400, "body": {
            "code": 400, "message": "sign config not exist"}})

    def test_a_map_that_was_edited_is_refused(self):
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold"})
        self.write("names.csv", "sign_id,sign_name\n100000001,First\n"
                   "100000002,Second\n100000003,Third\n")
        process = self.begin("run", "--yes", "--concurrency", "1", "rename",
                             "--map", "names.csv")
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        self.write("names.csv", "sign_id,sign_name\n100000001,First\n"
                   "100000002,Second\n100000003,Wrong\n")
        ended = self.signet("resume", "--yes", "--deadline", "20",
                            self.newest())
        self.assertNotIn("Wrong", self.names(), ended)
        self.assertIn("names.csv", ended.err)
        self.assertNotEqual(ended.status, 0, ended)

    def test_limits_are_the_jobs(self):
        ended = self.run_job(RENAME, "--max-changes", "2", status=4)
        self.assertEqual(len(self.effects()), 2, ended)
        self.signet("resume", "--yes", self.newest())
        self.assertEqual(len(self.effects()), 2, self.said[-1])

    def test_changed_modules_are_refused(self):
        self.write("helper.lua", 'return { name = "New Name" }')
        body = 'local h = require "helper"\n' \
            'sms.signs:update("100000001", { sign_name = h.name })\n' \
            'sms.signs:update("100000002", { sign_name = h.name .. "2" })'
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold"})
        process = self.begin("run", "--yes", self.script(body))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        self.write("helper.lua", 'return { name = "Wrong Name" }')
        self.signet("resume", "--yes", self.newest())
        self.assertNotIn("Wrong Name2", self.names())

    def test_other_lua_files_are_the_jobs_too(self):
        """By dofile and by LUA_PATH, where only later writes would differ."""
        library = self.home / "library"
        library.mkdir()
        body = """
for i = 1, 3 do
  local name = i == 1 and "Same" or other
  sms.signs:update(tostring(100000000 + i), { sign_name = name .. " " .. i })
end"""
        for load, file in (('dofile "data.lua"', self.home / "data.lua"),
                           ('require "other"', library / "other.lua")):
            self.service.do("reset")
            self.environment["LUA_PATH"] = f"{library}/?.lua;;"
            file.write_text('return "Right"')
            self.service.fault({"match": {"what": "update"}, "skip": 1,
                                "reply": "hold", "effect": "none"})
            process = self.begin("run", "--concurrency", "1", self.script(
                f"local other = {load}{body}"))
            self.wait_for(lambda: len(self.sent()) == 2)
            process.kill()
            process.communicate()
            self.service.well()
            file.write_text('return "Wrong"')
            ended = self.signet("resume", self.newest(), status=4)
            self.assertIn("has changed since", ended.err)
            self.assertEqual(len(self.effects()), 1)

    def test_writes_that_nobody_asks_for_again_are_named(self):
        """The script has seen the list: whether by chance, it can't be told."""
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--concurrency", "1", self.script("""
local all = sms.signs:list()
local first = all[1].sign_name == "Company 1"
for i = first and 1 or 2, 3 do
  sms.signs:update(all[i].sign_id, { sign_name = "New " .. i })
end"""))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("resume", self.newest(), status=0)
        self.assertIn("1 write of the earlier run was not asked for again, and "
                      "others are made: update signature 100000001", ended.err)
        self.assertEqual(len(self.effects()), 3)

    def test_a_second_resume_does_nothing(self):
        self.service.fault({"match": {"what": "update"}, "effect": "now",
                            "reply": "lost"})
        self.run_job(RENAME)
        self.service.well()
        job = self.newest()
        self.signet("resume", "--yes", job)
        before = len(self.sent())
        self.signet("resume", "--yes", job)
        self.assertEqual(len(self.sent()), before)
        self.assertEqual(len(self.effects()), 3)


class Fewer(Promise):
    """A resumed run that asks for less than the first one."""

    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def died(self, body):
        """A run that did its first write; its second had no effect."""
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        self.write("which", "1 2 3")
        process = self.begin("run", "--concurrency", "1", self.script("""
local which = io.open("which"):read("a")
""" + body))
        self.wait_for(lambda: len(self.sent()) == 2)
        process.kill()
        process.communicate()
        self.service.well()

    def resumed(self, which, status):
        self.write("which", which)
        return self.signet("resume", self.newest(), status=status)

    BY_ID = """
for n in which:gmatch("%d") do
  sms.signs:update("10000000" .. n, { sign_name = "New " .. n })
end"""

    BY_LIST = """
for _, s in ipairs(sms.signs:list()) do
  local n = s.sign_name:match("Company (%d)")
  if n and which:find(n) then
    sms.signs:update(s.sign_id, { sign_name = "New " .. n })
  end
end"""

    def is_left(self, ended):
        self.assertIn("1 write of an earlier run was not asked for again: it "
                      "had no effect, so the job is not done (update signature "
                      "100000002)", ended.err)
        self.assertIn("to go on once the cause is gone: signet resume",
                      ended.err)
        self.assertEqual(self.jobs()[0]["state"], "failed")
        self.assertEqual(len(self.effects()), 1)

    def test_what_had_no_effect_is_left(self):
        self.died(self.BY_ID)
        self.is_left(self.resumed("1", status=1))
        self.resumed("1 2 3", status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_a_list_does_not_explain_an_entry_that_is_as_it_was(self):
        self.died(self.BY_LIST)
        self.is_left(self.resumed("1", status=1))
        self.resumed("1 2 3", status=0)
        self.assertEqual(len(self.effects()), 3)

    def test_others_are_named_with_what_is_left(self):
        self.died(self.BY_LIST)
        ended = self.resumed("1 3", status=1)
        self.assertIn("2 writes of the earlier run were not asked for again, "
                      "and others are made: ", ended.err)
        self.assertIn("1 of them had no effect, and the entry is as before",
                      ended.err)

    def test_what_somebody_changed_needs_no_write(self):
        self.died(self.BY_LIST)
        self.service.do("edit", kind="sign", id="100000002",
                        fields={"sign_name": "Legal text"}, status=2)
        ended = self.resumed("1 2 3", status=0)
        self.assertIn("not asked for again: somebody else changed its entry "
                      "since, or deleted it (update signature 100000002)",
                      ended.err)
        self.assertEqual(self.names(), ["Legal text", "New 1", "New 3"])

    def test_what_was_done_is_a_note(self):
        self.died(self.BY_ID)
        ended = self.resumed("2", status=0)
        self.assertIn("1 write of an earlier run was not asked for again, and "
                      "is done (update signature 100000001)", ended.err)
        self.assertEqual(len(self.effects()), 2)


class Chance(Promise):
    """Three of many entries, by a number that differs from run to run. What the
    resumed run chooses is never what the first one chose."""

    signs, templates = 60, 1

    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def resumed(self, number, choice="pick()"):
        """A run that died with its second write on the way, and went on."""
        self.service.fault({"match": {"what": "update"}, "skip": 1,
                            "reply": "hold", "effect": "none"})
        script = self.script("""
local run = math.tointeger(os.getenv("RUN"))
local function pick()
  local signs, ids = sms.signs:list(), {}
  local number = math.floor(""" + number + """)
  for i = 1, 3 do
    ids[i] = signs[((number + i) * 2 + run) % #signs + 1].sign_id
  end
  return ids
end
for _, id in ipairs(""" + choice + """) do
  sms.signs:update(id, { sign_name = "New " .. id })
end""")
        before, effects = len(self.sent()), len(self.effects())
        process = self.begin("run", "--concurrency", "1", script,
                             environment={"RUN": "0"})
        self.wait_for(lambda: len(self.sent()) == before + 2)
        process.kill()
        process.communicate()
        self.service.well()
        ended = self.signet("resume", self.newest(), environment={"RUN": "1"})
        return ended, len(self.effects()) - effects

    def test_other_entries_are_not_written(self):
        for number in ("math.random(30)", "os.time()", "os.clock()",
                       'os.date("!*t").sec', "sms:time()"):
            with self.subTest(number):
                self.service.do("reset")
                ended, effects = self.resumed(number)
                self.assertEqual(ended.status, 4, ended)
                self.assertIn("this run asks for other writes than the first "
                              "one: 2 writes of the journal were not asked for "
                              "again: update signature 1000000", ended.err)
                self.assertEqual(effects, 1)

    def test_a_step_keeps_the_choice(self):
        ended, effects = self.resumed(
            "math.random(30) + os.time() + sms:time()",
            'signet.step("pick", pick)')
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(effects, 3)

    def test_a_date_for_the_eye_is_no_choice(self):
        ended, _ = self.resumed("#os.date() + #os.date('%F %T') + "
                                "os.time { year = 2026, month = 1, day = 1 } + "
                                "os.date('*t', 0).year")
        self.assertEqual(ended.status, 1, "a write is left")
        self.assertIn("others are made: update signature", ended.err)

    def test_what_asks_for_the_same_goes_on(self):
        ended, effects = self.resumed("0 * os.time()", """(function()
  local file = assert(io.open(os.date("job-%F.txt"), "a"))
  file:write(os.time(), " ", os.clock(), " ", math.random(9), "\\n")
  file:close()
  run = 0
  return pick()
end)()""")
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(effects, 3)

    def test_errors_name_the_function_and_the_line(self):
        ended = self.signet("run", self.script("""
print(select(2, pcall(function() os.date("%Ez") end)))
print(select(2, pcall(function() os.time { year = 1 } end)))
print(select(2, pcall(function() math.random("x") end)))"""), status=0)
        lines = ended.out.splitlines()
        self.assertRegex(lines[0], r"job.lua:4: bad argument #1 to '[os.]*date")
        self.assertRegex(lines[1], r"job.lua:5: field '[a-z]+' missing")
        self.assertRegex(lines[2], r"job.lua:6: bad argument #1 to '[math.]*ra")


class Damage(Promise):
    def setUp(self):
        super().setUp()
        self.configure(timeout="0.5", settle_create="0")

    def killed(self):
        """A run that was killed with its log full; the log, and its folder."""
        self.service.fault({"match": {"what": "create"}, "skip": 5,
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script("""
for i = 1, 8 do
  sms.templates:create { template_name = "Fresh " .. i,
    template_type = "utility", template_content = "Text",
    country_codes = "CN" }
end
"""))
        self.wait_for(lambda: len(self.sent()) == 6)
        process.kill()
        process.communicate()
        self.service.well()
        log = max((self.home / "state").rglob("*-wal"),
                  key=lambda file: file.stat().st_size)
        self.assertGreater(log.stat().st_size, 0)
        return log

    @staticmethod
    def used(log):
        """Bytes of a log of SQLite up to the last frame with its salt."""
        size = 24 + int.from_bytes(log[8:12], "big")
        end = 32
        while log[end + 8:end + 16] == log[16:24] and end + size <= len(log):
            end += size
        return end

    def refuses(self, what):
        """Nothing is written, and it is said why."""
        before = len(self.sent())
        ended = self.signet("resume", "--yes", "--deadline", "3")
        self.assertEqual(len(self.sent()), before, (what, ended))
        self.assertNotEqual(ended.status, 0, (what, ended))

    def test_a_flipped_bit_in_the_log_is_found(self):
        log = self.killed()
        whole = log.read_bytes()
        used = self.used(whole)
        for at in range(2000, used, used // 8):
            damaged = bytearray(whole)
            damaged[at] ^= 16
            log.write_bytes(damaged)
            self.refuses(at)
            log.write_bytes(whole)
        self.assertEqual(len(self.effects()), 5)
        self.signet("resume", "--yes", "--deadline", "20", self.newest(),
                    status=0)
        self.assertEqual(len(self.effects()), 8)

    def test_damage_is_accepted_by_a_word(self):
        log = self.killed()
        damaged = bytearray(log.read_bytes())
        damaged[self.used(damaged) // 2] ^= 1
        log.write_bytes(damaged)
        ended = self.signet("run", "--yes", self.script(RENAME))
        self.assertNotEqual(ended.status, 0, ended)
        self.assertEqual(len(self.sent()), 6, ended)
        self.assertIn("--accept-damage", ended.err)
        self.signet("run", "--yes", "--accept-damage", self.script(RENAME),
                    status=0)

    def test_a_log_that_is_missing_is_found(self):
        log = self.killed()
        log.unlink()
        self.refuses("no log")


class Counts(Promise):

    def test_a_job_that_runs_now_is_shown(self):
        self.service.fault({"match": {"what": "update", "id": "100000003"},
                            "reply": "hold"})
        process = self.begin("run", "--yes", "--concurrency", "1",
                             self.script(RENAME))
        self.wait_for(lambda: len(self.sent()) == 3)
        jobs = self.jobs()
        process.kill()
        process.communicate()
        self.assertEqual(len(jobs), 1, self.said[-1])
        self.assertIn(jobs[0]["state"], ("running", "working"))

    def test_what_a_script_catches_is_its_own(self):
        self.service.do("lock", kind="sign", id="100000002")
        ended = self.run_job("""
for i = 1, 3 do
  local worked, problem = pcall(sms.signs.update, sms.signs,
    tostring(100000000 + i), { sign_name = "New " .. i })
  assert(worked or problem.kind == "in_use")
end
""")
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.summary["failed"], 0, ended)


if __name__ == "__main__":
    main()
