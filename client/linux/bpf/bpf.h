/* The kernel's BPF helpers by their numbers (linux/bpf.h), and how sections and maps are written down here. */
#ifndef MOBILENODE_BPF_H
#define MOBILENODE_BPF_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/types.h>

#define SECTION(name) __attribute__((section(name), used))
#define offsetof(type, member) __builtin_offsetof(type, member)
#define INLINE static inline __attribute__((always_inline))

#define htons(x) ((__be16)__builtin_bswap16((__u16)(x))) /* we run on little-endian machines alone */
#define htonl(x) ((__be32)__builtin_bswap32((__u32)(x)))
#define ntohs(x) __builtin_bswap16((__u16)(x))

/* A map as elf.py reads it; the loader may ask for more entries. */
struct map {
	__u32 kind;
	__u32 key_size;
	__u32 value_size;
	__u32 entries;
	__u32 flags;
};

#define HELPER(result, name, number, ...) static result (*const name)(__VA_ARGS__) = (void *)number

HELPER(void *, bpf_map_lookup_elem, 1, void *map, const void *key);
HELPER(long, bpf_map_update_elem, 2, void *map, const void *key, const void *value, __u64 flags);
HELPER(__u32, bpf_get_prandom_u32, 7, void);
HELPER(long, bpf_skb_store_bytes, 9, struct __sk_buff *skb, __u32 offset, const void *from, __u32 length, __u64 flags);
HELPER(long, bpf_l4_csum_replace, 11, struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags);
HELPER(long, bpf_clone_redirect, 13, struct __sk_buff *skb, __u32 interface, __u64 flags);
HELPER(long, bpf_redirect, 23, __u32 interface, __u64 flags);
HELPER(long, bpf_skb_load_bytes, 26, const void *skb, __u32 offset, void *to, __u32 length);
HELPER(long, bpf_skb_change_tail, 38, struct __sk_buff *skb, __u32 length, __u64 flags);
HELPER(long, bpf_skb_change_head, 43, struct __sk_buff *skb, __u32 more, __u64 flags);
HELPER(long, bpf_skb_adjust_room, 50, struct __sk_buff *skb, __s32 difference, __u32 mode, __u64 flags);
HELPER(long, bpf_fib_lookup, 69, void *context, struct bpf_fib_lookup *asked, int length, __u32 flags);
HELPER(long, bpf_csum_level, 135, struct __sk_buff *skb, __u64 level);
HELPER(long, bpf_redirect_neigh, 152, __u32 interface, struct bpf_redir_neigh *next, int length, __u64 flags);

#endif
