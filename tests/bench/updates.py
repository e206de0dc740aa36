# SPDX-License-Identifier: MIT
"""Benchmark "updates", the peer in Python; prints requests per second."""
import sys
import time

import requests

base_url, count = sys.argv[1], int(sys.argv[2])
session = requests.Session()
session.auth = ("key", "secret")
began = time.monotonic()
for number in range(1, count + 1):
    reply = session.put(
        f"{base_url}/v1/sign-configs/{number}",
        json={"sign_name": f"Name {number}"},
    )
    reply.raise_for_status()
    assert reply.json()["code"] == 0
print(count / (time.monotonic() - began))
