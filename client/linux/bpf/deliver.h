/* Where a packet goes that came out of a tunnel. */
#ifndef MOBILENODE_DELIVER_H
#define MOBILENODE_DELIVER_H

#include "send.h"

INLINE int is_visitors(const struct exit *exit)
{
	return exit->interface != 0;
}

/* To a visitor in a frame of its own: its home address means nothing to ARP here. */
INLINE int to_visitor(struct __sk_buff *skb, __u32 link, const struct exit *exit)
{
	struct ethhdr header = {.h_proto = skb->protocol};

	__builtin_memcpy(header.h_dest, exit->destination, ETH_ALEN);
	__builtin_memcpy(header.h_source, exit->source, ETH_ALEN);
	if (!link && bpf_skb_change_head(skb, ETH_HLEN, 0))
		return drop(skb, DROPPED_ERROR);
	if (bpf_skb_store_bytes(skb, 0, &header, sizeof(header), 0))
		return drop(skb, DROPPED_ERROR);
	return bpf_redirect(exit->interface, 0);
}

/* What the packet shows before it is taken out: its pieces on the wire, and its own length. */
INLINE int deliver(struct __sk_buff *skb, __u32 link, const struct settings *ours, const struct exit *exit,
		   enum what received, __u32 packets, __u32 length)
{
	count_as(received, packets, length);
	if (!is_visitors(exit))
		return bpf_redirect(ours->anchor, BPF_F_INGRESS);
	count_as(DELIVERED, packets, length);
	return to_visitor(skb, link, exit);
}

/* Straight on, past the anchor and this host's forwarding. */
INLINE int go_on(struct __sk_buff *skb, __u32 link, struct way *way, enum what received, __u32 packets, __u32 length)
{
	count_as(received, packets, length);
	return go(skb, link, way);
}

/* Bytes behind the packet are padding of the link, or of whoever tunnelled it. Receivers cut them as well. */
INLINE void trim(struct __sk_buff *skb, __u32 length)
{
	if (skb->len > length)
		bpf_skb_change_tail(skb, length, 0);
}

#endif
