#!/bin/sh
# enter.sh ROOT MARK HOST COMMAND...: what rsync takes for a remote shell. The far end runs inside of a sandbox.
root=$1
shift 3
exec chroot "$root" /bin/sh -c "exec $*"
