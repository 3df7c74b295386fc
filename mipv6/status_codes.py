"""What a Binding Acknowledgement and a Binding Error say (RFC 6275 §6.1.8, §6.1.9; RFC 4285 §8)."""

from __future__ import annotations

from enum import IntEnum

FIRST_REFUSAL = 128


class Status(IntEnum):
    """The status of a Binding Acknowledgement; unknown numbers are possible, and below 128 they are acceptances."""

    ACCEPTED = 0
    ACCEPTED_PREFIX_DISCOVERY_NECESSARY = 1
    REASON_UNSPECIFIED = 128
    ADMINISTRATIVELY_PROHIBITED = 129
    INSUFFICIENT_RESOURCES = 130
    HOME_REGISTRATION_NOT_SUPPORTED = 131
    NOT_HOME_SUBNET = 132
    NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE = 133
    DUPLICATE_ADDRESS_DETECTION_FAILED = 134
    SEQUENCE_NUMBER_OUT_OF_WINDOW = 135
    EXPIRED_HOME_NONCE_INDEX = 136
    EXPIRED_CARE_OF_NONCE_INDEX = 137
    EXPIRED_NONCES = 138
    REGISTRATION_TYPE_CHANGE_DISALLOWED = 139
    IDENTIFICATION_MISMATCH = 144  # RFC 4285 §6: the timestamp
    IDENTIFICATION_REQUIRED = 145  # the timestamp is missing
    AUTHENTICATION_FAILED = 146  # RFC 4285 §5.3
    INVALID_CARE_OF_ADDRESS = 174


class BindingErrorStatus(IntEnum):
    """The status of a Binding Error."""

    UNKNOWN_BINDING = 1
    UNRECOGNISED_TYPE = 2


def is_accepted(status: int) -> bool:
    """Does this status say yes?"""
    return status < FIRST_REFUSAL
