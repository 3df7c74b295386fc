/*
 * The data plane in the kernel: four programs at tc hooks.
 *
 * What they pass on (TC_ACT_UNSPEC) goes the kernel's way: from the anchor into the TUN device and so to the
 * slow path in Python, from a link to the raw sockets that the slow path listens on. So they may decline
 * whatever is rare; they must never do wrong what they do.
 */
#include "entrance4.h"
#include "entrance6.h"
#include "exit4.h"
#include "exit6.h"
#include "shortcut.h"

/* A clone for one of several bindings that BPF declines: the slow path would begin with all copies again. */
INLINE int or_drop(struct __sk_buff *skb, int verdict)
{
	return verdict == PASS && copy_of(skb) ? drop(skb, DROPPED_COPY) : verdict;
}

INLINE int enter(struct __sk_buff *skb, __u32 link)
{
	const struct settings *ours = our_settings();

	if (!ours)
		return PASS;
	if (skb->protocol == htons(ETH_P_IP))
		return enter4(skb, link, ours);
	if (skb->protocol == htons(ETH_P_IPV6))
		return enter6(skb, link, ours);
	return PASS;
}

/* Where that is wanted, packets for home addresses go into their tunnels at once. */
INLINE int shorten(struct __sk_buff *skb, __u32 link, const struct settings *ours)
{
	if (!ours->shortcut)
		return PASS;
	if (skb->protocol == htons(ETH_P_IP))
		return shortcut4(skb, link, ours);
	if (skb->protocol == htons(ETH_P_IPV6))
		return shortcut6(skb, link, ours);
	return PASS;
}

/* Only what was sent to this host itself, and not to a VLAN of the link, which has an interface of its own. */
INLINE int leave(struct __sk_buff *skb, __u32 link)
{
	const struct settings *ours = our_settings();
	int verdict;

	if (!ours || !ours->ends || !ours->anchor || skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return PASS;
	verdict = shorten(skb, link, ours);
	if (verdict != PASS)
		return verdict;
	if (skb->protocol == htons(ETH_P_IP))
		return leave4(skb, link, ours);
	if (skb->protocol == htons(ETH_P_IPV6))
		return leave6(skb, link, ours);
	return PASS;
}

/* Egress of the anchor: what programs here send, and what is forwarded into tunnels. */
SECTION("program/anchor") int anchor(struct __sk_buff *skb)
{
	return or_drop(skb, enter(skb, 0));
}

/* Ingress of the segmenting pair's far end: what the anchor's program sent there to be cut. */
SECTION("program/segment") int segment(struct __sk_buff *skb)
{
	int verdict = enter(skb, ETH_HLEN);

	return verdict == PASS ? DROP : verdict; /* nothing behind this interface could make use of it */
}

/* Ingress of an Ethernet link. */
SECTION("program/ether") int ether(struct __sk_buff *skb)
{
	return leave(skb, ETH_HLEN);
}

/* Ingress of a link without link-layer header: mobile broadband, PPP. */
SECTION("program/raw") int raw(struct __sk_buff *skb)
{
	return leave(skb, 0);
}

char our_license[] SECTION("license") = "GPL";
