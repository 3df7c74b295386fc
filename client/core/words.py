"""Words for the ids of a status: states, reasons, places, limits, advice, events. English; keys are the interface."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "no-daemon": "The mobilenode service is not running.",
    "no-profile": "No profile yet: import the file from your home agent.",
    "paused": "Paused; your home address is not reachable.",
    "no-network": "No network: waiting for Wi-Fi or cable.",
    "portal": "This network wants you to sign in first.",
    "refused": "Registration was refused.",
    "no-answer": "Your home agent does not answer.",
    "connecting": "Getting you home...",
    "checking": "Home accepted you; checking that data really flows...",
    "stalled": "Registered, but nothing comes back.",
    "one-way": "This network drops packets that carry your home address.",
    "home": "You are at home; no tunnel is needed.",
    "limited": "Working, but not all is as you asked.",
    "working": "Working.",
}

HEADLINES: Mapping[str, str] = {
    "no-daemon": "Not running",
    "no-profile": "No profile",
    "paused": "Paused",
    "no-network": "No network",
    "portal": "Sign in first",
    "refused": "Refused",
    "no-answer": "No answer",
    "connecting": "Connecting",
    "checking": "Checking",
    "stalled": "Stalled",
    "one-way": "One-way",
    "home": "Home",
    "limited": "Working, but limited",
    "working": "Working",
}

PLACES: Mapping[str, str] = {
    "home": "at home",
    "foreign-agent": "through a foreign agent",
    "co-located": "with an own address",
}

PATHS: Mapping[str, str] = {
    "direct": "straight, both ways (at home)",
    "triangle": "out straight, in via home (triangle)",
    "reverse": "out via home (reverse tunnel), in via home",
}

PEER_PATHS: Mapping[str, str] = {
    "direct": "straight",
    "home": "through home",
    "testing": "through home, a direct path is being tested",
    "unable": "through home, since it knows no other way",
}

ENCAPSULATIONS: Mapping[str, str] = {
    "ipip": "IP-in-IP",
    "udp": "UDP",
    "gre": "GRE",
    "minimal": "minimal encapsulation",
    "ipip6": "IPv6-in-IPv6",
}

REASONS: Mapping[str, str] = {
    "starting": "the service is starting",
    "looking": "looking for an address or a foreign agent",
    "looking6": "looking for a router and an address",
    "home-agent-search": "looking for a home agent on your home network",
    "registering": "asking your home agent",
    "home-without-address": "your home agent is here; it gives you a home address once you are away",
    "clock": "this computer's clock cannot be right, and replies could not be told from replays; set it",
    "home-agent-name": "the name of your home agent leads to no address yet",
    "care-of-is-home-address": "this network gave us our own home address, but it is not home",
    "care-of-is-home-agent": "this network gave us the home agent's address",
    "care-of-in-home-network": "this network uses the same addresses as your home network, but it is not home",
    "care-of-not-routable": "this network gave us an address that leads nowhere",
    "overlap": "this network uses the same addresses as your home network, but it is not home",
    "care-of-tentative": "waiting until this network says that our new address is nobody else's",
    "care-of-duplicate": "somebody else on this network has our address",
    "no-ipv6": "this network has no IPv6",
    "no-ipv4": "this network has no IPv4",
}

WHYS: Mapping[str, str] = {
    "unprotected": "nothing would protect its tests on their way home; accept_unprotected in the profile allows it",
    "home": "not needed at home",
    "foreign-agent": "not offered here",
}

LIMITS: Mapping[str, str] = {
    "kernel": "the kernel refused a part: {detail}",
    "reverse-tunnel": "the reverse tunnel is not as you asked: {detail}",
    "short-lifetime": "the home agent grants only {detail} s at a time",
    "mtu": "only packets of {detail} bytes or less pass here; a few programs need more",
    "home-prefix-ends": "the home network gives up its prefix {detail}: ask your home agent's owner for a new profile",
    "home-prefix-changes": "the home network gives up its prefix: your IPv6 home address will be {detail}",
    "no-ipv6": "your IPv6 home address is not reachable: {detail}",
    "no-ipv4": "your IPv4 home address is not reachable: {detail}",
    "direct-paths-unprotected": (
        "all IPv6 packets go through home: nothing would protect the tests of a direct path on their way home"
    ),
    "one-place": "the home agent keeps only one place at a time: a move between two links may lose packets",
    "not-acted-on": "this version reads but does not act on the profile's {detail}",
}

ADVICE: Mapping[str, str] = {
    "clock": "Set this computer's clock.",
    "check-home-agent": "Is mobilityagentd running at home, and does this network let UDP port 434 through?",
    "check-home-agent6": "Is mobilityagentd running at home, and does this network let mobility headers through?",
    "check-tunnel": (
        "Does this network let the tunnel through? `mobilenode reverse-tunnel on` may help; "
        'or a profile whose encapsulation begins with "udp".'
    ),
    "check-encapsulation": (
        'Does this network let the tunnel through? A profile whose encapsulation begins with "udp" passes more of them.'
    ),
    "another-network": "Does this network let anything through? Another one may help.",
    "one-way": "mobilenode reverse-tunnel on",
    "no-profile": "mobilenode import FILE --up",
    "paused": "mobilenode resume",
    "portal": "Sign in with a browser.",
    "no-daemon": "Start mobilenoded, as root.",
}

CHECKS: Mapping[str, str] = {
    "service": "Service",
    "profile": "Profile",
    "switch": "Turned on",
    "clock": "Clock",
    "link": "Network",
    "names": "Home agent's name",
    "address": "Address here",
    "registration": "Registration",
    "tunnel": "Tunnel, both ways",
    "mtu": "Packet size",
    "kernel": "Kernel",
    "ipv6": "IPv6",
    "direct-paths": "Direct paths",
}

RESULTS: Mapping[str, str] = {"ok": "fine", "warning": "attention", "failed": "failed", "skipped": "skipped"}

FINDINGS: Mapping[str, str] = {
    "after-failure": "not looked at, since this failed: {detail}",
    "runs": "it runs; packets go by {detail}",
    "slow-plane": "it runs, but packets go the slower way: this kernel takes no BPF programs from it",
    "no-profile": "none is in use; import the file from your home agent",
    "not-acted-on": "this version reads but does not act on: {detail}",
    "profile": "{detail}",
    "paused": "paused by you",
    "turned-on": "yes",
    "clock": "this computer's clock cannot be right; set it",
    "clock-plausible": "plausible",
    "no-link": "no Wi-Fi and no cable is connected",
    "link": "{detail}",
    "unresolved": "leads to no address: {detail}",
    "resolved": "leads to an address, or is one",
    "at-home": "the home address itself: you are at home",
    "by-foreign-agent": "that of a foreign agent, {detail}",
    "own-address": "{detail}",
    "no-answer": "your home agent {detail} says nothing to requests",
    "registered-for": "valid for {detail} s",
    "not-needed-at-home": "not needed at home",
    "one-way": "this network drops packets that carry your home address; turn on the reverse tunnel",
    "tunnel-silent": "nothing came back; this network may block the tunnel",
    "answered": "answered in {detail} ms",
    "small-mtu": "only packets of {detail} bytes or less pass",
    "mtu": "{detail} bytes fit into the tunnel",
    "no-tunnel": "there is no tunnel",
    "kernel-refused": "it refused a part: {detail}",
    "kernel-holds": "it holds all that is needed",
    "ipv6-works": "your IPv6 home address is reachable",
    "direct-paths-on": "{detail} in use",
    "direct-paths-off": "off",
}

EVENTS: Mapping[str, str] = {
    "registered-home": "the home agent knows that you are at home: {code}",
    "registered": "registered {place}, care-of address {care_of}, by {encapsulation}: {code}",
    "bound": "bound to the care-of address {care_of}: {code}",
    "registered-behind-nat": "registered {place} {care_of} behind a NAT, by {encapsulation}: {code}",
    "refused": "refused: {code}",
    "arrived": "arrived at {to} after {ms} ms",
    "binding-ended": "the registration has ended",
    "stalled": "nothing comes back by this path; registering again",
    "working-again": "working again",
    "one-way": "this network drops packets that carry your home address; with the reverse tunnel they would pass",
    "renumbered": "the home network was renumbered: your IPv6 home address is {home_address} now",
    "overlap": "this network uses addresses of your home network {network}, but it is not home",
    "plan-refused": "the kernel refused a part: {reasons}",
    "plan-stands": "the kernel holds all that is needed again",
    "cleanup-refused": "the kernel did not let go of what an earlier run left: {reason}",
    "dataplane-fallback": "this kernel does not take our BPF programs ({reason}); packets go the slower way",
    "memory-not-stored": "what must outlive a restart could not be stored: {reason}",
    "left-unconfirmed": "left without an answer from the home agent; the registration lapses by itself",
}
