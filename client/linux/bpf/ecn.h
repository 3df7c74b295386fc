/* Explicit congestion notification through tunnels (RFC 6040). At the entrance the whole octet is copied (§4.1). */
#ifndef MOBILENODE_ECN_H
#define MOBILENODE_ECN_H

#include "bpf.h"

enum ecn { NOT_ECT = 0, ECT_1 = 1, ECT_0 = 2, CONGESTION = 3 };

/*
 * The inner type of service as it leaves the tunnel (§4.2, figure 4): the more severe of both marks; below zero:
 * the packet must be dropped, since it cannot carry the mark "congestion".
 */
INLINE int with_mark(__u8 outer, __u8 inner)
{
	outer &= 3;
	switch (inner & 3) {
	case NOT_ECT:
		return outer == CONGESTION ? -1 : inner;
	case CONGESTION:
		return inner;
	default:
		if (outer == CONGESTION)
			return inner | CONGESTION;
		return outer == ECT_1 ? (inner & ~3) | ECT_1 : inner;
	}
}

#endif
