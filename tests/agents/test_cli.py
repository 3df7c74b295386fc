"""mobilityagent, without a daemon: what it writes must be what the laptop reads."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest

from agents.node_store import NodeStore
from client.core.profile import Profile
from client.core.profile_text import read_profile

CONFIGURATION = """\
[[home_agent]]
address = "198.51.100.1"
network = "198.51.100.0/24"
pool = "198.51.100.128-198.51.100.129"
"""
NAI = "alice@example.net"


class Place:
    """A configuration, a state directory, and no daemon."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.state = directory / "state"
        (directory / "agent.toml").write_text(CONFIGURATION)

    def command(self, *words: str) -> list[str | Path]:
        files: list[str | Path] = (
            [] if words[0] == "show" else ["--config", self.directory / "agent.toml", "--state", self.state]
        )
        return [sys.executable, "-m", "agents.cli", "--socket", self.directory / "none", *words, *files]

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done

    def profile(self, nai: str = NAI, *options: str) -> Profile:
        return read_profile(self.run("add-node", nai, *options).stdout)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_profile_and_the_entry_say_the_same(place: Place) -> None:
    profile = place.profile(NAI, "--home-address", "198.51.100.23", "--key-algorithm", "md5-prefix-suffix")
    [node] = NodeStore(place.state).load().nodes
    assert profile.mipv4 is not None
    assert (profile.id, profile.name, profile.mipv4.nai) == (NAI, "example.net", NAI)
    assert profile.mipv4.home_address == IPv4Interface("198.51.100.23/24")
    assert profile.mipv4.home_agents == ["198.51.100.1"]
    [key] = profile.mipv4.key
    [association] = node.associations
    assert (key.spi, key.algorithm) == (association.spi, association.algorithm.value) == (4096, "md5-prefix-suffix")
    assert profile.secrets[key.secret] == association.key
    assert len(association.key) == 16
    assert (node.nai, node.home_address, node.home_agent) == (
        NAI,
        IPv4Address("198.51.100.23"),
        IPv4Address("198.51.100.1"),
    )


def test_each_node_has_a_key_an_spi_and_an_address_of_its_own(place: Place) -> None:
    place.profile("alice@example.net")
    place.profile("bob@example.net")
    alice, bob = NodeStore(place.state).load().nodes
    assert alice.associations[0].key != bob.associations[0].key
    assert [node.associations[0].spi for node in (alice, bob)] == [4096, 4097]
    assert [str(node.home_address) for node in (alice, bob)] == ["198.51.100.128", "198.51.100.129"]
    assert "every address of the pool" in place.run("add-node", "carol@example.net", code=1).stderr


def test_a_dynamic_node_learns_its_address_when_it_registers(place: Place) -> None:
    profile = place.profile(NAI, "--home-address", "dynamic")
    assert profile.mipv4 is not None
    assert profile.mipv4.home_address is None
    [node] = NodeStore(place.state).load().nodes
    assert node.home_address is None


def test_the_key_is_only_in_the_profile_and_the_entry(place: Place) -> None:
    done = place.run("add-node", NAI)
    secret = done.stdout.split("base64:")[1].split('"')[0]
    assert secret in next((place.state / "nodes.d").iterdir()).read_text()
    assert secret not in done.stderr
    assert secret not in place.run("nodes").stdout
    assert NAI in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--home-address", "192.0.2.1"], 1, "not in a home network"),
        (["--home-address", "198.51.100.1"], 1, "home agent's own address"),
        (["--home-address", "198.51.100.255"], 1, "not a host's address"),
        (["--home-address", "home"], 2, "neither an IPv4 address"),
        (["--key-algorithm", "rot13"], 2, "rot13"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(place: Place, words: list[str], code: int, sentence: str) -> None:
    done = place.run("add-node", NAI, *words, code=code)
    assert sentence in done.stderr
    assert done.stdout == ""
    assert len(NodeStore(place.state).load().nodes) == 0


def test_a_node_is_added_once_and_an_address_given_once(place: Place) -> None:
    place.run("add-node", NAI, "--home-address", "198.51.100.23")
    assert "already" in place.run("add-node", NAI, code=1).stderr
    taken = place.run("add-node", "bob", "--home-address", "198.51.100.23", code=1)
    assert "another node has" in taken.stderr


def test_a_name_that_is_none_is_refused(place: Place) -> None:
    assert "not a name" in place.run("add-node", "../evil", code=1).stderr


@pytest.mark.parametrize(("show", "code"), [([], 2), (["--show"], 0)])
def test_a_terminal_sees_a_key_only_if_asked(place: Place, show: list[str], code: int) -> None:
    main, terminal = pty.openpty()
    done = subprocess.run(place.command("add-node", NAI, *show), stdout=terminal, stderr=subprocess.PIPE, check=False)
    os.close(terminal)
    os.close(main)
    assert done.returncode == code
    assert len(NodeStore(place.state).load().nodes) == (1 if show else 0)


def test_the_file_that_output_goes_to_is_closed_to_others(place: Place) -> None:
    path = place.directory / "alice.mobilenode"
    with path.open("w") as file:
        path.chmod(0o644)
        subprocess.run(place.command("add-node", NAI), stdout=file, check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_profile(path.read_text()).id == NAI


def test_a_profile_that_could_not_be_written_leaves_no_entry(place: Place) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(place.command("add-node", NAI), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert len(NodeStore(place.state).load().nodes) == 0


def test_nodes_are_listed_and_revoked(place: Place) -> None:
    assert "No mobile node" in place.run("nodes").stdout
    place.run("add-node", NAI)
    [row] = json.loads(place.run("nodes", "--json").stdout)
    assert row == {
        "nai": NAI,
        "home_address": "198.51.100.128",
        "home_agent": "198.51.100.1",
        "home_address6": None,
        "spis": [4096],
    }
    assert NAI in place.run("nodes").stdout
    place.run("revoke", NAI)
    assert json.loads(place.run("nodes", "--json").stdout) == []
    assert "no entry" in place.run("revoke", NAI, code=1).stderr


def test_without_a_daemon_show_says_so(place: Place) -> None:
    assert "Is mobilityagentd running?" in place.run("show", "bindings", code=3).stderr


def test_a_missing_configuration_is_told(place: Place) -> None:
    (place.directory / "agent.toml").unlink()
    assert "agent.toml" in place.run("add-node", NAI, code=1).stderr


def test_the_socket_has_a_variable_of_its_own(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MOBILITYAGENT_SOCKET": str(tmp_path / "agent.sock"),
        "MOBILENODE_SOCKET": str(tmp_path / "laptop.sock"),
    }
    command = [sys.executable, "-m", "agents.cli", "show", "bindings"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 3
    assert "agent.sock" in done.stderr


def test_help_is_had_by_h_as_in_the_other_programs() -> None:
    command = [sys.executable, "-m", "agents.cli", "add-node", "-h"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--home-address" in done.stdout
