"""Nodes on disk."""

from __future__ import annotations

import stat
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from agents.home6.node import Node6
from agents.node_file import check_nai, write_node
from agents.node_store import NodeStore
from agents.nodes import Node
from client.core.errors import ProfileError
from client.core.secret import Secret
from client.mipv4.authentication import Algorithm, SecurityAssociation
from mipv6.esp import associations

KEY = b"sixteen bytes!!!"


def node(nai: str = "alice@example.net", home_address: str | None = "198.51.100.23") -> Node:
    association = SecurityAssociation(spi=4096, key=Secret(KEY), algorithm=Algorithm.MD5_PREFIX_SUFFIX)
    return Node(
        nai=nai,
        home_address=IPv4Address(home_address) if home_address else None,
        home_agent=IPv4Address("198.51.100.1"),
        associations=(association,),
    )


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    store = NodeStore(tmp_path)
    with store.changing():
        pass
    return store


def test_what_was_added_is_there_for_root_alone(store: NodeStore, tmp_path: Path) -> None:
    store.add(node())
    store.add(node("bob", None))
    loaded = store.load()
    assert loaded.problems == ()
    assert set(loaded.nodes) == {node(), node("bob", None)}
    path = tmp_path / "nodes.d" / "alice@example.net.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["alice@example.net.toml", "bob.toml"]


def test_a_file_written_by_hand_is_read(store: NodeStore, tmp_path: Path) -> None:
    path = tmp_path / "nodes.d" / "carol.toml"
    path.write_text(
        'nai = "carol"\nhome_address = "dynamic"\n[[key]]\nspi = 256\nsecret = "base64:' + "A" * 22 + '=="\n'
    )
    path.chmod(0o600)
    [carol] = store.load().nodes
    assert (carol.nai, carol.home_address, carol.home_agent) == ("carol", None, None)
    assert carol.associations[0].key.reveal() == bytes(16)


def test_an_entry_is_never_overwritten(store: NodeStore) -> None:
    store.add(node())
    with pytest.raises(ProfileError, match="already"):
        store.add(node(home_address="198.51.100.99"))
    assert list(store.load().nodes) == [node()]


def test_a_removed_node_is_gone(store: NodeStore) -> None:
    store.add(node())
    assert store.remove("alice@example.net")
    assert not store.remove("alice@example.net")
    assert len(store.load().nodes) == 0


def test_nothing_is_there_before_the_first_node(tmp_path: Path) -> None:
    assert len(NodeStore(tmp_path / "new").load().nodes) == 0


@pytest.mark.parametrize(
    ("name", "text", "mode", "words"),
    [
        ("bad.toml", write_node(node("bad")), 0o640, "chmod 600"),
        ("bad.toml", write_node(node("good")), 0o600, "is called good.toml"),
        ("bad.toml", write_node(node("bad", "198.51.100.77")), 0o600, "another node has the home address"),
        ("bad.toml", write_node(node("bad")) + "x = 1\n", 0o600, "unknown field `x`"),
        ("bad.toml", 'nai = "bad"\nhome_address = "dynamic"\nkey = []\n', 0o600, "no [[key]]"),
        ("bad.toml", 'nai = "bad"\n', 0o600, "no [[key]]"),
        ("bad.toml", 'home_address = "dynamic"\n', 0o600, "missing required field"),
        ("bad.toml", "\x00", 0o600, "bad.toml"),
        ("bad.toml", write_node(node("bad")).replace("4096", "255"), 0o600, "SPI 255"),
        ("bad.toml", write_node(node("bad")).replace("198.51.100.23", "home"), 0o600, "not an IPv4 address"),
    ],
)
def test_a_bad_file_is_told_and_the_others_are_served(
    store: NodeStore, tmp_path: Path, name: str, text: str, mode: int, words: str
) -> None:
    store.add(node("alice", "198.51.100.77"))
    path = tmp_path / "nodes.d" / name
    path.write_text(text)
    path.chmod(mode)
    loaded = store.load()
    assert [entry.nai for entry in loaded.nodes] == ["alice"]
    [problem] = loaded.problems
    assert words in problem
    assert "c2l4dGVlbiBieXRlcyEhIQ" not in problem


def test_two_nodes_cannot_be_told_apart_by_one_spi_of_esp(store: NodeStore, tmp_path: Path) -> None:
    for number, nai in enumerate(("alice", "bob")):
        pair = associations(4097, 4098 + number, Secret(bytes(20)))
        entry = Node(nai=nai, v6=Node6(home_address=IPv6Address(0x20010DB8 << 96 | number), esp=pair))
        path = tmp_path / "nodes.d" / f"{nai}.toml"
        path.write_text(write_node(entry))
        path.chmod(0o600)
    loaded = store.load()
    assert [entry.nai for entry in loaded.nodes] == ["alice"]
    assert "the SPI 4097" in loaded.problems[0]


def test_a_link_to_another_file_is_not_followed(store: NodeStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(write_node(node("alice")))
    elsewhere.chmod(0o600)
    (tmp_path / "nodes.d" / "alice.toml").symlink_to(elsewhere)
    assert len(store.load().nodes) == 0
    assert len(store.load().problems) == 1


@pytest.mark.parametrize(
    "nai", ["", ".hidden", "../etc/passwd", "a/b", 'a"b', "a b", "a@", "@b", "a@b@c", "a\n", "ä@b", "a" * 129, "a@b..c"]
)
def test_a_name_that_could_not_be_a_files_is_refused(nai: str) -> None:
    with pytest.raises(ProfileError):
        check_nai(nai)


@pytest.mark.parametrize("nai", ["alice", "alice@example.net", "a.b+c_d-e@example", "7@x.y"])
def test_ordinary_names_are_taken(nai: str) -> None:
    assert check_nai(nai) == nai
