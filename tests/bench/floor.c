/* The floor that no agentless planner over libssh2 can go below: for each host one connection, one login and one exec,
   nothing else. No host key is checked and no answer is understood; it only counts.

     floor USER KEYFILE THREADS COMMAND HOST... <stdin-of-COMMAND

   COMMAND is the exec string; what comes on stdin is sent to it on every host. Fails when any host did not answer with
   exit status 0. Hosts are numeric IPv4 addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *user, *command;
static char private_key[16384], input[1 << 20];
static size_t private_key_size, input_size;
static char **hosts;
static int host_count;
static atomic_int next_host, failures;
static atomic_ullong bytes_read;

static size_t read_all(FILE *file, char *buffer, size_t size) {
  const size_t got = fread(buffer, 1, size, file);
  if (got == size) {
    fprintf(stderr, "floor: input is too large\n");
    exit(2);
  }
  return got;
}

/* Acknowledges at once; the kernel forgets that it was asked to. */
static LIBSSH2_RECV_FUNC(receive) {
  const int on = 1;
  (void)abstract;
  setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  const ssize_t got = recv(socket, buffer, length, flags);
  return got < 0 ? -errno : got;
}

static int connect_to(const char *host) {
  const int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(22)};
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1) return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static int run_command(LIBSSH2_SESSION *session) {
  static const int streams[] = {0, SSH_EXTENDED_DATA_STDERR};
  static _Thread_local char buffer[65536];
  LIBSSH2_CHANNEL *channel = libssh2_channel_open_session(session);
  if (channel == NULL || libssh2_channel_exec(channel, command) != 0) return -1;
  for (size_t sent = 0; sent < input_size;) {
    const ssize_t put = libssh2_channel_write(channel, input + sent, input_size - sent);
    if (put < 0) return -1;
    sent += (size_t)put;
  }
  libssh2_channel_send_eof(channel);
  for (int i = 0; i < 2; ++i) {
    ssize_t got;
    while ((got = libssh2_channel_read_ex(channel, streams[i], buffer, sizeof buffer)) > 0) bytes_read += (size_t)got;
    if (got < 0) return -1;
  }
  libssh2_channel_close(channel);
  libssh2_channel_wait_closed(channel);
  const int status = libssh2_channel_get_exit_status(channel);
  libssh2_channel_free(channel);
  return status;
}

static int visit(const char *host) {
  const int fd = connect_to(host);
  LIBSSH2_SESSION *session = libssh2_session_init();
  int status = -1;
  if (fd >= 0 && session != NULL) {
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)receive);
    libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY, "ssh-ed25519");
    libssh2_session_set_timeout(session, 60000);
    if (libssh2_session_handshake(session, fd) == 0 &&
        libssh2_userauth_publickey_frommemory(session, user, strlen(user), NULL, 0, private_key, private_key_size,
                                              NULL) == 0)
      status = run_command(session);
    libssh2_session_disconnect(session, "done");
  }
  if (session != NULL) libssh2_session_free(session);
  if (fd >= 0) close(fd);
  return status;
}

static void *work(void *unused) {
  for (int i = next_host++; i < host_count; i = next_host++)
    if (visit(hosts[i]) != 0) {
      fprintf(stderr, "floor: %s failed\n", hosts[i]);
      ++failures;
    }
  return unused;
}

int main(int count, char **words) {
  if (count < 6) {
    fprintf(stderr, "usage: floor USER KEYFILE THREADS COMMAND HOST...\n");
    return 2;
  }
  user = words[1];
  command = words[4];
  hosts = words + 5;
  host_count = count - 5;
  FILE *key = fopen(words[2], "rb");
  if (key == NULL) {
    perror(words[2]);
    return 2;
  }
  private_key_size = read_all(key, private_key, sizeof private_key);
  input_size = read_all(stdin, input, sizeof input);
  libssh2_init(0);
  pthread_t threads[1024];
  int started = atoi(words[3]);
  if (started > host_count) started = host_count;
  if (started > 1024) started = 1024;
  for (int i = 0; i < started; ++i) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < started; ++i) pthread_join(threads[i], NULL);
  printf("%d of %d hosts answered with %llu bytes\n", host_count - failures, host_count, (unsigned long long)bytes_read);
  return failures == 0 ? 0 : 1;
}
