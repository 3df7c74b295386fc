/* Minimal encapsulation (RFC 2004): no second IP header; what changes in the one moves into a short header. */
#ifndef MOBILENODE_MINIMAL_H
#define MOBILENODE_MINIMAL_H

#include "checksum.h"
#include "outer4.h"

#define SOURCE_PRESENT 0x80

struct minimal {
	__u8 protocol;
	__u8 flags;
	__be16 check;
	__be32 destination;
	__be32 source; /* only with SOURCE_PRESENT */
};

#define SHORT_MINIMAL 8

/* There is no room for what a fragment or an option says (§3). */
INLINE int fits_minimal(const struct iphdr *inner)
{
	return inner->ihl == 5 && !(inner->frag_off & FRAGMENT);
}

INLINE __u16 minimal_sum(const struct minimal *header)
{
	return header->flags & SOURCE_PRESENT ? sum_of(header, 3) : sum_of(header, 2);
}

/* The whole packet in the tunnel, which has no link-layer header of `link` bytes before it; 0 or an error. */
INLINE long write_minimal(struct __sk_buff *skb, __u32 link, const struct iphdr *inner,
			  const struct entrance4 *entrance)
{
	struct {
		struct iphdr ip;
		struct minimal minimal;
	} headers = {.ip = *inner};
	__u32 more = inner->saddr == entrance->local ? SHORT_MINIMAL : sizeof(struct minimal);

	headers.minimal.protocol = inner->protocol;
	headers.minimal.destination = inner->daddr;
	if (more != SHORT_MINIMAL) {
		headers.minimal.flags = SOURCE_PRESENT;
		headers.minimal.source = inner->saddr;
	}
	headers.minimal.check = ~minimal_sum(&headers.minimal);
	headers.ip.protocol = PROTOCOL_MINIMAL;
	headers.ip.saddr = entrance->local;
	headers.ip.daddr = entrance->remote;
	headers.ip.tot_len = htons(ntohs(inner->tot_len) + more);
	seal(&headers.ip);
	if (bpf_skb_adjust_room(skb, more, BPF_ADJ_ROOM_NET, 0))
		return -1;
	return bpf_skb_store_bytes(skb, link, &headers, sizeof(struct iphdr) + more, 0);
}

#endif
