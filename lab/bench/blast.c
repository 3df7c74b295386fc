/* Sends UDP packets of one size at a steady rate, many a system call.
 *
 *     blast DESTINATION COUNT PORT PORTS SIZE RATE MILLISECONDS [SOURCE]
 *
 * SIZE is that of the whole IP packet. RATE is packets a second; 0: as fast as it goes. The packets go to COUNT
 * IPv4 addresses from DESTINATION on (of IPv6 to one) and to PORTS ports from PORT on, in random order, by 16
 * sockets in turn: several flows, so that it is no matter of luck which processor a flow falls to. Prints what
 * was sent and how long it took in nanoseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { SOCKETS = 16, BATCH = 32, UDP_HEADER = 8, LARGEST = 1472 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_until(int64_t when)
{
	struct timespec time = { when / 1000000000LL, when % 1000000000LL };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static union address address(const char *text, const char *port)
{
	union address found = { 0 };

	if (inet_pton(AF_INET, text, &found.v4.sin_addr) == 1)
		found.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &found.v6.sin6_addr) == 1)
		found.any.sa_family = AF_INET6;
	else {
		errno = EINVAL;
		fail(text);
	}
	found.v4.sin_port = htons(atoi(port)); /* at the same place in both */
	return found;
}

static int open_socket(int family, const char *source)
{
	int made = socket(family, SOCK_DGRAM, 0), buffer = 1 << 20;
	union address from = { .any.sa_family = family };

	if (made < 0)
		fail("socket");
	if (source)
		from = address(source, "0");
	if (bind(made, &from.any, sizeof(from)))
		fail("bind");
	setsockopt(made, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	return made;
}

int main(int argc, char **argv)
{
	static char payload[LARGEST];
	union address to[BATCH], first;
	struct iovec data = { payload, 0 };
	struct mmsghdr messages[BATCH] = { 0 };
	int sockets[SOCKETS], turn = 0;
	uint32_t state = 2463534242u, count, ports;
	int64_t start, end, due = 0;
	uint64_t sent = 0, refused = 0;
	double rate;

	if (argc < 8) {
		fprintf(stderr, "usage: blast DESTINATION COUNT PORT PORTS SIZE RATE MILLISECONDS [SOURCE]\n");
		return 2;
	}
	first = address(argv[1], argv[3]);
	count = strtoul(argv[2], NULL, 10);
	ports = strtoul(argv[4], NULL, 10);
	data.iov_len = strtoul(argv[5], NULL, 10) - UDP_HEADER - (first.any.sa_family == AF_INET ? 20 : 40);
	rate = strtod(argv[6], NULL);
	if (!count || !ports || data.iov_len > LARGEST)
		return 2;
	for (int i = 0; i < SOCKETS; i++)
		sockets[i] = open_socket(first.any.sa_family, argc > 8 ? argv[8] : NULL);
	for (int i = 0; i < BATCH; i++) {
		to[i] = first;
		messages[i].msg_hdr.msg_name = &to[i];
		messages[i].msg_hdr.msg_namelen = sizeof(to[i]);
		messages[i].msg_hdr.msg_iov = &data;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	start = now();
	end = start + strtoll(argv[7], NULL, 10) * 1000000LL;
	while (now() < end) {
		int done;

		for (int i = 0; i < BATCH; i++) {
			to[i].v4.sin_port = htons(ntohs(first.v4.sin_port) + draw(&state) % ports);
			if (first.any.sa_family == AF_INET)
				to[i].v4.sin_addr.s_addr = htonl(ntohl(first.v4.sin_addr.s_addr) + draw(&state) % count);
		}
		done = sendmmsg(sockets[turn++ % SOCKETS], messages, BATCH, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN && errno != ECONNREFUSED)
			fail("sendmmsg");
		sent += done > 0 ? done : 0;
		refused += done > 0 ? BATCH - done : BATCH;
		if (rate > 0) {
			due += (int64_t)(BATCH * 1e9 / rate);
			if (start + due > now())
				sleep_until(start + due);
		}
	}
	printf("{\"sent\": %lu, \"refused\": %lu, \"nanoseconds\": %ld}\n", sent, refused, (long)(now() - start));
	return 0;
}
