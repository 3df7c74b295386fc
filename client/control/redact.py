"""What people without rights on this machine may see: that it works, but not where we are."""

from __future__ import annotations

import msgspec

from client.core.status import IPv4Status, IPv6Status, Limit, Setting, Status


def without_places(status: Status) -> Status:
    """The status without network, care-of address and agents, and without words that could name them."""
    return msgspec.structs.replace(
        status,
        network=None,
        v4=None if status.v4 is None else _without_places(status.v4),
        v6=None if status.v6 is None else _without_places6(status.v6),
        settings={name: _without_networks(setting) for name, setting in status.settings.items()},
        limits=[Limit(id=limit.id) for limit in status.limits],
    )


def _without_networks(setting: Setting) -> Setting:
    """A setting of which the value is networks tells only that it is some."""
    wanted, applied = ("some" if "/" in value else value for value in (setting.wanted, setting.applied))
    return msgspec.structs.replace(setting, wanted=wanted, applied=applied)


def _without_places(v4: IPv4Status) -> IPv4Status:
    return msgspec.structs.replace(v4, care_of_address=None, home_agent=None, foreign_agent=None)


def _without_places6(v6: IPv6Status) -> IPv6Status:
    return msgspec.structs.replace(v6, care_of_address=None, home_agent=None, peers=[])
