/* The segments that TCP announces fit through the tunnel. */
#ifndef MOBILENODE_MSS_H
#define MOBILENODE_MSS_H

#include "packet.h"

#define OPTION_SEGMENT_SIZE 2
#define LEAST_SEGMENT 88 /* a forged error must not cut connections to nothing */

struct segment_size {
	__u8 kind;
	__u8 length;
	__be16 size;
};

/* The longest segment behind `headers` bytes that this tunnel takes. */
INLINE __u32 segment_limit(__u16 mtu, __u32 headers)
{
	return mtu < headers + LEAST_SEGMENT ? LEAST_SEGMENT : mtu - headers;
}

/*
 * Lower the maximum segment size of a SYN at this offset (RFC 9293 §3.7.1, RFC 2003 §5.1). It is the first option of every
 * TCP that we know; below zero: it may stand behind others, for the slow path to find.
 */
INLINE int clamp(struct __sk_buff *skb, __u32 at, __u32 limit)
{
	struct tcphdr tcp;
	struct segment_size option;
	__be16 lower = htons(limit);

	if (bpf_skb_load_bytes(skb, at, &tcp, sizeof(tcp)) || !tcp.syn || tcp.doff <= 5)
		return 0;
	if (bpf_skb_load_bytes(skb, at + sizeof(tcp), &option, sizeof(option)))
		return -1;
	if (option.kind != OPTION_SEGMENT_SIZE || option.length != sizeof(option))
		return -1;
	if (ntohs(option.size) <= limit)
		return 0;
	if (bpf_l4_csum_replace(skb, at + offsetof(struct tcphdr, check), option.size, lower, sizeof(lower)))
		return -1;
	bpf_skb_store_bytes(skb, at + sizeof(tcp) + offsetof(struct segment_size, size), &lower, sizeof(lower), 0);
	return 0;
}

#endif
