"""What people see: one snapshot, drawn alike by tray, window and command line.

The JSON of these classes is an interface: names are never changed and only ever added to. No prose is in
it: codes and parameters, which the one who shows them turns into words.
"""

from __future__ import annotations

from enum import Enum

import msgspec


class State(Enum):
    """The headline, never translated. The daemon says the first that is true, from the top."""

    NO_DAEMON = "no-daemon"  # said by clients alone
    NO_PROFILE = "no-profile"
    PAUSED = "paused"
    NO_NETWORK = "no-network"
    PORTAL = "portal"
    REFUSED = "refused"
    NO_ANSWER = "no-answer"
    CONNECTING = "connecting"
    CHECKING = "checking"
    STALLED = "stalled"
    ONE_WAY = "one-way"
    HOME = "home"
    LIMITED = "limited"
    WORKING = "working"


class Place(Enum):
    """The kind of attachment: one word in the profile, the status and the lab."""

    HOME = "home"
    FOREIGN_AGENT = "foreign-agent"
    CO_LOCATED = "co-located"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The last round trip that showed that it works, and how old it is."""

    kind: str  # "probe" (echo through the path in force) or "registration" (at home)
    age_ms: int
    rtt_ms: float | None = None


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """The link that carries us."""

    interface: str = msgspec.field(name="if")
    name: str = ""
    nat: bool = False
    portal: bool = False


class IPv4Status(msgspec.Struct, frozen=True, kw_only=True):
    """Mobile IPv4: where we are registered, and how packets go."""

    place: Place | None
    home_address: str | None
    care_of_address: str | None = msgspec.field(name="coa", default=None)
    home_agent: str | None = msgspec.field(name="ha", default=None)
    foreign_agent: str | None = msgspec.field(name="fa", default=None)
    expires_s: int | None = None
    encapsulation: str | None = msgspec.field(name="encap", default=None)
    mtu: int | None = None
    path: str | None = None  # "direct" (at home), "triangle" or "reverse"
    code: int | None = None  # of the last reply
    tries: int = 0  # requests since the last answer
    counters: dict[str, int] = {}  # what was dropped, by reason
    state: State | None = None  # of this family alone, where there are two
    reason: str | None = None


class Peer6(msgspec.Struct, frozen=True, kw_only=True):
    """A correspondent, and how packets go between it and the home address."""

    address: str
    path: str  # "direct", "home" (through the home agent), "testing", "unable"
    binding_s: int | None = None  # until its binding ends
    packets: int = 0
    code: int | None = None  # of its last Binding Acknowledgement


class IPv6Status(msgspec.Struct, frozen=True, kw_only=True):
    """Mobile IPv6: where we are bound, and how packets go."""

    place: Place | None
    home_address: str | None
    care_of_address: str | None = msgspec.field(name="coa", default=None)
    home_agent: str | None = msgspec.field(name="ha", default=None)
    expires_s: int | None = None
    mtu: int | None = None
    path: str | None = None  # "direct" (at home) or "reverse"
    protection: str | None = None  # of the home signalling: "rfc4285" or "esp"
    code: int | None = None  # of the last Binding Acknowledgement
    tries: int = 0  # updates since the last answer
    peers: list[Peer6] = []
    counters: dict[str, int] = {}  # what was dropped, by reason
    state: State | None = None  # of this family alone
    reason: str | None = None
    proof: Proof | None = None


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A switch: what is asked for, what is in force, whether a request is on its way, and why they differ."""

    wanted: str
    applied: str
    pending: bool = False
    why: str | None = None  # "v4:74", "home", "foreign-agent", ...


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not work as asked, while the rest does."""

    id: str
    detail: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshot."""

    v: int = 1
    state: State
    since: str  # ISO 8601, UTC
    proof: Proof | None = None
    profile: str | None = None
    network: Network | None = None
    v4: IPv4Status | None = None
    v6: IPv6Status | None = None
    settings: dict[str, Setting] = {}
    limits: list[Limit] = []
    advice: str | None = None
    reason: str | None = None  # why the state is what it is: "v4:131", "overlap", "clock", ...
    paused_until: str | None = None
    dataplane: str | None = None


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a handover."""

    name: str  # link, address, discovery, registration, data
    ms: float


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One move from one attachment to another."""

    at: str  # ISO 8601, UTC
    origin: str | None = msgspec.field(name="from", default=None)  # Place and interface, "co-located eth0"
    to: str
    place: Place
    phases: list[Phase] = []
    total_ms: float
    requests: int = 1
    family: str = "ipv4"


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: an id and its parameters; `explain`ed by whoever shows it."""

    at: str  # ISO 8601, UTC
    id: str
    parameters: dict[str, str] = {}
