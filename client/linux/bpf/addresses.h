/* Addresses that are no single host's business beyond its link; their packets are the slow path's. */
#ifndef MOBILENODE_ADDRESSES_H
#define MOBILENODE_ADDRESSES_H

#include "packet.h"

#define ICMPV6 58
#define ROUTER_SOLICITATION 133 /* the first type of neighbour discovery (RFC 4861 §4), and the last */
#define REDIRECT 137

/* Multicast, reserved and broadcast (224.0.0.0/3), or link-local (169.254.0.0/16). */
INLINE int is_special4(__be32 address)
{
	return (address & htonl(0xe0000000)) == htonl(0xe0000000) ||
	       (address & htonl(0xffff0000)) == htonl(0xa9fe0000);
}

/* Multicast (ff00::/8), link-local (fe80::/10) or unspecified. */
INLINE int is_special6(const struct in6_addr *address)
{
	__u8 first = address->s6_addr[0];

	if (first == 0xff || (first == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80))
		return 1;
	return !(address->s6_addr32[0] | address->s6_addr32[1] | address->s6_addr32[2] | address->s6_addr32[3]);
}

INLINE int is_same6(const struct in6_addr *one, const __u8 *other)
{
	struct in6_addr copy;

	__builtin_memcpy(&copy, other, sizeof(copy));
	return one->s6_addr32[0] == copy.s6_addr32[0] && one->s6_addr32[1] == copy.s6_addr32[1] &&
	       one->s6_addr32[2] == copy.s6_addr32[2] && one->s6_addr32[3] == copy.s6_addr32[3];
}

/* Neighbour discovery stays on its link. */
INLINE int is_discovery(struct __sk_buff *skb, __u32 at)
{
	__u8 type;

	return !bpf_skb_load_bytes(skb, at, &type, 1) && type >= ROUTER_SOLICITATION && type <= REDIRECT;
}

#endif
