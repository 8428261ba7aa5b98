# shellcheck shell=bash
# What makes a host that host: its layer over the image, its name and its keys.

mount_root() { # image disk
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
}

identity_install() { # name root
  echo "$1" >"$2/etc/hostname"
  cp -p "$SECRETS/hosts/$1"/ssh_host_* "$2/etc/ssh/"
  authorize "$2/root" 0:0
  [ "$(kind_of "$1")" = heavy ] || authorize_users "$2/home"
}

# Every account in a folder of home folders.
authorize_users() { # /home
  local home
  for home in "$1"/*/; do authorize "${home%/}" "$(stat -c %u:%g "$home")"; done
}

authorize() { # home owner
  install -d -m 700 "$1/.ssh"
  install -m 600 "$KEYS/authorized_keys" "$1/.ssh/authorized_keys"
  chown -R "$2" "$1/.ssh"
}
