# SPDX-License-Identifier: MIT
"""Benchmark "list", the peer in Python; prints how many are rejected."""
import sys

import requests

reply = requests.get(
    f"{sys.argv[1]}/v1/template-configs", auth=("key", "secret")
)
reply.raise_for_status()
print(sum(1 for template in reply.json() if template["status"] == 3))
