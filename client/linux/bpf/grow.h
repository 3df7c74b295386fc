/* Room for an outer header. */
#ifndef MOBILENODE_GROW_H
#define MOBILENODE_GROW_H

#include "packet.h"

#define EALREADY 114

/*
 * 0; or an error with the packet untouched. A packet that came out of another tunnel still says so of itself
 * (kernels do not take that back), and will not be told again. What was said of where the inner headers begin
 * holds then, too; only a merged packet might now be cut for the wrong kind of tunnel.
 */
INLINE long grow(struct __sk_buff *skb, __u32 length, __u64 kind)
{
	long error = bpf_skb_adjust_room(skb, length, BPF_ADJ_ROOM_MAC, kind | BPF_F_ADJ_ROOM_FIXED_GSO);

	if (error == -EALREADY && !skb->gso_size)
		error = bpf_skb_adjust_room(skb, length, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	return error;
}

#endif
