/* The outer headers of an IPv4 packet: IP in IP, GRE, and MIP tunnel data over UDP. */
#ifndef MOBILENODE_OUTER4_H
#define MOBILENODE_OUTER4_H

#include "checksum.h"
#include "packet.h"

#define OUTER_TIME_TO_LIVE 64
#define MOBILE_IP_PORT 434
#define TUNNEL_DATA 4 /* type of the message (RFC 3519 §3.3) */
#define PROTOCOL_MINIMAL 55

struct gre {
	__be16 flags; /* and version; 0: nothing but the protocol follows (RFC 2784 §2.1) */
	__be16 protocol;
};

struct tunnel_data {
	__u8 type;
	__u8 next_header;
	__be16 reserved;
};

struct udp_data {
	struct udphdr udp;
	struct tunnel_data data;
};

struct outer4 {
	struct iphdr ip;
	union {
		struct gre gre;
		struct udp_data mip;
	};
};

INLINE __u32 overhead4(__u8 kind)
{
	if (kind == GRE)
		return sizeof(struct iphdr) + sizeof(struct gre);
	if (kind == UDP)
		return sizeof(struct iphdr) + sizeof(struct udp_data);
	return sizeof(struct iphdr);
}

INLINE __u64 room_for(__u8 kind)
{
	if (kind == GRE)
		return BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	if (kind == UDP)
		return BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	return BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
}

/*
 * RFC 2003 §3.1: don't-fragment and type of service (RFC 6040 §4.1) as inside. Without don't-fragment the
 * identification must be one that lately was not used (RFC 791 §2.3); with it none is needed (RFC 6864 §4.1).
 */
INLINE void write_ip(struct iphdr *ip, const struct iphdr *inner, const struct entrance4 *entrance, __u8 protocol,
		     __u32 length)
{
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = inner->tos;
	ip->tot_len = htons(length);
	ip->frag_off = inner->frag_off & DONT_FRAGMENT;
	ip->id = ip->frag_off ? 0 : (__be16)bpf_get_prandom_u32();
	ip->ttl = OUTER_TIME_TO_LIVE;
	ip->protocol = protocol;
	ip->saddr = entrance->local;
	ip->daddr = entrance->remote;
	seal(ip);
}

/* The UDP checksum is left out, as RFC 768 allows: what is inside has its own. */
INLINE void write_outer(struct outer4 *outer, const struct iphdr *inner, const struct entrance4 *entrance, __u8 kind,
			__u32 length)
{
	if (kind == GRE) {
		outer->gre.protocol = htons(ETH_P_IP);
		write_ip(&outer->ip, inner, entrance, IPPROTO_GRE, length);
	} else if (kind == UDP) {
		outer->mip.udp.source = entrance->local_port;
		outer->mip.udp.dest = entrance->remote_port;
		outer->mip.udp.len = htons(length - sizeof(struct iphdr));
		outer->mip.data.type = TUNNEL_DATA;
		outer->mip.data.next_header = IPPROTO_IPIP;
		write_ip(&outer->ip, inner, entrance, IPPROTO_UDP, length);
	} else {
		write_ip(&outer->ip, inner, entrance, IPPROTO_IPIP, length);
	}
}

#endif
