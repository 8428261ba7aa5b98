# shellcheck shell=bash
# What the machine itself needs.

missing_packages() {
  local package
  for package in "${MACHINE_PACKAGES[@]}"; do
    [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || echo "$package"
  done
}

cmd_install() {
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    say "all there"
    return
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; }
}

check_tools() {
  local tool
  for tool in systemd-nspawn mmdebstrap ip tc ssh ssh-keygen nsenter unshare setpriv flock; do
    command -v "$tool" >/dev/null || die "$tool is missing: lab install"
  done
}
