from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from client.core.marks import Marks


def test_addresses_become_marks_and_the_same_one_the_same_mark() -> None:
    hidden = Marks().hide("198.51.100.23/24 by 10.0.0.7:434, then 198.51.100.23.")
    assert hidden == "<v4-1>/24 by <v4-2>:434, then <v4-1>."


def test_ipv6_in_every_spelling_is_one_address() -> None:
    assert Marks().hide("2001:db8::1 2001:DB8:0:0::1 fe80::1%eth0") == "<v6-1> <v6-1> <v6-2>%eth0"


def test_hardware_addresses_and_names_are_hidden() -> None:
    marks = Marks(["alice@example.net", "alice", "Cafe-Guest"])
    text = 'alice@example.net at "Cafe-Guest" 02:00:5E:00:53:01 (alice)'
    assert marks.hide(text) == '<name-1> at "<name-2>" <mac-1> (<name-3>)'


def test_what_says_nothing_stays() -> None:
    text = "v4:131, v6:144, 14:02:11, 127.0.0.1, ::1, 0.0.0.0, version 0.1.0, 3.5 ms, 2026-11-23T14:02:11.000Z"
    assert Marks().hide(text) == text


@given(st.ip_addresses(), st.text(alphabet=" ,;()[]\"'/=<>\n", max_size=3))
def test_no_address_is_left_whatever_stands_around_it(address: object, around: str) -> None:
    hidden = Marks().hide(f"x {around}{address}{around} y")
    text = str(address)
    assert f" {text} " not in f" {hidden} " or text in ("0.0.0.0", "::", "::1") or text.startswith("127.")
