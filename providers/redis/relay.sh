# shellcheck shell=sh disable=SC2154
# Bytes to a Redis instance and back, over its own address on this host. What to say is made elsewhere and comes on stdin: it
# may hold a password, so nothing of it is ever an argument.

# redis_pipe_perl ADDRESS: perl is a part of every Debian. The address is HOST:PORT, or a path.
# shellcheck disable=SC2016 # it is for perl
redis_pipe_perl() {
  timeout "$tl_limit" perl -e '
    use strict; use warnings; use IO::Socket::UNIX; use IO::Socket::IP; use Socket;
    my $to = shift;
    my ($host, $port) = $to =~ m{^\[?(.*?)\]?:(\d+)$};
    my $socket = $to =~ m{^/} ? IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $to)
                              : IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_STREAM, Timeout => 5);
    if (!$socket) { print STDERR "$!\n"; exit 9; }
    my $child = fork;
    if (!$child) {
      $SIG{PIPE} = "IGNORE";
      while (sysread STDIN, my $bytes, 65536) {
        for (my $at = 0; $at < length $bytes;) {
          my $sent = syswrite $socket, $bytes, length($bytes) - $at, $at;
          exit 0 if !$sent;
          $at += $sent;
        }
      }
      exit 0;
    }
    while (sysread $socket, my $bytes, 65536) { syswrite STDOUT, $bytes or last; }
    kill "TERM", $child;
  ' -- "$1"
}

redis_pipe_python() {
  timeout "$tl_limit" "$tl_python" -I -c '
import os, socket, sys, threading
to = sys.argv[1]
try:
    if to.startswith("/"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(to)
    else:
        host, port = to.rsplit(":", 1)
        s = socket.create_connection((host.strip("[]"), int(port)), 5)
except OSError as e:
    sys.stderr.write("%s\n" % e.strerror)
    os._exit(9)
def send():
    try:
        s.sendall(sys.stdin.buffer.read())
    except OSError:
        pass
threading.Thread(target=send, daemon=True).start()
try:
    while True:
        b = s.recv(65536)
        if not b:
            break
        sys.stdout.buffer.write(b)
except OSError:
    pass
sys.stdout.flush()
os._exit(0)
' "$1"
}

redis_pipe_bash() {
  # shellcheck disable=SC2016 # it is for the other shell
  timeout "$tl_limit" bash -c '
    host=${1%:*}; host=${host#[}; host=${host%]}
    exec 3<>"/dev/tcp/$host/${1##*:}" || exit 9
    cat <&0 >&3 &
    cat <&3
    kill $! 2>/dev/null
    exit 0
  ' bash "$1"
}

# redis_pipe SECONDS ADDRESS: stdin to the instance, what it answers to stdout, until it closes. 9 where it cannot be reached, 8
# where this host has nothing that can.
redis_pipe() {
  tl_limit=$1
  shift
  tl_python=
  for tl_name in python3 /usr/libexec/platform-python; do
    if command -v "$tl_name" >/dev/null; then tl_python=$tl_name && break; fi
  done
  case $1 in /*) tl_can_bash= ;; *) tl_can_bash=$(command -v bash) ;; esac
  if perl -MIO::Socket::IP -MIO::Socket::UNIX -e 1 2>/dev/null; then
    redis_pipe_perl "$1"
  elif [ "$tl_python" ]; then
    redis_pipe_python "$1"
  elif [ "$tl_can_bash" ]; then
    redis_pipe_bash "$1"
  else
    echo 'neither perl nor python3 is there' >&2
    return 8
  fi
}
