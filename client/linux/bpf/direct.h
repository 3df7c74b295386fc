/* The two extension headers by which packets find a mobile node without a tunnel (RFC 6275). */
#ifndef MOBILENODE_DIRECT_H
#define MOBILENODE_DIRECT_H

#include "packet.h"

#define HOP_BY_HOP 0
#define ROUTING 43
#define FRAGMENT_HEADER 44
#define ENCRYPTED 50
#define AUTHENTICATION 51
#define DESTINATION_OPTIONS 60
#define MOBILITY 135
#define HOST_IDENTITY 139
#define SHIM6 140

#define HOME_ADDRESS_OPTION 0xc9
#define PAD_N 1

/* Type 2 routing header (§6.4.1). */
struct routing_header {
	__u8 next_header;
	__u8 length; /* in words of 8 bytes, without the first */
	__u8 type;
	__u8 segments_left;
	__be32 reserved;
	struct in6_addr home_address;
};

/* Destination options header with the home address option, padded so that it begins at 8n+6 (§6.3). */
struct home_address_header {
	__u8 next_header;
	__u8 length;
	__u8 padding[4];
	__u8 option;
	__u8 option_length;
	struct in6_addr home_address;
};

union direct {
	struct routing_header routing;
	struct home_address_header option;
};

#define EXTENSION_WORDS 2

/* An extension header: its place among others has rules (RFC 8200 §4.1), and they are the slow path's to keep. */
INLINE int is_extension(__u8 next_header)
{
	switch (next_header) {
	case HOP_BY_HOP:
	case ROUTING:
	case FRAGMENT_HEADER:
	case ENCRYPTED:
	case AUTHENTICATION:
	case DESTINATION_OPTIONS:
	case MOBILITY:
	case HOST_IDENTITY:
	case SHIM6:
		return 1;
	default:
		return 0;
	}
}

/* From the mobile node: the home address into the option, the care-of address in front (§11.3.1). */
INLINE void write_option(union direct *made, struct ipv6hdr *ip, const struct entrance6 *entrance)
{
	struct home_address_header *header = &made->option;

	header->next_header = ip->nexthdr;
	header->length = EXTENSION_WORDS;
	header->padding[0] = PAD_N;
	header->padding[1] = sizeof(header->padding) - 2;
	header->padding[2] = header->padding[3] = 0;
	header->option = HOME_ADDRESS_OPTION;
	header->option_length = sizeof(header->home_address);
	header->home_address = ip->saddr;
	ip->nexthdr = DESTINATION_OPTIONS;
	__builtin_memcpy(&ip->saddr, entrance->local, sizeof(ip->saddr));
}

/* To the mobile node: the home address into the routing header, the care-of address in front (§9.3.2). */
INLINE void write_routing(union direct *made, struct ipv6hdr *ip, const struct entrance6 *entrance)
{
	struct routing_header *header = &made->routing;

	header->next_header = ip->nexthdr;
	header->length = EXTENSION_WORDS;
	header->type = 2;
	header->segments_left = 1;
	header->reserved = 0;
	header->home_address = ip->daddr;
	ip->nexthdr = ROUTING;
	__builtin_memcpy(&ip->daddr, entrance->remote, sizeof(ip->daddr));
}

INLINE int is_type_2(const struct routing_header *header)
{
	return header->length == EXTENSION_WORDS && header->type == 2 && header->segments_left == 1;
}

/* The home address option alone, behind one PadN or four Pad1. */
INLINE int is_home_address(const struct home_address_header *header)
{
	__be32 padding;

	__builtin_memcpy(&padding, header->padding, sizeof(padding));
	return header->length == EXTENSION_WORDS && header->option == HOME_ADDRESS_OPTION &&
	       header->option_length == sizeof(header->home_address) && (!padding || padding == htonl(0x01020000));
}

#endif
