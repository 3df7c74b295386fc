/* What the programs and the daemon share: the maps' keys and values, and the counters.
 *
 * client/linux/bpf/layout.py says the same to Python; a test holds the two against each other.
 * Everything that stands in a packet is in network byte order, all else in the host's.
 */
#ifndef MOBILENODE_LAYOUT_H
#define MOBILENODE_LAYOUT_H

#include <linux/types.h>

enum end { END_MOBILE = 0, END_HOME = 1 };

enum encapsulation { IPIP = 0, GRE = 1, MINIMAL = 2, UDP = 3, DIRECT = 4 };

/* An IPv4 tunnel's entrance, found by inner source (END_MOBILE) or inner destination (END_HOME). */
struct entrance4_key {
	__be32 home_address;
	__u8 end;
	__u8 copy; /* every packet goes by the entrances 0, 1, ... of its home address */
	__u16 zero;
};

struct entrance4 {
	__be32 local;
	__be32 remote;
	__u32 interface; /* 0: as the routing tables say */
	__u16 mtu;	 /* the longest inner packet */
	__u8 encapsulation;
	__u8 copies; /* how many there are behind this one */
	__be16 local_port;
	__be16 remote_port;
};

/* Whom we take a packet from, and about which home address it may be. */
struct exit4_key {
	__be32 outer_source;
	__be32 outer_destination;
	__be32 home_address;
	__be16 source_port; /* of UDP; 0 otherwise */
	__u8 end;
	__u8 encapsulation; /* as it arrived; an IPIP packet is also taken where MINIMAL is agreed: fragments come so */
};

/* Where it goes then: into the anchor, or to a visitor by its link-layer address. */
struct exit {
	__u32 interface; /* 0: the anchor */
	__u16 mtu;	 /* of the tunnel, for the segments that TCP announces; with a visitor also its link's */
	__u8 destination[6];
	__u8 source[6];
	__u16 zero;
};

/* IPv6: `peer` is the other address of the inner packet with DIRECT, and :: with all else. */
struct entrance6_key {
	__u8 home_address[16];
	__u8 peer[16];
	__u32 end;
};

struct entrance6 {
	__u8 local[16];
	__u8 remote[16];
	__u32 interface;
	__u16 mtu;
	__u8 encapsulation; /* IPIP or DIRECT */
	__u8 withholds;	    /* mobility headers: they go otherwise */
};

struct exit6_key {
	__u8 outer_source[16];
	__u8 outer_destination[16];
	__u8 home_address[16];
	__u16 end;
	__u16 encapsulation; /* IPIP or DIRECT */
} __attribute__((aligned(4)));

/* With whom programs exchange IPv6 packets that bear a home address, here or there; how many since the last look. */
struct peer6 {
	__u8 address[16];
};

struct correspondence {
	__u64 packets; /* both ways */
	__u64 direct;  /* those of them that came without a tunnel */
};

/* What the programs have to know of us; one entry. */
struct settings {
	__u32 anchor;	 /* interface index */
	__u32 segmenter; /* interface index of the near end of the segmenting pair; 0: there is none */
	__u32 mark;	 /* of our outer packets */
	__u32 ends;	 /* bit END_MOBILE, bit END_HOME: some entry of this end was there once; spares a look-up */
	__u32 shortcut;	 /* packets for home addresses enter their tunnels where they arrive, before they are forwarded */
};

struct counter {
	__u64 packets; /* as they are on the wire: a merged one counts as often as it was merged */
	__u64 bytes;   /* of the inner packets */
};

enum what {
	SENT_IPIP,
	SENT_GRE,
	SENT_MINIMAL,
	SENT_UDP,
	SENT_IPIP6,
	SENT_DIRECT,
	RECEIVED_IPIP,
	RECEIVED_GRE,
	RECEIVED_MINIMAL,
	RECEIVED_UDP,
	RECEIVED_IPIP6,
	RECEIVED_DIRECT,
	DELIVERED, /* of those received: to visitors */
	COPIED,	   /* for the next of simultaneous bindings */
	DECLINED_TOO_BIG,
	DECLINED_OPTIONS,
	DECLINED_FRAGMENT,
	DECLINED_CHECKSUM,
	DECLINED_UNKNOWN,
	DECLINED_MANY,
	DECLINED_LOOP,
	DECLINED_TIME_TO_LIVE,
	DECLINED_HEADER,
	DECLINED_SEGMENT,
	DECLINED_NO_ROUTE,
	DROPPED_CONGESTION,
	DROPPED_COPY,  /* a copy that could not go by BPF; the slow path makes copies of its own */
	DROPPED_ERROR, /* the kernel refused half way */
	COUNTERS
};

#define COUNTER_PLACES 32 /* a power of two, so that the verifier sees any number stay within */

/* Per CPU; one entry. layout.py has the names. */
struct counters {
	struct counter of[COUNTER_PLACES];
};

#endif
