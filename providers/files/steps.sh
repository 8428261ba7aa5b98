# shellcheck shell=sh disable=SC2154
# Writing steps of directories, and of what is uploaded, beside those of providers/common/files.sh.

# files_make_directory PATH OWNER GROUP MODE
files_make_directory() {
  files_enter "$1" || return 1
  mkdir -- "$tl_new" && files_dress "$tl_new" "$2" "$3" "$4" || return 1
  mv -T -- "$tl_new" "./$tl_name" && sync -- .
}

# files_arrived NAME: gives the most that any upload brought of it that name. An rsync that was cut off puts what it has
# there when it notices, which is too late for the next try; one that was killed never does (rsync(1), --partial).
files_arrived() {
  tl_most=-1
  for tl_left in "./$1" ./."$1".??????; do
    if [ -f "$tl_left" ] && [ ! -L "$tl_left" ]; then
      tl_size=$(stat --printf=%s -- "$tl_left") || continue
      if [ "$tl_size" -gt "$tl_most" ]; then tl_most=$tl_size tl_best=$tl_left; fi
    fi
  done
  if [ "$tl_most" -ge 0 ] && [ "$tl_best" != "./$1" ]; then
    rm -rf -- "./$1" && mv -T -- "$tl_best" "./$1"
  fi
}

# files_stage FOLDER USER STAGE NAME KEEP...: a staging folder for one file, which the login user may write. What
# earlier uploads of that name left in it is kept, so that it goes on where it broke off. Staging folders beside it go,
# unless their names are among KEEP: nobody will finish them.
files_stage() {
  cd -P -- "$1" || return 1
  tl_user=$2 tl_stage=$3 tl_name=$4
  shift 4
  for tl_left in ./.tidelock-stage-*; do
    tl_keep=no
    for tl_known; do if [ "$tl_left" = "./$tl_known" ]; then tl_keep=yes; fi; done
    if [ "$tl_keep" = no ]; then rm -rf -- "$tl_left" || return 1; fi
  done
  if [ -L "./$tl_stage" ] || { [ -e "./$tl_stage" ] && [ ! -d "./$tl_stage" ]; }; then rm -f -- "./$tl_stage"; fi
  if [ ! -d "./$tl_stage" ]; then mkdir -- "./$tl_stage" || return 1; fi
  cd -P -- "./$tl_stage" && chmod 0700 . && chown -h -- "$tl_user" . && files_arrived "$tl_name" || return 1
  for tl_left in ./* ./.[!.]* ./..?*; do
    if [ "$tl_left" = "./$tl_name" ] && [ -f "$tl_left" ] && [ ! -L "$tl_left" ]; then
      chown -h -- "$tl_user" "$tl_left" || return 1
    else
      rm -rf -- "$tl_left" || return 1
    fi
  done
}

# files_install PATH STAGE SHA256 OWNER GROUP MODE: takes a staged file out of the login user's reach, checks it, and puts
# it in place. Says how to know these bytes again without reading them.
files_install() {
  files_enter "$1" || return 1
  if [ -L "./$tl_name" ] || { [ -e "./$tl_name" ] && [ ! -f "./$tl_name" ]; }; then
    files_refuse 'something else than a regular file is in the way'
    return 1
  fi
  tl_staged=./$2/$tl_name
  if [ -L "$tl_staged" ] || [ ! -f "$tl_staged" ]; then
    files_refuse 'the staged file is not there'
    return 1
  fi
  mv -fT -- "$tl_staged" "$tl_new" && chown -h -- root:root "$tl_new" && chmod 0600 -- "$tl_new" || return 1
  if ! files_verify "$tl_new" "$3"; then
    rm -f -- "$tl_new"
    return 1
  fi
  rmdir -- "./$2" 2>/dev/null || :
  if [ -f "./$tl_name" ]; then
    cp -a --attributes-only --no-preserve=timestamps -- "./$tl_name" "$tl_new" || return 1
  fi
  files_dress "$tl_new" "$4" "$5" "$6" && files_swap - || return 1
  stat --printf="%d %i %s %.9Y %.9Z $3" -- "./$tl_name"
}
