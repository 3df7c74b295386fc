/* The Internet checksum of headers (RFC 1071). */
#ifndef MOBILENODE_CHECKSUM_H
#define MOBILENODE_CHECKSUM_H

#include "packet.h"

INLINE __u16 folded(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The sum of `words` words of 32 bits; the number is known when we are compiled. */
INLINE __u16 sum_of(const void *header, int words)
{
	const __u32 *word = header;
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < words; i++)
		sum += word[i];
	return folded(sum);
}

/* Of an IPv4 header without options. */
INLINE int is_right(const struct iphdr *header)
{
	return sum_of(header, sizeof(*header) / 4) == 0xffff;
}

INLINE void seal(struct iphdr *header)
{
	header->check = 0;
	header->check = ~sum_of(header, sizeof(*header) / 4);
}

#endif
