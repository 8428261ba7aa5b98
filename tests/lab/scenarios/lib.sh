# shellcheck shell=bash disable=SC2016
# What every scenario uses. A scenario is a script here that begins with the line `# needs: light N` (so many light hosts
# of its own, never used before), `# needs: heavy` (the four heavy hosts, while nobody else uses them) or `# needs: full`
# (the same, with Slurm, nginx and redis on them), and is given
#   TIDELOCK  the program            NAME   what the scenario is called
#   LAB       the lab command        HOSTS  its hosts
#   LAB_HOME  keys and known_hosts   WORK   an empty folder of its own; the program is run in there
#   CRASHING  the program again, which ends, stops or loses its connections where it is told to (tests/crashing)
set -euo pipefail
cd "$WORK"
export XDG_CACHE_HOME=$WORK/cache
SSH_USER=portal BECOME=sudo KNOWN_HOSTS=$LAB_HOME/known_hosts # what `manifest` writes down
STATUS='' OUT='' ERR='' SAID=''                               # of the last run of the program
TOP=$(dirname "$(dirname "$(dirname "$LAB")")")             # of the source tree
read -ra HOSTS <<<"$HOSTS"
# shellcheck disable=SC2034
HOST=${HOSTS[0]:-}

# --- hosts

lab() { "$LAB" "$@" 2>>"$WORK/lab.log"; }
on() { "$LAB" exec "$@"; }                # host command...: as root, whatever became of its network
script_on() { on "$1" sh -euc "$2" sh "${@:3}"; } # host script argument...
address_of() { awk -v host="$1" '$1 == host { print $2 }' "$LAB_HOSTS"; }
sum_on() { on "$1" sha256sum -- "$2" | cut -d' ' -f1; } # host path
sum_of() { sha256sum -- "$1" | cut -d' ' -f1; }
like() { on "$1" stat -c '%U:%G %a' -- "${@:2}"; } # host path...: owner:group mode, a line each
ledger_of() { on "$1" cat /var/lib/tidelock/ledger; }
rx_of() { on "$1" cat /sys/class/net/eth0/statistics/rx_bytes; }
# Everything that Tidelock could touch, with all that a change of it would change; but for the lock that every apply takes.
listing() { # host
  script_on "$1" 'for path in /var/lib/tidelock /opt /scratch /etc /shared /tmp /home; do
    [ ! -e "$path" ] || find "$path" ! -path "/var/lib/tidelock" ! -path "/var/lib/tidelock/claim*" -printf "%p %y %i %s %m %u %g %n %T@ %C@\n"; done | sort'
}
# What is unfinished; what is kept for a rollback is none of that.
strays_on() { on "$1" find / -xdev -name '.tidelock-*' -not -name .tidelock-kept -not -path '/proc/*'; }

# The heavy hosts as they were when they came up.
wipe_heavy() {
  local host
  for host in controller viz-node001 node001 node002; do
    script_on "$host" 'rm -rf /var/lib/tidelock /opt/* /scratch /shared/*'
  done
}

# --- what is declared

# The rest of a manifest on stdin; every host is of type `node`.
manifest() { # [host...]
  local host hosts=("$@")
  (($# > 0)) || hosts=("${HOSTS[@]}")
  {
    printf 'tidelock: 1\ncluster: lab\nconnection:\n  user: %s\n  become: %s\n' "$SSH_USER" "$BECOME"
    printf '  identity: %s\n  known_hosts: %s\nnodes:\n' "$LAB_HOME/keys/id_ed25519" "$KNOWN_HOSTS"
    for host in "${hosts[@]}"; do printf '  %s: { type: node, address: %s }\n' "$host" "$(address_of "$host")"; done
    cat
  } >cluster.yaml
}

# A whole SIF file as far as its header tells, with random data behind it.
make_image() { # path bytes
  local number i data=$(($2 - 4096))
  {
    printf '#!/usr/bin/env run-singularity\n\0SIF_MAGIC\00001\00002\0'
    head -c 16 /dev/zero
    for number in 0 0 0 0 4096 0 4096 "$data"; do
      for ((i = 0; i < 64; i += 8)); do
        # shellcheck disable=SC2059 # the escape is the point
        printf "\\x$(printf %02x $((number >> i & 255)))"
      done
    done
    head -c $((4096 - 128)) /dev/zero
    head -c "$data" /dev/urandom
  } >"$1"
}

# A pure Python package with a program that says "NAME VERSION".
make_wheel() { # folder name version
  local info=$2-$3.dist-info wheel=$WORK/.wheel
  mkdir -p "$1" "$wheel/$2" "$wheel/$info"
  printf 'VERSION = "%s"\ndef main():\n    print("%s", VERSION)\n' "$3" "$2" >"$wheel/$2/__init__.py"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" >"$wheel/$info/METADATA"
  printf 'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n' >"$wheel/$info/WHEEL"
  printf '[console_scripts]\n%s = %s:main\n' "$2" "$2" >"$wheel/$info/entry_points.txt"
  (cd "$wheel" && printf '%s,,\n' "$2/__init__.py" "$info"/* "$info/RECORD" >RECORD && mv RECORD "$info/" && zip -qr wheel.zip "$2" "$info")
  mv "$wheel/wheel.zip" "$1/$2-$3-py3-none-any.whl"
  rm -r "$wheel"
}

# A Debian package in the folder repo, with its version in a configuration file.
make_package() { # name version [control line...]
  mkdir -p "deb/$1/DEBIAN" "deb/$1/etc" repo
  echo "$2" >"deb/$1/etc/$1.conf"
  echo "/etc/$1.conf" >"deb/$1/DEBIAN/conffiles"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: lab <lab@example>\nDescription: made for the lab\n' \
    "$1" "$2" >"deb/$1/DEBIAN/control"
  (($# < 3)) || printf '%s\n' "${@:3}" >>"deb/$1/DEBIAN/control"
  dpkg-deb --root-owner-group --build "deb/$1" "repo/$1_$2_all.deb" >/dev/null
  rm -r "deb/$1"
  {
    dpkg-deb --field "repo/$1_$2_all.deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$1_$2_all.deb" "$(stat -c %s "repo/$1_$2_all.deb")" "$(sum_of "repo/$1_$2_all.deb")"
  } >>repo/Packages
}

# These packages become all that apt on a host knows.
offer_packages() { # host
  tar -C repo -cf - . | "$LAB" exec "$1" sh -c 'mkdir -p /apps/repo && tar -C /apps/repo --no-same-owner -xf -'
  script_on "$1" 'rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d/*proxy* /var/lib/apt/lists/*
    echo "deb [trusted=yes] file:/apps/repo ./" >/etc/apt/sources.list'
}

# --- running the program

# Runs it and keeps what it said. It has two minutes.
tidelock() { # verb argument...
  STATUS=0
  COMMAND="tidelock $*"
  timeout --foreground -k 5 120 "$TIDELOCK" "$@" >stdout 2>stderr </dev/null || STATUS=$?
  OUT=$(tr -d '\0' <stdout)
  ERR=$(tr -d '\0' <stderr)
  SAID=$OUT$'\n'$ERR
}

# The same in the background, to do something to it meanwhile.
begin() { # verb argument...
  COMMAND="tidelock $*"
  timeout --foreground -k 5 150 "$TIDELOCK" "$@" >begun.stdout 2>begun.stderr </dev/null &
  BEGUN=$!
}
finish() { # [process]: the one that was begun last, if none is named
  local begun=${1:-$BEGUN}
  STATUS=0
  wait "$begun" || STATUS=$?
  [ ! -e "$begun.stdout" ] || { mv "$begun.stdout" begun.stdout; mv "$begun.stderr" begun.stderr; }
  OUT=$(tr -d '\0' <begun.stdout)
  ERR=$(tr -d '\0' <begun.stderr)
  SAID=$OUT$'\n'$ERR
}

# The same, but it stops itself at a place between two of its effects, and is stopped when this returns.
begin_stopped() { # what place verb argument...
  COMMAND="tidelock ${*:3} (stopped $2)"
  TIDELOCK_BOUNDARY=$2 TIDELOCK_BOUNDARY_DOES=stop "$CRASHING" "${@:3}" >begun.stdout 2>begun.stderr </dev/null &
  BEGUN=$!
  check "$1: the first is stopped $2" eventually is_stopped "$BEGUN"
  mv begun.stdout "$BEGUN.stdout" # there may be others
  mv begun.stderr "$BEGUN.stderr"
}
is_stopped() { grep -q '^State:.T' "/proc/$1/status"; }

# The usual run: how it must end, and how its last line on stdout must look.
expect() { # what status pattern-of-the-last-line verb argument...
  tidelock "${@:4}"
  check "$1" ended "$2" "$3"
}

ended() { # status pattern
  # shellcheck disable=SC2053 # it is a pattern
  [ "$STATUS" = "$1" ] && [[ ${OUT##*$'\n'} == $2 ]] && return 0
  echo "expected: exit $1, last line: $2"
  return 1
}

expect_exit() { check "$1" same "$2" "$STATUS"; }         # what status
expect_contains() { check "$1" contains "$SAID" "$2"; }   # what text
expect_lacks() { check "$1" refuses contains "$SAID" "$2"; } # what text
expect_same() { check "$1" same "$2" "$3"; }              # what expected got
contains() { [[ $1 == *"$2"* ]] || { echo "expected somewhere: $2"; return 1; }; }
same() { [ "$1" = "$2" ] || { printf 'expected: %s\ngot: %s\n' "$1" "$2"; return 1; }; }
refuses() { ! "$@"; }

# Of the plan in JSON: "address actions cause" of what is not as declared, sorted.
changes() { jq -r '.resource_changes[] | select(.cause) | "\(.address) \(.blocked // .actions[0] | split(":")[0]) \(.cause)"' <<<"$OUT" | sort; }

# What the last answer, a plan as JSON, has that its schema does not allow, and lacks.
against_schema() {
  jq -r --slurpfile schema "$TOP/schemas/plan.schema.json" -f "$TOP/tests/lab/scenarios/schema.jq" <<<"$OUT"
}

# --- saying how it went

check() { # what command...
  local what=$1 said
  shift
  if said=$("$@" 2>&1 </dev/null); then
    printf 'ok %s: %s\n' "$NAME" "$what"
  else
    printf 'not ok %s: %s\n' "$NAME" "$what"
    {
      printf '%s\n' "$said"
      [ -z "$STATUS" ] || printf '$ %s\nexit %s\n--- stdout\n%s\n--- stderr\n%s\n---\n' "$COMMAND" "$STATUS" "$OUT" "$ERR"
    } | sed 's/^/    /'
  fi
}

eventually() { # command...: within twenty seconds, or PATIENCE
  local end=$((SECONDS + ${PATIENCE:-20}))
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}
