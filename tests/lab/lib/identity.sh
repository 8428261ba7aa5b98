# shellcheck shell=bash
# What a host's disk is made of: the image, then a layer with the lab's keys that all share, then its own.

# Home folders with the keys that open them: made once for a lab.
access_layer_create() {
  local home layer=$RUN/access
  mkdir -p "$layer"
  cp -a "$IMAGE/home" "$IMAGE/root" "$layer/"
  for home in "$layer"/root "$layer"/home/*; do
    install -d -m 700 "$home/.ssh"
    install -m 600 "$KEYS/authorized_keys" "$home/.ssh/authorized_keys"
    chown -R --reference="$home" "$home/.ssh"
  done
}

disk_mount() { # image disk
  mount -t overlay overlay -o "lowerdir=$RUN/access:$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
}

identity_install() { # name root
  echo "$1" >"$2/etc/hostname"
  cp -p "$SECRETS/hosts/$1"/ssh_host_* "$2/etc/ssh/"
}
