#!/usr/bin/env bash
# needs: heavy
# takes: 50
# A small web backend as sites have them: code in a tree, a Python environment, a service of its own user with a secret, and
# a health check. Installed, changed, broken, mended, and taken away.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=node001
answer() { on "$HOST" curl -s -m 5 "http://localhost:8004/$1"; }
pid() { on "$HOST" systemctl show --value -p MainPID backend; }
live() { on "$HOST" readlink "$1"; }

make_environment() { # version
  rm -rf wheels
  make_wheel wheels greeting "$1"
  echo "greeting==$1" >app-requirements.txt
}

# The backend. It says what it is made of, and notes each session in its own folder.
well='body = json.dumps({"status": "healthy", "version": VERSION})'
make_app() { # version [line of Python]
  mkdir -p app/static
  echo "<title>backend $1</title>" >app/static/index.html
  cat >app/server.py <<PYTHON
import http.server, json, os, pathlib
import greeting

VERSION = "$1"
HERE = pathlib.Path(__file__).parent
SECRET = os.environ["BACKEND_SECRET"]
SESSIONS = pathlib.Path("/var/lib/backend/sessions")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = 200, None
        if self.path == "/health":
            ${2:-$well}
        elif self.path == "/":
            body = (HERE / "static/index.html").read_text()
        elif self.path.startswith("/session/"):
            with SESSIONS.open("a") as log:
                log.write(self.path + "\n")
            body = f"hello from greeting {greeting.VERSION}"
        elif self.path == "/secret":
            body = SECRET
        else:
            status, body = 404, "no such thing"
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())


http.server.HTTPServer(("", 8004), Handler).serve_forever()
PYTHON
}

declare_it() {
  manifest "$HOST" <<'YAML'
node_types:
  node:
    groups: { backend: { gid: 3200 } }
    users: { backend: { uid: 3200, group: backend, system: true, shell: /usr/sbin/nologin } }
    directories:
      /srv/backend: {}
      /var/lib/backend: { owner: backend, group: backend, mode: "0750" }
    trees:
      /srv/backend/app: { from: app, group: backend, file_mode: "0640", directory_mode: "0750", exclude: [__pycache__] }
    python_venvs:
      /srv/backend/venv: { requirements: app-requirements.txt, wheels: wheels }
    services:
      backend:
        description: A small backend
        exec: [/srv/backend/venv/bin/python, -B, /srv/backend/app/server.py]
        user: backend
        working_directory: /srv/backend/app
        environment: { BACKEND_SECRET: !file secret }
        port: 8004
        inputs: ["tree:/srv/backend/app", "python_venv:/srv/backend/venv"]
        health: { http: "http://localhost:8004/health", within: 5s }
YAML
}
nothing_left() {
  script_on "$HOST" 'ls -d /srv/backend* /etc/systemd/system/backend* /etc/systemd/system/*/backend* /var/lib/tidelock/services/backend* 2>/dev/null
    getent passwd backend; getent group backend; pgrep -f server.py; find / -xdev -name ".tidelock-*" -not -name ".tidelock-kept-*" -not -path "/proc/*"
    head -n -1 /var/lib/tidelock/ledger | tail -n +2 | grep backend || :'
}

# --- installed
printf 'pass"word$of;the backend' >secret
make_environment 1.0
make_app 1
declare_it
empty=$(listing "$HOST")
expect 'plan' 2 'Plan: 7 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_same 'it touches nothing' "$empty" "$(listing "$HOST")"
expect 'install' 0 'Applied: 7 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_lacks 'the secret is not shown' 'pass"word'
expect_same 'it is healthy' '{"status": "healthy", "version": "1"}' "$(answer health)"
expect_same 'its page is there' '<title>backend 1</title>' "$(answer '')"
expect_same 'its environment too' 'hello from greeting 1.0' "$(answer session/ann)"
expect_same 'its secret is' 'pass"word$of;the backend' "$(answer secret)"
expect_same 'it runs as its user' backend "$(script_on "$HOST" 'ps -o user= -p "$(systemctl show --value -p MainPID backend)"')"
check 'the secret is in nothing that others can read' refuses script_on "$HOST" \
  'grep -rqs "pass.word" /var/lib/tidelock /etc/systemd/system/backend.service /srv/backend || tr "\0" "\n" </proc/"$(systemctl show --value -p MainPID backend)"/cmdline | grep -q "pass.word"'
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

# --- changed
first=$(pid)
make_app 2
expect 'new code is seen' 2 'Plan: 0 to add, 2 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'with what it disturbs' 'service backend: restarted'
expect 'and brought' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'the new version answers' '{"status": "healthy", "version": "2"}' "$(answer health)"
check 'in another process' refuses same "$first" "$(pid)"
make_environment 1.1
expect 'a new environment' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'is used' 'hello from greeting 1.1' "$(answer session/bob)"
printf 'another one' >secret
expect 'a new secret' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'is used too' 'another one' "$(answer secret)"
expect_same 'what it noted is still there' '/session/ann /session/bob' "$(on "$HOST" xargs -a /var/lib/backend/sessions)"

# --- broken: it starts and is not healthy, or does not start at all
good=$(live /srv/backend/app)
content=$(on "$HOST" sha256sum /srv/backend/app/server.py)
for break in 'status, body = 500, "out of order"' 'this is no Python'; do
  make_app 3 "$break"
  expect "$break: apply brings the old one back" 8 'Applied: *' apply --auto-approve --on-failure rollback
  expect_contains "$break: it says what was wrong" 'it was not healthy within 5 s'
  expect_same "$break: the old version answers" '{"status": "healthy", "version": "2"}' "$(answer health)"
  expect_same "$break: from the old code" "$content" "$(on "$HOST" sha256sum /srv/backend/app/server.py)"
  expect_same "$break: with what belongs to it" 'hello from greeting 1.1' "$(answer session/cat)"
  expect "$break: the plan still wants the new one" 2 'Plan: 0 to add, 2 to change, 0 to destroy.' plan --detailed-exitcode
done

# --- mended
make_app 4
expect 'what is mended goes in' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'and answers' '{"status": "healthy", "version": "4"}' "$(answer health)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
on "$HOST" rm /var/lib/backend/sessions

# --- taken away
printf 'node_types: { node: {} }\n' | manifest "$HOST"
expect 'what is declared no more' 2 'Plan: *' plan --detailed-exitcode
for try in 1 2 3; do # what runs, or is used, is waited for
  tidelock apply --auto-approve
  [[ $OUT != 'No changes'* ]] || break
done
expect_same 'is gone' '' "$(nothing_left)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
check 'nobody answers' refuses answer health
wipe_heavy
