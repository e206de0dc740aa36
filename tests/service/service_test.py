#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The second service, held against the words of the provider's pages."""

import base64
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest
import unicodedata
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from client import COMMAND, Failed, Service  # noqa: E402
from switches import SWITCHES  # noqa: E402

TEMPLATE = {
    "template_name": "Order Notification Template",
    "template_type": "utility",
    "template_content": "Your order {order_no} has been shipped and is "
                        "expected to arrive by {delivery_time}.",
    "country_codes": "CN,US", "add_signature": True,
    "sign_id": "100000001", "sign_position": 2}
SUCCESS = {"code": 0, "message": "success"}


class Case(unittest.TestCase):
    """Two signatures and two templates, all approved."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service(signs=2, templates=2)
        cls.addClassCleanup(cls.service.stop)

    def setUp(self):
        self.service.do("reset")
        place = urllib.parse.urlsplit(self.service.url).netloc
        self.connection = http.client.HTTPConnection(place, timeout=20)
        self.addCleanup(self.connection.close)

    def ask(self, method, path, body=None, key="key:secret"):
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {
            "Authorization": "Basic " + base64.b64encode(
                key.encode()).decode(),
            "Content-Type": "application/json"})
        self.reply = self.connection.getresponse()
        return self.reply.status, json.loads(self.reply.read())

    def expect(self, answer, method, path, body=None):
        self.assertEqual(self.ask(method, path, body), (200, answer))

    def refused(self, message, method, path, body=None):
        self.assertEqual(self.ask(method, path, body),
                         (400, {"code": 400, "message": message}))

    def sign(self, entry_id="100000001"):
        return self.service.entries("sign").get(entry_id)

    def template(self, entry_id="200000001"):
        return self.service.entries("template").get(entry_id)

    def ends(self, method, path, body=None):
        """The connection ends without a reply."""
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.ask(method, path, body)
        self.connection.close()


class Signatures(Case):
    def test_details_have_the_fields_of_the_page(self):
        _, entry = self.ask("GET", "/v1/sign-configs/100000001")
        self.assertEqual(list(entry), [
            "sign_id", "sign_name", "status", "related_template_count",
            "audit_remark", "created_time", "updated_time"])
        self.assertEqual((entry["sign_id"], entry["status"],
                          entry["related_template_count"]),
                         ("100000001", 2, 1))

    def test_a_list_is_a_bare_array_of_the_same(self):
        _, listed = self.ask("GET", "/v1/sign-configs")
        self.assertEqual(len(listed), 2)
        self.expect(listed[1], "GET", "/v1/sign-configs/100000002")

    def test_create_tells_the_id_and_waits_for_review(self):
        _, answer = self.ask("POST", "/v1/sign-configs",
                             {"sign_name": "Company Name"})
        self.assertEqual(list(answer), ["sign_id"])
        self.assertEqual(self.sign(answer["sign_id"])["status"], 1)

    def test_create_as_on_the_other_page(self):
        self.service.switch(create_tells_id=False)
        self.expect(SUCCESS, "POST", "/v1/sign-configs",
                    {"sign_name": "Company Name"})

    def test_names(self):
        for name in ("x", "y" * 61, "a[b", "a]b", "a【b", "a】b", None, 5):
            self.assertEqual(self.ask(
                "POST", "/v1/sign-configs", {"sign_name": name})[0], 400)
        self.refused("sign_name already exist", "POST", "/v1/sign-configs",
                     {"sign_name": "Company 2"})
        self.refused("sign_name already exist", "PUT",
                     "/v1/sign-configs/100000001", {"sign_name": "Company 2"})
        self.assertEqual(self.ask("POST", "/v1/sign-configs",
                                  {"sign_name": "é" * 60})[0], 200)

    def test_update_reverts_to_review_and_is_refused_there(self):
        body = {"sign_name": "Renamed"}
        self.expect(SUCCESS, "PUT", "/v1/sign-configs/100000001", body)
        self.assertEqual(self.sign()["status"], 1)
        self.refused("can not update pending status sign", "PUT",
                     "/v1/sign-configs/100000001", body)

    def test_plans_keep_an_entry(self):
        self.service.do("lock", kind="sign", id="100000001")
        self.refused("there are pending or running plans using current sign, "
                     "can not update", "PUT", "/v1/sign-configs/100000001",
                     {"sign_name": "Renamed"})
        self.refused("there are pending or running plans using current sign, "
                     "can not delete", "DELETE", "/v1/sign-configs/100000001")
        self.service.do("lock", kind="sign", id="100000001", plan=None)
        self.expect(SUCCESS, "DELETE", "/v1/sign-configs/100000001")

    def test_what_is_not_there(self):
        self.refused("invalid signId", "GET", "/v1/sign-configs/abc")
        for method in ("GET", "DELETE"):
            self.refused("sign config not exist", method,
                         "/v1/sign-configs/77")

    def test_credentials(self):
        status, body = self.ask("GET", "/v1/sign-configs", key="key:wrong")
        self.assertEqual((status, body["code"]), (401, 2001))


class Templates(Case):
    def test_details_have_the_fields_of_the_page(self):
        _, entry = self.ask("GET", "/v1/template-configs/200000001")
        self.assertEqual(list(entry), [
            "template_id", "template_name", "template_type",
            "template_content", "country_codes", "status", "sign_id",
            "sign_name", "sign_position", "sign_status", "audit_remark",
            "created_time", "updated_time"])
        self.assertEqual(
            (entry["sign_id"], entry["sign_name"], entry["sign_position"]),
            ("100000001", "Company 1", 2))

    def test_create_and_update(self):
        _, answer = self.ask("POST", "/v1/template-configs", TEMPLATE)
        path = "/v1/template-configs/" + answer["template_id"]
        self.refused("can not update pending status template", "PUT", path,
                     TEMPLATE)
        self.service.do("review", kind="template")
        self.expect(SUCCESS, "PUT", path, TEMPLATE)
        self.assertEqual(self.template(answer["template_id"])["status"], 1)

    def test_an_update_without_add_signature_drops_it(self):
        body = {name: value for name, value in TEMPLATE.items()
                if name != "add_signature"}
        self.expect(SUCCESS, "PUT", "/v1/template-configs/200000001", body)
        _, entry = self.ask("GET", "/v1/template-configs/200000001")
        self.assertNotIn("sign_id", entry)

    def test_all_fields_are_required(self):
        for name in ("template_name", "template_type", "template_content",
                     "country_codes", "sign_id", "sign_position"):
            body = {key: value for key, value in TEMPLATE.items()
                    if key != name}
            self.assertEqual(self.ask(
                "PUT", "/v1/template-configs/200000001", body)[0], 400, name)

    def test_content(self):
        for text in ("a test", "测试", "a[b", "a]b", "【", "】", "、", ""):
            self.assertEqual(self.ask(
                "POST", "/v1/template-configs",
                {**TEMPLATE, "template_content": text})[0], 400, text)

    def test_a_signature_is_approved_before_it_is_used(self):
        self.ask("PUT", "/v1/sign-configs/100000001",
                 {"sign_name": "Renamed"})
        self.refused("sign status is not approved, can not use", "POST",
                     "/v1/template-configs", TEMPLATE)
        self.refused("sign config not exist", "POST", "/v1/template-configs",
                     {**TEMPLATE, "sign_id": "77"})
        _, entry = self.ask("GET", "/v1/template-configs/200000001")
        self.assertEqual((entry["sign_name"], entry["sign_status"]),
                         ("Renamed", 1))

    def test_what_is_not_there(self):
        self.refused("invalid templateId", "GET", "/v1/template-configs/abc")
        self.refused("template config not exist", "DELETE",
                     "/v1/template-configs/77")


class Signs2023(Case):
    def test_reads(self):
        _, answer = self.ask("GET", "/v1/signs/100000001")
        entry = answer["result"]
        self.assertEqual(entry["sign_id"], 100000001)
        self.assertRegex(entry["create_time"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0800$")
        _, answer = self.ask("GET", "/v1/signs?sign_name=pany")
        self.assertEqual((answer["count"], answer["total"],
                          len(answer["result"])), (2, 2, 2))
        _, answer = self.ask("GET", "/v1/signs?sign_name=2")
        self.assertEqual(answer["result"][0]["sign_name"], "Company 2")

    def test_writes(self):
        _, answer = self.ask("POST", "/v1/signs", {"sign_name": "ccc"})
        path = f"/v1/signs/{answer['result']['sign_id']}"
        self.assertEqual(answer["result"]["sign_name"], "ccc")
        self.expect({"count": 1}, "PUT", path, {"sign_name": "ddd"})
        self.expect({"count": 1}, "DELETE", path)
        self.assertEqual(self.ask("GET", path), (
            400, {"code": 34010, "message": "sign not exists"}))

    def test_errors(self):
        self.assertEqual(self.ask("POST", "/v1/signs", {"sign_name": "x"}), (
            400, {"code": 34005, "message": "Invalid sign_name"}))
        self.assertEqual(self.ask("GET", "/v1/signs", key="a:b"), (
            401, {"code": 30000, "message": "Authentication failed"}))

    def test_the_limit_of_signatures(self):
        self.service.switch(signs_limit=3)
        self.assertEqual([self.ask("POST", "/v1/signs", {
            "sign_name": f"Name {n}"})[0] for n in range(2)], [200, 400])


class Forms(Case):
    def test_what_is_stored_has_another_form(self):
        self.service.switch(
            trim=True, unicode="NFC", country_order="reversed",
            country_separator=", ", otp_is_authentication=True)
        body = {**TEMPLATE, "template_type": "otp", "country_codes": "CN,US",
                "template_content": " Cafe\u0301 {{a}} "}
        self.expect(SUCCESS, "PUT", "/v1/template-configs/200000001", body)
        entry = self.template()
        self.assertEqual(
            (entry["template_content"], entry["country_codes"],
             entry["template_type"]),
            ("Café {{a}}", "US, CN", "authentication"))
        self.assertTrue(unicodedata.is_normalized(
            "NFC", entry["template_content"]))

    def test_shapes(self):
        self.service.switch(
            ids="number", statuses="string", null_names=["100000001"],
            list_hides=["template_content"], duplicates=["100000002"],
            no_signature="zero")
        _, signs = self.ask("GET", "/v1/sign-configs")
        self.assertEqual([entry["sign_id"] for entry in signs],
                         [100000001, 100000002, 100000002])
        self.assertEqual((signs[0]["status"], signs[0]["sign_name"]),
                         ("2", None))
        _, templates = self.ask("GET", "/v1/template-configs")
        self.assertNotIn("template_content", templates[0])
        _, detail = self.ask("GET", "/v1/template-configs/200000001")
        self.assertIn("template_content", detail)

    def test_short_lists(self):
        self.service.switch(short_list={"entries": 1, "lists": 2})
        self.assertEqual([len(self.ask("GET", "/v1/sign-configs")[1])
                          for _ in range(3)], [1, 1, 2])


class Time(Case):
    def test_lists_lag_and_never_go_back(self):
        self.service.switch(list_lag=60)
        self.ask("DELETE", "/v1/sign-configs/100000002")
        self.assertEqual(len(self.ask("GET", "/v1/sign-configs")[1]), 2)
        self.refused("sign config not exist", "GET",
                     "/v1/sign-configs/100000002")
        self.service.do("advance", seconds=61)
        self.assertEqual(len(self.ask("GET", "/v1/sign-configs")[1]), 1)
        self.service.switch(list_lag=1000)
        self.assertEqual(len(self.ask("GET", "/v1/sign-configs")[1]), 1)

    def test_details_lag(self):
        self.service.switch(detail_lag=60)
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        _, entry = self.ask("GET", "/v1/sign-configs/100000001")
        self.assertEqual(entry["sign_name"], "Company 1")
        self.service.do("settle")
        _, entry = self.ask("GET", "/v1/sign-configs/100000001")
        self.assertEqual(entry["sign_name"], "New")

    def test_the_clock(self):
        self.service.switch(clock_offset=-7200)
        _, answer = self.ask("POST", "/v1/sign-configs", {"sign_name": "New"})
        made = self.sign(answer["sign_id"])["created_time"]
        self.assertLess(abs(time.time() - 7200 - made), 60)
        date = time.mktime(time.strptime(
            self.reply.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"))
        self.assertLess(abs(date - time.timezone - made), 60)

    def test_late_effects(self):
        self.service.fault({"match": {"writes": True}, "effect": "late",
                            "effect_after": 60})
        self.expect(SUCCESS, "PUT", "/v1/sign-configs/100000001",
                    {"sign_name": "New"})
        self.assertEqual(self.sign()["sign_name"], "Company 1")
        self.service.do("advance", seconds=61)
        self.assertEqual(self.sign()["sign_name"], "New")

    def test_an_effect_after_the_connection_was_cut(self):
        self.service.fault({
            "match": {"writes": True}, "effect": "late", "effect_after": 0,
            "late_from": "cut", "reply": "hold"})
        self.connection.timeout = 0.2
        self.ends("DELETE", "/v1/sign-configs/100000001")
        for _ in range(100):
            if self.sign() is None:
                break
            time.sleep(0.02)
        self.assertIsNone(self.sign())

    def test_a_late_effect_meets_the_rules_of_its_time(self):
        self.service.fault({"match": {"what": "update"}, "effect": "late",
                            "effect_after": 60})
        for name in ("First", "Second"):
            self.expect(SUCCESS, "PUT", "/v1/sign-configs/100000001",
                        {"sign_name": name})
        self.service.do("settle")
        self.assertEqual(len(self.service.ledger(who="client")), 1)
        self.assertEqual(self.service.requests()[-1]["late"],
                         "refused: can not update pending status sign")


class Faults(Case):
    def test_success_without_effect(self):
        self.service.fault({"effect": "none"})
        self.expect(SUCCESS, "DELETE", "/v1/sign-configs/100000001")
        self.assertEqual(self.service.ledger(), [])

    def test_replies_are_lost_before_and_after_the_effect(self):
        self.service.fault({"reply": "lost"})
        self.ends("DELETE", "/v1/sign-configs/100000001")
        self.assertEqual(self.service.ledger(), [])
        self.service.well()
        self.service.fault({"reply": "reset", "effect": "now"})
        self.ends("DELETE", "/v1/sign-configs/100000001")
        self.assertEqual(len(self.service.ledger()), 1)

    def test_codes_of_the_family(self):
        self.service.fault({"match": {"what": "list", "kind": "sign"},
                            "skip": 1, "times": 1, "reply": {
            "status": 400, "code": 3004, "message": "too often",
            "headers": {"Retry-After": {"date_in": 90}}}})
        answers = [self.ask("GET", "/v1/sign-configs") for _ in range(2)]
        self.assertEqual(answers[1], (
            400, {"code": 3004, "message": "too often"}))
        self.assertRegex(self.reply.headers["Retry-After"], r"GMT$")
        self.assertEqual(self.ask("GET", "/v1/sign-configs")[0], 200)

    def test_a_limit(self):
        self.service.switch(limit={"per_second": 0.01, "burst": 2},
                            retry_after="1.5")
        self.assertEqual([self.ask("GET", "/v1/sign-configs")[0]
                          for _ in range(3)], [200, 200, 429])
        self.assertEqual(self.reply.headers["Retry-After"], "1.5")

    def test_what_others_do_in_between(self):
        self.service.fault({
            "match": {"what": "list"}, "times": 1, "after": [
                {"do": "edit", "kind": "sign", "id": "100000001",
                 "fields": {"sign_name": "Legal text"}}]})
        _, listed = self.ask("GET", "/v1/sign-configs")
        self.assertEqual(listed[0]["sign_name"], "Company 1")
        self.assertEqual(self.sign()["sign_name"], "Legal text")

    def test_a_reply_is_cut(self):
        self.service.fault({"cut_after": 200})
        self.ends("GET", "/v1/sign-configs")

    def test_the_race_of_a_connection_that_closes(self):
        self.service.switch(race={"request": 2, "effect": "now"})
        self.assertEqual(self.ask("GET", "/v1/sign-configs")[0], 200)
        self.ends("DELETE", "/v1/sign-configs/100000001")
        self.assertEqual(len(self.service.ledger()), 1)

    def test_connections_that_end(self):
        self.service.switch(requests_per_connection=1)
        self.ask("GET", "/v1/sign-configs")
        sock = self.connection.sock
        self.assertEqual(sock.recv(1), b"")

    def test_unknown_switches_and_faults_are_refused(self):
        for act in (lambda: self.service.switch(lag=5),
                    lambda: self.service.switch(ids="letters"),
                    lambda: self.service.fault({"replies": "lost"}),
                    lambda: self.service.do("dance")):
            self.assertRaises(Failed, act)


class Rules(Case):
    def test_a_put_that_changes_nothing(self):
        self.service.switch(same_put="nothing")
        body = {"sign_name": "Company 1"}
        self.expect(SUCCESS, "PUT", "/v1/sign-configs/100000001", body)
        self.assertEqual(self.sign()["status"], 2)
        self.service.switch(same_put="review")
        self.expect(SUCCESS, "PUT", "/v1/sign-configs/100000001", body)
        self.assertEqual(self.sign()["status"], 1)

    def test_names_are_freed_on_approval(self):
        self.service.switch(names_freed="approval")
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        body = {"sign_name": "Company 1"}
        self.refused("sign_name already exist", "POST", "/v1/sign-configs",
                     body)
        self.service.do("review", kind="sign")
        self.assertEqual(self.ask("POST", "/v1/sign-configs", body)[0], 200)

    def test_names_are_freed_when_submitted(self):
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        self.assertEqual(self.ask("POST", "/v1/sign-configs", {
            "sign_name": "Company 1"})[0], 200)

    def test_the_name_of_what_was_deleted(self):
        self.service.switch(deleted_name_held=60)
        self.ask("DELETE", "/v1/sign-configs/100000001")
        body = {"sign_name": "Company 1"}
        self.refused("sign_name already exist", "POST", "/v1/sign-configs",
                     body)
        self.service.do("advance", seconds=61)
        self.assertEqual(self.ask("POST", "/v1/sign-configs", body)[0], 200)

    def test_a_delete_in_review(self):
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        self.service.switch(pending_delete=False)
        self.refused("can not delete pending status sign", "DELETE",
                     "/v1/sign-configs/100000001")
        self.service.switch(pending_delete=True)
        self.expect(SUCCESS, "DELETE", "/v1/sign-configs/100000001")


class People(Case):
    def test_a_reviewer_decides_what_was_submitted(self):
        self.service.switch(reviewer={"delay": 60, "reject": 1,
                                      "remark": "not you"})
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        self.service.do("advance", seconds=61)
        self.assertEqual((self.sign()["status"], self.sign()["audit_remark"]),
                         (3, "not you"))
        self.assertEqual([effect["who"] for effect in self.service.ledger()],
                         ["client", "reviewer"])

    def test_a_colleague_edits(self):
        self.service.switch(colleague={"every": 1, "edits": 5, "verbs": [
            "update", "delete", "create"]})
        for _ in range(8):
            self.service.do("advance", seconds=1.1)
        edits = self.service.ledger(who="colleague")
        self.assertLessEqual(len(edits), 5)
        self.assertTrue(edits)

    def test_the_ledger_has_before_and_after(self):
        self.ask("PUT", "/v1/sign-configs/100000001", {"sign_name": "New"})
        effect, = self.service.ledger()
        request, = self.service.requests()
        self.assertEqual((effect["before"]["sign_name"],
                          effect["after"]["sign_name"], effect["request"]),
                         ("Company 1", "New", request["n"]))

    def test_the_state_comes_back(self):
        state = self.service.state()
        self.ask("DELETE", "/v1/sign-configs/100000001")
        self.service.state(**state)
        self.assertEqual(self.service.state(), state)
        self.assertEqual(len(self.ask("GET", "/v1/sign-configs")[1]), 2)


class Process(unittest.TestCase):
    def test_it_listens_on_this_machine_only_and_ends_by_itself(self):
        with Service(lifetime=0.2) as service:
            self.assertRegex(service.url, r"^http://127\.0\.0\.1:\d+$")
            self.assertEqual(service.process.wait(20), 0)

    def test_it_ends_on_sigterm_and_with_its_input(self):
        with Service() as service:
            service.process.terminate()
            self.assertEqual(service.process.wait(20), 0)
        ended = subprocess.run([sys.executable, COMMAND], timeout=20,
                               stdin=subprocess.PIPE, capture_output=True,
                               check=False)
        self.assertEqual(ended.returncode, 0)

    def test_a_connection_carries_many_requests_at_once(self):
        with Service(signs=1) as service:
            place = urllib.parse.urlsplit(service.url)
            key = base64.b64encode(b"key:secret").decode()
            ask = (f"GET /v1/sign-configs HTTP/1.1\r\nHost: x\r\n"
                   f"Authorization: Basic {key}\r\n\r\n").encode()
            with socket.create_connection(
                    (place.hostname, place.port)) as peer:
                peer.settimeout(20)
                peer.sendall(ask * 300)
                data = b""
                while data.count(b"HTTP/1.1 200") < 300 or \
                        not data.endswith(b"]"):
                    data += peer.recv(65536)

    def test_the_readme_names_every_switch(self):
        readme = (COMMAND.parent / "README.md").read_text()
        for name, value, check, words in SWITCHES:
            row = re.search(rf"^\| `{name}` \| (.*) \| (.*) \|$", readme,
                            re.MULTILINE)
            self.assertTrue(row, f"{name} is not in README.md")
            self.assertEqual((row[1], row[2]), (
                f"`{json.dumps(value)}`", words), name)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main()
