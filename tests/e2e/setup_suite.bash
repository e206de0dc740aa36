# SPDX-License-Identifier: MIT
# Around every file of tests in shell: nothing that its tests have left in
# their folders holds the secret.

setup_suite() {
  :
}

teardown_suite() {
  "${BASH_SOURCE[0]%/*}/../canary/scan" "$BATS_RUN_TMPDIR"
}
