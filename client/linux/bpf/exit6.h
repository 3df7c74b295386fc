/* Out of an IPv6 tunnel; or a packet that found its way directly becomes one between the addresses that programs know. */
#ifndef MOBILENODE_EXIT6_H
#define MOBILENODE_EXIT6_H

#include "addresses.h"
#include "deliver.h"
#include "direct.h"
#include "ecn.h"
#include "ip6.h"
#include "mss.h"
#include "send.h"

struct arrived6 {
	struct ipv6hdr outer;
	struct ipv6hdr inner; /* as it will be */
	__u32 more;	      /* bytes that will go */
	__u16 kind;	      /* IPIP or DIRECT */
	__u16 ends;	      /* at which it may be taken: bits */
};

INLINE const struct exit *exit_of(const struct arrived6 *arrived, const struct in6_addr *home, __u16 end)
{
	struct exit6_key key = {.end = end, .encapsulation = arrived->kind};

	__builtin_memcpy(key.outer_source, &arrived->outer.saddr, sizeof(key.outer_source));
	__builtin_memcpy(key.outer_destination, &arrived->outer.daddr, sizeof(key.outer_destination));
	__builtin_memcpy(key.home_address, home, sizeof(key.home_address));
	return bpf_map_lookup_elem(&exits6, &key);
}

INLINE const struct exit *find_exit6(const struct arrived6 *arrived, const struct settings *ours, __u32 *end)
{
	__u32 ends = arrived->ends & ours->ends;
	const struct exit *exit = 0;

	*end = END_MOBILE;
	if (ends & 1 << END_MOBILE)
		exit = exit_of(arrived, &arrived->inner.daddr, END_MOBILE);
	if (exit || !(ends & 1 << END_HOME))
		return exit;
	*end = END_HOME;
	return exit_of(arrived, &arrived->inner.saddr, END_HOME);
}

/* 0, or a verdict. */
INLINE int read_tunnel6(struct __sk_buff *skb, __u32 link, struct arrived6 *arrived)
{
	struct ipv6hdr *inner = &arrived->inner;

	arrived->more = sizeof(*inner);
	arrived->kind = IPIP;
	arrived->ends = 1 << END_MOBILE | 1 << END_HOME;
	if (bpf_skb_load_bytes(skb, link + sizeof(*inner), inner, sizeof(*inner)) || inner->version != 6 ||
	    length6(inner) > ntohs(arrived->outer.payload_len))
		return decline(skb, DECLINED_HEADER);
	return 0;
}

/* What is left when the extension header goes; 0, or a verdict: signalling and what is signed stay as they are. */
INLINE int without_extension(const struct __sk_buff *skb, struct arrived6 *arrived, __u8 next_header)
{
	struct ipv6hdr *inner = &arrived->inner;

	if (next_header == MOBILITY || next_header == AUTHENTICATION || next_header == ENCRYPTED)
		return PASS;
	if (ntohs(inner->payload_len) < sizeof(union direct))
		return decline(skb, DECLINED_HEADER);
	arrived->more = sizeof(union direct);
	arrived->kind = DIRECT;
	inner->nexthdr = next_header;
	inner->payload_len = htons(ntohs(inner->payload_len) - sizeof(union direct));
	return 0;
}

INLINE int read_direct(struct __sk_buff *skb, __u32 link, struct arrived6 *arrived)
{
	union direct header;

	if (bpf_skb_load_bytes(skb, link + sizeof(struct ipv6hdr), &header, sizeof(header)))
		return PASS;
	arrived->inner = arrived->outer;
	if (arrived->outer.nexthdr == ROUTING) {
		if (!is_type_2(&header.routing))
			return PASS;
		arrived->inner.daddr = header.routing.home_address;
		arrived->ends = 1 << END_MOBILE;
		return without_extension(skb, arrived, header.routing.next_header);
	}
	if (!is_home_address(&header.option))
		return PASS;
	arrived->inner.saddr = header.option.home_address;
	arrived->ends = 1 << END_HOME;
	return without_extension(skb, arrived, header.option.next_header);
}

/* 0 with everything about it, or a verdict. */
INLINE int read_arrived6(struct __sk_buff *skb, __u32 link, struct arrived6 *arrived)
{
	struct ipv6hdr *outer = &arrived->outer;

	if (bpf_skb_load_bytes(skb, link, outer, sizeof(*outer)))
		return PASS;
	if (outer->nexthdr != IPPROTO_IPV6 && outer->nexthdr != ROUTING && outer->nexthdr != DESTINATION_OPTIONS)
		return PASS;
	if (outer->version != 6 || length6(outer) > skb->len - link)
		return decline(skb, DECLINED_HEADER);
	return outer->nexthdr == IPPROTO_IPV6 ? read_tunnel6(skb, link, arrived) : read_direct(skb, link, arrived);
}

/* Whether a visitor can have it: by its hop limit and by its length; 0 or a verdict. */
INLINE int fits_visitor6(struct __sk_buff *skb, __u32 transport, const struct ipv6hdr *inner, const struct exit *exit)
{
	__u32 piece = longest(skb, transport - sizeof(*inner), sizeof(*inner), inner->nexthdr, length6(inner));

	if (inner->hop_limit <= 1)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (!piece)
		return decline(skb, DECLINED_SEGMENT);
	return piece > exit->mtu ? decline(skb, DECLINED_TOO_BIG) : 0;
}

/* What is in front goes, the header that stays becomes what it has to be; 0 or an error. */
INLINE long decapsulate6(struct __sk_buff *skb, __u32 link, struct arrived6 *arrived, __u8 mark, int forwarded)
{
	struct ipv6hdr *inner = &arrived->inner;
	int changed = arrived->kind == DIRECT || mark != traffic_class(inner) || forwarded;

	if (bpf_skb_adjust_room(skb, -(__s32)arrived->more, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	if (!changed)
		return 0;
	set_traffic_class(inner, mark);
	inner->hop_limit -= forwarded;
	return bpf_skb_store_bytes(skb, link, inner, sizeof(*inner), BPF_F_RECOMPUTE_CSUM);
}

/* Whether it may go straight on to a single host, as the main table says; not into another tunnel or to this host. */
INLINE int goes_on6(struct __sk_buff *skb, __u32 transport, const struct settings *ours,
		    const struct arrived6 *arrived, struct way *way)
{
	const struct ipv6hdr *inner = &arrived->inner;
	struct bpf_fib_lookup asked = {.family = AF_INET6};

	asked.tot_len = longest(skb, transport - sizeof(*inner), sizeof(*inner), inner->nexthdr, length6(inner));
	if (inner->hop_limit <= 1 || arrived->kind == DIRECT || !asked.tot_len || tunnel_of(&inner->daddr, END_HOME))
		return 0;
	__builtin_memcpy(asked.ipv6_src, &inner->saddr, sizeof(asked.ipv6_src));
	__builtin_memcpy(asked.ipv6_dst, &inner->daddr, sizeof(asked.ipv6_dst));
	return found_in_main_table(skb, &asked, ours, way) == BPF_FIB_LKUP_RET_SUCCESS;
}

/* All of it, for a packet behind `link` bytes of link-layer header. */
INLINE int leave6(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	struct arrived6 arrived = {};
	const struct ipv6hdr *inner = &arrived.inner;
	const struct exit *exit;
	struct way way = {};
	__u32 transport, end, packets = packets_on_the_wire(skb);
	int mark, straight, verdict = read_arrived6(skb, link, &arrived);

	if (verdict)
		return verdict;
	if (!inner->hop_limit)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (is_special6(&inner->daddr) || is_special6(&inner->saddr))
		return decline(skb, DECLINED_MANY);
	exit = find_exit6(&arrived, ours, &end);
	if (!exit)
		return decline(skb, DECLINED_UNKNOWN);
	if (skb->gso_size && length6(inner) + arrived.more != skb->len - link)
		return decline(skb, DECLINED_SEGMENT);
	mark = with_mark(traffic_class(&arrived.outer), traffic_class(inner));
	if (mark < 0)
		return drop(skb, DROPPED_CONGESTION);
	transport = link + sizeof(*inner) + arrived.more;
	verdict = is_visitors(exit) ? fits_visitor6(skb, transport, inner, exit) : 0;
	if (verdict)
		return verdict;
	if (inner->nexthdr == IPPROTO_TCP && clamp(skb, transport, segment_limit(exit->mtu, 60)) < 0)
		return decline(skb, DECLINED_OPTIONS);
	straight = ours->shortcut && !is_visitors(exit) && goes_on6(skb, transport, ours, &arrived, &way);
	if (decapsulate6(skb, link, &arrived, mark, is_visitors(exit) || straight))
		return drop(skb, DROPPED_ERROR);
	trim(skb, link + length6(inner));
	if ((end == END_MOBILE || arrived.kind == DIRECT) && inner->nexthdr != MOBILITY)
		correspond(&inner->saddr, packets, arrived.kind == DIRECT);
	if (straight)
		return go_on(skb, link, &way, RECEIVED_IPIP6, packets, length6(inner));
	return deliver(skb, link, ours, exit, arrived.kind == DIRECT ? RECEIVED_DIRECT : RECEIVED_IPIP6, packets,
		       length6(inner));
}

#endif
