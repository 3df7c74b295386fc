/* From the anchor into an IPv6 tunnel, or directly to a correspondent or from one. */
#ifndef MOBILENODE_ENTRANCE6_H
#define MOBILENODE_ENTRANCE6_H

#include "addresses.h"
#include "direct.h"
#include "grow.h"
#include "ip6.h"
#include "mss.h"
#include "send.h"

#define OUTER_HOP_LIMIT 64

/* The way to this very peer, else the one for all. */
INLINE const struct entrance6 *entrance_of(const struct in6_addr *home, const struct in6_addr *peer, __u32 end)
{
	struct entrance6_key key = {.end = end};
	const struct entrance6 *entrance;

	__builtin_memcpy(key.home_address, home, sizeof(key.home_address));
	__builtin_memcpy(key.peer, peer, sizeof(key.peer));
	entrance = bpf_map_lookup_elem(&entrances6, &key);
	return entrance ? entrance : tunnel_of(home, end);
}

INLINE const struct entrance6 *find_entrance6(const struct ipv6hdr *inner, const struct settings *ours, __u32 *end)
{
	const struct entrance6 *entrance = 0;

	*end = END_MOBILE;
	if (ours->ends & 1 << END_MOBILE)
		entrance = entrance_of(&inner->saddr, &inner->daddr, END_MOBILE);
	if (entrance || !(ours->ends & 1 << END_HOME))
		return entrance;
	*end = END_HOME;
	return entrance_of(&inner->daddr, &inner->saddr, END_HOME);
}

/* Whether the packet would go round (RFC 2473 §4.1.2): from the other end, or an outer packet of ours. */
INLINE int loops6(const struct ipv6hdr *inner, const struct entrance6 *entrance)
{
	if (is_same6(&inner->saddr, entrance->remote))
		return 1;
	return inner->nexthdr == IPPROTO_IPV6 && is_same6(&inner->saddr, entrance->local);
}

/* Whether the header is one that we can work with; 0 or a verdict. */
INLINE int read_inner6(struct __sk_buff *skb, __u32 link, struct ipv6hdr *inner)
{
	if (bpf_skb_load_bytes(skb, link, inner, sizeof(*inner)) || inner->version != 6 || !inner->payload_len ||
	    skb->len - link != length6(inner))
		return decline(skb, DECLINED_HEADER);
	if (!inner->hop_limit)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (is_special6(&inner->daddr) || is_special6(&inner->saddr) ||
	    (inner->nexthdr == ICMPV6 && is_discovery(skb, link + sizeof(*inner))))
		return decline(skb, DECLINED_MANY);
	return 0;
}

/* Whether it fits: its pieces through the tunnel, and itself into a length field; 0 or a verdict. */
INLINE int measure6(struct __sk_buff *skb, __u32 link, const struct ipv6hdr *inner, const struct entrance6 *entrance,
		    __u32 *piece)
{
	*piece = longest(skb, link, sizeof(*inner), inner->nexthdr, skb->len - link);
	if (!*piece || skb->len - link > 0xffff - sizeof(*inner))
		return decline(skb, DECLINED_SEGMENT);
	return *piece > entrance->mtu ? decline(skb, DECLINED_TOO_BIG) : 0;
}

/* An IPv6 header in front (RFC 2473 §3.1), its traffic class as inside (RFC 6040 §4.1); 0 or an error. */
INLINE long write_tunnel(struct __sk_buff *skb, __u32 link, const struct ipv6hdr *inner,
			 const struct entrance6 *entrance)
{
	struct ipv6hdr outer = {.version = 6, .nexthdr = IPPROTO_IPV6, .hop_limit = OUTER_HOP_LIMIT};
	long error = grow(skb, sizeof(outer), BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);

	if (error)
		return error;
	set_traffic_class(&outer, traffic_class(inner));
	outer.payload_len = htons(length6(inner));
	__builtin_memcpy(&outer.saddr, entrance->local, sizeof(outer.saddr));
	__builtin_memcpy(&outer.daddr, entrance->remote, sizeof(outer.daddr));
	return bpf_skb_store_bytes(skb, link, &outer, sizeof(outer), 0);
}

/* An extension header behind the one that is there; 0 or an error. */
INLINE long write_direct(struct __sk_buff *skb, __u32 link, const struct ipv6hdr *inner,
			 const struct entrance6 *entrance, __u32 end)
{
	struct {
		struct ipv6hdr ip;
		union direct extension;
	} headers = {.ip = *inner};

	headers.ip.payload_len = htons(ntohs(inner->payload_len) + sizeof(headers.extension));
	if (end == END_MOBILE)
		write_option(&headers.extension, &headers.ip, entrance);
	else
		write_routing(&headers.extension, &headers.ip, entrance);
	if (bpf_skb_adjust_room(skb, sizeof(headers.extension), BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_store_bytes(skb, link, &headers, sizeof(headers), 0);
}

/* One hop more behind it, for a packet that the kernel did not forward; 0 or an error. */
INLINE long hop6(struct __sk_buff *skb, __u32 link, struct ipv6hdr *inner)
{
	inner->hop_limit--;
	return bpf_skb_store_bytes(skb, link, inner, sizeof(*inner), BPF_F_RECOMPUTE_CSUM);
}

/* Through this entrance, a header that was read; `forwarded`: past the kernel's forwarding, straight from a link. */
INLINE int through6(struct __sk_buff *skb, __u32 link, const struct settings *ours, struct ipv6hdr *inner,
		    const struct entrance6 *entrance, __u32 end, int forwarded)
{
	struct way way = {};
	__u32 piece, direct = entrance->encapsulation == DIRECT, packets = packets_on_the_wire(skb);
	__u32 length = skb->len - link;
	long error;
	int verdict;

	if (loops6(inner, entrance))
		return decline(skb, DECLINED_LOOP);
	if ((direct || entrance->withholds) && is_extension(inner->nexthdr))
		return decline(skb, DECLINED_OPTIONS);
	verdict = measure6(skb, link, inner, entrance, &piece);
	if (verdict)
		return verdict;
	verdict = find_way6(skb, ours, entrance, piece + (direct ? sizeof(union direct) : sizeof(*inner)), &way);
	if (verdict)
		return verdict;
	if (inner->nexthdr == IPPROTO_TCP && clamp(skb, link + sizeof(*inner), segment_limit(entrance->mtu, 60)) < 0)
		return decline(skb, DECLINED_OPTIONS);
	if (forwarded && hop6(skb, link, inner))
		return drop(skb, DROPPED_ERROR);
	error = direct ? write_direct(skb, link, inner, entrance, end) : write_tunnel(skb, link, inner, entrance);
	if (error == -EALREADY && !link)
		return to_segmenter(skb, ours);
	if (error)
		return drop(skb, DROPPED_ERROR);
	count_as(direct ? SENT_DIRECT : SENT_IPIP6, packets, length);
	if ((end == END_MOBILE || direct) && inner->nexthdr != MOBILITY)
		correspond(&inner->daddr, packets, 0);
	return send(skb, link, ours, &way);
}

/* All of it, for a packet behind `link` bytes of link-layer header: none at the anchor. */
INLINE int enter6(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	const struct entrance6 *entrance;
	struct ipv6hdr inner;
	__u32 end;
	int verdict = read_inner6(skb, link, &inner);

	if (verdict)
		return verdict;
	entrance = find_entrance6(&inner, ours, &end);
	if (!entrance)
		return decline(skb, DECLINED_UNKNOWN);
	return through6(skb, link, ours, &inner, entrance, end, 0);
}

#endif
