#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service for tests, written from the provider's pages and on nothing else.

Prints its address and serves on 127.0.0.1 until its standard input ends, the
lifetime is over or it gets SIGTERM. README.md says what can be switched.
"""

import argparse
import gc
import json
import os
import pathlib
import signal
import socket
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from account import Account  # noqa: E402
from api import Api  # noqa: E402
from control import Control  # noqa: E402
from people import Colleague, Reviewer  # noqa: E402
from web import Server  # noqa: E402


def seeded(signs, templates):
    """Approved entries; every template has a signature."""
    state = {"signs": [], "templates": []}
    for n in range(1, signs + 1):
        state["signs"].append({"sign_id": str(100000000 + n),
                               "sign_name": f"Company {n}"})
    for n in range(1, templates + 1):
        entry = {"template_id": str(200000000 + n),
                 "template_name": f"Template {n}",
                 "template_content": f"Your order {{{{n}}}} number {n}"}
        if signs:
            entry.update(sign_id=str(100000001 + (n - 1) % signs),
                         sign_position=1 + n % 2)
        state["templates"].append(entry)
    return state


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="key")
    parser.add_argument("--secret", default="secret",
                        help="or the variable SERVICE_SECRET")
    parser.add_argument("--lifetime", type=float, metavar="SECONDS",
                        help="end by itself after so long (an hour)",
                        default=3600)
    parser.add_argument("--signs", type=int, default=0, metavar="N")
    parser.add_argument("--templates", type=int, default=0, metavar="N")
    parser.add_argument("--state", metavar="FILE", help="the state as JSON")
    parser.add_argument("--switches", metavar="JSON", type=json.loads)
    parser.add_argument("--seed", type=int, default=0,
                        help="of everything that is chosen at random")
    parser.add_argument("--stay", action="store_true",
                        help="when standard input ends, too")
    return parser.parse_args()


def stop_by_itself(server, chosen):
    """At the end of standard input, on SIGTERM, when the lifetime is over."""
    def stop(*_):
        server.going = False
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    signal.set_wakeup_fd(writing.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.watch_input(reading, lambda: reading.recv(64))
    server.until = time.monotonic() + chosen.lifetime

    def read():
        if not os.read(0, 4096):
            stop()
    if not chosen.stay:
        try:
            server.watch_input(0, read)
        except (PermissionError, OSError):
            pass  # a file, which never ends in this sense
    return writing


def main():
    chosen = options()
    account = Account(chosen.seed)
    server = Server(account.clock, account.switches, chosen.port)
    api = Api(account, server, chosen.key,
              os.environ.get("SERVICE_SECRET", chosen.secret))
    control = Control(account, server, api)
    Reviewer(account)
    Colleague(account)
    state = seeded(chosen.signs, chosen.templates)
    if chosen.state:
        with open(chosen.state, encoding="utf-8") as file:
            state = json.load(file)
    account.replace(state)
    control.first = account.state()
    account.switches.set(chosen.switches or {})
    keep = stop_by_itself(server, chosen)
    gc.freeze()
    print(server.url, flush=True)
    server.run()
    keep.close()


if __name__ == "__main__":
    main()
