"""The profile format: all of it is read from the first day on, and nothing that is wrong gets through (threat T23)."""

from __future__ import annotations

import base64
import time
import tomllib
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.choice import Preference, Switch
from client.core.errors import ProfileError
from client.core.profile import Peer, Profile, Rfc4285, not_acted_on
from client.core.profile_summary import summarise
from client.core.profile_text import read_profile, write_profile, write_toml

KEY = bytes(range(16))
KEY_TEXT = base64.b64encode(KEY).decode()

FULL = f"""# a comment with "quotes" and dots ..........
format = 1
id = "alice@example.net"
serial = 7
name = "Home"
[mipv4]
nai = "alice@example.net"
home_address = "198.51.100.23/24"
home_agents = ["ha.example.net", "203.0.113.80"]
lifetime = 600
care_of = "auto"
reverse_tunnel = "auto"
delivery = "direct"
encapsulation = ["ipip", "udp", "gre", "minimal"]
broadcasts = false
overlap = true
replay = "timestamp"
[[mipv4.key]]
peer = "home-agent"
spi = 4096
algorithm = "hmac-md5"
secret = "alice-ha"
[[mipv4.key]]
peer = "foreign-agent"
peer_address = "192.0.2.1"
spi = 300
secret = "alice-fa"
[mipv6]
home_address = "2001:db8:1::23"
home_prefix = "2001:db8:1::/64"
home_agents = ["dhaad"]
transport = "auto"
lifetime = 600
auth = {{ method = "rfc4285", id = "alice@example.net", spi = 4097, replay = "timestamp", secret = "alice-ha6" }}
[mipv6.direct_paths]
default = "on-demand"
after_packets = 10
never = ["2001:db8:bad::/48"]
[dns]
servers = ["198.51.100.53"]
domains = ["example.net", "~."]
[probe]
target = "198.51.100.1"
[required]
families = ["ipv4"]
[secrets]
alice-ha = "base64:{KEY_TEXT}"
alice-fa = "base64:{KEY_TEXT}"
alice-ha6 = "base64:{KEY_TEXT}"
"""

SMALL = f"""
format = 1
id = "bob"
serial = 1
name = "Bob"
[mipv4]
home_address = "198.51.100.23/24"
home_agents = ["203.0.113.80"]
[[mipv4.key]]
peer = "home-agent"
spi = 256
secret = "k"
[secrets]
k = "base64:{KEY_TEXT}"
"""


def test_the_whole_format_is_read() -> None:
    profile = read_profile(FULL)
    assert (profile.id, profile.serial, profile.name) == ("alice@example.net", 7, "Home")
    assert profile.mipv4
    assert profile.mipv4.home_address == IPv4Interface("198.51.100.23/24")
    assert profile.mipv4.home_agents == ["ha.example.net", "203.0.113.80"]
    assert (profile.mipv4.care_of, profile.mipv4.reverse_tunnel) == (Preference.AUTO, Switch.AUTO)
    [foreign] = profile.mipv4.keys(Peer.FOREIGN_AGENT)
    assert (foreign.spi, foreign.peer_address, foreign.algorithm) == (300, IPv4Address("192.0.2.1"), "hmac-md5")
    assert profile.mipv6
    assert isinstance(profile.mipv6.auth, Rfc4285)
    assert profile.secrets["alice-ha"].reveal() == KEY


def test_the_defaults_are_those_of_the_format() -> None:
    mipv4 = read_profile(SMALL).mipv4
    assert mipv4
    assert (mipv4.lifetime, mipv4.care_of, mipv4.reverse_tunnel) == (600, Preference.AUTO, Switch.AUTO)
    assert (mipv4.delivery, mipv4.replay, mipv4.broadcasts) == ("direct", "timestamp", False)
    assert mipv4.encapsulation == ["ipip", "udp", "gre", "minimal"]


def test_all_packets_use_the_home_address_unless_prefixes_are_named() -> None:
    mipv4 = read_profile(SMALL).mipv4
    assert mipv4
    assert mipv4.tunnelled_prefixes is None
    named = read_profile(
        changed("[mipv4]", '[mipv4]\ntunnelled = ["10.0.0.0/8", "192.0.2.1", "0.0.0.0/0"]', SMALL)
    ).mipv4
    assert named
    assert named.tunnelled_prefixes == (
        IPv4Network("10.0.0.0/8"),
        IPv4Network("192.0.2.1/32"),
        IPv4Network("0.0.0.0/0"),
    )


@pytest.mark.parametrize("auth", ['"ipsec-manual", spi_out = 0x1001, spi_in = 0x1002, algorithm = "hmac-sha1-96"'])
def test_the_other_ways_of_authentication_are_read(auth: str) -> None:
    text = FULL.replace('"rfc4285", id = "alice@example.net", spi = 4097, replay = "timestamp"', auth)
    text = text.replace(f'alice-ha6 = "base64:{KEY_TEXT}"', f'alice-ha6 = "base64:{"A" * 27}="')
    assert read_profile(text).secret_names["alice-ha6"] == "mipv6.auth.secret"


@pytest.mark.parametrize(
    ("auth", "wrong"),
    [
        ("spi_out = 0x1001, spi_in = 0x1002", r"mipv6\.auth\.secret: names a secret of 128 bits; 160"),
        ("spi_out = 0x1001, spi_in = 0x1001", "each direction has its own"),
        ("spi_out = 0x1001, spi_in = 255", "spi_in"),
    ],
)
def test_what_esp_by_hand_cannot_be_is_told(auth: str, wrong: str) -> None:
    line = next(line for line in FULL.splitlines() if line.startswith("auth"))
    text = FULL.replace(line, f'auth = {{ method = "ipsec-manual", {auth}, secret = "alice-ha6" }}')
    with pytest.raises(ProfileError, match=wrong):
        read_profile(text)


def test_ikev2_needs_no_secret() -> None:
    line = next(line for line in FULL.splitlines() if line.startswith("auth"))
    text = FULL.replace(line, 'auth = { method = "ikev2", id = "alice@example.net", ca = "ca.pem" }')
    assert read_profile(text.replace(f'alice-ha6 = "base64:{KEY_TEXT}"', "")).mipv6


def test_the_home_address_may_be_dynamic_for_a_name() -> None:
    dynamic = SMALL.replace('"198.51.100.23/24"', '"dynamic"\nnai = "bob@example.net"')
    mipv4 = read_profile(dynamic).mipv4
    assert mipv4
    assert mipv4.home_address is None


def changed(old: str, new: str, text: str = FULL) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("serial = 7", "serail = 7", "serail: unknown field; did you mean 'serial'?"),
        ("lifetime = 600", "lifetme = 600", "mipv4.lifetme: unknown field; did you mean 'lifetime'?"),
        ('\nnai = "', '\nnia = "', "mipv4.nia: unknown field; did you mean 'nai'?"),
        ("spi = 4096", "sip = 4096", "mipv4.key[0].sip: unknown field; did you mean 'spi'?"),
        (
            "after_packets",
            "after_packet",
            "mipv6.direct_paths.after_packet: unknown field; did you mean 'after_packets'?",
        ),
        ("[required]", "[requierd]", "requierd: unknown field; did you mean 'required'?"),
        ("replay = ", "exec = ", "mipv4.exec: unknown field"),
    ],
)
def test_a_misspelt_field_is_named_and_guessed(old: str, new: str, words: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_profile(changed(old, new))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("format", "format: is missing"),
        ("id", "id: is missing"),
        ("serial", "serial: is missing"),
        ("name", "name: is missing"),
        ("home_address", "mipv4.home_address: is missing"),
        ("home_agents", "mipv4.home_agents: is missing"),
        ("peer", "mipv4.key[0].peer: is missing"),
        ("spi", "mipv4.key[0].spi: is missing"),
        ("secret", "mipv4.key[0].secret: is missing"),
    ],
)
def test_a_missing_field_is_named(field: str, words: str) -> None:
    lines = [line for line in SMALL.splitlines() if not line.startswith(f"{field} =")]
    with pytest.raises(ProfileError) as caught:
        read_profile("\n".join(lines))
    assert str(caught.value) == words


def test_a_missing_secret_says_which_and_who_needs_it() -> None:
    without = SMALL[: SMALL.index("[secrets]")]
    with pytest.raises(ProfileError, match=r"secrets: 'k' is missing, which mipv4\.key\[0\]\.secret names"):
        read_profile(without)


HOSTILE = [
    ('"198.51.100.23/24"', '"0.0.0.0/0"', "too large"),
    ('"198.51.100.23/24"', '"198.51.100.23/7"', "too large"),
    ('"198.51.100.23/24"', '"0.0.0.0/24"', "unspecified"),
    ('"198.51.100.23/24"', '"0.1.2.3/24"', "reserved"),
    ('"198.51.100.23/24"', '"127.0.0.1/8"', "loopback"),
    ('"198.51.100.23/24"', '"224.0.0.2/24"', "multicast"),
    ('"198.51.100.23/24"', '"255.255.255.255/32"', "reserved"),
    ('"198.51.100.23/24"', '"169.254.1.1/16"', "link-local"),
    ('"198.51.100.23/24"', '"198.51.100.255/24"', "not a host"),
    ('"198.51.100.23/24"', '"198.51.100.0/24"', "not a host"),
    ('"198.51.100.23/24"', '"198.51.100.23"', "neither"),
    ('"198.51.100.23/24"', '"198.51.100.23/33"', "neither"),
    ('"198.51.100.23/24"', '"198.51.100.23/255.255.255.0"', "neither"),
    ('"198.51.100.23/24"', '"2001:db8::1/64"', "neither"),
    ('"198.51.100.23/24"', "3325256727", "expected str"),
    ('"198.51.100.23/24"', '"dynamic"', "nai: is missing"),
    ('"203.0.113.80"', '"127.0.0.1"', "loopback"),
    ('"203.0.113.80"', '"0.0.0.0"', "unspecified"),
    ('"203.0.113.80"', '"224.0.0.11"', "multicast"),
    ('"203.0.113.80"', '"198.51.100.23"', "home address itself"),
    ('"203.0.113.80"', '"2001:db8::1"', "not an IPv4 address"),
    ('"203.0.113.80"', '"203.0.113.999"', "neither an address nor a host name"),
    ('"203.0.113.80"', '"; rm -rf /"', "neither an address nor a host name"),
    ('"203.0.113.80"', '"a", "a"', "none twice"),
    ('["203.0.113.80"]', "[]", "length >= 1"),
    ("spi = 256", "spi = 255", ">= 256"),
    ("spi = 256", "spi = 4294967296", "<= 4294967295"),
    ("spi = 256", "spi = -1", ">= 256"),
    ("spi = 256", "spi = true", "expected int"),
    ("spi = 256", 'spi = 256\nalgorithm = "md5"', "none of ['hmac-md5', 'md5-prefix-suffix']"),
    ("spi = 256", 'spi = 256\npeer_address = "192.0.2.1"', "peer_address"),
    ('"home-agent"', '"foreign-agent"', "peer_address"),
    ('"home-agent"', '"homeagent"', "did you mean 'home-agent'?"),
    ('"home-agent"', '"aaa"', "home-agent"),
    ("serial = 1", "serial = nan", "serial: expected int"),
    ("serial = 1", "serial = inf", "serial: expected int"),
    ("serial = 1", "serial = 18446744073709551616", "serial"),
    ("serial = 1", "serial = -1", "serial"),
    ("serial = 1", "serial = " + "9" * 6000, "not TOML"),
    ("serial = 1", "serial = 1\nserial = 2", "not TOML"),
    ("serial = 1", "serial = 1979-05-27", "serial: expected int"),
    ('id = "bob"', 'id = "../../etc/passwd"', "id: must be a name"),
    ('id = "bob"', 'id = ".bob"', "id: must be a name"),
    ('id = "bob"', 'id = "bob\\n"', "id: must be a name"),
    ('id = "bob"', f'id = "{"b" * 129}"', "id: expected str of length <= 128"),
    ('name = "Bob"', 'name = "\\u001b[2J"', "cannot be printed"),
    ('name = "Bob"', 'name = ""', "name"),
    ("format = 1", "format = 2", "format: '2' is none of ['1']"),
    ("[mipv4]", '[mipv4]\nnai = "a@b@c"', "nai"),
    ("[mipv4]", f'[mipv4]\nnai = "{"a" * 256}"', "nai"),
    ("[mipv4]", "[mipv4]\nlifetime = 0", "lifetime"),
    ("[mipv4]", "[mipv4]\nlifetime = 65536", "lifetime"),
    ("[mipv4]", '[mipv4]\nhooks = ["/bin/sh"]', "hooks: unknown field"),
    ("[mipv4]", "[mipv4]\nencapsulation = []", "at least one"),
    ("[mipv4]", "[mipv4]\ntunnelled = []", "at least one"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["10.0.0.0/8", "10.0.0.0/8"]', "none twice"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["192.0.2.1", "192.0.2.1/32"]', "none twice"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["10.0.0.1/8"]', "did you mean 10.0.0.0/8?"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["10.0.0.0/255.0.0.0"]', "no prefix like"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["10.0.0.0/33"]', "no prefix like"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["10/8"]', "no prefix like"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["2001:db8::/32"]', "no prefix like"),
    ("[mipv4]", '[mipv4]\ntunnelled = ["example.net"]', "no prefix like"),
    ("[mipv4]", "[mipv4]\ntunnelled = [10]", "expected str"),
    ("[mipv4]", '[mipv4]\ntunnelled = "10.0.0.0/8"', "expected array"),
    ("[mipv4]", f"[mipv4]\ntunnelled = {[f'10.0.{i}.0/24' for i in range(256)] + ['11.0.0.0/8']}", "256 at most"),
    ("[mipv4]", '[mipv4]\ntunneled = ["10.0.0.0/8"]', "did you mean 'tunnelled'?"),
    (f'"base64:{KEY_TEXT}"', '"base64:AAECAwQFBgcICQoLDA0O"', "120 bits; 128 at least"),
    (f'"base64:{KEY_TEXT}"', '"base64:"', "looks like"),
    (f'"base64:{KEY_TEXT}"', f'"{KEY_TEXT}"', "looks like"),
    (f'"base64:{KEY_TEXT}"', '"base64:***"', "looks like"),
    (f'"base64:{KEY_TEXT}"', f'"base64:{KEY_TEXT}"\nspare = "base64:{KEY_TEXT}"', "'spare' is not used"),
    ("[mipv4]", "[mipv4]\n" + "a." * 20000 + "b = 1", "nested deeper"),
    ("[mipv4]", "[mipv4]\nx = " + "[" * 20000, "not TOML"),
    ("[mipv4]", "[mipv4]\nx = " + "{a=" * 9000, "not TOML"),
    ("[mipv4]", "[mipv4]\n#" + "x" * 65536, "longer than 64 KiB"),
    ("[mipv4]", "[mipv4]\nx = '''a\nb'''", "several lines"),
]


@pytest.mark.parametrize(("old", "new", "words"), HOSTILE, ids=[new[:40] for _, new, _ in HOSTILE])
def test_hostile_profiles_are_refused_with_words(old: str, new: str, words: str) -> None:
    before = time.monotonic()
    with pytest.raises(ProfileError) as caught:
        read_profile(changed(old, new, SMALL))
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300
    assert time.monotonic() - before < 1


@pytest.mark.rfc("5944", "1.6")
def test_an_spi_means_one_key_with_one_peer() -> None:
    again = '[[mipv4.key]]\npeer = "home-agent"\nspi = 256\nsecret = "k"\n[secrets]'
    with pytest.raises(ProfileError, match=r"SPI 256 is given twice for one home-agent"):
        read_profile(changed("[secrets]", again, SMALL))
    mipv4 = read_profile(changed("[secrets]", again.replace("256", "257"), SMALL)).mipv4
    assert mipv4
    assert [key.spi for key in mipv4.keys(Peer.HOME_AGENT)] == [256, 257]


def test_longer_keys_and_the_longest_lifetime_are_taken() -> None:
    long = base64.b64encode(bytes(64)).decode()
    profile = read_profile(changed(KEY_TEXT, long, changed("[mipv4]", "[mipv4]\nlifetime = 65535", SMALL)))
    assert len(profile.secrets["k"]) == 64


@given(st.text(max_size=400))
def test_any_text_is_a_profile_or_a_profile_error(text: str) -> None:
    try:
        outcome = read_profile(text).id
    except ProfileError as error:
        outcome = str(error)
    assert outcome


@given(st.data())
def test_any_damage_to_a_profile_is_a_profile_or_a_profile_error(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FULL)))
    end = data.draw(st.integers(start, min(len(FULL), start + 40)))
    patch = data.draw(
        st.text(max_size=12) | st.sampled_from(['"', "[", "]", "=", "\n", ".", "{", "'", "#", "nan", "-1"])
    )
    try:
        assert isinstance(read_profile(FULL[:start] + patch + FULL[end:]), Profile)
    except ProfileError as error:
        text = str(error)
    else:
        text = ""
    assert KEY_TEXT[:12] not in text


def test_a_profile_and_its_secrets_are_written_apart_and_read_together() -> None:
    profile = read_profile(FULL)
    text, secrets = write_profile(profile)
    assert KEY_TEXT not in text
    assert "secrets" not in text
    assert KEY_TEXT in secrets
    assert read_profile(text, secrets) == profile


def test_a_profile_that_is_written_once_stays_as_it_is() -> None:
    first = write_profile(read_profile(FULL))
    assert write_profile(read_profile(*first)) == first


TEXTS = st.text(st.characters(codec="utf-8"))
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS


@given(st.dictionaries(TEXTS, SCALARS | st.lists(SCALARS)))
def test_what_we_write_is_toml(values: dict[str, object]) -> None:
    assert tomllib.loads(write_toml({"table": values, "tables": [values]})) == {"table": values, "tables": [values]}


def test_a_key_is_never_shown() -> None:
    profile = read_profile(FULL)
    shown = f"{profile!r} {summarise(profile)} {not_acted_on(profile)}"
    assert not [form for form in (KEY_TEXT, KEY.hex(), repr(KEY)[2:-1]) if form in shown]


def test_a_fingerprint_tells_keys_apart() -> None:
    one = summarise(read_profile(SMALL))["keys"]["k"]
    other = summarise(read_profile(SMALL.replace(KEY_TEXT, base64.b64encode(b"k" * 16).decode())))["keys"]["k"]
    assert len(one) == 8
    assert one != other


def test_fields_that_are_not_acted_on_yet_are_named() -> None:
    found = [limit.detail for limit in not_acted_on(read_profile(FULL))]
    assert found == ["dns", "probe"]
    assert not_acted_on(read_profile(SMALL)) == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('delivery = "encapsulating"', "mipv4.delivery"),
        ('replay = "nonce"', "mipv4.replay"),
    ],
)
def test_each_setting_that_is_not_acted_on_is_named(line: str, path: str) -> None:
    [limit] = not_acted_on(read_profile(changed("[mipv4]", f"[mipv4]\n{line}", SMALL)))
    assert (limit.id, limit.detail) == ("not-acted-on", path)
