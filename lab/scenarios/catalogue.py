"""All scenarios by their names."""

from __future__ import annotations

from lab.scenarios.access6 import anycast, duplicate_address, ipv6_only
from lab.scenarios.agent_reboot import agent_reboot
from lab.scenarios.broadcast import broadcast
from lab.scenarios.clock_skew import clock_skew
from lab.scenarios.encapsulation import encapsulation
from lab.scenarios.ha_restart import ha_restart
from lab.scenarios.hops import black_hole, narrow_hop
from lab.scenarios.ingress_filtering import ingress_filtering
from lab.scenarios.lost_laptop import lost_laptop
from lab.scenarios.multicast import multicast
from lab.scenarios.nat import nat
from lab.scenarios.nat_rebinding import nat_rebinding
from lab.scenarios.options import Scenario
from lab.scenarios.recovery6 import correspondent_restart, ha_restart6, nonce_expiry, sequence_lost
from lab.scenarios.renumbering import renumbering
from lab.scenarios.roam import roam
from lab.scenarios.roam6 import both, esp, roam6
from lab.scenarios.selected_prefixes import selected_prefixes
from lab.scenarios.two_links import two_links
from lab.scenarios.wrong_key import wrong_key

SCENARIOS: dict[str, Scenario] = {
    "roam": roam,
    "roam6": roam6,
    "both": both,
    "esp": esp,
    "ha-restart": ha_restart,
    "agent-reboot": agent_reboot,
    "clock-skew": clock_skew,
    "wrong-key": wrong_key,
    "lost-laptop": lost_laptop,
    "encapsulation": encapsulation,
    "nat": nat,
    "nat-rebinding": nat_rebinding,
    "broadcast": broadcast,
    "multicast": multicast,
    "ingress-filtering": ingress_filtering,
    "two-links": two_links,
    "narrow-hop": narrow_hop,
    "black-hole": black_hole,
    "selected-prefixes": selected_prefixes,
    "anycast": anycast,
    "duplicate-address": duplicate_address,
    "ipv6-only": ipv6_only,
    "ha-restart6": ha_restart6,
    "correspondent-restart": correspondent_restart,
    "nonce-expiry": nonce_expiry,
    "sequence-lost": sequence_lost,
    "renumbering": renumbering,
}
