# shellcheck shell=bash
# How people and programs reach the hosts: ssh_config and known_hosts, rewritten whenever a host is added.

access_write() {
  local name key known=$LAB_HOME/known_hosts config=$LAB_HOME/ssh_config
  for name in $(host_names); do
    for key in "$SECRETS/hosts/$name"/*.pub; do
      printf '%s,%s %s\n' "$name" "$(address_of "$name")" "$(cut -d' ' -f1,2 "$key")"
    done
  done >"$known.new"
  {
    for name in $(host_names); do
      printf 'Host %s %s\n  HostName %s\n' "$name" "$(address_of "$name")" "$(address_of "$name")"
    done
    cat <<CONFIG
Host *
  User portal
  IdentityFile $KEYS/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $known
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 10
  LogLevel ERROR
CONFIG
  } >"$config.new"
  mv "$known.new" "$known"
  mv "$config.new" "$config"
}

access_remove() { rm -f "$LAB_HOME"/{known_hosts,ssh_config}{,.new}; }
