/*
 * The load of the benchmarks: one thread, so that it takes no more of the machine than it must.
 * Prints one line of JSON, and holds its connections until stdin ends. All addresses are 127.0.0.1.
 *
 *   load-client pingpong PORT CONNECTIONS BYTES SECONDS   messages that wait for their echo
 *   load-client bulk PORT CONNECTIONS SECONDS             as much as an echo server sends back
 *   load-client through PORT TO CONNECTIONS SECONDS       as much as a forwarder passes on; listens
 *                                                         on TO itself
 *   load-client relay PORT MEMBERS MESSAGES BYTES AT_ONCE one sender; everybody else receives
 *   load-client hold PORT CONNECTIONS                     idle connections
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 256 };

struct connection {
  int fd;
  int writes; /* Sends as fast as it can. */
  long received;
};

static int epoll;
static char bytes[BUFFER];
static struct epoll_event events[EVENTS];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(struct connection *one, int fd, int writes) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  *one = (struct connection){.fd = fd, .writes = writes};
  struct epoll_event event = {.events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.ptr = one};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void dial(struct connection *one, int port, int writes) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(port);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  watch(one, fd, writes);
}

/* Not faster than a server takes them: ncat lets 10 wait, and each one more costs a second. */
static struct connection *dial_many(int count, int port, int writes) {
  struct connection *all = calloc(count, sizeof *all);
  for (int i = 0; i < count; i++) {
    dial(&all[i], port, writes);
    usleep(300);
  }
  return all;
}

/* Reads what is there; a connection that ends makes the whole measurement worthless. */
static long receive(struct connection *one) {
  ssize_t n = read(one->fd, bytes, sizeof bytes);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) fail(n == 0 ? "the server closed the connection" : "read");
  one->received += n;
  return n;
}

static void send_all(int fd, long size) {
  while (size > 0) {
    ssize_t n = write(fd, bytes, size < BUFFER ? size : BUFFER);
    if (n < 0 && errno != EAGAIN) fail("write");
    if (n > 0) size -= n;
  }
}

static void report(long count, double seconds, long lost) {
  printf("{\"count\":%ld,\"seconds\":%.6f,\"lost\":%ld}\n", count, seconds, lost);
  fflush(stdout);
}

static void pingpong(int port, int count, int size, double seconds) {
  struct connection *all = dial_many(count, port, 0);
  for (int i = 0; i < count; i++) send_all(all[i].fd, size);
  long trips = 0;
  double start = now();
  while (now() < start + seconds) {
    int n = epoll_wait(epoll, events, EVENTS, 1000);
    for (int i = 0; i < n; i++) {
      struct connection *one = events[i].data.ptr;
      receive(one);
      if (one->received < size) continue;
      one->received -= size;
      trips++;
      send_all(one->fd, size);
    }
  }
  report(trips, now() - start, 0);
}

/* Writes and reads all connections for a time, and counts what was read. */
static void pour(double seconds) {
  long received = 0;
  double start = now();
  while (now() < start + seconds) {
    int n = epoll_wait(epoll, events, EVENTS, 1000);
    for (int i = 0; i < n; i++) {
      struct connection *one = events[i].data.ptr;
      if (events[i].events & EPOLLIN) received += receive(one);
      if (one->writes && events[i].events & EPOLLOUT && write(one->fd, bytes, sizeof bytes) < 0 &&
          errno != EAGAIN)
        fail("write");
    }
  }
  report(received, now() - start, 0);
}

static void through(int port, int to, int count, double seconds) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = loopback(to);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  dial_many(count, port, 1);
  struct connection *upstream = calloc(count, sizeof *upstream);
  for (int i = 0; i < count; i++) watch(&upstream[i], accept(listener, NULL, NULL), 0);
  pour(seconds);
}

/*
 * Sends so many bytes to the other members, at most `window` of them ahead of what all have
 * received on average. Returns how many deliveries are missing when all is silent, in bytes.
 */
static long spread(struct connection *sender, int members, long size, long window) {
  long sent = 0, received = 0;
  while (received < size * members) {
    long allowed = window - (sent - received / members);
    long rest = size - sent < allowed ? size - sent : allowed;
    while (rest > 0) {
      ssize_t n = write(sender->fd, bytes, rest < BUFFER ? rest : BUFFER);
      if (n < 0 && errno == EAGAIN) break; /* epoll tells when there is room again. */
      if (n < 0) fail("write");
      sent += n;
      rest -= n;
    }
    int n = epoll_wait(epoll, events, EVENTS, 2000);
    if (n == 0) break;
    for (int i = 0; i < n; i++)
      if (events[i].events & EPOLLIN) received += receive(events[i].data.ptr);
  }
  return size * members - received;
}

static void relay(int port, int count, int messages, int size, int at_once) {
  struct connection sender;
  dial_many(count, port, 0);
  dial(&sender, port, 0);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &sender};
  epoll_ctl(epoll, EPOLL_CTL_MOD, sender.fd, &event);
  /* Who has this first message is a member. */
  if (spread(&sender, count, size, size) > 0) fail("not everybody was let in");
  double start = now();
  long missing = spread(&sender, count, (long)size * messages, (long)size * at_once);
  report((long)messages * count - missing / size, now() - start, missing / size);
}

static void hold(int port, int count) {
  double start = now();
  dial_many(count, port, 0);
  report(count, now() - start, 0);
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  for (int i = 0; i < BUFFER; i++) bytes[i] = i % 64 == 63 ? '\n' : 'a' + i % 26;
  epoll = epoll_create1(0);
  const char *what = argc > 1 ? argv[1] : "";
  long n[5] = {0};
  for (int i = 0; i < 5 && i + 2 < argc; i++) n[i] = atol(argv[i + 2]);
  double seconds = argc > 2 ? atof(argv[argc - 1]) : 0;
  if (strcmp(what, "pingpong") == 0) pingpong(n[0], n[1], n[2], seconds);
  else if (strcmp(what, "bulk") == 0) dial_many(n[1], n[0], 1), pour(seconds);
  else if (strcmp(what, "through") == 0) through(n[0], n[1], n[2], seconds);
  else if (strcmp(what, "relay") == 0) relay(n[0], n[1], n[2], n[3], n[4]);
  else if (strcmp(what, "hold") == 0) hold(n[0], n[1]);
  else return 2;
  while (read(0, bytes, sizeof bytes) > 0) continue;
  return 0;
}
