/* An IPv4 packet from a link: whether it is a tunnel's, and what is in it. */
#ifndef MOBILENODE_ARRIVED4_H
#define MOBILENODE_ARRIVED4_H

#include "addresses.h"
#include "checksum.h"
#include "minimal.h"
#include "outer4.h"

struct arrived4 {
	struct iphdr outer;
	struct iphdr inner; /* of minimal encapsulation: as it will be */
	__u32 more;	    /* bytes that will go */
	__be16 source_port;
	__u8 kind;
};

/* Whether it is tunnel data for our port; 0 or a verdict. Signalling is not counted: it is for others. */
INLINE int read_udp(struct __sk_buff *skb, __u32 link, struct arrived4 *arrived)
{
	struct udp_data header;

	if (bpf_skb_load_bytes(skb, link + sizeof(struct iphdr), &header, sizeof(header)) ||
	    header.udp.dest != htons(MOBILE_IP_PORT) || header.data.type != TUNNEL_DATA)
		return PASS;
	if (header.data.next_header != IPPROTO_IPIP ||
	    ntohs(header.udp.len) + sizeof(struct iphdr) != ntohs(arrived->outer.tot_len))
		return decline(skb, DECLINED_HEADER);
	/* Who sent a checksum wants it looked at: the network card may have, and the slow path can. */
	if (header.udp.check && bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) < 0)
		return decline(skb, DECLINED_CHECKSUM);
	arrived->source_port = header.udp.source;
	return 0;
}

INLINE int read_gre(struct __sk_buff *skb, __u32 link)
{
	struct gre header;

	if (bpf_skb_load_bytes(skb, link + sizeof(struct iphdr), &header, sizeof(header)) || header.flags ||
	    header.protocol != htons(ETH_P_IP))
		return decline(skb, DECLINED_HEADER);
	return 0;
}

INLINE int read_encapsulated(struct __sk_buff *skb, __u32 link, struct arrived4 *arrived)
{
	const struct iphdr *outer = &arrived->outer;
	struct iphdr *inner = &arrived->inner;

	if (bpf_skb_load_bytes(skb, link + arrived->more, inner, sizeof(*inner)) || inner->version != 4 ||
	    inner->ihl < 5 || ntohs(inner->tot_len) < sizeof(*inner) ||
	    ntohs(inner->tot_len) + arrived->more > ntohs(outer->tot_len))
		return decline(skb, DECLINED_HEADER);
	if (inner->ihl > 5)
		return decline(skb, DECLINED_OPTIONS);
	return is_right(inner) ? 0 : decline(skb, DECLINED_CHECKSUM);
}

/* The original header is the outer one with what the short header remembers (RFC 2004 §3). */
INLINE int read_minimal(struct __sk_buff *skb, __u32 link, struct arrived4 *arrived)
{
	const struct iphdr *outer = &arrived->outer;
	struct iphdr *inner = &arrived->inner;
	struct minimal header = {};
	__u32 at = link + sizeof(*outer);

	if (bpf_skb_load_bytes(skb, at, &header, SHORT_MINIMAL))
		return decline(skb, DECLINED_HEADER);
	arrived->more = header.flags & SOURCE_PRESENT ? sizeof(header) : SHORT_MINIMAL;
	if (header.flags & SOURCE_PRESENT && bpf_skb_load_bytes(skb, at, &header, sizeof(header)))
		return decline(skb, DECLINED_HEADER);
	if (ntohs(outer->tot_len) < sizeof(*outer) + arrived->more)
		return decline(skb, DECLINED_HEADER);
	if (minimal_sum(&header) != 0xffff)
		return decline(skb, DECLINED_CHECKSUM);
	*inner = *outer;
	inner->protocol = header.protocol;
	inner->daddr = header.destination;
	inner->saddr = header.flags & SOURCE_PRESENT ? header.source : outer->saddr;
	inner->tot_len = htons(ntohs(outer->tot_len) - arrived->more);
	seal(inner);
	return 0;
}

/* Whether the outer header is one that we take off; 0 or a verdict. */
INLINE int read_outer(struct __sk_buff *skb, __u32 link, const struct iphdr *outer)
{
	__u32 length = skb->len - link;

	if (outer->version != 4 || outer->ihl < 5)
		return decline(skb, DECLINED_HEADER);
	if (outer->ihl > 5)
		return decline(skb, DECLINED_OPTIONS);
	if (outer->frag_off & FRAGMENT)
		return decline(skb, DECLINED_FRAGMENT);
	if (!is_right(outer))
		return decline(skb, DECLINED_CHECKSUM);
	return ntohs(outer->tot_len) > length ? decline(skb, DECLINED_HEADER) : 0;
}

/* 0 with everything about it, or a verdict. */
INLINE int read_arrived4(struct __sk_buff *skb, __u32 link, struct arrived4 *arrived)
{
	struct iphdr *outer = &arrived->outer;
	int verdict = 0;

	if (bpf_skb_load_bytes(skb, link, outer, sizeof(*outer)))
		return PASS;
	switch (outer->protocol) {
	case IPPROTO_IPIP:
		arrived->kind = IPIP;
		break;
	case IPPROTO_GRE:
		arrived->kind = GRE;
		break;
	case PROTOCOL_MINIMAL:
		arrived->kind = MINIMAL;
		break;
	case IPPROTO_UDP:
		if (outer->ihl != 5 || outer->frag_off & FRAGMENT)
			return PASS; /* whose it is shows elsewhere, or not yet */
		verdict = read_udp(skb, link, arrived);
		arrived->kind = UDP;
		break;
	default:
		return PASS;
	}
	verdict = verdict ? verdict : read_outer(skb, link, outer);
	if (verdict)
		return verdict;
	if (arrived->kind == MINIMAL)
		return read_minimal(skb, link, arrived);
	if (arrived->kind == GRE)
		verdict = read_gre(skb, link);
	arrived->more = overhead4(arrived->kind);
	return verdict ? verdict : read_encapsulated(skb, link, arrived);
}

#endif
