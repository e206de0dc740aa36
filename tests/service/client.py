# SPDX-License-Identifier: MIT
"""A running service, for tests in Python: started, controlled, ended."""

import http.client
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse

COMMAND = pathlib.Path(__file__).resolve().parent / "service.py"


class Failed(Exception):
    """The control interface said no."""


class Service:
    """with Service(signs=3) as service: …"""

    def __init__(self, *options, secret="secret", **values):
        arguments = [str(option) for option in options]
        for name, value in values.items():
            if not isinstance(value, (str, int, float)):
                value = json.dumps(value)
            arguments += [f"--{name}", str(value)]
        self.process = subprocess.Popen(
            [sys.executable, str(COMMAND), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "SERVICE_SECRET": secret})
        self.url = self.process.stdout.readline().decode().strip()
        if not self.url:
            raise Failed("the service did not start")
        self.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(self.url).netloc, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.connection.close()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        self.connection.request(method, "/_control/" + path, data)
        reply = self.connection.getresponse()
        answer = json.loads(reply.read())
        if reply.status != 200:
            raise Failed(f"{method} {path}: {answer['error']}")
        return answer

    def switch(self, **values):
        return self.control("POST", "switches", values)

    def fault(self, *rules):
        return self.control("POST", "faults", list(rules))

    def well(self):
        """No faults from now on; switches stay as they are."""
        return self.control("DELETE", "faults")

    def do(self, act, **values):
        return self.control("POST", act, values)

    def state(self, signs=None, templates=None):
        """Reads the state, or replaces it."""
        if signs is None and templates is None:
            return self.control("GET", "state")
        return self.control("PUT", "state", {
            "signs": signs or [], "templates": templates or []})

    def entries(self, kind):
        """By id."""
        state = self.control("GET", "state")
        return {entry[kind + "_id"]: entry for entry in state[kind + "s"]}

    def ledger(self, **match):
        return self.control(
            "GET", "ledger?" + urllib.parse.urlencode(match))

    def requests(self, **match):
        return self.control(
            "GET", "requests?" + urllib.parse.urlencode(match))
