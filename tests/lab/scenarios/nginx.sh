#!/usr/bin/env bash
# needs: full
# takes: 90
# Routes in an nginx of others: one line in their file, tried before, proved afterwards, and gone without a trace.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
PORTAL=/etc/nginx/conf.d/auth-portal.conf
LINE='    include /etc/nginx/tidelock/auth-portal.conf; # Tidelock: locations of auth-portal'

# What follows `on:` in the section is on stdin; the argument is the content of a file that has nothing to do with it.
declare_nginx() { # [content]
  {
    cat <<YAML
tidelock: 1
cluster: lab
connection: { user: portal, become: sudo, identity: $LAB_HOME/keys/id_ed25519, known_hosts: $LAB_HOME/known_hosts }
nodes: { controller: { type: controller, address: $(address_of controller) } }
node_types: { controller: { files: { /opt/unrelated: { content: "${1:-a}" } } } }
nginx:
  on: controller
YAML
    cat
  } >cluster.yaml
}
moonlight() { # [content [reload]]
  declare_nginx "${1:-a}" <<YAML
  reload: ${2:-now}
  upstreams:
    moonlight_backend: { servers: ["127.0.0.1:8004"] }
    moonlight_signaling: { servers: ["127.0.0.1:8005"] }
  servers:
    auth-portal:
      file: $PORTAL
      match: { listen: 80, server_name: portal.example }
      locations:
        /api/moonlight/: { proxy_pass: http://moonlight_backend, before: /api/, like: /api/ }
        /moonlight/signaling: { proxy_pass: http://moonlight_signaling, websocket: true }
        /moonlight/: { alias: /var/www/moonlight/ }
  probes:
    moonlight: { url: "http://portal.example/api/moonlight/health" }
YAML
}
one_location() { # location body
  declare_nginx b <<YAML
  servers: { auth-portal: { file: $PORTAL, locations: { "$1": $2 } } }
YAML
}
tree() { script_on "$HOST" 'cd /etc/nginx && find . ! -name . -printf "%p %y %m %u %g " \( -type f -exec sha256sum {} \; -o -printf "\n" \) | sort'; }
masters() { script_on "$HOST" 'cat /proc/[0-9]*/stat 2>/dev/null | grep -F "(nginx)" | cut -d" " -f1 | sort'; }
code() { on "$HOST" curl -s -o /dev/null -w '%{http_code}' -H 'Host: portal.example' "http://127.0.0.1$1"; } # path
holds() { [ "$(on "$HOST" cat "/run/$1")" != "$2" ]; } # state before
lives() { # state: it goes on counting
  local now
  now=$(on "$HOST" cat "/run/$1")
  eventually holds "$1" "$now"
}

# Stand-ins on 8004 and 8005, a WebSocket that answers what it hears, and one that stays open and counts.
on "$HOST" sh -c 'cat >/root/stand_in.py' <<'PYTHON'
import socket, sys, threading, time

def answer(client):
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096) or b"\r\n\r\n"
    if b"upgrade: websocket" not in head.lower():
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
        return client.close()
    client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    while data := client.recv(4096):
        client.sendall(data)

def serve(port):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

def hold(path, state):
    client = socket.create_connection(("127.0.0.1", 80))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: portal.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode())
    assert b"101" in client.recv(4096)
    for count in range(10000):
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        open(state, "w").write(str(count))
        time.sleep(0.1)

if sys.argv[1] == "serve":
    for port in sys.argv[2:]:
        threading.Thread(target=serve, args=(int(port),)).start()
else:
    hold(sys.argv[2], sys.argv[3])
PYTHON
begin_socket() { on "$HOST" systemd-run --quiet --collect --unit="stand-in-$1" python3 /root/stand_in.py "${@:2}"; } # name argument...
begin_socket servers serve 8004 8005
check 'the stand-ins answer' eventually on "$HOST" curl -sf -o /dev/null http://127.0.0.1:8004/ http://127.0.0.1:8005/
check 'nginx answers' eventually same 200 "$(code /api/health)"
before=$(tree)

# --- Moonlight's routes

moonlight
expect 'routes are planned' 2 'Plan: 6 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'with the one line for the file of others' "+$LINE"
expect 'and applied' 0 'Applied: 6 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'and are as declared' 0 'No changes.*' plan --detailed-exitcode
expect_same 'the file of others has one line more' "$LINE" "$(script_on "$HOST" 'diff "$1" "$2" | sed -n "s/^> //p"' "$(on "$HOST" sh -c 'ls -d /var/lib/tidelock/nginx/backup-*')/conf.d/auth-portal.conf" "$PORTAL")"
expect_same 'the new route answers' 200 "$(code /api/moonlight/x)"
expect_same 'the old ones as before' '200 200 200' "$(code /api/vnc/images) $(code /cae/api/standard-scenarios/health) $(code /api/health)"

# --- connections that last

begin_socket client hold /moonlight/signaling /run/signaling
check 'a WebSocket passes' eventually on "$HOST" test -s /run/signaling
running=$(masters)
moonlight b
expect 'an apply that does not touch nginx' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'leaves its processes alone' "$running" "$(masters)"
check 'and the WebSocket' lives signaling
moonlight b
sed -i 's|alias: /var/www/moonlight/|root: /var/www|' cluster.yaml
expect 'a change' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'says who stays behind' 'reloaded; up to 1 connection of clients stay with the old workers until they end'
sed -i 's/reload: now/reload: idle/' cluster.yaml
expect 'and can wait until nobody does' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'without a reload' "$running" "$(masters)"
expect 'which is owed' 0 'No changes.*' plan --detailed-exitcode
expect_contains 'and said' 'its reload waits for clients to go (1 connection now)'
sed -i 's/reload: idle/reload: now/; s|root: /var/www|root: /srv|' cluster.yaml
expect 'a reload' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'leaves the WebSocket alone as well' lives signaling
expect 'and owes nothing' 0 'No changes.*' plan --detailed-exitcode
moonlight b
expect 'back' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve

# --- what goes wrong

good=$(tree)
moonlight b
sed -i 's|alias: /var/www/moonlight/|extra: ["hunter2 on"]|' cluster.yaml
tidelock apply --auto-approve
expect_exit 'what nginx refuses is not put into place' 1
expect_contains 'with the place' '/etc/nginx/tidelock/auth-portal.conf:'
check 'and without what is there' refuses contains "$ERR" hunter2
expect_same 'everything is as it was' "$good" "$(tree)"
moonlight b
sed -i 's|alias: /var/www/moonlight/|root: /srv|; s|health" }|health", status: 418 }|' cluster.yaml
tidelock apply --auto-approve
expect_exit 'a probe that fails takes it back' 8
expect_contains 'and says so' 'what was there before is back, and serves'
expect_same 'all of it' "$good" "$(tree)"
expect_same 'which answers' 200 "$(code /api/moonlight/x)"
script_on "$HOST" 'kill -STOP "$(cat /run/nginx.pid)"'
moonlight b
sed -i 's|alias: /var/www/moonlight/|root: /srv|' cluster.yaml
tidelock apply --auto-approve
expect_exit 'an nginx that does not take it up' 1
expect_contains 'is named' 'nginx has no new workers after the reload'
expect_same 'its files are as they were' "$good" "$(tree)"
script_on "$HOST" 'kill -CONT "$(cat /run/nginx.pid)"'
moonlight b
expect 'what it may have missed is done again' 0 'Applied: 0 added, 5 changed, 0 destroyed.' apply --auto-approve
expect 'once' 0 'No changes.*' plan --detailed-exitcode
on "$HOST" systemctl stop nginx
sed -i 's|alias: /var/www/moonlight/|root: /srv|' cluster.yaml
expect 'nothing is changed while nginx is down' 3 'Plan: 0 to add, 0 to change, 0 to destroy.' apply --auto-approve
expect_contains 'since nothing could be proved' 'nginx does not run'
on "$HOST" systemctl start nginx

# --- a power cut between the files and the reload

script_on "$HOST" 'kill -STOP "$(cat /run/nginx.pid)"'
begin apply --auto-approve
check 'files are switched' eventually on "$HOST" grep -q 'root /srv' /etc/nginx/tidelock/auth-portal.conf
lab kill "$HOST"
kill "$BEGUN"
finish
lab start "$HOST"
check 'the host is back' eventually on "$HOST" systemctl --quiet is-active nginx ssh
begin_socket servers serve 8004 8005
expect 'the reload is owed' 2 'Plan: 0 to add, 5 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'and said' 'live  false → true'

# --- gone without a trace
moonlight b
sed -i '/^  probes:/,$d' cluster.yaml
expect 'as it was' 0 'Applied: 0 added, 5 changed, 0 destroyed.' apply --auto-approve
expect 'as declared' 0 'No changes.*' plan --detailed-exitcode
sed -i '/^nginx:/,$d' cluster.yaml
expect 'all goes' 0 'Applied: 0 added, 0 changed, 5 destroyed.' apply --auto-approve
expect_same 'and every byte is as before' "$before" "$(tree)"
expect 'with nothing left to do' 0 'No changes.*' plan --detailed-exitcode

# --- routes that others would win, and those that are there already

script_on "$HOST" 'sed -i "s|^    location / {|    location ~ [.]js\$ { return 418; }\n&|" "$1" && systemctl reload nginx' "$PORTAL"
one_location /app.js '{ return: [204] }'
expect 'a route that another location would win' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'is refused with its place' "(/etc/nginx/conf.d/auth-portal.conf:19) would answer /app.js instead"
script_on "$HOST" 'sed -i "/return 418/d" "$1" && systemctl reload nginx' "$PORTAL"
one_location /cae/ '{ proxy_pass: "http://cae_web/" }'
expect 'a location that is there' 0 'No changes.*' plan --detailed-exitcode
one_location /cae/ '{ proxy_pass: "http://cae_web/", buffering: false }'
expect 'is not changed' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
one_location /cae/ '{ proxy_pass: "http://cae_web/", buffering: false, adopt: true }'
expect 'unless it may be moved' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'and serves' 200 "$(code /cae/x)"
expect 'as declared' 0 'No changes.*' plan --detailed-exitcode
expect 'and goes back' 0 'Applied: 0 added, 1 changed, 0 destroyed.' rollback --auto-approve
expect_same 'byte for byte' "$before" "$(tree)"
script_on "$HOST" 'systemctl stop stand-in-servers; rm -rf /var/lib/tidelock /opt/unrelated /root/stand_in.py'
