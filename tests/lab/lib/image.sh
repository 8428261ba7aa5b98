# shellcheck shell=bash disable=SC2153
# The root file system all hosts share, read-only below their own layer. Built once for each release of Debian and each state
# of its recipe. A lab that is up keeps the one that it began with.

image_packages() { sed 's/#.*//' "$LAB_SRC/image/packages" | xargs -n1; }

image_path() {
  local digest
  digest=$({
    cat "$LAB_SRC"/image/* "$LAB_SRC/lib/image.sh"
    hosts_file
  } | sha256sum | cut -c1-16)
  echo "$IMAGES/$RELEASE-$digest"
}

release_check() {
  case $RELEASE in bookworm | trixie) ;; *) die "the lab has no release '$RELEASE' of Debian: bookworm or trixie" ;; esac
}

image_ensure() {
  if network_is_up; then IMAGE=$(<"$RUN/image"); else release_check && IMAGE=$(image_path); fi
  [ -d "$IMAGE" ] && return
  local started building=$IMAGE.building log=$IMAGES/build.log
  started=$(now_ms)
  say "building the image of the hosts, Debian $RELEASE (about half a minute; log: $log)"
  mkdir -p "$IMAGES"
  image_drop_partial
  image_build "$building" >"$log" 2>&1 || { tail -n 15 "$log" >&2; die "could not build the image: see $log"; }
  hosts_file >"$building/etc/hosts"
  mv "$building" "$IMAGE"
  image_drop_stale
  say "image built in $(seconds_since "$started")"
}

# Dies with its parent: a killed `lab up` leaves no half-running build behind.
image_build() { # target
  local options=() line
  while IFS= read -r line; do options+=(--aptopt="$line"); done < <(apt_acquire_options)
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc -- \
    mmdebstrap --mode=root --variant=minbase --include="$(image_packages | paste -sd,)" \
    --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "${options[@]}" "$RELEASE" "$1" \
    "deb $(apt_site Debian http://deb.debian.org/debian) $RELEASE main" \
    "deb $(apt_site Debian http://deb.debian.org/debian) $RELEASE-updates main" \
    "deb $(apt_site Debian-Security http://deb.debian.org/debian-security) $RELEASE-security main" &&
    chroot "$1" /bin/bash -s <"$LAB_SRC/image/customise"
}

# The mirror this machine's own apt uses.
apt_site() { # label default
  local site
  # shellcheck disable=SC2016
  site=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(SITE)' 'Created-By: Packages' 2>/dev/null |
    awk -F'|' -v label="$1" '$1 == "Debian" && $2 == label { print $3; exit }') || true
  echo "${site:-$2}"
}

# The machine's way to it: proxies, certificates and checks as its apt has them.
apt_acquire_options() {
  apt-config dump | grep -E '^Acquire::(https?::|Check-)' | grep -v ' "";$' || true
}

image_drop_partial() { rm -rf --one-file-system "$IMAGES"/*.building; }

image_drop_stale() { # of this release
  local other
  for other in "$IMAGES/$RELEASE"-*/; do
    [ "${other%/}" = "$IMAGE" ] || image_in_use "${other%/}" || rm -rf --one-file-system "$other"
  done
}

image_in_use() { [ -f "$RUN/image" ] && [ "$(<"$RUN/image")" = "$1" ]; }
