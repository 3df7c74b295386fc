/* From the anchor into an IPv4 tunnel. */
#ifndef MOBILENODE_ENTRANCE4_H
#define MOBILENODE_ENTRANCE4_H

#include "addresses.h"
#include "copies.h"
#include "grow.h"
#include "minimal.h"
#include "mss.h"
#include "outer4.h"
#include "send.h"

INLINE const struct entrance4 *find_entrance4(const struct iphdr *inner, __u8 copy, const struct settings *ours)
{
	struct entrance4_key key = {.home_address = inner->saddr, .end = END_MOBILE, .copy = copy};
	const struct entrance4 *entrance = 0;

	if (ours->ends & 1 << END_MOBILE)
		entrance = bpf_map_lookup_elem(&entrances4, &key);
	if (entrance || !(ours->ends & 1 << END_HOME))
		return entrance;
	key.home_address = inner->daddr;
	key.end = END_HOME;
	return bpf_map_lookup_elem(&entrances4, &key);
}

/*
 * Whether the packet would go round (RFC 2003 §3.2): it comes from the tunnel's other end, or it is an outer
 * packet of ours. Other packets from our own address are this host's own, since the kernel forwards none.
 */
INLINE int loops4(struct __sk_buff *skb, __u32 at, const struct iphdr *inner, const struct entrance4 *entrance)
{
	__be16 port;

	if (inner->saddr == entrance->remote)
		return 1;
	if (inner->saddr != entrance->local)
		return 0;
	switch (inner->protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_GRE:
	case PROTOCOL_MINIMAL:
		return 1;
	case IPPROTO_UDP:
		return entrance->encapsulation == UDP && !(inner->frag_off & FRAGMENT) &&
		       !bpf_skb_load_bytes(skb, at, &port, sizeof(port)) && port == entrance->local_port;
	default:
		return 0;
	}
}

/* Whether the header is one that we can work with; 0 or a verdict. */
INLINE int read_inner4(struct __sk_buff *skb, __u32 link, struct iphdr *inner)
{
	if (bpf_skb_load_bytes(skb, link, inner, sizeof(*inner)) || inner->version != 4 || inner->ihl < 5 ||
	    skb->len - link != ntohs(inner->tot_len) || ntohs(inner->tot_len) < inner->ihl * 4)
		return decline(skb, DECLINED_HEADER);
	if (!inner->ttl)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (is_special4(inner->daddr))
		return decline(skb, DECLINED_MANY);
	return 0;
}

/* Whether it fits: its pieces through the tunnel, and itself into a length field; 0 or a verdict. */
INLINE int measure4(struct __sk_buff *skb, __u32 link, const struct iphdr *inner, const struct entrance4 *entrance,
		    __u32 *piece)
{
	*piece = longest(skb, link, inner->ihl * 4, inner->protocol, skb->len - link);
	if (!*piece || skb->len - link > 0xffff - sizeof(struct outer4))
		return decline(skb, DECLINED_SEGMENT);
	if (*piece > entrance->mtu)
		return decline(skb, DECLINED_TOO_BIG);
	return 0;
}

/* One hop more behind it, for a packet that the kernel did not forward (RFC 2003 §3.1); 0 or an error. */
INLINE long hop4(struct __sk_buff *skb, __u32 link, struct iphdr *inner)
{
	inner->ttl--;
	seal(inner);
	return bpf_skb_store_bytes(skb, link, inner, sizeof(*inner), BPF_F_RECOMPUTE_CSUM);
}

INLINE int encapsulate4(struct __sk_buff *skb, __u32 link, const struct settings *ours, const struct iphdr *inner,
			const struct entrance4 *entrance, __u8 kind, struct way *way)
{
	struct outer4 outer = {};
	__u32 packets = packets_on_the_wire(skb), length = skb->len - link, more = overhead4(kind);
	long error;

	if (kind == MINIMAL) {
		error = write_minimal(skb, link, inner, entrance);
	} else {
		error = grow(skb, more, room_for(kind));
		if (error == -EALREADY && !link)
			return to_segmenter(skb, ours);
		if (!error) {
			write_outer(&outer, inner, entrance, kind, length + more);
			error = bpf_skb_store_bytes(skb, link, &outer, more, 0);
		}
	}
	if (error)
		return drop(skb, DROPPED_ERROR);
	count_as(SENT_IPIP + kind, packets, length);
	return send(skb, link, ours, way);
}

/* Through this entrance, a header that was read; `forwarded`: past the kernel's forwarding, straight from a link. */
INLINE int through4(struct __sk_buff *skb, __u32 link, const struct settings *ours, struct iphdr *inner,
		    const struct entrance4 *entrance, __u8 copy, int forwarded)
{
	struct way way = {};
	__u8 kind;
	__u32 piece;
	int verdict;

	if (loops4(skb, link + inner->ihl * 4, inner, entrance))
		return decline(skb, DECLINED_LOOP);
	verdict = measure4(skb, link, inner, entrance, &piece);
	if (verdict)
		return verdict;
	kind = entrance->encapsulation == MINIMAL && !fits_minimal(inner) ? IPIP : entrance->encapsulation;
	if (kind == MINIMAL && !link && !ours->segmenter)
		return decline(skb, DECLINED_SEGMENT);
	verdict = find_way4(skb, ours, entrance, piece + overhead4(kind), &way);
	if (verdict)
		return verdict;
	if (inner->protocol == IPPROTO_TCP && !(inner->frag_off & FRAGMENT) &&
	    clamp(skb, link + inner->ihl * 4, segment_limit(entrance->mtu, 40)) < 0)
		return decline(skb, DECLINED_OPTIONS);
	if (!link && entrance->copies && copy + 1 < MOST_COPIES)
		copy_to_next(skb, ours, copy);
	if (kind == MINIMAL && !link)
		return to_segmenter(skb, ours);
	if (forwarded && hop4(skb, link, inner))
		return drop(skb, DROPPED_ERROR);
	return encapsulate4(skb, link, ours, inner, entrance, kind, &way);
}

/* All of it, for a packet behind `link` bytes of link-layer header: none at the anchor. */
INLINE int enter4(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	const struct entrance4 *entrance;
	struct iphdr inner;
	__u8 copy = copy_of(skb);
	int verdict = read_inner4(skb, link, &inner);

	if (verdict)
		return verdict;
	entrance = find_entrance4(&inner, copy, ours);
	if (!entrance)
		return decline(skb, DECLINED_UNKNOWN);
	return through4(skb, link, ours, &inner, entrance, copy, 0);
}

#endif
