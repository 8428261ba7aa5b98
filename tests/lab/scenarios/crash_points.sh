#!/usr/bin/env bash
# needs: heavy
# takes: 240
# An apply that touches every kind ends at each place between two of its effects, by its own end and by that of its
# connections: nothing is half-written then, and the next apply ends as an undisturbed one does.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"
PATIENCE=180 # a host that is left alone may be in the middle of what takes longest

# --- what is declared: two states, one the way to the other and back

make_sources() { # state version
  mkdir "images-$1" "tree-$1"
  make_image "images-$1/one.sif" 300000
  printf 'tree %s\n' "$1" >"tree-$1/index"
  head -c 20000 /dev/urandom >"tree-$1/data"
  ssh-keygen -q -t ed25519 -N '' -f "key-$1"
  printf 'word of %s' "$1" >"token-$1"
  make_wheel "wheels-$1" tiny "$2"
  echo "tiny==$2" >"requirements-$1.txt"
  make_package cp-tool "$2"
  make_package "cp-only-$1" "$2"
}

# What each state has of a kind differs, and each has something that the other has not.
declare_it() ( # host state version mode member shell number
  cd "$1" || exit
  manifest "$1" <<YAML
policy: { history: { runs: 4 } }
node_types:
  node:
    directories: { /opt/cp: { mode: "$4", group: cp-team }, "/opt/cp/only-$2": {} }
    files:
      /opt/cp/input: { content: "$2\n", mode: "$4" }
      /opt/cp/constant: { content: "constant\n" }
      /opt/cp/start: { source: ../start, mode: "0755" }
      "/opt/cp/only-$2/file": { content: "$2\n" }
    images: { /opt/cp/images: { from: ../images-$2 } }
    trees: { /opt/cp/tree: { from: ../tree-$2 } }
    groups: { cp-team: { gid: 3100, members: [$5] }, "cp-only-$2": { gid: $7 } }
    users:
      cp-run: { uid: 3100, group: cp-team, home: /srv/cp-run, shell: $6, authorized_keys_file: ../key-$2.pub }
      "cp-only-$2": { uid: $7, group: "cp-only-$2", system: true }
    packages: { cp-tool: { version: "$3" }, "cp-only-$2": {} }
    python_venvs: { /opt/cp/venv: { requirements: ../requirements-$2.txt, wheels: ../wheels-$2, python: /opt/python } }
    services:
      cp-main:
        exec: [/bin/sh, /opt/cp/start, main]
        user: cp-run
        environment: { STATE: "$2", TOKEN: !file ../token-$2 }
        inputs: ["file:/opt/cp/start"]
        health: { command: [test, -s, /run/cp/main] }
      cp-reader:
        exec: [/bin/sh, /opt/cp/start, reader, /opt/cp/input, /opt/cp/tree/index, /opt/cp/tree/data, /etc/cp-tool.conf]
        inputs: ["file:/opt/cp/input", "file:/opt/cp/start", "tree:/opt/cp/tree", "package:cp-tool"]
        health: { command: [test, -s, /run/cp/reader] }
      cp-drift:
        exec: [/bin/sh, /opt/cp/start, drift, /opt/cp/constant]
        inputs: ["file:/opt/cp/constant"]
        health: { command: [test, -s, /run/cp/drift] }
      cp-only-$2: { exec: [/bin/sleep, infinity], health: { command: ["true"] } }
YAML
  mv cluster.yaml "$2.yaml"
)

# --- hosts

# Every service writes down what it read when it was started. The interpreter is Debian's, but for pip: making an environment
# with it takes most of the time otherwise.
cat >start <<'SH'
name=$1
shift
{ echo "$STATE $TOKEN"; cat /dev/null "$@"; } >/run/cp/.$name && mv /run/cp/.$name /run/cp/$name
exec sleep infinity
SH
cat >python <<'SH'
#!/bin/sh
[ "$1 $2" = '-m venv' ] || exec /usr/bin/python3 "$@"
for folder; do :; done
/usr/bin/python3 -m venv --without-pip -- "$folder" && ln -s /opt/pip/lib/python3*/site-packages/pip "$folder"/lib/python3*/site-packages/
SH
prepare() { # host
  mkdir "$1"
  offer_packages "$1"
  "$LAB" exec "$1" tee /opt/python <python >/dev/null
  script_on "$1" 'chmod 0755 /opt/python; mkdir -m 1777 /run/cp; python3 -m venv /opt/pip'
  declare_it "$1" a 1.0 0755 alice /bin/sh 3101
  declare_it "$1" b 2.0 0775 bob /bin/bash 3102
}
forget() { # host
  script_on "$1" 'systemctl stop "cp-*"; pkill -KILL -u cp-run || :; rm -rf /apps /etc/systemd/system/cp-* /srv/cp-run /opt/* /run/cp /etc/apt/sources.list
    systemctl daemon-reload; for user in cp-run cp-only-a cp-only-b; do userdel -f "$user" 2>/dev/null || :; done
    for group in cp-team cp-only-a cp-only-b; do groupdel "$group" 2>/dev/null || :; done
    dpkg --purge $(dpkg-query -W -f "\${Package} " "cp-*") >/dev/null 2>&1 || :'
}

# Each destination as a whole, a line each: of these nothing is ever anything else than old, new, or missing.
pieces='
for path in /opt/cp/input /opt/cp/start /opt/cp/only-?/file /opt/cp/images/one.sif /etc/systemd/system/cp-* /srv/cp-run/.ssh/authorized_keys; do
  [ ! -f "$path" ] || echo "$path $(stat -c "%F %U:%G %a" "$path") $(sha256sum <"$path")"
done
for path in /opt/cp/tree /opt/cp/venv/lib/python3*/site-packages/tiny; do
  [ ! -e "$path" ] || echo "$path $(cd "$path/" && { find . -not -path "*/__pycache__*" -printf "%y %P %u %m\n" | sort; find . -type f -not -path "*/__pycache__/*" | sort | xargs cat; } | sha256sum)"
done
getent passwd cp-run cp-only-a cp-only-b
getent group cp-team cp-only-a cp-only-b
dpkg-query -W -f "\${Package} \${Version} \${db:Status-Abbrev}\n" "cp-*" 2>/dev/null
dpkg --audit
sum=$(head -n -1 /var/lib/tidelock/ledger | sha256sum)
[ "{\"sha256\":\"${sum%% *}\"}" = "$(tail -n 1 /var/lib/tidelock/ledger)" ] || echo "the ledger is not whole"
'
# All that an apply answers for, but for numbers and times that no two applies have in common.
everything=$pieces'
find /opt/cp /srv/cp-run -path "*.releases/*" -prune -o -printf "%p %y %u:%g %m %l\n" | sed "s:releases/[0-9]*-:releases/N-:" | sort
find /etc/systemd/system -name "cp-*" -printf "%p %y %u:%g %m %l\n" | sort
find /opt /srv /etc /var/lib -xdev -name ".tidelock-*" -not -name ".tidelock-kept-*"
ls /var/lib/tidelock/services
for unit in cp-main cp-drift cp-reader cp-only-a cp-only-b; do
  echo "$unit $(systemctl show --value -p ActiveState,UnitFileState,NeedDaemonReload "$unit" | xargs)"
done
read_now() { { echo " "; cat /opt/cp/input /opt/cp/tree/index /opt/cp/tree/data /etc/cp-tool.conf; } | cmp - /run/cp/reader; }
for try in 1 2 3 4 5 6 7 8 9; do if read_now >/dev/null 2>&1; then break; fi; sleep 0.2; done
read_now
echo "read by services: $(sha256sum </run/cp/main) $(sha256sum </run/cp/reader) $(xargs </run/cp/drift); $(cat /opt/cp/constant)"
head -n -1 /var/lib/tidelock/ledger | jq -cS "del(.run, .memory)" | sort
'
pieces_of() { on "$1" sh -uc "$pieces" | sort; }       # host
everything_of() { on "$1" sh -uc "$everything" 2>&1 || :; } # host
# What was begun there when the program ended may go on for a while.
settle() { on "$1" flock -w "$PATIENCE" /var/lib/tidelock/lock true; } # host

# --- undisturbed

other() { if [ "$1" = a ]; then echo b; else echo a; fi; } # state
undisturbed() { # host
  local state
  cd "$1" || exit
  tidelock apply b.yaml --auto-approve # what a package leaves behind is there from now on
  for state in a b a; do
    expect "$1: undisturbed to $state" 0 'Applied: *' apply $state.yaml --auto-approve
    everything_of "$1" >now
    [ ! -e "$state.everything" ] || expect_same "$1: the same every time" "$(<"$state.everything")" "$(<now)"
    mv now "$state.everything"
    pieces_of "$1" >>known
  done
  check "$1: the states differ" refuses cmp -s a.everything b.everything
}

# --- disturbed

# One apply that something happens to, from where the host is to the other state, and the one after it. The change of one
# file by hand, which a service has read already, is mended on the way: only a restart that is owed gets it out of there.
disturbed() { # host state place what: says what is wrong
  local status=0
  rm -f log
  script_on "$1" 'echo changed >/opt/cp/constant; systemctl restart cp-drift'
  TIDELOCK_BOUNDARY=$3 TIDELOCK_BOUNDARY_DOES=$4 TIDELOCK_BOUNDARY_LOG=log \
    timeout -k 5 60 "$CRASHING" apply "$2.yaml" --auto-approve >first 2>&1 </dev/null || status=$?
  [ -n "$(sed -n "$3p" log)" ] || { echo "$status" >end; return; }
  settle "$1" || echo 'the host does not come to its end'
  pieces_of "$1" | grep -vxFf known | sed 's/^/half-written: /'
  [ "$status $4" != '0 end' ] || echo 'it was not killed'
  timeout -k 5 60 "$TIDELOCK" apply "$2.yaml" --auto-approve >second 2>&1 </dev/null || { echo "the next apply ends with $?"; cat second; }
  everything_of "$1" | diff "$2.everything" - || { echo "after the first ($status):"; cat first; echo 'and the second:'; cat second; }
}

# Every second place on one host; two hosts have all of them. The way there and the way back take turns.
every_second() { # host first what
  local state=a place=$2 said
  cd "$1" || exit
  while :; do
    state=$(other "$state")
    said=$(disturbed "$1" "$state" "$place" "$3")
    [ ! -e end ] || break
    check "$3 at $place, $(sed -n "$place s/^[0-9]* //p" log)" same '' "$said"
    echo "$3 $place" >>../disturbed
    place=$((place + 2))
  done
  expect_same "$1: where no place is left, nothing happens" 0 "$(<end)"
  wc -l <log >places
}

make_sources a 1.0
make_sources b 2.0
on_each() { # function argument...: on all hosts at once
  local host
  for host in "${HOSTS[@]}"; do "$1" "$host" "${@:2}" & done
  wait
}
on_each prepare
on_each undisturbed
every_second "${HOSTS[0]}" 1 end &
every_second "${HOSTS[1]}" 2 end &
every_second "${HOSTS[2]}" 1 cut &
every_second "${HOSTS[3]}" 2 cut &
wait
places=$(cat ./*/places | sort -n | tail -n 1)
expect_same "all $places places, by the end of the program and of its connections" "$(for what in cut end; do seq -f "$what %g" "$places"; done)" \
  "$(sort -k1,1 -k2n disturbed)"
on_each forget
wipe_heavy
