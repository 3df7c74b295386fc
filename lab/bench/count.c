/* Counts the UDP packets that come to a port, until none has come for a while.
 *
 *     count PORT MILLISECONDS_OF_SILENCE
 *
 * Says "ready", then how many came, how many of them with the first call, and how many nanoseconds lie between
 * the first call and the last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { BATCH = 64, LONGEST = 2048, FIRST_WAIT = 3 };

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void wait_at_most(int socket, int64_t milliseconds)
{
	struct timeval patience = { milliseconds / 1000, milliseconds % 1000 * 1000 };

	setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

int main(int argc, char **argv)
{
	static char data[BATCH][LONGEST];
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec pieces[BATCH];
	struct sockaddr_in6 here = { .sin6_family = AF_INET6 }; /* of IPv4, too */
	int receiver = socket(AF_INET6, SOCK_DGRAM, 0), buffer = 8 << 20;
	int64_t first = 0, last = 0;
	uint64_t packets = 0, with_first = 0;

	if (argc != 3)
		return 2;
	here.sin6_port = htons(atoi(argv[1]));
	setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (bind(receiver, (struct sockaddr *)&here, sizeof(here))) {
		perror("bind");
		return 1;
	}
	for (int i = 0; i < BATCH; i++) {
		pieces[i] = (struct iovec){ data[i], LONGEST };
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	wait_at_most(receiver, FIRST_WAIT * 1000);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int got = recvmmsg(receiver, messages, BATCH, MSG_WAITFORONE, NULL);

		if (got <= 0)
			break;
		last = now();
		if (!first) {
			first = last;
			with_first = got;
			wait_at_most(receiver, atoll(argv[2]));
		}
		packets += got;
	}
	printf("{\"packets\": %lu, \"with_first\": %lu, \"nanoseconds\": %ld}\n", packets, with_first,
	       (long)(last - first));
	return 0;
}
