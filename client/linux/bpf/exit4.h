/* Out of an IPv4 tunnel. */
#ifndef MOBILENODE_EXIT4_H
#define MOBILENODE_EXIT4_H

#include "arrived4.h"
#include "deliver.h"
#include "ecn.h"
#include "mss.h"
#include "send.h"

INLINE const struct exit *find_exit4(const struct arrived4 *arrived, const struct settings *ours)
{
	const struct exit *exit = 0;
	struct exit4_key key = {
		.outer_source = arrived->outer.saddr,
		.outer_destination = arrived->outer.daddr,
		.home_address = arrived->inner.daddr,
		.source_port = arrived->source_port,
		.end = END_MOBILE,
		.encapsulation = arrived->kind,
	};

	if (ours->ends & 1 << END_MOBILE)
		exit = bpf_map_lookup_elem(&exits4, &key);
	if (exit || !(ours->ends & 1 << END_HOME))
		return exit;
	key.home_address = arrived->inner.saddr;
	key.end = END_HOME;
	return bpf_map_lookup_elem(&exits4, &key);
}

/* Whether a visitor can have it: by its time to live and by its length; 0 or a verdict. */
INLINE int fits_visitor4(struct __sk_buff *skb, __u32 transport, const struct iphdr *inner, const struct exit *exit)
{
	__u32 piece = longest(skb, transport - sizeof(*inner), sizeof(*inner), inner->protocol, ntohs(inner->tot_len));

	if (inner->ttl <= 1)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (!piece)
		return decline(skb, DECLINED_SEGMENT);
	return piece > exit->mtu ? decline(skb, DECLINED_TOO_BIG) : 0;
}

/* Whether a merged packet is one that we know how to take apart; 0 or a verdict. */
INLINE int is_whole4(struct __sk_buff *skb, __u32 link, const struct arrived4 *arrived)
{
	if (!skb->gso_size)
		return 0;
	if (arrived->kind == MINIMAL || ntohs(arrived->inner.tot_len) + arrived->more != skb->len - link)
		return decline(skb, DECLINED_SEGMENT);
	return 0;
}

/* The outer headers go, the inner one becomes what it has to be; 0 or an error. */
INLINE long decapsulate4(struct __sk_buff *skb, __u32 link, struct arrived4 *arrived, __u8 mark, int forwarded)
{
	struct iphdr *inner = &arrived->inner;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	int changed = arrived->kind == MINIMAL || mark != inner->tos || forwarded;

	if (arrived->kind != UDP) /* what the network card said of checksums was said of the only one: the inner */
		flags |= BPF_F_ADJ_ROOM_NO_CSUM_RESET;
	if (bpf_skb_adjust_room(skb, -(__s32)arrived->more, BPF_ADJ_ROOM_MAC, flags))
		return -1;
	if (!changed)
		return 0;
	inner->tos = mark;
	inner->ttl -= forwarded;
	seal(inner);
	return bpf_skb_store_bytes(skb, link, inner, sizeof(*inner), BPF_F_RECOMPUTE_CSUM);
}

/* Whether it may go straight on to a single host, as the main table says; not into another tunnel or to this host. */
INLINE int goes_on4(struct __sk_buff *skb, __u32 transport, const struct settings *ours, const struct iphdr *inner,
		    struct way *way)
{
	struct entrance4_key key = {.home_address = inner->daddr, .end = END_HOME};
	struct bpf_fib_lookup asked = {
		.family = AF_INET, .ipv4_src = inner->saddr, .ipv4_dst = inner->daddr, .tos = inner->tos};

	asked.tot_len = longest(skb, transport - sizeof(*inner), sizeof(*inner), inner->protocol, ntohs(inner->tot_len));
	if (inner->ttl <= 1 || !asked.tot_len || bpf_map_lookup_elem(&entrances4, &key))
		return 0;
	return found_in_main_table(skb, &asked, ours, way) == BPF_FIB_LKUP_RET_SUCCESS;
}

/* All of it, for a packet behind `link` bytes of link-layer header. */
INLINE int leave4(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	struct arrived4 arrived = {};
	const struct iphdr *inner = &arrived.inner;
	const struct exit *exit;
	struct way way = {};
	__u32 transport, packets = packets_on_the_wire(skb);
	int mark, straight, verdict = read_arrived4(skb, link, &arrived);

	if (verdict)
		return verdict;
	if (!inner->ttl)
		return decline(skb, DECLINED_TIME_TO_LIVE);
	if (is_special4(inner->daddr))
		return decline(skb, DECLINED_MANY);
	exit = find_exit4(&arrived, ours);
	if (!exit)
		return decline(skb, DECLINED_UNKNOWN);
	verdict = is_whole4(skb, link, &arrived);
	if (verdict)
		return verdict;
	mark = with_mark(arrived.outer.tos, inner->tos);
	if (mark < 0)
		return drop(skb, DROPPED_CONGESTION);
	transport = link + sizeof(*inner) + arrived.more;
	verdict = is_visitors(exit) ? fits_visitor4(skb, transport, inner, exit) : 0;
	if (verdict)
		return verdict;
	if (inner->protocol == IPPROTO_TCP && !(inner->frag_off & FRAGMENT) &&
	    clamp(skb, transport, segment_limit(exit->mtu, 40)) < 0)
		return decline(skb, DECLINED_OPTIONS);
	straight = ours->shortcut && !is_visitors(exit) && goes_on4(skb, transport, ours, inner, &way);
	if (decapsulate4(skb, link, &arrived, mark, is_visitors(exit) || straight))
		return drop(skb, DROPPED_ERROR);
	trim(skb, link + ntohs(inner->tot_len));
	if (straight)
		return go_on(skb, link, &way, RECEIVED_IPIP + arrived.kind, packets, ntohs(inner->tot_len));
	return deliver(skb, link, ours, exit, RECEIVED_IPIP + arrived.kind, packets, ntohs(inner->tot_len));
}

#endif
