/* What every program asks of a packet. */
#ifndef MOBILENODE_PACKET_H
#define MOBILENODE_PACKET_H

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "maps.h"

#define DONT_FRAGMENT htons(0x4000)
#define FRAGMENT htons(0x3fff) /* more fragments, or an offset */

/* What a program says of a packet. The slow path gets what is passed. */
enum verdict { PASS = TC_ACT_UNSPEC, DROP = TC_ACT_SHOT };

/* A packet on its way through a program; `link` bytes of link-layer header stand before it. */
struct packet {
	__u32 link;
	__u32 packets;	   /* as on the wire */
	__u32 length;	   /* of the inner packet */
	enum what sent_as; /* or received as */
};

INLINE __u32 packets_on_the_wire(const struct __sk_buff *skb)
{
	return skb->gso_segs ? skb->gso_segs : 1;
}

/* Pass it on, and say why. */
INLINE int decline(const struct __sk_buff *skb, enum what why)
{
	count_as(why, packets_on_the_wire(skb), skb->len);
	return PASS;
}

INLINE int drop(const struct __sk_buff *skb, enum what why)
{
	count_as(why, packets_on_the_wire(skb), skb->len);
	return DROP;
}

/*
 * The length of the longest packet that a merged one will be cut into, or its own. `header` is the IP header's
 * length, `length` the IP packet's. 0: it is merged in a way that we do not know.
 */
INLINE __u32 longest(struct __sk_buff *skb, __u32 at, __u32 header, __u8 protocol, __u32 length)
{
	__u8 offset;

	if (!skb->gso_size)
		return length;
	if (protocol == IPPROTO_UDP)
		return header + sizeof(struct udphdr) + skb->gso_size;
	if (protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, at + header + 12, &offset, 1))
		return 0;
	return header + (offset >> 4) * 4 + skb->gso_size;
}

#endif
