/* Fields of an IPv6 header (RFC 8200 §3). */
#ifndef MOBILENODE_IP6_H
#define MOBILENODE_IP6_H

#include "packet.h"

INLINE __u8 traffic_class(const struct ipv6hdr *ip)
{
	return ip->priority << 4 | ip->flow_lbl[0] >> 4;
}

INLINE void set_traffic_class(struct ipv6hdr *ip, __u8 value)
{
	ip->priority = value >> 4;
	ip->flow_lbl[0] = (ip->flow_lbl[0] & 0x0f) | value << 4;
}

INLINE __u32 length6(const struct ipv6hdr *ip)
{
	return sizeof(*ip) + ntohs(ip->payload_len);
}

/* The way for all peers. */
INLINE const struct entrance6 *tunnel_of(const struct in6_addr *home, __u32 end)
{
	struct entrance6_key key = {.end = end};

	__builtin_memcpy(key.home_address, home, sizeof(key.home_address));
	return bpf_map_lookup_elem(&entrances6, &key);
}

/* Programs exchanged these packets with the one at this address; `direct`: they came without a tunnel. */
INLINE void correspond(const struct in6_addr *with, __u32 packets, __u32 direct)
{
	struct correspondence first = {.packets = packets, .direct = direct ? packets : 0};
	struct correspondence *known = bpf_map_lookup_elem(&peers6, with);

	if (!known) {
		bpf_map_update_elem(&peers6, with, &first, BPF_NOEXIST);
		return;
	}
	__sync_fetch_and_add(&known->packets, first.packets);
	if (direct)
		__sync_fetch_and_add(&known->direct, first.direct);
}

#endif
