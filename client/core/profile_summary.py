"""What a person sees of a profile before and after importing it: everything that matters, and no key."""

from __future__ import annotations

import hashlib
from typing import Any

from client.core.profile import Profile
from client.core.secret import Secret


def summarise(profile: Profile) -> dict[str, Any]:
    """Name, addresses and agents as they stand in the profile, and a fingerprint for each secret."""
    summary: dict[str, Any] = {"id": profile.id, "name": profile.name, "serial": profile.serial}
    if profile.mipv4:
        summary |= {
            "nai": profile.mipv4.nai,
            "home_address": profile.mipv4.home_address_text,
            "home_agents": profile.mipv4.home_agents,
            "tunnelled": profile.mipv4.tunnelled,
        }
    if profile.mipv6:
        summary |= {"home_address6": profile.mipv6.home_address, "home_agents6": profile.mipv6.home_agents}
    return summary | {"keys": {name: fingerprint(secret) for name, secret in profile.secrets.items()}}


def fingerprint(secret: Secret) -> str:
    """Eight digits by which two people can see that they have the same key; they do not tell the key."""
    return hashlib.sha256(b"mobilenode key fingerprint\n" + secret.reveal()).hexdigest()[:8]
