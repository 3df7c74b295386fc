"""mobilenode-lab: a world to try Mobile IP in, made of network namespaces."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from lab import interruption, lab, requirements, user_namespace
from lab.errors import LabError
from lab.impairment import Impairment
from lab.nodes import Node, environment
from lab.plug import SECOND, move, unplug
from lab.run import INTERRUPTED, Request, run
from lab.scenarios.catalogue import SCENARIOS
from lab.scenarios.encapsulation import KINDS
from lab.site import Site, all_sites, named
from lab.topology import LAPTOP, NETWORKS, NODES, TRUNKS
from lab.world import World

FAILED = 1
NOWHERE = "nowhere"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--name", default="mnlab", show_default=True, help="Which lab; several can be up at once.")
@click.pass_context
def cli(context: click.Context, name: str) -> None:
    """A laptop, its home, two foreign networks and a correspondent, in network namespaces."""
    context.obj = name


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what is wrong in one sentence, and end with an exit code that is not 0."""
    try:
        yield
    except LabError as error:
        click.echo(f"mobilenode-lab: {error}", err=True)
        raise SystemExit(FAILED) from error
    except KeyboardInterrupt as interrupt:
        click.echo("mobilenode-lab: interrupted", err=True)
        raise SystemExit(INTERRUPTED) from interrupt


@cli.command("up")
@click.pass_obj
def up_command(name: str) -> None:
    """Make the lab, start agents and laptop, and leave it standing."""
    with plain_errors():
        requirements.check()
        requirements.check_root()
        lab.make_room(named(name))
        _stand_up(World(named(name)))
    click.echo(f"The laptop is at home. Look around with: mobilenode-lab --name {name} exec mn -- ip address")


def _stand_up(world: World) -> None:
    """A lab that does not come up, or is interrupted, does not stay half made."""
    interruption.listen()
    with ExitStack() as undo:
        undo.callback(world.down)
        undo.callback(interruption.refuse)
        world.build(ours=False)
        world.start()
        undo.pop_all()


@cli.command("down")
@click.pass_obj
def down_command(name: str) -> None:
    """Remove all that the lab made, also after a crash."""
    with plain_errors():
        requirements.check_root()
        click.echo("The lab is gone." if lab.down(named(name)) else f"There is no lab '{name}'.")


@cli.command("plug")
@click.argument("network", type=click.Choice([*NETWORKS, NOWHERE]))
@click.option("--second", is_flag=True, help="The cable of its second network card.")
@click.pass_obj
def plug_command(name: str, network: str, second: bool) -> None:
    """Plug the laptop's cable into another network, or into none."""
    cable = SECOND if second else LAPTOP
    with plain_errors():
        site = _standing(name)
        if second:
            lab.start_second_card(site)
        if network == NOWHERE:
            unplug(site, cable)
        else:
            move(site, network, cable)


@cli.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("node", type=click.Choice(NODES))
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def exec_command(name: str, node: str, command: tuple[str, ...]) -> None:
    """Run a command on a node; `mobilenode` and `mobilityagent` find their daemons there."""
    with plain_errors():
        place = Node(_standing(name), node)
        control = str(place.directory / "control.sock")
        variables = {"MOBILENODE_SOCKET": control, "MOBILITYAGENT_SOCKET": control}
        words = place.command(command[1:] if command[0] == "--" else command)
        os.execvpe(words[0], words, environment(variables))


def _standing(name: str) -> Site:
    site = named(name)
    if site.read() is None:
        raise LabError(f"there is no lab '{name}': mobilenode-lab --name {name} up")
    return site


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_command(as_json: bool) -> None:
    """What there is: labs that are up, scenarios, nodes, networks."""
    labs = [site.name for site in all_sites()]
    networks = {name: network.attachment for name, network in NETWORKS.items()}
    scenarios = {name: (scenario.__doc__ or "").strip() for name, scenario in SCENARIOS.items()}
    if as_json:
        facts = {"labs": labs, "nodes": list(NODES), "networks": networks, "scenarios": scenarios}
        click.echo(json.dumps(facts))
        return
    click.echo(f"labs that are up  {', '.join(labs) or 'none'}")
    click.echo(f"nodes             {', '.join(NODES)}")
    click.echo(f"networks          {', '.join(f'{name} ({attachment})' for name, attachment in networks.items())}")
    for scenario, words in scenarios.items():
        click.echo(f"{scenario:17} {words}")


_IMPAIRED = [trunk.network for trunk in TRUNKS]


@cli.command("run")
@click.argument("scenario", type=click.Choice(list(SCENARIOS)))
@click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
@click.option("--pcap", type=click.Path(file_okay=False, path_type=Path), help="Keep the captures in this directory.")
@click.option("--moves", type=click.IntRange(1), help="How many moves; the way is gone round and round.")
@click.option("--delay", type=click.FloatRange(0), default=0.0, help="Milliseconds that each relay delays a frame.")
@click.option("--jitter", type=click.FloatRange(0), default=0.0, help="Milliseconds more, at most.")
@click.option("--loss", type=click.FloatRange(0, 1), default=0.0, help="Part of the frames that each relay loses.")
@click.option("--duplication", type=click.FloatRange(0, 1), default=0.0, help="Part that it doubles.")
@click.option("--reordering", type=click.FloatRange(0, 1), default=0.0, help="Part that it lets be overtaken.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same losses.")
@click.option(
    "--encapsulation",
    "encapsulations",
    multiple=True,
    type=click.Choice(KINDS),
    help="Which one the scenario `encapsulation` tries; default: each.",
)
@click.option("--on", multiple=True, type=click.Choice(_IMPAIRED), help="Which network's relay; default: each.")
@click.pass_obj
def run_command(
    name: str,
    scenario: str,
    as_json: bool,
    pcap: Path | None,
    moves: int | None,
    delay: float,
    jitter: float,
    loss: float,
    duplication: float,
    reordering: float,
    seed: int,
    encapsulations: tuple[str, ...],
    on: tuple[str, ...],
) -> None:
    """Make a lab, let a scenario happen in it, judge it, and remove the lab."""
    impairment = Impairment(
        delay=delay / 1000, jitter=jitter / 1000, loss=loss, duplication=duplication, reordering=reordering, seed=seed
    )
    with plain_errors():
        captures = _writable(pcap.absolute()) if pcap else None
        user_namespace.enter_if_needed()
        requirements.check()
        requirements.check_root()
        request = Request(
            site=named(name),
            scenario=scenario,
            as_json=as_json,
            pcap=captures,
            moves=moves,
            impairment=impairment,
            impaired=on or tuple(_IMPAIRED),
            encapsulations=encapsulations,
        )
        raise SystemExit(run(request))


def _writable(directory: Path) -> Path:
    """Make it if it is not there: it is too late for a refusal when the captures are made."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"{directory} cannot be made: {error.strerror}") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise LabError(f"{directory} may not be written to")
    return directory


def main() -> None:
    """The entry point."""
    cli(prog_name="mobilenode-lab")


if __name__ == "__main__":
    main()
