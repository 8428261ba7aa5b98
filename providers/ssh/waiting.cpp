#include "providers/ssh/waiting.hpp"

#include <array>

#include <poll.h>

namespace tidelock::ssh {

Waited wait_for(int fd, short events, Deadline deadline, const Cancellation& cancel) {
  for (;;) {
    std::array<pollfd, 2> fds{pollfd{fd, events, 0}, pollfd{cancel.fd(), POLLIN, 0}};
    const int count = poll(fds.data(), fds.size(), deadline.poll_timeout());
    if (fds[1].revents != 0) return Waited::cancelled;
    if (count > 0) return Waited::ready;
    if (deadline.passed()) return Waited::late;
  }
}

}  // namespace tidelock::ssh
