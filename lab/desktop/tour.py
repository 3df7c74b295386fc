"""What a person lives through in a day, with the tray program on a real desktop, photographed at each step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import lab
from lab.daemons import home_agent
from lab.desktop.desktop import SIZE, Desktop
from lab.desktop.panel_settings import HEIGHT
from lab.errors import LabError
from lab.nodes import environment, python
from lab.obstacles import cut_tunnel, filter_ingress, mend_tunnel
from lab.plug import move, unplug
from lab.profiles import change_key
from lab.topology import CAFE, CORRESPONDENT, NAI, NETWORKS
from lab.world import World

NOTIFIED = 21.0
"""Seconds after which a tunnel that brings nothing is told in a notification."""

DRAWN = 2.0
"""Seconds until what the service says is surely on the screen: a busier icon is held back for one."""

CHECKING = 1.5
"""Seconds into the three for which a tunnel without an answer is still being checked."""

SHORT_LIFETIME = 30
"""Seconds; so little that it is told."""

PAGES = {"overview": "ctrl+1", "activity": "ctrl+2", "profiles": "ctrl+3", "diagnostics": "ctrl+4"}


@dataclass(slots=True)
class Tour:
    """One laptop on one desktop; `begin`, then what is to be seen, then `end`."""

    world: World
    desktop: Desktop
    pictures: Path
    say: Callable[[str], None]
    locale: str = "en_GB.UTF-8"
    taken: list[Path] = field(default_factory=list)

    def begin(self) -> None:
        """Networks, agents and the desktop; the service does not run yet."""
        self.world.build(ours=True)
        self.world.home_agent.start()
        self.world.foreign_agent.start()
        self.world.home_agent.add_node(self.world.profile)
        self.desktop.open()
        self.start_program()

    def start_program(self) -> None:
        """The real program, as a process of its own."""
        scheme = "dark" if self.desktop.dark else "light"
        words = python("gui.main", "--socket", self.world.laptop.socket, "--window", "--scheme", scheme)
        variables = {"QT_QPA_PLATFORM": "xcb", "PYTHONPATH": environment({})["PYTHONPATH"], "LC_ALL": self.locale}
        self.desktop.start("mobilenode-gui", words, **variables)
        self.desktop.window("mobilenode")

    def end(self) -> None:
        """All of it goes."""
        self.desktop.close()
        self.world.down()

    def picture(self, name: str) -> None:
        """Photograph the screen."""
        file = self.pictures / f"{name}.png"
        self.desktop.picture(file)
        self.taken.append(file)
        self.say(f"  {file.name}")

    def await_state(self, *states: str, timeout: float = 60.0, drawn: float = DRAWN) -> None:
        """Wait until the service says one of these, and the program has had `drawn` seconds to show it."""
        self.world.wait(f"the state {' or '.join(states)}", lambda: self.world.status().get("state") in states, timeout)
        time.sleep(drawn)

    def import_by_window(self, file: Path) -> None:
        """Ctrl+I, the file's name, and a look at what it says; the one click that uses it is still to be made."""
        self.desktop.tool("xdotool", "windowactivate", "--sync", self.desktop.window("mobilenode"))
        self.desktop.keys(PAGES["profiles"], "ctrl+i")
        self.desktop.window("Import a profile")
        time.sleep(DRAWN)
        self.desktop.tool("xdotool", "type", "--delay", "20", str(file))
        self.desktop.keys("Return")
        time.sleep(DRAWN)

    def go(self, network: str) -> None:
        """Replug the laptop and wait until it works."""
        move(self.world.site, network)
        self.world.wait_attached(network)
        time.sleep(DRAWN)

    def setting(self, name: str) -> dict[str, Any]:
        """A setting as the service tells it."""
        return dict((self.world.status().get("settings") or {}).get(name) or {})

    def open_menu(self) -> None:
        """A right click on the icon, which is the only one in the panel."""
        scale = self.desktop.scale
        self.desktop.click(HEIGHT // 2 * scale, (SIZE[1] - HEIGHT // 2) * scale, button=3)
        self.desktop.tool("xdotool", "mousemove", str(SIZE[0] * scale - 1), "1")  # no tooltip over the menu
        time.sleep(DRAWN)

    def click_reverse_tunnel(self) -> None:
        """In the open menu: past the headline and the home address."""
        before = self.setting("reverse_tunnel").get("applied")
        self.desktop.keys("Down", "Down", "Down", "Return")

        def other() -> bool:
            found = self.setting("reverse_tunnel")
            return found.get("applied") != before and not found.get("pending")

        self.world.wait("the click on the reverse tunnel to have an effect", other, 15.0)
        time.sleep(DRAWN)

    def show_pages(self, prefix: str) -> None:
        """Every page of the window."""
        for name, keys in PAGES.items():
            self.desktop.tool("xdotool", "windowactivate", "--sync", self.desktop.window("mobilenode"))
            self.desktop.keys(keys)
            time.sleep(DRAWN)
            self.picture(f"{prefix}-page-{name}")
        self.desktop.keys(PAGES["overview"])


def every_state(tour: Tour) -> None:
    """From no service to every state that this lab can bring about."""
    _arrive(tour)
    _away(tour)
    _in_trouble(tour)
    _without_agent(tour)
    _with_a_wrong_key(tour)


def _arrive(tour: Tour) -> None:
    time.sleep(DRAWN)
    tour.picture("state-no-daemon")
    tour.world.laptop.start()
    tour.await_state("no-profile")
    tour.picture("state-no-profile")
    lab.start_laptop_network(tour.world.site, "home")
    tour.import_by_window(tour.world.profile)
    tour.picture("import-review")
    tour.desktop.keys("Return")
    tour.await_state("home")
    tour.picture("import-ready")
    tour.desktop.keys("Escape", PAGES["overview"])
    time.sleep(DRAWN)
    tour.picture("state-home")


def _away(tour: Tour) -> None:
    tour.go("office")
    tour.picture("state-working-foreign-agent")
    tour.go("cafe")
    tour.picture("state-working")
    tour.open_menu()
    tour.picture("menu")
    tour.click_reverse_tunnel()
    tour.picture("reverse-tunnel-off")
    tour.open_menu()
    tour.click_reverse_tunnel()
    tour.picture("reverse-tunnel-on")
    tour.show_pages("state-working")


def _in_trouble(tour: Tour) -> None:
    site = tour.world.site
    tour.world.laptop.node.start("ping", ["ping", "-q", "-i", "0.2", str(CORRESPONDENT)])
    cut_tunnel(site, CAFE)
    tour.await_state("stalled")
    tour.picture("state-stalled")
    time.sleep(NOTIFIED)
    tour.picture("notification")
    mend_tunnel(site, CAFE)
    tour.await_state("working")
    filter_ingress(site, CAFE)
    tour.world.laptop.must("reverse-tunnel", "off", "--no-wait")
    tour.await_state("one-way", "stalled")
    tour.picture("state-one-way")
    tour.world.laptop.must("reverse-tunnel", "auto", "--no-wait")
    tour.await_state("working", "limited")
    tour.world.laptop.must("pause", "15m")
    tour.await_state("paused")
    tour.picture("state-paused")
    tour.world.laptop.must("resume")
    tour.await_state("working", "limited")
    unplug(site)
    tour.await_state("no-network")
    tour.picture("state-no-network")
    cut_tunnel(site, CAFE)
    move(site, "cafe")
    tour.await_state("checking", drawn=CHECKING)
    tour.picture("state-checking")
    mend_tunnel(site, CAFE)
    unplug(site)
    tour.await_state("no-network")


def _without_agent(tour: Tour) -> None:
    tour.world.home_agent.kill()
    move(tour.world.site, "cafe")
    tour.await_state("connecting", "no-answer")
    tour.picture("state-connecting")
    tour.await_state("no-answer", timeout=180.0)
    tour.picture("state-no-answer")
    tour.world.home_agent = home_agent(tour.world.site, {"max_lifetime": SHORT_LIFETIME})
    tour.world.home_agent.start()
    tour.await_state("limited", timeout=120.0)
    tour.picture("state-limited")
    tour.world.laptop.kill()
    time.sleep(2 * DRAWN)
    tour.picture("state-no-daemon-again")


def _with_a_wrong_key(tour: Tour) -> None:
    change_key(tour.world.profile)
    tour.world.laptop.start()
    tour.world.laptop.must("profile", "remove", NAI)  # a file of the same serial number replaces nothing
    tour.world.laptop.command("import", tour.world.profile, "--up")
    tour.await_state("refused")
    tour.picture("state-refused")


def pages(tour: Tour, prefix: str) -> None:
    """One ordinary place, every page."""
    _start_working(tour, "cafe")
    tour.open_menu()
    tour.picture(f"{prefix}-menu")
    tour.desktop.keys("Escape")
    tour.show_pages(prefix)


def _start_working(tour: Tour, network: str) -> None:
    if network not in NETWORKS:
        raise LabError(f"there is no network {network!r}")
    tour.world.laptop.start()
    lab.start_laptop_network(tour.world.site, "home")
    tour.world.laptop.command("import", tour.world.profile, "--up")
    tour.await_state("home")
    tour.go(network)
