#!/usr/bin/env bash
# needs: light 1
# A secret is on the host, in its file, and nowhere else.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

manifest <<'YAML'
node_types:
  node:
    files:
      /opt/secret: { content: !env SITE_TOKEN, mode: "0600" }
      /opt/from-file: { content: !file token, mode: "0600" }
      /opt/plain: { content: "plain\n" }
YAML
printf 'file-hunter2' >token
set_token() { # only the program has it in its environment
  SITE_TOKEN=$1
  printf '#!/bin/bash\nSITE_TOKEN=%q exec %q "$@"\n' "$SITE_TOKEN" "$program" >tidelock
}
program=$TIDELOCK TIDELOCK=$WORK/tidelock
set_token 'first-hunter2-$(id)'
chmod +x tidelock
nowhere() { # what file...
  local secret
  for secret in hunter2 "$(printf %s "$SITE_TOKEN" | sha256sum | cut -d' ' -f1)" "$(printf %s "$SITE_TOKEN" | base64 -w 0)" \
    "$(sum_of token)"; do
    check "$1" refuses grep -qF -e "$secret" "${@:2}"
  done
}
watch_processes() {
  script_on "$HOST" 'setsid sh -c "while [ ! -e /root/enough ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done 2>/dev/null >>/root/seen" >/dev/null 2>&1 &'
}

watch_processes
expect 'plan' 0 'Plan: 3 to add, 0 to change, 0 to destroy.' plan --log-level trace
nowhere 'not in a plan' stdout stderr
expect 'JSON' 0 '}' plan --json --out saved --log-level trace
nowhere 'not in a plan as JSON, nor a saved one' stdout stderr saved
expect 'apply' 0 'Applied: 3 added, 0 changed, 0 destroyed.' apply --auto-approve --log-level trace
nowhere 'not in what apply says' stdout stderr
expect_same 'it is in its file' "root:root 600 $SITE_TOKEN" "$(like "$HOST" /opt/secret) $(on "$HOST" cat /opt/secret)"
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode

set_token second-hunter2
expect 'a new one' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
nowhere 'not in the difference' stdout stderr
expect 'observe' 0 '' observe --out recording
expect 'explain' 0 '*' explain "$HOST:file:/opt/secret"
nowhere 'not in an explanation' stdout stderr
expect_lacks 'nor the digest that the ledger has' hmac
expect 'apply' 0 '}' apply --auto-approve --json
nowhere 'not in what apply says as JSON' stdout stderr
ledger_of "$HOST" >ledger
nowhere 'not in the ledger' ledger
on "$HOST" touch /root/enough
on "$HOST" cat /root/seen >seen
on "$HOST" rm /root/seen
check 'processes were seen' grep -qa "sudo" seen
check 'not in the arguments or environment of any process there' refuses grep -qa hunter2 seen
expect_same 'no other file on the host has it but what was kept for a rollback' "/opt/from-file /opt/secret" \
  "$(on "$HOST" grep -rl --exclude-dir=history hunter2 /opt /var /tmp /home /root /etc /run 2>/dev/null | sort | paste -sd' ')"
check 'not in our cache' refuses grep -rqF hunter2 "$XDG_CACHE_HOME"
TIDELOCK=$program
expect 'a secret that is not set' 1 '' plan
expect_contains 'is named' SITE_TOKEN
