# shellcheck shell=sh disable=SC2154
# Writing steps for users and groups. The programs of the shadow suite check, lock and write the files themselves.

# group_create NAME OPTION...
group_create() {
  tl_name=$1
  shift
  groupadd "$@" -- "$tl_name"
}

# group_change NAME GID
group_change() { groupmod --gid "$2" -- "$1"; }

# group_members NAME MEMBERS: exactly these, in one list with commas.
group_members() { gpasswd --members "$2" -- "$1" >/dev/null; }

# group_delete NAME: userdel may have taken it away together with the user of that name.
group_delete() {
  if getent -- group "$1" >/dev/null; then groupdel -- "$1"; fi
}

# user_create NAME OPTION...: without --gid a group of the same name becomes the user's, and is made if need be.
user_create() {
  tl_name=$1
  shift
  case " $* " in
    *' --gid '*) ;;
    *)
      if getent -- group "$tl_name" >/dev/null; then
        set -- "$@" --gid "$tl_name"
      else
        set -- "$@" --user-group
      fi
      ;;
  esac
  useradd "$@" -- "$tl_name"
}

# user_change NAME OPTION...
user_change() {
  tl_name=$1
  shift
  usermod "$@" -- "$tl_name"
}

# user_delete NAME GROUP: the home folder stays. GROUP is a group that has to outlive the user, or nothing: userdel
# takes a group of the user's name with it.
user_delete() {
  tl_gid=
  if [ -n "$2" ]; then
    tl_entry=$(getent -- group "$2") || return 1
    tl_gid=${tl_entry#*:*:}
    tl_gid=${tl_gid%%:*}
  fi
  userdel -- "$1" || return 1
  if [ -n "$2" ] && ! getent -- group "$2" >/dev/null; then groupadd --gid "$tl_gid" -- "$2"; fi
}

# user_keys NAME, the lines on stdin: they replace ~/.ssh/authorized_keys. It is the user who writes, so that nothing in
# the home folder can turn the write against something that the user could not change anyway.
user_keys() {
  tl_entry=$(getent -- passwd "$1") || return 1
  tl_entry=${tl_entry#*:*:}
  tl_uid=${tl_entry%%:*}
  tl_entry=${tl_entry#*:}
  tl_gid=${tl_entry%%:*}
  tl_entry=${tl_entry#*:*:}
  setpriv --reuid "$tl_uid" --regid "$tl_gid" --clear-groups -- /bin/sh -c "$tl_write_keys" sh "${tl_entry%%:*}" "$tl_nonce"
}

# user_keys_back NAME KEPT: the same from a file that the history keeps.
user_keys_back() { user_keys "$1" <"$2"; }

# shellcheck disable=SC2016 # it is a program of its own
tl_write_keys='
umask 077
cd -P -- "$1" || exit 1
if [ -L .ssh ] || [ -L .ssh/authorized_keys ]; then
  echo "a symbolic link leads to the authorized keys" >&2
  exit 1
fi
if [ ! -d .ssh ]; then mkdir -- .ssh || exit 1; fi
cd -P -- .ssh && chmod go-w . && rm -f -- .tidelock-new-* || exit 1
cat >".tidelock-new-$2" && chmod 0600 -- ".tidelock-new-$2" && sync -- ".tidelock-new-$2" &&
  mv -fT -- ".tidelock-new-$2" authorized_keys && sync -- .
'
