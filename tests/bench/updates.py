# SPDX-License-Identifier: MIT
"""Benchmark "updates", the peer in Python; prints requests per second.

With "plain" behind the count each request is a requests.put of its own, else
all go through one Session.
"""
import sys
import time

import requests

base_url, count = sys.argv[1], int(sys.argv[2])
client = requests if "plain" in sys.argv[3:] else requests.Session()
began = time.monotonic()
for number in range(1, count + 1):
    reply = client.put(
        f"{base_url}/v1/sign-configs/{number}",
        json={"sign_name": f"Name {number}"},
        auth=("key", "secret"),
    )
    reply.raise_for_status()
    assert reply.json()["code"] == 0
print(count / (time.monotonic() - began))
