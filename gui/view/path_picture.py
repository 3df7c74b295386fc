"""The path that packets take now, as boxes and lines, and the same in words."""

from __future__ import annotations

from client.core import words
from client.core.status import IPv4Status, Place, State, Status
from gui.view import phrases
from gui.view.headline import CARRIES
from gui.view.model import Leg, LineStyle, Lost, Node, PathPicture, Translate

LAPTOP, ACCESS, AGENT, HOME_AGENT, HOME_NETWORK = "laptop", "access", "foreign-agent", "home-agent", "home-network"
CORRESPONDENTS = "correspondents"

_BROKEN = frozenset({State.STALLED, State.ONE_WAY, State.NO_ANSWER, State.REFUSED})
_APART = frozenset({State.NO_NETWORK, State.PAUSED, State.NO_PROFILE, State.PORTAL})


def path_picture(status: Status | Lost, translate: Translate) -> PathPicture:
    """All boxes and lines; without a service or a network nothing but the laptop."""
    if isinstance(status, Lost) or status.v4 is None or status.state in _APART:
        laptop = Node(id=LAPTOP, title=translate("Laptop"))
        return PathPicture(nodes=(laptop,), legs=(), text=translate("No packets can go anywhere now."))
    nodes, legs = _nodes(status, status.v4, translate), _legs(status, status.v4, translate)
    return PathPicture(nodes=nodes, legs=legs, text=_text(nodes, legs, translate))


def _nodes(status: Status, v4: IPv4Status, translate: Translate) -> tuple[Node, ...]:
    network = status.network
    behind = translate("behind NAT") if network and network.nat else ""
    access = Node(
        id=ACCESS,
        title=(network.name or network.interface) if network else translate("Network"),
        lines=tuple(line for line in (v4.care_of_address or "", behind) if line),
        details=v4.care_of_address or "",
    )
    home = translate("{time} left").format(time=phrases.left(v4.expires_s)) if v4.expires_s is not None else ""
    found = [Node(id=LAPTOP, title=translate("Laptop"), lines=_lines(v4.home_address), details=v4.home_address or "")]
    if v4.place is not Place.HOME:
        found.append(access)
    if v4.place is Place.FOREIGN_AGENT:
        agent = v4.foreign_agent or ""
        found.append(Node(id=AGENT, title=translate("Foreign agent"), lines=_lines(agent), details=agent))
    agent = v4.home_agent or ""
    found.append(Node(id=HOME_AGENT, title=translate("Home agent"), lines=_lines(agent, home), details=agent))
    found.append(Node(id=CORRESPONDENTS, title=translate("Everybody else")))
    return tuple(found)


def _lines(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _legs(status: Status, v4: IPv4Status, translate: Translate) -> tuple[Leg, ...]:
    style = _style(status.state)
    if v4.place is Place.HOME:
        last = Leg(origin=HOME_AGENT, target=CORRESPONDENTS, style=style)
        return (Leg(origin=LAPTOP, target=HOME_AGENT, style=style), last)
    triangle = v4.path == "triangle"
    tunnel = translate(words.ENCAPSULATIONS.get(v4.encapsulation or "", v4.encapsulation or ""))
    start = AGENT if v4.place is Place.FOREIGN_AGENT else ACCESS
    word = translate("reverse tunnel") if v4.path == "reverse" else ""
    found = [Leg(origin=LAPTOP, target=ACCESS, style=LineStyle.SOLID)]
    if start == AGENT:
        found.append(Leg(origin=ACCESS, target=AGENT, style=LineStyle.SOLID))
    found.append(Leg(origin=start, target=HOME_AGENT, style=style, tunnel=tunnel, outwards=not triangle, word=word))
    found.append(Leg(origin=HOME_AGENT, target=CORRESPONDENTS, style=style, outwards=not triangle))
    if triangle:
        out = translate("triangle")
        found.append(Leg(origin=start, target=CORRESPONDENTS, style=style, inwards=False, word=out))
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
