/*
 * A vendor that costs next to nothing, so that it is never the limit of the bench: one thread, answers from memory.
 *
 * upstream WHOLE STREAM_HEAD EVENT TAIL EVENTS EVENTS_A_WRITE PERIOD_MS
 * The first four are files: a complete response; the head of a streamed one; one piece of it (a chunk of HTTP); its last ones.
 * A body that says "stream":true is answered with EVENTS pieces: EVENTS_A_WRITE in one write as fast as they go or, where the
 * body names the word bench-paced, one every PERIOD_MS, the first at once. Prints its port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct bytes { char *at; size_t length; };
struct peer {
	int fd, sent, paced;
	unsigned born;
	char *in, *out;
	size_t in_length, in_room, out_at, out_length, out_room;
};
struct due { int fd; unsigned born; double at; };

static struct bytes whole, stream_head, event, tail;
static int events, events_a_write, period_ms;
static struct peer *peers[65536];
static struct due *line;
static size_t line_from, line_to, line_room = 1 << 20;
static unsigned births;
static int ep;

static double now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static struct bytes read_file(const char *path) {
	FILE *file = fopen(path, "rb");
	if (!file) { perror(path); exit(1); }
	fseek(file, 0, SEEK_END);
	struct bytes read = { NULL, (size_t)ftell(file) };
	rewind(file);
	read.at = malloc(read.length + 1);
	if (fread(read.at, 1, read.length, file) != read.length) exit(1);
	fclose(file);
	return read;
}

static void leave(struct peer *peer) {
	close(peer->fd);
	peers[peer->fd] = NULL;
	free(peer->in);
	free(peer->out);
	free(peer);
}

static void watch(struct peer *peer, unsigned what) {
	struct epoll_event change = { .events = what, .data.fd = peer->fd };
	epoll_ctl(ep, EPOLL_CTL_MOD, peer->fd, &change);
}

/* 0: gone. What the socket does not take waits. */
static int say(struct peer *peer, const char *at, size_t length) {
	if (peer->out_length == peer->out_at) {
		ssize_t took = send(peer->fd, at, length, MSG_NOSIGNAL);
		if (took < 0 && errno != EAGAIN) return leave(peer), 0;
		if (took < 0) took = 0;
		if ((size_t)took == length) return 1;
		at += took;
		length -= took;
		peer->out_at = peer->out_length = 0;
		watch(peer, EPOLLIN | EPOLLOUT);
	}
	if (peer->out_length + length > peer->out_room) {
		peer->out_room = (peer->out_length + length) * 2;
		peer->out = realloc(peer->out, peer->out_room);
	}
	memcpy(peer->out + peer->out_length, at, length);
	peer->out_length += length;
	return 1;
}

static int flush_peer(struct peer *peer) {
	ssize_t took = send(peer->fd, peer->out + peer->out_at, peer->out_length - peer->out_at, MSG_NOSIGNAL);
	if (took < 0 && errno != EAGAIN) return leave(peer), 0;
	if (took > 0) peer->out_at += took;
	if (peer->out_at == peer->out_length) watch(peer, EPOLLIN);
	return 1;
}

static void queue_event(struct peer *peer, double at) {
	line[line_to % line_room] = (struct due){ peer->fd, peer->born, at };
	line_to += 1;
}

/* 0: gone. */
static int say_event(struct peer *peer) {
	peer->sent += 1;
	if (!say(peer, event.at, event.length)) return 0;
	if (peer->sent < events) return 1;
	peer->paced = 0;
	return say(peer, tail.at, tail.length);
}

static int stream_fast(struct peer *peer) {
	static char *many;
	if (!many) {
		many = malloc(event.length * events_a_write);
		for (int at = 0; at < events_a_write; at++) memcpy(many + at * event.length, event.at, event.length);
	}
	for (int sent = 0; sent < events; sent += events_a_write) {
		int left = events - sent < events_a_write ? events - sent : events_a_write;
		if (!say(peer, many, event.length * left)) return 0;
	}
	return say(peer, tail.at, tail.length);
}

static int answer(struct peer *peer, const char *body, size_t length) {
	int streams = memmem(body, length, "\"stream\":true", 13) || memmem(body, length, "\"stream\": true", 14);
	if (!streams) return say(peer, whole.at, whole.length);
	if (!say(peer, stream_head.at, stream_head.length)) return 0;
	if (!memmem(body, length, "bench-paced", 11)) return stream_fast(peer);
	peer->sent = 0;
	peer->paced = 1;
	if (!say_event(peer)) return 0;
	queue_event(peer, now_ms() + period_ms);
	return 1;
}

static int take_requests(struct peer *peer) {
	for (;;) {
		if (peer->in_length == 0) return 1;
		char *end = memmem(peer->in, peer->in_length, "\r\n\r\n", 4);
		if (!end) return 1;
		size_t head = end + 4 - peer->in, body = 0;
		*end = 0;
		char *length = strcasestr(peer->in, "\r\ncontent-length:");
		if (length) body = strtoul(length + 17, NULL, 10);
		*end = '\r';
		if (peer->in_length < head + body) return 1;
		if (!answer(peer, peer->in + head, body)) return 0;
		peer->in_length -= head + body;
		memmove(peer->in, peer->in + head + body, peer->in_length);
	}
}

static void hear(struct peer *peer) {
	for (;;) {
		if (peer->in_length + 65536 > peer->in_room) {
			peer->in_room = peer->in_room ? peer->in_room * 2 : 131072;
			peer->in = realloc(peer->in, peer->in_room);
		}
		size_t room = peer->in_room - peer->in_length - 1;
		ssize_t took = recv(peer->fd, peer->in + peer->in_length, room, 0);
		if (took == 0 || (took < 0 && errno != EAGAIN)) { leave(peer); return; }
		if (took < 0) return;
		peer->in_length += took;
		if (!take_requests(peer)) return;
		if ((size_t)took < room) return;
	}
}

static void welcome(int server) {
	for (;;) {
		int one = 1, fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
		if (fd < 0) return;
		if (fd >= 65536) { close(fd); continue; }
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		peers[fd] = calloc(1, sizeof(struct peer));
		peers[fd]->fd = fd;
		peers[fd]->born = ++births;
		struct epoll_event add = { .events = EPOLLIN, .data.fd = fd };
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &add);
	}
}

/* Milliseconds until the next event of anybody; -1: nobody waits. */
static int pace(void) {
	while (line_from < line_to) {
		struct due next = line[line_from % line_room];
		double wait = next.at - now_ms();
		if (wait > 0) return (int)wait + 1;
		line_from += 1;
		struct peer *peer = peers[next.fd];
		if (!peer || peer->born != next.born || !peer->paced) continue;
		if (say_event(peer) && peer->paced) queue_event(peer, next.at + period_ms);
	}
	return -1;
}

int main(int count, char **words) {
	if (count < 8) return 2;
	whole = read_file(words[1]);
	stream_head = read_file(words[2]);
	event = read_file(words[3]);
	tail = read_file(words[4]);
	events = atoi(words[5]);
	events_a_write = atoi(words[6]);
	period_ms = atoi(words[7]);
	line = malloc(line_room * sizeof *line);
	ep = epoll_create1(0);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	if (bind(server, (struct sockaddr *)&address, size) || listen(server, 4096)) { perror("listen"); return 1; }
	getsockname(server, (struct sockaddr *)&address, &size);
	struct epoll_event add = { .events = EPOLLIN, .data.fd = server }, ready[256];
	epoll_ctl(ep, EPOLL_CTL_ADD, server, &add);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;) {
		int waits = epoll_wait(ep, ready, 256, pace());
		for (int at = 0; at < waits; at++) {
			int fd = ready[at].data.fd;
			if (fd == server) { welcome(server); continue; }
			if (!peers[fd]) continue;
			if ((ready[at].events & EPOLLOUT) && !flush_peer(peers[fd])) continue;
			if (peers[fd] && (ready[at].events & (EPOLLIN | EPOLLERR | EPOLLHUP))) hear(peers[fd]);
		}
	}
}
