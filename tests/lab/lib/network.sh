# shellcheck shell=bash
# One network namespace a host, and one more that holds the bridge: the machine's firewall never sees the lab's traffic.
# A host's port on the bridge bears the host's name.

in_switch() { ip -n "$SWITCH" "$@"; }
namespace_of() { echo "$PREFIX-$1"; }

network_is_up() { [ -e "/run/netns/$SWITCH" ]; }

network_up() {
  ip netns add "$SWITCH"
  in_switch link add bridge type bridge forward_delay 0
  in_switch link set bridge up
  ip link add "$UPLINK" type veth peer name machine netns "$SWITCH"
  in_switch link set machine master bridge up
  ip address add "$MACHINE_ADDRESS/16" dev "$UPLINK"
  ip link set "$UPLINK" up
}

# Cables for many hosts at once.
network_add() { # name...
  local name
  printf 'netns add %s\n' "${@/#/$PREFIX-}" | ip -batch -
  for name in "$@"; do
    printf 'link add %s type veth peer name eth0 netns %s\n' "$name" "$(namespace_of "$name")"
    printf 'link set %s master bridge up\n' "$name"
  done | in_switch -batch -
  for name in "$@"; do
    ip -n "$(namespace_of "$name")" -batch - <<BATCH
link set lo up
address add $(address_of "$name")/16 dev eth0
link set eth0 up
BATCH
  done
}

# Who asked for the host in vain may be about to give up: the question is put anew.
port_up() {
  in_switch link set "$1" up
  ip neighbour delete "$(address_of "$1")" dev "$UPLINK" 2>/dev/null || true
  ip -n "$(namespace_of "$1")" neighbour delete "$MACHINE_ADDRESS" dev eth0 2>/dev/null || true
}
port_down() { in_switch link set "$1" down; }

network_down() {
  local names
  names=$(ip netns list | awk -v prefix="$PREFIX-" 'index($1, prefix) == 1 { print "netns delete " $1 }')
  [ -z "$names" ] || ip -batch - <<<"$names"
  [ ! -e "/sys/class/net/$UPLINK" ] || ip link delete "$UPLINK"
  # `ip netns` makes this folder a mount point when it is first used
  if [ -d /run/netns ] && [ -z "$(ls /run/netns)" ]; then
    while mountpoint -q /run/netns; do umount /run/netns; done
    rmdir /run/netns
  fi
}
