# SPDX-License-Identifier: MIT
# Settings as the executable sees them: precedence, files, the environment.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

teardown() {
  stop_sandbox
  [[ -z ${other_pid:-} ]] || kill "$other_pid"
}

write_config() {
  cat >"$XDG_CONFIG_HOME/signet/config"
  chmod 600 "$XDG_CONFIG_HOME/signet/config"
}

@test "options win over the environment, that over the profile" {
  start_sandbox --seed 3,3
  write_config <<E2
[default]
base_url = http://127.0.0.1:1
key = wrong
secret = wrong
[other]
base_url = $URL
key = key
secret = $SECRET
E2
  unset SIGNET_BASE_URL ENGAGELAB_SMS_KEY ENGAGELAB_SMS_SECRET
  signet --profile other -e '#sms.signs:list()'
  assert_success
  assert_output 3
  SIGNET_PROFILE=other signet -e '#sms.signs:list()'
  assert_output 3
  SIGNET_BASE_URL=$URL ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=$SECRET \
    signet -e '#sms.signs:list()'
  assert_output 3
  SIGNET_BASE_URL=http://127.0.0.1:1 signet --profile other --base-url "$URL/" \
    -e '#sms.signs:list()'
  assert_output 3
}

# Two accounts: one with 3 signatures in the environment, one with 5 in a
# profile.
two_accounts() {
  local url
  start_sandbox --seed 5,0
  url=$URL other_pid=$sandbox_pid
  rm url
  start_sandbox --seed 3,0
  write_config <<E2
[b]
base_url = $url
key = key
secret = $SECRET
[bare]
rate = 100
[keys]
key = key
secret = $SECRET
E2
}

@test "a profile that is named wins over the environment, as a whole" {
  two_accounts
  signet --profile b -e '#sms.signs:list()'
  assert_output 5
  SIGNET_API=signs signet -e \
    'local sms = require("signet").connect { profile = "b" }
     return #sms.signs:list(), sms.dialect'
  assert_output $'5\n"configs"'
  signet --profile b doctor
  assert_success
  assert_line --partial 'profile [b] (--profile) of '
  assert_line --partial '; not used: ENGAGELAB_SMS_KEY, ENGAGELAB_SMS_SECRET, SIGNET_BASE_URL'
  assert_line --regexp 'key from .*config:3: key, secret from .*config:4: secret, base URL from .*config:2: base_url$'
  signet --profile bare -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence 'no API key in the profile [bare], which --profile names: '
  signet --profile keys -e 'sms.base_url'
  assert_output --partial https://smsapi.engagelab.com
  # A profile that is not named on the command line is weaker.
  SIGNET_PROFILE=bare signet -e '#sms.signs:list()'
  assert_output 3
}

@test "parts of two accounts are refused, and nothing is sent" {
  start_sandbox --seed 3,0
  write_config <<E2
[default]
key = other
secret = $SECRET
E2
  ENGAGELAB_SMS_KEY='' signet -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence 'config:2: key, but the secret in ENGAGELAB_SMS_SECRET: give both in one place'
  ENGAGELAB_SMS_KEY='' ENGAGELAB_SMS_SECRET='' signet doctor
  assert_failure 3
  assert_output --partial 'config:2: key, but the base URL in SIGNET_BASE_URL: give'
  run control GET /requests
  refute_output --partial GET
}

@test "a script may choose another profile itself" {
  start_sandbox --seed 3,3
  write_config <<E2
[default]
key = wrong
secret = wrong
[other]
base_url = $URL
key = key
secret = $SECRET
E2
  unset ENGAGELAB_SMS_KEY ENGAGELAB_SMS_SECRET
  signet -e '#require("signet").connect { profile = "other" }.signs:list()'
  assert_success
  assert_output 3
}

@test "a broken configuration file: its line, exit 3, nothing is sent" {
  start_sandbox
  write_config <<<$'[default]\nrte = 5'
  signet -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "config:2: there is no setting rte"
  run control GET /requests
  refute_output --partial GET
}

@test "a first pause that is longer than the longest" {
  export ENGAGELAB_SMS_KEY=key ENGAGELAB_SMS_SECRET=secret
  signet --backoff 30 --backoff-max 1 -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "--backoff: 30 s is longer than the longest pause, 1 s (--backoff-max)"
  signet --backoff 30 -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "--backoff: 30 s is longer than the longest pause, 20 s (backoff_max)"
  signet -e 'require("signet").connect { backoff = 2, backoff_max = 1.5 }'
  assert_failure 3
  assert_one_sentence "backoff: 2 s is longer than the longest pause, 1.5 s (signet.connect: backoff_max)"
  printf '[default]\nbackoff = 2m\n' >"$XDG_CONFIG_HOME/signet/config"
  signet --backoff-max 60 -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "config:2: backoff: 120 s is longer than the longest pause, 60 s (--backoff-max)"
  signet --backoff-max 120 --base-url http://127.0.0.1:1 -e 'print(1)'
  assert_success
  # The default gives way.
  rm "$XDG_CONFIG_HOME/signet/config"
  signet --backoff-max 0.1 -e 'print(sms.base_url)'
  assert_success
}

@test "a profile that is not there" {
  signet --profile nobody -e 'sms'
  assert_failure 3
  assert_one_sentence '--profile: there is no profile [nobody] in '
}

@test "a wrong value in the environment is a configuration error" {
  SIGNET_API=soap signet -e '1'
  assert_failure 3
  assert_one_sentence 'SIGNET_API: "soap" must be configs or signs'
}

@test "a secret that others can read is refused, with the command to run" {
  write_config <<<$'[default]\nkey = k\nsecret = canary-4711'
  chmod 640 "$XDG_CONFIG_HOME/signet/config"
  signet -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence "run chmod 600 $XDG_CONFIG_HOME/signet/config"
  [[ $stderr != *canary* ]]
}

@test "missing credentials: the three places where they can be given" {
  signet -e 'sms.signs:list()'
  assert_failure 3
  assert_one_sentence 'no API key: set ENGAGELAB_SMS_KEY and ENGAGELAB_SMS_SECRET, or write key and secret under [default] in '
  [[ $stderr == *"signet.connect"* ]]
}

@test "a script that needs no account needs no credentials" {
  signet -e '1 + 1'
  assert_success
}

@test "the credentials are gone from the environment of script and process" {
  export ENGAGELAB_SMS_KEY=canary-key-4711 ENGAGELAB_SMS_SECRET=canary-4711
  signet -e 'os.getenv("ENGAGELAB_SMS_SECRET")'
  assert_output nil
  signet -e 'io.popen("env"):read("a")'
  refute_output --partial 4711
  signet -e 'io.open("/proc/self/environ"):read("a")'
  refute_output --partial 4711
}

@test "no core dump, and no reading of the process by others" {
  signet -e 'io.open("/proc/self/limits"):read("a"):match("core file size%s+(%d+)")'
  assert_output '"0"'
  if nm "$SIGNET" 2>/dev/null | grep -q __asan_init; then
    skip "the leak checker needs it"
  fi
  "$SIGNET" -e 'os.execute("sleep 2")' 3>&- &
  pause 0.5
  run stat -c %U "/proc/$!/environ"
  assert_output root
  kill $! && wait $! || true
}

@test "doctor: all is well" {
  start_sandbox --seed 4,2
  signet doctor
  assert_success
  assert_equal "${#lines[@]}" 6
  for line in "${lines[@]}"; do
    [[ $line == "ok   "* ]] || fail "$line"
  done
  assert_line --partial "$URL answers, and accepts the key: 4 signatures"
  assert_line --partial 'key from ENGAGELAB_SMS_KEY'
  run control GET /stats
  assert_output --partial '"requests":1,'
}

@test "doctor: what is wrong, and what to do" {
  start_sandbox
  ENGAGELAB_SMS_SECRET=wrong signet doctor
  assert_failure 3
  assert_line --regexp '^fail .*check the API key and secret'
  SIGNET_BASE_URL=http://127.0.0.1:1 signet doctor
  assert_failure 3
  assert_line --regexp '^fail .*check the base URL, the network'
  unset ENGAGELAB_SMS_KEY
  signet doctor
  assert_failure 3
  assert_line --regexp '^fail no API key'
  touch file
  signet doctor --state-dir "$PWD/file/state"
  assert_line --regexp "^fail state directory $PWD/file/state can't be written"
}
