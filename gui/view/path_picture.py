"""The path that packets take now, as boxes and lines, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass

from client.core import words
from client.core.status import Place, State, Status
from gui.view import phrases
from gui.view.headline import CARRIES
from gui.view.model import Leg, LineStyle, Lost, Node, PathPicture, Translate

LAPTOP, ACCESS, AGENT, HOME_AGENT, HOME_NETWORK = "laptop", "access", "foreign-agent", "home-agent", "home-network"
CORRESPONDENTS = "correspondents"

_BROKEN = frozenset({State.STALLED, State.ONE_WAY, State.NO_ANSWER, State.REFUSED})
_APART = frozenset({State.NO_NETWORK, State.PAUSED, State.NO_PROFILE, State.PORTAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """What the picture shows of one family: IPv4 where there is one."""

    place: Place | None
    home_address: str
    care_of_address: str
    home_agent: str
    foreign_agent: str
    expires_s: int | None
    tunnel: str
    path: str | None
    direct: int  # correspondents that are reached without the home agent


def _way(status: Status, translate: Translate) -> _Way | None:
    family = status.v4 or status.v6
    if family is None:
        return None
    four = status.v4
    encapsulation = (four.encapsulation or "") if four else "ipip6"
    return _Way(
        place=family.place,
        home_address=family.home_address or "",
        care_of_address=family.care_of_address or "",
        home_agent=family.home_agent or "",
        foreign_agent=(four.foreign_agent or "") if four else "",
        expires_s=family.expires_s,
        tunnel=translate(words.ENCAPSULATIONS.get(encapsulation, encapsulation)),
        path=family.path,
        direct=sum(peer.path == "direct" for peer in status.v6.peers) if status.v6 else 0,
    )


def path_picture(status: Status | Lost, translate: Translate) -> PathPicture:
    """All boxes and lines; without a service or a network nothing but the laptop."""
    way = _way(status, translate) if isinstance(status, Status) else None
    if isinstance(status, Lost) or way is None or status.state in _APART:
        laptop = Node(id=LAPTOP, title=translate("Laptop"))
        return PathPicture(nodes=(laptop,), legs=(), text=translate("No packets can go anywhere now."))
    nodes, legs = _nodes(status, way, translate), _legs(status.state, way, translate)
    return PathPicture(nodes=nodes, legs=legs, text=_text(nodes, legs, translate))


def _nodes(status: Status, way: _Way, translate: Translate) -> tuple[Node, ...]:
    network = status.network
    behind = translate("behind NAT") if network and network.nat else ""
    access = Node(
        id=ACCESS,
        title=(network.name or network.interface) if network else translate("Network"),
        lines=_lines(way.care_of_address, behind),
        details=way.care_of_address,
    )
    home = translate("{time} left").format(time=phrases.left(way.expires_s)) if way.expires_s is not None else ""
    found = [Node(id=LAPTOP, title=translate("Laptop"), lines=_lines(way.home_address), details=way.home_address)]
    if way.place is not Place.HOME:
        found.append(access)
    if way.place is Place.FOREIGN_AGENT:
        agent = way.foreign_agent
        found.append(Node(id=AGENT, title=translate("Foreign agent"), lines=_lines(agent), details=agent))
    agent = way.home_agent
    found.append(Node(id=HOME_AGENT, title=translate("Home agent"), lines=_lines(agent, home), details=agent))
    found.append(Node(id=CORRESPONDENTS, title=translate("Everybody else")))
    return tuple(found)


def _lines(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _legs(state: State, way: _Way, translate: Translate) -> tuple[Leg, ...]:
    style = _style(state)
    if way.place is Place.HOME:
        last = Leg(origin=HOME_AGENT, target=CORRESPONDENTS, style=style)
        return (Leg(origin=LAPTOP, target=HOME_AGENT, style=style), last)
    triangle = way.path == "triangle"
    start = AGENT if way.place is Place.FOREIGN_AGENT else ACCESS
    word = translate("reverse tunnel") if way.path == "reverse" else ""
    found = [Leg(origin=LAPTOP, target=ACCESS, style=LineStyle.SOLID)]
    if start == AGENT:
        found.append(Leg(origin=ACCESS, target=AGENT, style=LineStyle.SOLID))
    found.append(Leg(origin=start, target=HOME_AGENT, style=style, tunnel=way.tunnel, outwards=not triangle, word=word))
    found.append(Leg(origin=HOME_AGENT, target=CORRESPONDENTS, style=style, outwards=not triangle))
    if triangle:
        out = translate("triangle")
        found.append(Leg(origin=start, target=CORRESPONDENTS, style=style, inwards=False, word=out))
    elif way.direct:
        straight = translate("direct with %n", way.direct)
        found.append(Leg(origin=start, target=CORRESPONDENTS, style=style, word=straight))
    return tuple(found)


def _style(state: State) -> LineStyle:
    if state in CARRIES:
        return LineStyle.SOLID
    return LineStyle.CUT if state in _BROKEN else LineStyle.DASHED


def _text(nodes: tuple[Node, ...], legs: tuple[Leg, ...], translate: Translate) -> str:
    """One sentence for each line."""
    titles = {node.id: ", ".join((node.title, *node.lines)) for node in nodes}
    styles = {
        LineStyle.SOLID: "",
        LineStyle.DASHED: translate("not yet proven"),
        LineStyle.CUT: translate("broken"),
        LineStyle.ABSENT: translate("unused"),
    }
    told = []
    for leg in legs:
        ways = {
            (True, True): translate("both ways"),
            (True, False): translate("outwards"),
            (False, True): translate("inwards"),
        }
        facts = (ways.get((leg.outwards, leg.inwards), ""), leg.tunnel, leg.word, styles[leg.style])
        told.append(f"{titles[leg.origin]} - {titles[leg.target]}: {', '.join(fact for fact in facts if fact)}.")
    return "\n".join(told)
