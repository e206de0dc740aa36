-- SPDX-License-Identifier: MIT
-- Benchmark "sandbox": the request that wrk repeats.
wrk.path = "/v1/sign-configs/500"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Basic a2V5OnNlY3JldA=="
