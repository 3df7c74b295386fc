"""`mobilityagent add-node` for IPv6: what it writes must be what the laptop reads."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import pytest

from agents.node_store import NodeStore
from client.core.profile import IpsecManual, Profile, Rfc4285
from client.core.profile_text import read_profile
from mipv6.esp import secret_of

HOME4 = (
    '[[home_agent]]\naddress = "198.51.100.1"\nnetwork = "198.51.100.0/24"\npool = "198.51.100.128-198.51.100.140"\n'
)
HOME6 = '[home6]\naddress = "2001:db8:1::1"\nprefixes = ["2001:db8:1::/64", "2001:db8:2::/64"]\n'
NAI = "alice@example.net"
HOME = "2001:db8:2::23"


class Place:
    """A configuration, a state directory, and no daemon."""

    def __init__(self, directory: Path, text: str) -> None:
        self.directory = directory
        self.state = directory / "state"
        (directory / "agent.toml").write_text(text)

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        files: list[str | Path] = ["--config", self.directory / "agent.toml", "--state", self.state]
        command = [sys.executable, "-m", "agents.cli", "--socket", self.directory / "none", *words, *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done

    def profile(self, *options: str) -> Profile:
        return read_profile(self.run("add-node", NAI, *options).stdout)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, HOME4 + HOME6)


@pytest.mark.rfc("6275", "5.1", "manual-keys")
def test_the_profile_and_the_entry_say_the_same(place: Place) -> None:
    profile = place.profile("--v6", HOME)
    [node] = NodeStore(place.state).load().nodes
    assert profile.mipv4 is not None
    assert profile.mipv6 is not None
    assert node.v6 is not None
    assert profile.mipv6.home_address == str(node.v6.home_address) == HOME
    assert (profile.mipv6.home_prefix, profile.mipv6.home_agents) == ("2001:db8:2::/64", ["2001:db8:1::1"])
    [association] = node.v6.associations
    auth = profile.mipv6.auth
    assert isinstance(auth, Rfc4285)
    assert (auth.id, auth.spi, auth.replay) == (NAI, association.spi, "timestamp")
    assert association.timestamps
    assert profile.secrets[auth.secret] == association.key
    assert len(association.key) == 16
    assert association.key != node.associations[0].key
    assert sorted(node.spis) == [4096, 4097]
    assert not profile.mipv6.direct_paths.accept_unprotected


@pytest.mark.rfc("6275", "5.1", "manual-keys")
def test_the_profile_and_the_entry_say_the_same_of_esp(place: Place) -> None:
    """What one side sends under is what the other one hears under."""
    profile = place.profile("--v6", HOME, "--protection", "esp")
    [node] = NodeStore(place.state).load().nodes
    assert profile.mipv6 is not None
    assert node.v6 is not None
    assert node.v6.esp is not None
    auth = profile.mipv6.auth
    assert isinstance(auth, IpsecManual)
    ours, theirs = node.v6.esp.inbound, node.v6.esp.outbound
    assert (auth.spi_out, auth.spi_in, auth.algorithm) == (ours.spi, theirs.spi, "aes-cbc-hmac-sha1-96")
    assert profile.secrets[auth.secret] == secret_of(ours) == secret_of(theirs)
    assert len(secret_of(ours)) == 36
    assert sorted(node.spis) == [4096, 4097, 4098]
    place.run("add-node", "bob@example.net")
    assert sorted(spi for each in NodeStore(place.state).load().nodes for spi in each.spis) == list(range(4096, 4101))


def test_an_agent_for_ipv6_alone_makes_profiles_for_ipv6_alone(tmp_path: Path) -> None:
    place = Place(tmp_path, HOME6 + "accept_unprotected = true\n")
    profile = place.profile("--discover")
    [node] = NodeStore(place.state).load().nodes
    assert profile.mipv4 is None
    assert profile.mipv6 is not None
    assert profile.mipv6.home_agents == ["dhaad"]
    assert profile.mipv6.direct_paths.accept_unprotected
    assert node.associations == ()
    assert node.v6 is not None
    assert node.v6.home_address in IPv6Network("2001:db8:1::/64")
    assert node.v6.home_address != IPv6Address("2001:db8:1::1")


@pytest.mark.parametrize(
    ("options", "families"),
    [([], (True, True)), (["--v6", "none"], (True, False)), (["--home-address", "none"], (False, True))],
)
def test_a_family_may_be_left_out(place: Place, options: list[str], families: tuple[bool, bool]) -> None:
    profile = place.profile(*options)
    assert (profile.mipv4 is not None, profile.mipv6 is not None) == families


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--v6", "2001:db8:3::1"], 1, "not in a home prefix"),
        (["--v6", "2001:db8:1::1"], 1, "home agent's own address"),
        (["--v6", "2001:db8:2::"], 1, "the routers'"),
        (["--v6", "home"], 2, "neither an IPv6 address"),
        (["--v6", "none", "--home-address", "none"], 1, "neither an IPv4 nor an IPv6"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(place: Place, words: list[str], code: int, sentence: str) -> None:
    done = place.run("add-node", NAI, *words, code=code)
    assert sentence in done.stderr
    assert done.stdout == ""
    assert len(NodeStore(place.state).load().nodes) == 0


def test_a_home_address_is_given_once(place: Place) -> None:
    place.profile("--v6", HOME)
    done = place.run("add-node", "bob", "--v6", HOME, code=1)
    assert f"another node has the home address {HOME}" in done.stderr


def test_what_ipv4_alone_offers_has_no_ipv6(tmp_path: Path) -> None:
    place = Place(tmp_path, HOME4)
    assert place.profile().mipv6 is None
    assert "no home agent for IPv6" in place.run("add-node", "bob", "--v6", HOME, code=1).stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("spi = 4096", "spi = 255", "SPI 255"),
        ("[[mipv6.key]]", "[[mipv6.clef]]", "unknown field"),
        (f'"{HOME}"', '"fe80::1"', "not the address of one host"),
        ("secret", 'replay = "luck"\nsecret', "replay"),
    ],
)
def test_a_bad_entry_is_told(place: Place, old: str, new: str, words: str) -> None:
    place.run("add-node", NAI, "--v6", HOME, "--home-address", "none")
    [path] = (place.state / "nodes.d").iterdir()
    path.write_text(path.read_text().replace(old, new))
    loaded = NodeStore(place.state).load()
    assert len(loaded.nodes) == 0
    assert words in loaded.problems[0]
