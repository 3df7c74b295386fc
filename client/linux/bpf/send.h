/* How an outer packet leaves this host. */
#ifndef MOBILENODE_SEND_H
#define MOBILENODE_SEND_H

#include "packet.h"

#define AF_INET 2
#define AF_INET6 10

/* An interface, and the next hop on it if we asked the main table ourselves. */
struct way {
	__u32 interface;
	struct bpf_redir_neigh next; /* nh_family 0: the kernel finds it, by the mark */
};

/*
 * The main table's answer. The rules are passed over: they would send outer packets like all others into the
 * tunnel, and bpf_fib_lookup takes no mark before kernel 6.10. Needs forwarding, as every agent does.
 */
INLINE long found_in_main_table(struct __sk_buff *skb, struct bpf_fib_lookup *asked, const struct settings *ours,
				struct way *way)
{
	long answer;

	asked->ifindex = ours->anchor;
	answer = bpf_fib_lookup(skb, asked, sizeof(*asked), BPF_FIB_LOOKUP_DIRECT);
	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH) /* the kernel will ask for it */
		answer = BPF_FIB_LKUP_RET_SUCCESS;
	way->interface = asked->ifindex;
	way->next.nh_family = asked->family;
	__builtin_memcpy(way->next.ipv6_nh, asked->ipv6_dst, sizeof(way->next.ipv6_nh));
	return answer;
}

INLINE int ask_main_table(struct __sk_buff *skb, struct bpf_fib_lookup *asked, const struct settings *ours,
			  struct way *way)
{
	long answer = found_in_main_table(skb, asked, ours, way);

	if (answer == BPF_FIB_LKUP_RET_SUCCESS)
		return 0;
	return decline(skb, answer == BPF_FIB_LKUP_RET_FRAG_NEEDED ? DECLINED_TOO_BIG : DECLINED_NO_ROUTE);
}

/* The way of an outer packet of this length; 0, or a verdict. */
INLINE int find_way4(struct __sk_buff *skb, const struct settings *ours, const struct entrance4 *entrance,
		     __u32 length, struct way *way)
{
	struct bpf_fib_lookup asked = {.family = AF_INET, .tot_len = length};

	way->interface = entrance->interface;
	way->next.nh_family = 0;
	if (entrance->interface)
		return 0;
	asked.ipv4_src = entrance->local;
	asked.ipv4_dst = entrance->remote;
	return ask_main_table(skb, &asked, ours, way);
}

INLINE int find_way6(struct __sk_buff *skb, const struct settings *ours, const struct entrance6 *entrance,
		     __u32 length, struct way *way)
{
	struct bpf_fib_lookup asked = {.family = AF_INET6, .tot_len = length};

	way->interface = entrance->interface;
	way->next.nh_family = 0;
	if (entrance->interface)
		return 0;
	__builtin_memcpy(asked.ipv6_src, entrance->local, sizeof(asked.ipv6_src));
	__builtin_memcpy(asked.ipv6_dst, entrance->remote, sizeof(asked.ipv6_dst));
	return ask_main_table(skb, &asked, ours, way);
}

/* By this way; the neighbour's address is the kernel's business. It wants room for an Ethernet header all the same. */
INLINE int go(struct __sk_buff *skb, __u32 link, struct way *way)
{
	if (!link && bpf_skb_change_head(skb, ETH_HLEN, 0))
		return drop(skb, DROPPED_ERROR);
	if (way->next.nh_family)
		return bpf_redirect_neigh(way->interface, &way->next, sizeof(way->next), 0);
	return bpf_redirect_neigh(way->interface, 0, 0, 0);
}

/* Send an outer packet of ours. */
INLINE int send(struct __sk_buff *skb, __u32 link, const struct settings *ours, struct way *way)
{
	skb->mark = ours->mark;
	skb->tc_index = 0;
	return go(skb, link, way);
}

/* By the pair of interfaces that cuts merged packets and finishes checksums; "segment" waits at its far end. */
INLINE int to_segmenter(struct __sk_buff *skb, const struct settings *ours)
{
	struct ethhdr header = {.h_proto = skb->protocol};

	if (!ours->segmenter)
		return decline(skb, DECLINED_SEGMENT);
	if (bpf_skb_change_head(skb, ETH_HLEN, 0) || bpf_skb_store_bytes(skb, 0, &header, sizeof(header), 0))
		return drop(skb, DROPPED_ERROR);
	return bpf_redirect(ours->segmenter, 0);
}

#endif
