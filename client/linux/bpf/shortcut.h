/*
 * From a link straight into a home address's tunnel: at the ingress of the link, before the kernel's own forwarding.
 *
 * It does what a router does, and leaves to the kernel whatever else a router may have to say.
 */
#ifndef MOBILENODE_SHORTCUT_H
#define MOBILENODE_SHORTCUT_H

#include "entrance4.h"
#include "entrance6.h"

/* A header that a router would only pass on (RFC 1812 §5.2.2, §5.3.1), from and to single hosts. */
INLINE int is_plain4(const struct iphdr *header)
{
	return header->version == 4 && header->ihl == 5 && header->ttl > 1 && is_right(header) &&
	       header->protocol != IPPROTO_IPIP && header->protocol != IPPROTO_GRE && /* these may be for us, to take out */
	       header->protocol != PROTOCOL_MINIMAL && !is_special4(header->saddr) && !is_special4(header->daddr) &&
	       (header->saddr & htonl(0xff000000)) != htonl(0x7f000000);
}

INLINE int shortcut4(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	struct entrance4_key key = {.end = END_HOME};
	const struct entrance4 *entrance;
	struct iphdr header;

	if (bpf_skb_load_bytes(skb, link, &header, sizeof(header)) || !is_plain4(&header) ||
	    ntohs(header.tot_len) < sizeof(header) || ntohs(header.tot_len) > skb->len - link)
		return PASS;
	key.home_address = header.daddr;
	entrance = bpf_map_lookup_elem(&entrances4, &key);
	if (!entrance || entrance->copies || (entrance->encapsulation == MINIMAL && skb->gso_size))
		return PASS;
	if (skb->len - link > ntohs(header.tot_len)) /* padding of the link */
		bpf_skb_change_tail(skb, link + ntohs(header.tot_len), 0);
	return through4(skb, link, ours, &header, entrance, 0, 1);
}

INLINE int shortcut6(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	const struct entrance6 *entrance;
	struct ipv6hdr header;

	if (bpf_skb_load_bytes(skb, link, &header, sizeof(header)) || header.version != 6 || header.hop_limit <= 1 ||
	    header.nexthdr == IPPROTO_IPV6 || !header.payload_len || length6(&header) > skb->len - link ||
	    is_special6(&header.saddr) || is_special6(&header.daddr) ||
	    (header.nexthdr == ICMPV6 && is_discovery(skb, link + sizeof(header))))
		return PASS;
	entrance = tunnel_of(&header.daddr, END_HOME);
	if (!entrance)
		return PASS;
	if (skb->len - link > length6(&header))
		bpf_skb_change_tail(skb, link + length6(&header), 0);
	return through6(skb, link, ours, &header, entrance, END_HOME, 1);
}

#endif
