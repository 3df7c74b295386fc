"""What the mobile node does by itself when its home agent says no (RFC 6275 §6.1.8, §11.7.3; RFC 4285 §5.3, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from mipv6.status_codes import Status


class Remedy(Enum):
    """After a refusal."""

    RESYNCHRONISE_SEQUENCE = "resynchronise-sequence"  # take the home agent's sequence number, ask once more
    RESYNCHRONISE_CLOCK = "resynchronise-clock"  # take the home agent's clock as an offset, ask once more
    TIMESTAMP = "timestamp"  # say the time of day, although the profile does not want it
    OTHER_HOME_AGENT = "other-home-agent"  # ask another one
    LATER = "later"  # back off and try again
    PERSON = "person"  # only a person can mend it: try seldom
    NEVER = "never"  # do not ask for this home address again until a person says so

    @property
    def at_once(self) -> bool:
        """Is the next update sent at once?"""
        return self in (Remedy.RESYNCHRONISE_SEQUENCE, Remedy.RESYNCHRONISE_CLOCK, Remedy.TIMESTAMP)


_REMEDIES: Mapping[int, Remedy] = {
    Status.REASON_UNSPECIFIED: Remedy.LATER,
    Status.ADMINISTRATIVELY_PROHIBITED: Remedy.PERSON,
    Status.INSUFFICIENT_RESOURCES: Remedy.LATER,
    Status.HOME_REGISTRATION_NOT_SUPPORTED: Remedy.OTHER_HOME_AGENT,
    Status.NOT_HOME_SUBNET: Remedy.OTHER_HOME_AGENT,
    Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE: Remedy.OTHER_HOME_AGENT,
    Status.DUPLICATE_ADDRESS_DETECTION_FAILED: Remedy.NEVER,
    Status.SEQUENCE_NUMBER_OUT_OF_WINDOW: Remedy.RESYNCHRONISE_SEQUENCE,
    Status.REGISTRATION_TYPE_CHANGE_DISALLOWED: Remedy.LATER,
    Status.IDENTIFICATION_MISMATCH: Remedy.RESYNCHRONISE_CLOCK,
    Status.IDENTIFICATION_REQUIRED: Remedy.TIMESTAMP,
    Status.AUTHENTICATION_FAILED: Remedy.PERSON,
    Status.INVALID_CARE_OF_ADDRESS: Remedy.LATER,
}


def remedy(status: int) -> Remedy:
    """What to do; of statuses that we do not know, the mildest."""
    return _REMEDIES.get(status, Remedy.LATER)
