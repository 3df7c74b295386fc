"""What people can choose, in the profile and at run time: the same words everywhere."""

from __future__ import annotations

from enum import Enum


class Preference(Enum):
    """Which kind of care-of address to use where both are to be had."""

    AUTO = "auto"
    FOREIGN_AGENT = "foreign-agent"
    CO_LOCATED = "co-located"


class Switch(Enum):
    """A setting that may be left to the daemon."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"
