"""mobilenode with its home agent, by real signalling."""

from __future__ import annotations

from lab.bench.gap.contenders.contender import until
from lab.daemons import Laptop, home_agent
from lab.errors import LabError
from lab.site import Site
from lab.world import IMPORTED


class Ours:
    """Both daemons as the lab starts them."""

    name = "mobilenode"

    def start(self, site: Site) -> None:
        """Start both ends and return when packets pass."""
        agent, laptop = home_agent(site), Laptop(site)
        profile = site.directory / "alice.mobilenode"
        agent.start()
        agent.add_node(profile)
        laptop.start()
        done = laptop.command("import", profile, "--up")
        if done.returncode not in IMPORTED:
            raise LabError(f"mobilenode import failed ({done.returncode}): {done.stderr.strip()}")
        until("the laptop to work", lambda: laptop.status().get("state") == "working")
