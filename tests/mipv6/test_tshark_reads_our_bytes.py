"""tshark as the independent eye: it reads in our packets what we meant, and finds no checksum or length wrong."""

from __future__ import annotations

import subprocess
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from client.core.ipv6 import IPv6Packet
from client.core.secret import Secret
from mipv6.home_agent_discovery import HomeAgentReply, HomeAgentRequest
from mipv6.messages import (
    BindingAcknowledgement,
    BindingError,
    BindingRefreshRequest,
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
)
from mipv6.mn_ha_authentication import SecurityAssociation, authenticated
from mipv6.neighbour_messages import NeighbourAdvertisement, duplicate_address_probe
from mipv6.neighbour_options import (
    AdvertisementInterval,
    HomeAgentInformation,
    LinkMtu,
    PrefixInformation,
    SourceLinkLayerAddress,
)
from mipv6.options import (
    AlternateCareOfAddress,
    BindingRefreshAdvice,
    MobileNetworkPrefix,
    MobileNodeIdentifier,
    NonceIndices,
    ReplayProtection,
)
from mipv6.prefix_messages import PrefixAdvertisement, PrefixSolicitation
from mipv6.return_routability import authorised
from mipv6.router_advertisement import RouterAdvertisement, RouterSolicitation
from tests.mipv6.headers import CARE_OF, COOKIE, CORRESPONDENT, HOME, HOME_AGENT, TOKEN

pytestmark = pytest.mark.lab

WARNING, ERROR = "6291456", "8388608"
MAC = bytes.fromhex("020000000001")
ROUTER = IPv6Address("fe80::1")
PREFIX = PrefixInformation(
    address=HOME_AGENT,
    length=64,
    on_link=True,
    autonomous=True,
    router_address=True,
    valid_lifetime=86400,
    preferred_lifetime=14400,
)


def eye(tmp_path: Path, packet: IPv6Packet, **expected: str) -> None:
    """tshark reads these values in these fields ("__" for a dot), finds nothing malformed, and warns of nothing."""
    file = tmp_path / "packet.pcap"
    wrpcap(str(file), [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x86DD) / packet.pack()])
    names = [name.replace("__", ".") for name in expected]
    wanted = [word for name in (*names, "_ws.expert.severity", "_ws.malformed") for word in ("-e", name)]
    output = subprocess.run(
        ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "separator=|", *wanted],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    *values, severities, malformed = output.rstrip("\n").split("|")
    assert dict(zip(names, values, strict=True)) == dict(zip(names, expected.values(), strict=True))
    assert malformed == ""
    assert not {WARNING, ERROR} & set(severities.split(",")), "tshark warns or finds an error"


@pytest.mark.rfc("6275", "6.1.2")
def test_binding_refresh_request(tmp_path: Path) -> None:
    packet = BindingRefreshRequest().packet(CORRESPONDENT, HOME)
    eye(tmp_path, packet, mip6__mhtype="0", mip6__hlen="0", mip6__proto="59", ipv6__nxt="135")


@pytest.mark.rfc("6275", "6.1.3")
@pytest.mark.rfc("6275", "6.1.4")
def test_inits(tmp_path: Path) -> None:
    cookie = "0xc0c1c2c3c4c5c6c7"
    eye(tmp_path, HomeTestInit(cookie=COOKIE).packet(HOME, CORRESPONDENT), mip6__mhtype="1", mip6__hoti__cookie=cookie)
    init = CareOfTestInit(cookie=COOKIE).packet(CARE_OF, CORRESPONDENT)
    eye(tmp_path, init, mip6__mhtype="2", mip6__coti__cookie=cookie)


@pytest.mark.rfc("6275", "6.1.5")
@pytest.mark.rfc("6275", "6.1.6")
def test_tests(tmp_path: Path) -> None:
    home = HomeTest(nonce_index=258, cookie=COOKIE, keygen_token=TOKEN).packet(CORRESPONDENT, HOME)
    eye(
        tmp_path,
        home,
        mip6__hot__nindex="258",
        mip6__hot__cookie="0xc0c1c2c3c4c5c6c7",
        mip6__hot__token="0xd0d1d2d3d4d5d6d7",
    )
    care_of = CareOfTest(nonce_index=772, cookie=COOKIE, keygen_token=TOKEN).packet(CORRESPONDENT, CARE_OF)
    eye(
        tmp_path,
        care_of,
        mip6__cot__nindex="772",
        mip6__cot__cookie="0xc0c1c2c3c4c5c6c7",
    )


@pytest.mark.rfc("6275", "6.1.7")
@pytest.mark.rfc("6275", "6.3")
@pytest.mark.rfc("4285", "5.1")
def test_home_registration(tmp_path: Path) -> None:
    """tshark 4 counts the time from 1970, not as NTP, and shows the authenticator without its last two octets."""
    update = BindingUpdate(
        sequence=4660,
        home_registration=True,
        link_local=True,
        lifetime=420,
        options=(
            AlternateCareOfAddress(CARE_OF),
            MobileNetworkPrefix(48, IPv6Address("2001:db8:7::")),
            MobileNodeIdentifier("alice@example.net"),
            ReplayProtection(1 << 63),
        ),
    )
    association = SecurityAssociation(spi=4096, key=Secret(bytes(16)))
    message = authenticated(update, association, CARE_OF, HOME)
    authenticator = message.pack_without_checksum()[-12:]
    eye(
        tmp_path,
        message.packet(CARE_OF, HOME_AGENT, home_address=HOME),
        ipv6__opt__mipv6__home_address=str(HOME),
        mip6__bu__seqnr="4660",
        mip6__bu__a_flag="1",
        mip6__bu__h_flag="1",
        mip6__bu__l_flag="1",
        mip6__bu__k_flag="0",
        mip6__bu__lifetime="105",
        mip6__acoa__acoa=str(CARE_OF),
        mip6__nemo__mnp__pfl="48",
        mip6__nemo__mnp__mnp="2001:db8:7::",
        mip6__mnid__subtype="1",
        mip6__mnid__identifier="alice@example.net",
        mip6__mseg_id__timestamp="Jan 19, 2038 03:14:08.000000000 UTC",
        mip6__auth__subtype="1",
        mip6__auth__mobility_spi="4096",
        mip6__auth__auth_data=authenticator[:-2].hex(),
    )


@pytest.mark.rfc("6275", "6.2.6")
@pytest.mark.rfc("6275", "6.2.7")
def test_binding_update_to_a_correspondent(tmp_path: Path) -> None:
    update = BindingUpdate(sequence=7, lifetime=420, options=(NonceIndices(258, 772),))
    message = authorised(update, bytes(20), CARE_OF, CORRESPONDENT)
    eye(
        tmp_path,
        message.packet(CARE_OF, CORRESPONDENT, home_address=HOME),
        mip6__bu__h_flag="0",
        mip6__ni__hni="258",
        mip6__ni__cni="772",
        mip6__bad__auth=message.pack_without_checksum()[-12:].hex(),
    )


@pytest.mark.rfc("6275", "6.1.8")
@pytest.mark.rfc("6275", "6.4")
@pytest.mark.parametrize("status", [0, 1, 135, 174])
def test_binding_acknowledgement(tmp_path: Path, status: int) -> None:
    message = BindingAcknowledgement(
        status=status, key_management=True, sequence=65535, lifetime=420, options=(BindingRefreshAdvice(240),)
    )
    eye(
        tmp_path,
        message.packet(HOME_AGENT, CARE_OF, routing=HOME),
        ipv6__routing__type="2",
        ipv6__routing__mipv6__home_address=str(HOME),
        mip6__ba__status=str(status),
        mip6__ba__k_flag="1",
        mip6__ba__seqnr="65535",
        mip6__ba__lifetime="105",
        mip6__bra__interval="60",
    )


@pytest.mark.rfc("6275", "6.1.9")
def test_binding_error(tmp_path: Path) -> None:
    packet = BindingError(status=2, home_address=HOME).packet(CORRESPONDENT, CARE_OF)
    eye(tmp_path, packet, mip6__be__status="2", mip6__be__haddr=str(HOME))


@pytest.mark.rfc("6275", "6.5")
@pytest.mark.rfc("6275", "6.6")
def test_home_agent_discovery(tmp_path: Path) -> None:
    request = HomeAgentRequest(identifier=4660).packet(CARE_OF, HOME_AGENT)
    eye(tmp_path, request, icmpv6__type="144", icmpv6__checksum__status="1", icmpv6__mip6__identifier="4660")
    reply = HomeAgentReply(identifier=4660, home_agents=(HOME_AGENT, HOME)).packet(HOME_AGENT, CARE_OF)
    eye(
        tmp_path,
        reply,
        icmpv6__type="145",
        icmpv6__checksum__status="1",
        icmpv6__mip6__identifier="4660",
        icmpv6__mip6__home_agent_address=f"{HOME_AGENT},{HOME}",
    )


@pytest.mark.rfc("6275", "6.7")
@pytest.mark.rfc("6275", "6.8")
def test_prefix_messages(tmp_path: Path) -> None:
    solicitation = PrefixSolicitation(identifier=4660).packet(CARE_OF, HOME_AGENT, HOME)
    eye(
        tmp_path,
        solicitation,
        icmpv6__type="146",
        icmpv6__checksum__status="1",
        icmpv6__mip6__identifier="4660",
        ipv6__opt__mipv6__home_address=str(HOME),
    )
    advertisement = PrefixAdvertisement(identifier=4660, other=True, prefixes=(PREFIX,))
    eye(
        tmp_path,
        advertisement.packet(HOME_AGENT, CARE_OF, HOME),
        icmpv6__type="147",
        icmpv6__checksum__status="1",
        icmpv6__mip6__identifier="4660",
        icmpv6__mip6__flag__m="0",
        icmpv6__mip6__flag__o="1",
        icmpv6__opt__prefix=str(HOME_AGENT),
        icmpv6__opt__prefix__flag__r="1",
        ipv6__routing__mipv6__home_address=str(HOME),
    )


@pytest.mark.rfc("6275", "7.1")
@pytest.mark.rfc("6275", "7.2")
@pytest.mark.rfc("6275", "7.3")
@pytest.mark.rfc("6275", "7.4")
def test_router_advertisement_of_a_home_agent(tmp_path: Path) -> None:
    advertisement = RouterAdvertisement(
        lifetime=1800,
        home_agent=True,
        options=(
            SourceLinkLayerAddress(MAC),
            LinkMtu(1400),
            PREFIX,
            AdvertisementInterval(1.5),
            HomeAgentInformation(preference=9, lifetime=600),
        ),
    )
    eye(
        tmp_path,
        advertisement.packet(ROUTER),
        icmpv6__type="134",
        icmpv6__checksum__status="1",
        ipv6__hlim="255",
        icmpv6__nd__ra__flag__h="1",
        icmpv6__nd__ra__flag__m="0",
        icmpv6__nd__ra__router_lifetime="1800",
        icmpv6__opt__linkaddr="02:00:00:00:00:01",
        icmpv6__opt__mtu="1400",
        icmpv6__opt__prefix=str(HOME_AGENT),
        icmpv6__opt__prefix__length="64",
        icmpv6__opt__prefix__flag__l="1",
        icmpv6__opt__prefix__flag__a="1",
        icmpv6__opt__prefix__flag__r="1",
        icmpv6__opt__prefix__valid_lifetime="86400",
        icmpv6__opt__prefix__preferred_lifetime="14400",
        icmpv6__opt__advertisement_interval="1500",
        icmpv6__opt__home_agent_preference="9",
        icmpv6__opt__home_agent_lifetime="600",
    )


@pytest.mark.rfc("4861", "4.1")
@pytest.mark.rfc("4861", "4.3")
@pytest.mark.rfc("4861", "4.4")
def test_neighbour_discovery(tmp_path: Path) -> None:
    solicitation = RouterSolicitation(options=(SourceLinkLayerAddress(MAC),)).packet(ROUTER)
    eye(tmp_path, solicitation, icmpv6__type="133", icmpv6__checksum__status="1", ipv6__dst="ff02::2")
    probe = duplicate_address_probe(HOME)
    eye(
        tmp_path,
        probe,
        icmpv6__type="135",
        icmpv6__checksum__status="1",
        ipv6__src="::",
        ipv6__dst="ff02::1:ff00:23",
        icmpv6__nd__ns__target_address=str(HOME),
    )
    claim = NeighbourAdvertisement(target=HOME, override=True, link_layer_address=MAC)
    eye(
        tmp_path,
        claim.packet(HOME, IPv6Address("ff02::1")),
        icmpv6__type="136",
        icmpv6__checksum__status="1",
        icmpv6__nd__na__target_address=str(HOME),
        icmpv6__nd__na__flag__o="1",
        icmpv6__nd__na__flag__s="0",
        icmpv6__nd__na__flag__r="0",
        icmpv6__opt__linkaddr="02:00:00:00:00:01",
    )
