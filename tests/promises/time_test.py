# SPDX-License-Identifier: MIT
"""Time: effects that come late, lists that lag, clocks that differ. Nothing is
created twice, and absence in a list proves nothing."""

from harness import Promise, main

TEMPLATE = """sms.templates:create { template_name = "Fresh",
  template_type = "utility", template_content = "Text", country_codes = "CN" }
"""
SIGN = 'sms.signs:create { sign_name = "Fresh" }\n'


class Creates(Promise):
    def created(self, kind):
        return [effect for effect in self.effects()
                if effect["verb"] == "create" and effect["kind"] == kind]

    def lose(self, **more):
        self.service.fault({"match": {"what": "create"}, "times": 1,
                            "reply": "lost", **more})

    def test_a_late_create_of_a_signature_has_no_twin(self):
        self.lose(effect="late", effect_after=60)
        self.run_job(SIGN)
        self.signet("resume", "--yes", self.newest(), "--deadline", "1")
        self.service.do("settle")
        self.signet("resume", "--yes", self.newest(), "--deadline", "5",
                    status=0)
        self.assertEqual(len(self.created("sign")), 1)

    def test_a_clock_that_is_behind(self):
        for offset in (-7200, 7200):
            self.service.do("reset")
            self.service.switch(clock_offset=offset)
            self.lose(effect="now")
            ended = self.run_job(TEMPLATE, "--deadline", "5")
            self.signet("resume", "--yes", self.newest(), "--deadline", "2")
            self.assertEqual(len(self.created("template")), 1, ended)
            self.assertEqual(self.writes()[0]["state"], "done", offset)

    def test_create_tells_no_id(self):
        self.configure(settle_create="0")
        self.service.switch(create_tells_id=False, list_lag=0.3)
        ended = self.run_job(SIGN + TEMPLATE)
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(len(self.effects()), 2)

    def test_a_create_that_tells_no_id_while_the_list_is_short(self):
        self.service.switch(create_tells_id=False, short_list={
            "entries": 2, "lists": 2})
        ended = self.run_job("print(" + SIGN.strip() + ")")
        made = self.effects()[0]["id"]
        if ended.status == 0:
            self.assertIn(made, ended.out)
        else:
            self.assertEqual(ended.status, 5, ended)
            self.signet("resume", "--yes", self.newest(), status=0)
        write, = self.writes()
        self.assertEqual((write["state"], write["id"]), ("done", made))

    def test_a_resume_that_leaves_something_open_says_so(self):
        self.configure(settle="0.1", settle_create="0")
        self.service.fault({"match": {"what": "create"}, "times": 2,
                            "reply": "lost", "effect": "none"})
        self.run_job("signet.each({ 1, 2 }, function(i)\n" + TEMPLATE
                     + "end)", "--attempts", "1", "--deadline", "3")
        ended = self.signet("resume", "--yes", "--deadline", "1",
                            self.newest())
        still = [write for write in self.writes()
                 if write["state"] in ("unknown", "intent")]
        self.assertTrue(ended.status or not still, ended)


class Writes(Promise):

    def test_connections_that_close_after_reading(self):
        for verb, body in (
                ("PUT", 'sms.signs:update("100000001", '
                        '{ sign_name = "New" })'),
                ("DELETE", 'sms.templates:delete("200000001")'),
                ("POST", TEMPLATE)):
            self.service.do("reset")
            self.service.switch(race={"request": 2, "effect": "now"})
            ended = self.run_job('sms.signs:get("100000002")\n' + body,
                                 "--max-deletes", "100%", "--concurrency",
                                 "1", "--deadline", "5")
            self.assertEqual(len(self.effects()), 1, (verb, ended))
            sent = [request for request in self.sent()]
            attempts = sum(write["attempts"] for write in self.writes())
            self.assertEqual(len(sent), attempts, (verb, ended))

    def test_the_race_on_a_template(self):
        self.service.switch(race={"request": 3, "effect": "now"})
        self.run_job('sms.signs:get("100000002")\nsms.templates:update('
                     '"200000001", { template_content = "New" })',
                     "--concurrency", "1", "--deadline", "5")
        self.assertEqual(len(self.effects()), 1)
        self.assertEqual(len(self.sent()), self.writes()[0]["attempts"])

    def test_no_connection_carries_two_requests(self):
        """And the breaker opens at each failure: a probe takes no connection
        from the request for which it was sent."""
        self.service.switch(race={"request": 2})
        self.run_job("for _ = 1, 3 do sms.signs:list() end", "--breaker", "1",
                     "--deadline", "20", status=0)

    def test_a_request_that_fails_while_the_service_is_there(self):
        """The breaker's probe is answered each time."""
        self.service.fault({"match": {"what": "list"},
                            "reply": {"status": 500}})
        ended = self.run_job("sms.signs:list()", "--breaker", "1",
                             "--attempts", "3", "--deadline", "20", status=1)
        lists = self.service.requests(what="list")
        self.assertEqual(len(lists), 4, ended)

    def test_a_resumed_update_is_refused_for_its_own_late_effect(self):
        """It comes after the window, and what is read lags behind."""
        self.configure(timeout="0.5", settle="0.2", settle_create="0.5")
        self.service.switch(detail_lag=2.5, list_lag=2.5)
        self.service.fault({"match": {"what": "update"}, "times": 1,
                            "reply": "hold", "effect": "late",
                            "effect_after": 2})
        process = self.begin("run", self.script(
            'sms.signs:update("100000001", { sign_name = "New" })'))
        self.die_at(process)
        self.signet("resume", "--yes", status=0)
        self.assertEqual(len(self.sent()), 2)
        self.assertEqual(len(self.effects()), 1)
        self.assertEqual([write["state"] for write in self.writes()],
                         ["unsent", "done"])


class Clean(Promise):
    def test_ages_are_by_the_services_clock(self):
        self.service.switch(clock_offset=-365 * 86400)
        for n in (1, 2, 3):
            self.service.do("review", kind="template", id=f"20000000{n}",
                            status=3, remark="no")
        ended = self.signet("run", "--yes", "--max-deletes", "100%",
                            "clean", "--older-than", "30d")
        self.assertEqual(self.effects(), [], ended)

    def test_what_is_old_by_the_services_clock_goes(self):
        self.service.do("review", kind="template", id="200000001", status=3,
                        remark="no")
        self.service.switch(clock_offset=60 * 86400)
        self.signet("run", "--yes", "--max-deletes", "100%", "clean",
                    "--older-than", "30d", status=0)
        self.assertIsNone(self.template())

    def test_a_resumed_job_goes_by_the_time_at_which_it_began(self):
        self.configure(timeout="0.5", settle_create="0")
        for n in range(1, 7):
            self.service.do("review", kind="template", id=f"20000000{n}",
                            status=3, remark="no")
        self.service.switch(clock_offset=60 * 86400)
        self.service.fault({"match": {"what": "delete"}, "skip": 2,
                            "reply": "hold", "effect": "none"})
        process = self.begin("run", "--yes", "--max-deletes", "100%",
                             "--concurrency", "1", "clean", "--older-than",
                             "30d")
        self.wait_for(lambda: len(self.sent()) == 3)
        process.kill()
        process.communicate()
        self.service.well()
        self.signet("resume", "--yes", self.newest(), status=0)
        self.assertEqual(self.service.entries("template"), {})


class Lists(Promise):
    signs = 40

    def test_within_a_run(self):
        self.service.fault({"match": {"what": "list"}, "times": 1, "after": [
            {"do": "set", "short_list": {"entries": 0}}]})
        ended = self.run_job("print(#sms.signs:list())\n"
                             "print(#sms.signs:list())")
        self.assertNotIn("\n0\n", "\n" + ended.out, ended)


if __name__ == "__main__":
    main()
