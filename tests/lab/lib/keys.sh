# shellcheck shell=bash
# Keys are made once and kept until `lab purge`.

PASSPHRASE='correct horse battery staple'

keygen() { # type file comment [passphrase]
  [ -f "$2" ] || ssh-keygen -q -t "$1" -N "${4:-}" -C "$3" -f "$2"
}

client_keys_ensure() {
  local type
  mkdir -p "$KEYS"
  for type in ed25519 ecdsa rsa; do keygen "$type" "$KEYS/id_$type" "lab $type"; done
  keygen ed25519 "$KEYS/id_ed25519_locked" 'lab ed25519, with a passphrase' "$PASSPHRASE"
  printf '%s\n' "$PASSPHRASE" >"$KEYS/id_ed25519_locked.passphrase"
  cat "$KEYS"/*.pub >"$KEYS/authorized_keys"
  client_keys_hand_over
}

# Only their owner can read them: under sudo that is who called it.
client_keys_hand_over() { [ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$KEYS"; }

# RSA takes half a second a key, so all light hosts share one; their other keys are their own.
host_keys_ensure() { # name
  local own=$SECRETS/hosts/$1 rsa
  [ -f "$own/ssh_host_rsa_key.pub" ] && return
  secrets_ensure
  mkdir -p "$own"
  keygen ed25519 "$own/ssh_host_ed25519_key" "root@$1"
  keygen ecdsa "$own/ssh_host_ecdsa_key" "root@$1"
  if [ "$(kind_of "$1")" = light ]; then
    rsa=$SECRETS/light_rsa_key
    keygen rsa "$rsa" 'root@light'
    cp "$rsa" "$own/ssh_host_rsa_key"
    cp "$rsa.pub" "$own/ssh_host_rsa_key.pub"
  else
    keygen rsa "$own/ssh_host_rsa_key" "root@$1"
  fi
}

secrets_ensure() { [ -d "$SECRETS" ] || mkdir -m 700 "$SECRETS"; }

munge_key_ensure() {
  secrets_ensure
  [ -f "$SECRETS/munge.key" ] || (umask 077 && head -c 128 /dev/urandom >"$SECRETS/munge.key")
}
