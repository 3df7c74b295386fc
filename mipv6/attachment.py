"""Where the mobile node's packets come and go, as its home agent knows it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One care-of address on one link; at home it is the home address itself.

    `confirmed`: the home agent has acknowledged it (at home: that nothing is bound any more). Until then its Binding
    Update is on the way, and packets already go by the new tunnel. `expires_at`: when the home binding ends, on the
    machine's clock; at home that is NEVER.
    """

    care_of_address: IPv6Address
    interface: int
    home_agent: IPv6Address
    confirmed: bool
    expires_at: float
