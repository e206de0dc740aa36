# SPDX-License-Identifier: MIT
# Replies that get lost, of each kind of write, on fresh and reused connections:
# nothing is done twice, and nothing is reported wrongly.
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
}

# Effects come at once here, so it needs no long looks.
quick=(--timeout 0.6 --settle 0.1 --settle-create 0)

# lost METHOD FAULT REQUESTS SCRIPT: the run ends well, or says that the outcome
# is unknown and is resumed; then each of the four effects is there once.
lost() {
  local method=$1 fault=$2 reused=$3 chunk=$4 nth
  for nth in $reused; do
    control POST /reset '{"signs":5,"templates":40,"seed":1}' >/dev/null
    control DELETE /faults >/dev/null
    control POST /faults "{\"method\":\"$method\",\"nth\":$nth,$fault}" >/dev/null
    signet --yes --max-deletes 100% "${quick[@]}" --concurrency 1 --json -e "$chunk"
    if [[ $status == 5 && $output == *'"outcome":"unknown"'* ]]; then
      signet resume --yes --max-deletes 100% "${quick[@]}" --json
    fi
    if [[ $status != 0 || $(summary unknown) != 0 || $(summary failed) != 0 ]]; then
      fail "$method, $fault, request $nth: $status
$output
$stderr
$(control GET '/requests?limit=100')"
    fi
    run control GET "/requests?effect=true&limit=100"
    assert_equal "$(jq "[.[] | select(.method == \"$method\")] | length" <<<"$output")" 4
    assert_equal "$(jq "[.[] | select(.method == \"$method\") | .path + .body] | unique | length" <<<"$output")" 4
    signet jobs --json
    assert_equal "$(head -n 1 <<<"$output" | jq -r .state)" 'done'
    # The journal counts every sending: none goes out behind its back.
    signet show --json "$(head -n 1 <<<"$output" | jq -r .job)"
    assert_equal "$(jq -s '[.[].attempts | numbers] | add' <<<"$output")" \
      "$(control GET "/requests?limit=100" |
        jq "[.[] | select(.method == \"$method\")] | length")"
  done
}

# Fresh: nothing was read before. Reused: the third write, or a read before.
lost_in_every_way() {
  local fault
  for fault in '"close":"after"' '"close":"before"' '"delay_ms":1200' \
    '"cut_after":1' '"status":502,"effect":true' '"status":502' \
    '"status":200,"body":"","effect":true'; do
    lost "$1" "$fault" '1 3' "$2"
  done
}

@test "lost replies of a create of signatures" {
  start_sandbox --seed 5,5
  lost_in_every_way POST 'for i = 1, 4 do sms.signs:create { sign_name = "New " .. i } end'
}

@test "lost replies of a create of templates" {
  start_sandbox --seed 5,5
  lost_in_every_way POST 'for i = 1, 4 do sms.templates:create {
    template_name = "New " .. i, template_type = "utility",
    template_content = "Your parcel is on its way", country_codes = "DE" } end'
}

@test "lost replies of an update" {
  start_sandbox --seed 5,5
  lost_in_every_way PUT 'local ids = require("signet").step("ids", function()
      local ids = {}
      for _, t in ipairs(sms.templates:list { status = "approved" }) do
        if (t.sign_id or "") == "" then ids[#ids + 1] = t.template_id end
      end
      return ids
    end)
    for i = 1, 3 do
      sms.templates:update(ids[i], { template_name = "New " .. i })
    end
    sms.signs:update("100000001", { sign_name = "New 4" })'
}

@test "lost replies of a delete" {
  start_sandbox --seed 5,5
  lost_in_every_way DELETE 'local ids = require("signet").step("ids", function()
      local ids = {}
      for i, t in ipairs(sms.templates:list()) do ids[i] = t.template_id end
      return ids
    end)
    for i = 1, 4 do sms.templates:delete(ids[i]) end'
}

