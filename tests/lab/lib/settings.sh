# shellcheck shell=bash disable=SC2034
# Where everything is and what it is called. Sourced first by every script of the lab.

LAB_HOME=${TIDELOCK_LAB_HOME:-/var/cache/tidelock-lab}
KEYS=$LAB_HOME/keys                # client keys, what users of the lab need
SECRETS=$LAB_HOME/secrets          # host keys and the munge key, root's alone
IMAGES=$LAB_HOME/images            # one folder an image, named by digest
RUN=$LAB_HOME/run                  # what is up now; `lab down` removes it
HOSTS=$RUN/hosts                   # one folder a host
NFS=$RUN/nfs                       # /home and /shared of all heavy hosts

RELEASE=${TIDELOCK_LAB_RELEASE:-bookworm}    # of Debian, on all hosts
PREFIX=tidelock                    # of every network namespace and of the cgroup
SWITCH=$PREFIX-switch              # network namespace that holds the bridge
UPLINK=${PREFIX}0                  # the machine's own interface into the lab
MACHINE_ADDRESS=10.77.0.1
MAX_NODES=64
MAX_LIGHT=250

HEAVY_DISK=${TIDELOCK_LAB_HEAVY_DISK:-2g}    # tmpfs limits: an upper bound, not an allocation
LIGHT_DISK=${TIDELOCK_LAB_LIGHT_DISK:-64m}

MACHINE_PACKAGES=(systemd-container mmdebstrap debian-archive-keyring iproute2 openssh-client procps util-linux squashfs-tools rsync)

umask 022

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
now_ms() { date +%s%3N; }
seconds_since() { local ms=$(($(now_ms) - $1)); printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100)); }
