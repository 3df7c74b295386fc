#include "packet.h"

#define PROGRAM(name) \
	SECTION("program/" #name) int name(struct __sk_buff *skb) { return our_settings() ? decline(skb, DECLINED_UNKNOWN) : PASS; }
PROGRAM(anchor)
PROGRAM(ether)
PROGRAM(raw)
PROGRAM(segment)
char our_license[] SECTION("license") = "GPL";
