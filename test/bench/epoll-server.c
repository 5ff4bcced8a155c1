/*
 * What a single thread of C can do: the yardstick of echo.mjs and forward.mjs.
 *
 *   epoll-server echo PORT          sends back what arrives
 *   epoll-server forward PORT TO    joins each connection with one to TO
 *
 * Both on 127.0.0.1. A side is read only while its destination takes what was read before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 256 };

struct side {
  int fd;
  struct side *to; /* Where its bytes go: itself for an echo. */
  size_t start, end; /* What of `bytes` is still to be written. */
  int ended;
  char *bytes;
};

static int epoll;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static struct side *add(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct side *side = calloc(1, sizeof *side);
  side->fd = fd;
  side->to = side;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = side};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  return side;
}

/* A side is read when it has nothing to pass on, and written when its source has. */
static void watch(struct side *side) {
  if (side->fd < 0) return;
  struct side *source = side->to == side ? side : side->to;
  struct epoll_event event = {.data.ptr = side};
  if (side->start == side->end && !side->ended) event.events |= EPOLLIN;
  if (source->start < source->end) event.events |= EPOLLOUT;
  epoll_ctl(epoll, EPOLL_CTL_MOD, side->fd, &event);
}

static void close_both(struct side *side) {
  struct side *sides[] = {side, side->to};
  for (int i = 0; i < (side == side->to ? 1 : 2); i++) {
    if (sides[i]->fd >= 0) close(sides[i]->fd);
    sides[i]->fd = -1;
    free(sides[i]->bytes);
    sides[i]->bytes = NULL;
  }
}

/* Passes on what was read. Returns -1 when the connection is broken. */
static int flush(struct side *from) {
  while (from->start < from->end) {
    ssize_t n = write(from->to->fd, from->bytes + from->start, from->end - from->start);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    from->start += n;
  }
  from->start = from->end = 0;
  return 0;
}

static int receive(struct side *from) {
  if (from->bytes == NULL) from->bytes = malloc(BUFFER);
  ssize_t n = read(from->fd, from->bytes, BUFFER);
  if (n < 0) return errno == EAGAIN ? 0 : -1;
  if (n == 0) {
    from->ended = 1;
    shutdown(from->to->fd, SHUT_WR);
    return from->to->ended ? -1 : 0;
  }
  from->end = n;
  return flush(from);
}

static void serve(struct side *side, unsigned events) {
  if (side->fd < 0) return;
  struct side *source = side->to;
  int broken = (events & EPOLLERR) != 0;
  if (!broken && events & EPOLLOUT && source->start < source->end) broken = flush(source);
  if (!broken && events & (EPOLLIN | EPOLLHUP) && side->start == side->end && !side->ended)
    broken = receive(side);
  if (broken) return close_both(side);
  watch(side);
  if (source != side) watch(source);
}

static void accept_all(int listener, int to) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    struct side *client = add(fd);
    if (to == 0) continue;
    int upstream = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(to);
    if (connect(upstream, (struct sockaddr *)&address, sizeof address) < 0) {
      close_both(client);
      close(upstream);
      continue;
    }
    fcntl(upstream, F_SETFL, O_NONBLOCK);
    struct side *server = add(upstream);
    client->to = server;
    server->to = client;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  int to = strcmp(argv[1], "forward") == 0 && argc > 3 ? atoi(argv[3]) : 0;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = loopback(atoi(argv[2]));
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.ptr == NULL) accept_all(listener, to);
      else serve(events[i].data.ptr, events[i].events);
    }
  }
}
