/* The maps. */
#ifndef MOBILENODE_MAPS_H
#define MOBILENODE_MAPS_H

#include "bpf.h"
#include "layout.h"

/* Without preallocation an entry is replaced whole: no packet meets half of the old and half of the new. */
#define HASH(name, key, value)                                                                                   \
	struct map SECTION("maps") name = {BPF_MAP_TYPE_HASH, sizeof(struct key), sizeof(struct value), 1,       \
					   BPF_F_NO_PREALLOC}
#define SINGLE(type, name, value) struct map SECTION("maps") name = {type, sizeof(__u32), sizeof(struct value), 1, 0}

HASH(entrances4, entrance4_key, entrance4);
HASH(exits4, exit4_key, exit);
HASH(entrances6, entrance6_key, entrance6);
HASH(exits6, exit6_key, exit);
/* Where there are too many, those that were quiet for longest go. */
struct map SECTION("maps") peers6 = {BPF_MAP_TYPE_LRU_HASH, sizeof(struct peer6), sizeof(struct correspondence), 1, 0};
SINGLE(BPF_MAP_TYPE_ARRAY, settings, settings);
SINGLE(BPF_MAP_TYPE_PERCPU_ARRAY, counters, counters);

INLINE const struct settings *our_settings(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&settings, &first);
}

INLINE void count_as(enum what what, __u32 packets, __u32 bytes)
{
	__u32 first = 0;
	__u64 place = what;
	struct counters *all = bpf_map_lookup_elem(&counters, &first);

	if (!all)
		return;
	if (!__builtin_constant_p(what)) /* said in assembly: compilers forget again what the verifier has to see */
		asm volatile("%0 &= %1" : "+r"(place) : "i"(COUNTER_PLACES - 1));
	all->of[place].packets += packets;
	all->of[place].bytes += bytes;
}

#endif
