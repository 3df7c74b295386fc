"""Who a Registration Request claims to come from, and whether that is so (RFC 5944 §3.8.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from agents.nodes import Node
from agents.received import ReceivedRequest, before, only_extension
from agents.refusals import Denied, Dropped, Refusal
from agents.settings import Associations
from client.mipv4.authentication import SecurityAssociation, authenticates, find_association
from client.mipv4.codes import Code
from client.mipv4.extensions import Extension, ExtensionType, of_type, read_nai
from client.mipv4.messages import RequestFlags

FindNode: TypeAlias = Callable[[str | None, IPv4Address], Node | None]
"""The node with this NAI; without a NAI the one with this home address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request that names a node and an association that we know. Not proved before `check_authenticators`."""

    received: ReceivedRequest
    node: Node
    association: SecurityAssociation
    proof: Extension  # the Mobile-Home Authentication Extension
    nai: str | None  # as the request has it
    foreign_agent: Associations  # those shared with the foreign agent that relayed it; none without one

    @property
    def covered(self) -> bytes:
        """The request up to the end of its Mobile-Home Authentication Extension: what the node itself sent."""
        return self.received.message[: self.proof.end]


def read_claim(
    received: ReceivedRequest, find: FindNode, foreign_agents: Mapping[IPv4Address, Associations]
) -> Claim | Dropped:
    """Find the node and its association; a stranger gets no answer at all (threat T12).

    Only a NAI in front of the authenticator counts: what stands behind it could be anyone's (RFC 2794 §2).
    """
    request = received.request
    proof = only_extension(request.extensions, ExtensionType.MOBILE_HOME_AUTHENTICATION)
    if proof is None:
        return Dropped("no-authentication")
    nai = read_nai(before(request.extensions, proof.offset))
    node = find(nai, request.home_address)
    if node is None:
        return Dropped("unknown-node")
    association = find_association(node.associations, proof)
    if association is None:
        return Dropped("unknown-spi")
    return Claim(
        received=received,
        node=node,
        association=association,
        proof=proof,
        nai=nai,
        foreign_agent=_foreign_agent(received, foreign_agents),
    )


def _foreign_agent(received: ReceivedRequest, foreign_agents: Mapping[IPv4Address, Associations]) -> Associations:
    """Only a request from its own care-of address carries a Foreign-Home Authentication Extension (RFC 5944 §3.5.4).

    Behind a NAT an agent is known by its care-of address alone, if it has signed (RFC 3519 §4.5).
    """
    request = received.request
    if received.packet.source == request.care_of_address:
        return foreign_agents.get(request.care_of_address, ())
    signed = of_type(request.extensions, ExtensionType.FOREIGN_HOME_AUTHENTICATION)
    if signed and RequestFlags.DECAPSULATION not in request.flags:
        return foreign_agents.get(request.care_of_address, ())
    return ()


def check_authenticators(claim: Claim) -> Refusal | None:
    """Is the node what it claims to be (RFC 5944 §3.8.2.1 a)?

    A foreign agent with which we share a key must have signed a request before we tell it of a wrong one.
    """
    if claim.association.verifies(claim.received.message, claim.proof):
        return None
    if claim.foreign_agent and not is_signed_by_foreign_agent(claim):
        return Dropped("wrong-authenticator")
    return Denied(Code.HA_MOBILE_NODE_AUTHENTICATION)


def check_foreign_agent(claim: Claim) -> Refusal | None:
    """Has the foreign agent signed exactly when it should have (RFC 5944 §3.8.2.1 c, d)?"""
    request = claim.received.request
    if claim.foreign_agent:
        if request.is_deregistration or is_signed_by_foreign_agent(claim):
            return None
        return Denied(Code.HA_FOREIGN_AGENT_AUTHENTICATION)
    if of_type(request.extensions, ExtensionType.FOREIGN_HOME_AUTHENTICATION):
        return Dropped("unknown-foreign-agent")
    return None


def is_signed_by_foreign_agent(claim: Claim) -> bool:
    """Is there exactly one Foreign-Home Authentication Extension, and is it right?"""
    return authenticates(
        claim.received.message,
        claim.received.request.extensions,
        ExtensionType.FOREIGN_HOME_AUTHENTICATION,
        claim.foreign_agent,
    )
