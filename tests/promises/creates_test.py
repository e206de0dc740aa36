# SPDX-License-Identifier: MIT
"""Writes whose outcome is open, where effects come late, lists and details lag,
and clocks differ: nothing is done twice, and what is told is true."""

from harness import Promise, main

TEMPLATE = """sms.templates:create { template_name = "Fresh",
  template_type = "utility", template_content = "Text", country_codes = "CN" }
"""
SIGN = 'sms.signs:create { sign_name = "Fresh" }\n'
FOUR = """signet.each({ 1, 2, 3, 4 }, function()
  """ + TEMPLATE.replace("\n", "\n  ") + """end)
"""
RENAME = 'sms.signs:update("100000001", { sign_name = "Renamed" })\n'


class Open(Promise):
    """The reply to a write is lost; its effect may come later."""

    def lose(self, what, times=1, **more):
        self.service.fault({"match": {"what": what}, "times": times,
                            "reply": "lost", **more})

    def made(self, kind="template", verb="create"):
        return [effect for effect in self.effects()
                if effect["verb"] == verb and effect["kind"] == kind]

    def states(self):
        return [write["state"] for write in self.writes()]

    def resume(self, *options, **more):
        return self.signet("resume", "--yes", *options, self.newest(), **more)


class Creates(Open):
    def test_an_effect_that_comes_while_resume_waits(self):
        self.configure(timeout="0.5", settle_create="6")
        self.lose("create", effect="late", effect_after=3)
        ended = self.run_job(TEMPLATE, "--deadline", "1", status=5)
        self.assertEqual(self.states(), ["unknown"], ended)
        resumed = self.resume("--deadline", "60", status=0)
        self.assertRegex(resumed.err, r"the create of template \\?\"Fresh\\?\" "
                         r"can be decided at \d\d:\d\d:\d\d")
        self.assertEqual(len(self.made()), 1, resumed)
        self.assertEqual(self.states(), ["done"])

    def test_a_wait_that_is_interrupted_sends_nothing(self):
        self.configure(settle_create="60")
        self.lose("create", effect="late", effect_after=60)
        self.run_job(TEMPLATE, "--deadline", "0.3", status=5)
        self.resume("--deadline", "1", status=5)
        self.assertEqual(len(self.sent()), 1)
        self.service.do("settle")
        self.resume("--deadline", "60", status=0)
        self.assertEqual(len(self.made()), 1)
        self.assertEqual(self.states(), ["done"])

    def test_what_never_took_effect_is_sent_again(self):
        self.configure(timeout="0.3", settle_create="0")
        self.lose("create", effect="none")
        ended = self.run_job(TEMPLATE, status=5)
        self.assertRegex(ended.out, r"can be decided at \d\d:\d\d:\d\d")
        self.resume(status=0)
        self.assertEqual(len(self.made()), 1)
        self.assertEqual(self.states(), ["unsent", "done"])

    def test_what_was_made_without_an_id_and_is_gone_is_not_made_again(self):
        self.configure(timeout="0.3", settle_create="0", settle="0.05")
        self.service.switch(create_tells_id=False)
        for body, kind in ((TEMPLATE, "template"), (SIGN, "sign")):
            with self.subTest(kind):
                theirs = self.service.do("create", kind=kind, fields={
                    kind + "_name": "Theirs",
                    **({} if kind == "sign" else {
                        "template_type": "utility", "country_codes": "CN",
                        "template_content": "Theirs"})})
                made = str(int(theirs["id"]) + 1)
                self.service.fault({
                    "match": {"what": "create", "kind": kind},
                    "after": [{"do": "delete", "kind": kind, "id": made}]})
                self.run_job(body, status=5)
                ended = self.resume(status=1)
                self.assertEqual(len(self.made(kind)), 1, ended)
                self.assertEqual(self.states(), ["drift"])
                self.assertIn("the service said that it was made, and shows "
                              "no such entry", self.writes()[0]["error"][
                                  "message"])

    def test_a_list_that_lags(self):
        self.configure(timeout="0.5", settle_create="4")
        for body, kind in ((TEMPLATE, "template"), (SIGN, "sign")):
            with self.subTest(kind):
                self.service.do("reset")
                self.service.switch(list_lag=3)
                self.lose("create", effect="now")
                self.run_job(body)
                self.resume()
                self.assertEqual(len(self.made(kind)), 1)
                self.assertEqual(self.states()[-1], "done")

    def test_a_list_that_shows_less(self):
        signed = TEMPLATE.replace(' }', ''',
  sign_id = "100000001", sign_position = 2 }''')
        for body, hidden in ((TEMPLATE, ["template_content"]),
                             (signed, ["sign_id", "sign_position"])):
            for tells, reply in ((True, "lost"), (False, "normal")):
                with self.subTest(hidden=hidden, reply=reply):
                    self.service.do("reset")
                    self.service.switch(list_hides=hidden,
                                        create_tells_id=tells)
                    self.service.fault({"match": {"what": "create"},
                                        "reply": reply, "effect": "now"})
                    self.run_job(body)
                    self.assertEqual(len(self.made()), 1, self.said)
                    self.assertEqual(self.states(), ["done"])

    def test_an_entry_that_is_listed_before_it_can_be_read(self):
        self.service.switch(list_hides=["template_content"], detail_lag=0.3)
        self.lose("create", effect="now")
        self.run_job(TEMPLATE, status=0)
        self.assertEqual(self.states(), ["done"])

    def test_kill_then_resume(self):
        self.configure(timeout="0.5", settle_create="3")
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "hold", "effect": "late",
                            "effect_after": 2})
        self.die_at(self.begin("run", "--yes", self.script(TEMPLATE)),
                    "/v1/template", "POST")
        self.resume(status=0)
        self.assertEqual(len(self.made()), 1)
        self.assertEqual(self.states(), ["done"])

    def test_kill_then_resume_by_the_api_of_2023(self):
        """Its times tell what was there before, too."""
        self.configure(api="signs", timeout="0.5", settle_create="1")
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "hold", "effect": "now"})
        self.die_at(self.begin("run", "--yes", self.script(SIGN)),
                    "/v1/signs", "POST")
        self.resume(status=0)
        self.assertEqual(len(self.made("sign")), 1)
        self.assertEqual(self.states(), ["done"])

    def test_an_intent_that_waited_for_its_turn(self):
        """It is older than its sending, which is what counts."""
        self.configure(timeout="2.5", settle="0.02", settle_create="0",
                       outage="20")
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": {"status": 429, "code": 429,
                                      "message": "slow",
                                      "headers": {"Retry-After": "4"}}})
        self.service.fault({"match": {"what": "create"}, "skip": 1, "times": 1,
                            "reply": "hold", "effect": "late",
                            "effect_after": 1.5})
        process = self.begin("run", "--yes", self.script(TEMPLATE))
        self.wait_for(lambda: len(self.sent()) >= 2)
        process.kill()
        process.communicate()
        self.resume(status=0)
        self.assertEqual(len(self.made()), 1)
        self.assertEqual(self.states(), ["done"])

    def test_a_signature_is_settled_in_the_run(self):
        for effect in ("now", "none"):
            with self.subTest(effect):
                self.service.do("reset")
                self.lose("create", effect=effect)
                self.run_job(SIGN, status=0)
                self.assertEqual(len(self.made("sign")), 1)
        self.service.do("reset")
        self.lose("create", effect="late", effect_after=0.2)
        self.run_job(SIGN)
        self.assertEqual(len(self.made("sign")), 1)

    def test_one_entry_answers_one_write(self):
        self.configure(timeout="0.3", settle_create="0")
        self.lose("create", times=3, effect="none")
        self.lose("create", times=1, effect="now")
        self.run_job(FOUR)
        self.resume(status=0)
        done = [write for write in self.writes() if write["state"] == "done"]
        self.assertEqual(len(self.made()), 4, self.said)
        self.assertEqual(len({write["answer"] for write in done}), 4)

    def test_the_clock_is_told_and_decides_nothing(self):
        for offset, word in ((-3600, "ahead of"), (3600, "behind")):
            for effect, made in (("now", "done"), ("none", "done")):
                with self.subTest(offset=offset, effect=effect):
                    self.service.do("reset")
                    self.service.switch(clock_offset=offset)
                    self.configure(timeout="0.3", settle_create="0")
                    self.lose("create", effect=effect)
                    ended = self.signet("run", "--yes", self.script(TEMPLATE))
                    self.assertEqual(ended.err.count(
                        f"clock is 60 minutes {word} the service's"), 1, ended)
                    self.resume(status=0 if ended.status else None)
                    self.assertEqual(len(self.made()), 1)
                    self.assertEqual(self.states()[-1], made)

    def test_a_service_that_tells_no_time(self):
        self.configure(timeout="0.3", settle_create="0")
        for effect in ("now", "none"):
            with self.subTest(effect):
                self.service.do("reset")
                self.service.switch(date_header=False)
                self.lose("create", effect=effect)
                self.run_job(TEMPLATE)
                self.resume()
                self.assertLessEqual(len(self.made()), 1)

    def test_a_killed_create_where_no_time_is_told(self):
        """What was there before is told from what the run made."""
        self.configure(timeout="0.3", settle_create="0", settle="0.01")
        fields = {"template_name": "Fresh", "template_type": "utility",
                  "template_content": "Text", "country_codes": "CN"}
        for twins in (0, 1):
            for effect, state in (("now", "done"), ("none", "unsent")):
                with self.subTest(effect=effect, twins=twins):
                    self.service.do("reset")
                    self.service.switch(date_header=False)
                    for _ in range(twins):
                        self.service.do("create", kind="template",
                                        fields=fields)
                    self.service.do("advance", seconds=5)
                    self.service.fault({
                        "match": {"what": "create"}, "times": 1,
                        "reply": "hold", "effect": effect})
                    self.die_at(self.begin("run", self.script(TEMPLATE)),
                                method="POST")
                    self.resume(status=0)
                    self.assertEqual(self.states()[0], state)
                    self.assertEqual(len(self.made()), 1)


class Changes(Open):
    def test_an_update_whose_signature_is_gone_is_refused(self):
        """That says nothing of the entry, and no effect explains it."""
        self.configure(settle="0.01", settle_create="0")
        self.service.fault({
            "match": {"what": "update"}, "times": 1, "reply": "lost",
            "effect": "none", "after": [
                {"do": "delete", "kind": "sign", "id": "100000001"}]})
        ended = self.run_job("""
sms.templates:update("200000001", { template_content = "New" })
""", status=1)
        self.assertIn("sign config not exist", ended.text)
        self.assertEqual(self.states(), ["failed"])

    def test_an_update_of_a_detail_that_lags_behind_an_approval(self):
        self.configure(settle="0.1")
        self.service.switch(detail_lag=0.6, reviewer={"delay": 0.2})
        self.lose("update", effect="now")
        self.run_job(RENAME, status=0)
        self.assertEqual(len(self.made("sign", "update")), 1)

    def test_the_same_in_resume(self):
        self.configure(timeout="0.5", settle_create="2", settle="0.01")
        self.service.switch(detail_lag=1, reviewer={"delay": 0.2})
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "now"})
        self.die_at(self.begin("run", "--yes", self.script(RENAME)))
        self.resume(status=0)
        self.assertEqual(len(self.made("sign", "update")), 1)
        self.assertEqual(self.states(), ["done"])

    def test_a_refusal_while_the_detail_lags(self):
        self.configure(settle="0.05")
        self.service.switch(detail_lag=0.8)
        self.lose("update", effect="now")
        self.run_job(RENAME)
        self.resume()
        self.assertEqual(len(self.made("sign", "update")), 1)
        self.assertEqual(self.states()[-1], "done")

    def test_a_delete_that_comes_late(self):
        self.configure(timeout="0.5")
        self.service.fault({"match": {"what": "delete"}, "times": 1,
                            "reply": "hold", "effect": "late",
                            "effect_after": 0.5})
        self.die_at(self.begin("run", "--yes", self.script(
            'sms.templates:delete("200000001")')), method="DELETE")
        self.resume(status=0)
        self.assertEqual(len(self.made("template", "delete")), 1)
        self.assertEqual(self.states(), ["done"])


if __name__ == "__main__":
    main()
