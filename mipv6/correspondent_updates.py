"""The Binding Updates that go to correspondents (RFC 6275 §5.2.6, §11.7.2)."""

from __future__ import annotations

from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from mipv6.attachment import Attachment
from mipv6.correspondent_state import MAX_RR_BINDING_LIFETIME, Token, Updating
from mipv6.messages import BindingUpdate
from mipv6.options import UNIT, NonceIndices
from mipv6.return_routability import authorised, binding_key


def binding(attachment: Attachment, home: Token, care_of: Token, now: float) -> Updating:
    """Both tokens bind the care-of address that we have."""
    return Updating(
        kbm=binding_key(home.value, care_of.value),
        signed_address=attachment.care_of_address,
        care_of_address=attachment.care_of_address,
        interface=attachment.interface,
        is_deletion=False,
        deadline=now,
    )


def deletion(attachment: Attachment, home_address: IPv6Address, home: Token, now: float) -> Updating:
    """The home token alone deletes, and the home address is what is signed (§5.2.5, §6.2.7)."""
    return Updating(
        kbm=binding_key(home.value, None),
        signed_address=home_address,
        care_of_address=attachment.care_of_address,
        interface=attachment.interface,
        is_deletion=True,
        deadline=now,
    )


def lifetime_until(home_binding_ends: float, now: float) -> int:
    """Seconds in whole units: no longer than the home binding, nor than the RFC allows (§11.7.2, §12)."""
    left = min(float(MAX_RR_BINDING_LIFETIME), home_binding_ends - now)
    return max(0, int(left) // UNIT * UNIT)


def update_packet(
    updating: Updating,
    indices: NonceIndices,
    sequence: int,
    lifetime: int,
    *,
    home_address: IPv6Address,
    correspondent: IPv6Address,
) -> IPv6Packet:
    """From the care-of address with a home address option, or from the home address itself (§11.7.2)."""
    plain = BindingUpdate(sequence=sequence, acknowledge=True, lifetime=lifetime, options=(indices,))
    message = authorised(plain, updating.kbm, updating.signed_address, correspondent)
    at_home = updating.care_of_address == home_address
    return message.packet(updating.care_of_address, correspondent, home_address=None if at_home else home_address)
