/*
 * Simultaneous bindings: every packet goes by the entrances 0, 1, ... of its home address (RFC 5944 §3.6.1.2, §3.8.2).
 *
 * The number of the entrance that is next travels in tc_index, which no program can set and which begins as 0.
 */
#ifndef MOBILENODE_COPIES_H
#define MOBILENODE_COPIES_H

#include "packet.h"

#define MOST_COPIES 4
#define COPY 0x6d00 /* somebody else's tc_index is not ours to read */

INLINE __u8 copy_of(const struct __sk_buff *skb)
{
	__u32 index = skb->tc_index;

	return (index & 0xff00) == COPY ? index & 0xff : 0;
}

/* Let a clone of the untouched packet begin again at the anchor, for the entrance behind this one. */
INLINE void copy_to_next(struct __sk_buff *skb, const struct settings *ours, __u8 copy)
{
	skb->tc_index = COPY | (copy + 1);
	if (!bpf_clone_redirect(skb, ours->anchor, 0))
		count_as(COPIED, packets_on_the_wire(skb), skb->len);
	skb->tc_index = copy ? COPY | copy : 0;
}

#endif
