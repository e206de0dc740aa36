-- SPDX-License-Identifier: MIT
-- Benchmark "updates": the request that wrk repeats.
wrk.method = "PUT"
wrk.path = "/v1/sign-configs/12345"
wrk.body = '{"sign_name":"Name 12345"}'
wrk.headers["Accept"] = "application/json"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Basic a2V5OnNlY3JldA=="
