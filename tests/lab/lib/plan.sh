# shellcheck shell=bash
# The names a host can have, and the address and role that follow from each.

address_of() { # name
  case $1 in
    controller) echo 10.77.0.10 ;;
    viz-node001) echo 10.77.0.11 ;;
    node[0-9][0-9][0-9]) echo "10.77.1.$((10#${1#node}))" ;;
    light[0-9][0-9][0-9]) echo "10.77.2.$((10#${1#light}))" ;;
    *) return 1 ;;
  esac
}

kind_of() { # name
  case $1 in light*) echo light ;; *) echo heavy ;; esac
}

heavy_names() { # compute nodes
  printf '%s\n' controller viz-node001
  printf 'node%03d\n' $(seq 1 "$1")
}

light_names() { # count
  printf 'light%03d\n' $(seq 1 "$1")
}

# Every address that can exist, so that /etc/hosts is part of the image and never changes under a host.
hosts_file() {
  local name
  printf '127.0.0.1 localhost\n'
  for name in $(heavy_names "$MAX_NODES") $(light_names "$MAX_LIGHT"); do
    printf '%s %s\n' "$(address_of "$name")" "$name"
  done
}

# "3" within 1-64
check_count() { # value maximum what
  [[ $1 =~ ^[1-9][0-9]{0,3}$ && $1 -le $2 ]] || die "$3 must be a number from 1 to $2, not '$1'"
}
