# SPDX-License-Identifier: MIT
# The command line: help, versions, mistakes.
# shellcheck disable=SC2154 # what `run` and the helpers set
bats_require_minimum_version 1.5.0
load helper

setup() {
  fresh_home
}

@test "signet alone shows its usage and is a usage error" {
  signet
  assert_failure 2
  assert_equal "$output" ""
  [[ $stderr == *"signet run SCRIPT"* ]]
}

@test "--version and -V print one line" {
  signet --version
  assert_success
  assert_output --regexp '^signet [0-9]+\.[0-9]+\.[0-9]+$'
  signet -V
  assert_output --regexp '^signet [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "help and --help go to standard output" {
  for words in help --help -h; do
    signet "$words"
    assert_success
    assert_output --partial "signet repl"
    assert_equal "$stderr" ""
  done
}

@test "help names the keys and the signals that change the pace" {
  for words in help "help run"; do
    # shellcheck disable=SC2086 # the words of a command
    signet $words
    for word in 'keys + and' SIGUSR1 SIGUSR2 'N[/s|/min|/h]'; do
      assert_output --partial "$word"
    done
  done
}

@test "help of an unknown command" {
  signet help nothing
  assert_failure 2
  assert_one_sentence 'there is no command "nothing"'
}

@test "an unknown command, with a suggestion where one is close" {
  signet rnu
  assert_failure 2
  assert_one_sentence 'unknown command "rnu"; did you mean run?'
  signet xyzzyx
  assert_failure 2
  assert_one_sentence 'unknown command "xyzzyx"; signet help lists'
  signet job.lua
  assert_failure 2
  assert_one_sentence 'scripts are run with signet run SCRIPT'
}

@test "a command and an option that do not exist" {
  signet report
  assert_failure 2
  assert_one_sentence 'unknown command "report"'
  signet run --parked x.lua
  assert_failure 2
  assert_one_sentence "unknown option --parked"
}

@test "an unknown option, with a suggestion where one is close" {
  signet run --concurency 3 x.lua
  assert_failure 2
  assert_one_sentence 'unknown option --concurency; did you mean --concurrency?'
  signet run -x x.lua
  assert_failure 2
  assert_one_sentence 'unknown option -x'
}

@test "an option of another command" {
  signet run --port 3 x.lua
  assert_failure 2
  assert_one_sentence '--port is no option of signet run'
}

@test "a value that is missing, wrong, or not wanted" {
  signet run --rate
  assert_failure 2
  assert_one_sentence '--rate needs a value: N[/s|/min|/h]'
  signet run --rate=fast x.lua
  assert_failure 2
  assert_one_sentence '--rate: "fast" must be requests per second, 0 to 100000, or a rate as 300/min'
  signet run --verbose=yes x.lua
  assert_failure 2
  assert_one_sentence '--verbose takes no value'
  for wrong in "--concurrency 0" "--api soap" "--color sometimes" \
    "--timeout -1" "--base-url http://example.com" "--profile a/b"; do
    # shellcheck disable=SC2086 # two words
    signet run $wrong x.lua
    assert_failure 2
    assert_one_sentence "${wrong%% *}: "
  done
  for wrong in "--port 65536" "--latency x" "--seed 5" "--seed 5,x"; do
    # shellcheck disable=SC2086
    signet sandbox $wrong
    assert_failure 2
    assert_one_sentence "${wrong%% *}: "
  done
}

@test "--secret does not exist, and its value is not repeated" {
  signet run --secret=canary-4711 x.lua
  assert_failure 2
  assert_one_sentence 'there is no option --secret'
  [[ $stderr != *canary* ]]
  signet run --secret canary-4711 x.lua
  assert_failure 2
  [[ $stderr != *canary* ]]
}

@test "control characters of the command line are escaped" {
  signet $'\e[2Jrun'
  assert_failure 2
  [[ $stderr != *$'\e'* ]]
}

@test "too few and too many arguments" {
  signet run
  assert_failure 2
  assert_one_sentence 'signet run needs SCRIPT'
  signet doctor now
  assert_failure 2
  assert_one_sentence '"now" is one argument too many'
  signet run -e 'return 1'
  assert_failure 2
  assert_one_sentence '-e and a command exclude each other'
}

@test "options before the script are signet's, those after it the script's" {
  script args.lua <<<'print(#arg, arg[0], arg[1], arg[2], ...)'
  signet --color never run -q args.lua --json -x
  assert_success
  assert_output $'2\targs.lua\t--json\t-x\t--json\t-x'
  signet run -- args.lua --
  assert_output $'1\targs.lua\t--\tnil\t--'
}

@test "a missing script: what was looked for, and what there is" {
  signet run renme
  assert_failure 2
  assert_one_sentence 'there is no script renme: neither a shipped job nor a file of that name; the shipped jobs are clean, migrate, rename; did you mean rename?'
  signet run ./no/such.lua
  assert_failure 2
  assert_one_sentence 'there is no script ./no/such.lua: no file of that name'
  signet run .
  assert_failure 2
  assert_one_sentence 'is a folder'
}

@test "a shipped job is found by name, from anywhere and before a local file" {
  touch rename rename.lua
  signet run rename --help
  assert_success
  assert_output --partial '--map'
}

@test "a script finds modules beside itself and those of the jobs" {
  mkdir -p own
  script own/mine.lua <<<'return "mine"'
  script own/start.lua <<<'print(require "mine", type(require "jobs.csv"))'
  signet run own/start.lua
  assert_success
  assert_output $'mine\ttable'
  script mine.lua <<<'return "wrong"'
  signet run own/start.lua
  assert_output $'mine\ttable'
  script start.lua <<<'print(package.path)'
  signet run start.lua
  refute_output --regexp '(^|;)\.'
}

@test "the executable works from another folder, and through a link" {
  ln -s "$SIGNET" "$BATS_TEST_TMPDIR/link"
  cd /
  run "$BATS_TEST_TMPDIR/link" run clean --help
  assert_success
}

@test "run -: the script is standard input" {
  run --separate-stderr "$SIGNET" run - a 'b c' \
    <<<$'#!/usr/bin/env signet\nprint(arg[0], #arg, ...)\nreturn 5'
  assert_success
  assert_output $'stdin\t2\ta\tb c'
  run --separate-stderr "$SIGNET" run - <<<'x x'
  assert_failure 1
  assert_one_sentence 'stdin:1: syntax error near'
}

@test "-e prints the value of an expression" {
  signet -e '1 + 1'
  assert_success
  assert_output 2
  signet -e 'local x = 3; return x, "a\27b"'
  assert_output $'3\n"a\\x1bb"'
  signet -e 'print("only this")'
  assert_output 'only this'
  signet -e 'nil'
  assert_output nil
  signet -e '...' one two
  assert_output $'"one"\n"two"'
}

@test "-e shows tables so that they can be read" {
  signet -e '{ 1, 2, name = "x", inner = { true }, ["two words"] = {} }'
  assert_output '{ 1, 2, inner = { true }, name = "x", ["two words"] = {} }'
  signet -e 'local t = {}; t.t = t; return t'
  assert_output '{ t = (again) }'
  signet -e 'local t = {} for i = 1, 100 do t[i] = i end return t'
  assert_output --partial '60 more'
}

@test "a mistake in -e" {
  signet -e 'x x'
  assert_failure 1
  assert_one_sentence '-e:1: syntax error near'
  signet -e 'error("boom")'
  assert_failure 1
  assert_equal "${stderr_lines[0]}" 'error: -e:1: boom'
  [[ $stderr == *"-e:1: in "* ]]
  [[ $stderr != *console* ]]
}
