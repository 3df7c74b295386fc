"""Turns what goes wrong into what, why, the next command, and an exit code."""

from __future__ import annotations

from typing import Any

import click

from client.control.errors import Exit, NotPermittedError, NotRunningError, RpcError, TimedOutError
from client.core.errors import MobileIPError, ProfileError


class Failure(MobileIPError):
    """What went wrong, and what to try next."""

    def __init__(self, what: str, exit_code: Exit, next_command: str = "") -> None:
        super().__init__(what)
        self.exit_code = exit_code
        self.next_command = next_command

    def show(self) -> None:
        """One or two lines on stderr."""
        click.echo(f"mobilenode: {self}", err=True)
        if self.next_command:
            click.echo(f"  next: {self.next_command}", err=True)


WAITING = frozenset({"import", "check", "reverse-tunnel", "broadcasts", "leave", "diagnose"})
"""Commands that wait for something which the service goes on with when we are gone."""


class Commands(click.Group):
    """A group whose commands may raise any MobileIPError, and that ends with 130 on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MobileIPError as error:
            failure = error if isinstance(error, Failure) else _failure(error)
            failure.show()
            ctx.exit(failure.exit_code)
        except KeyboardInterrupt:
            still = "mobilenode: still going on in the service" if ctx.invoked_subcommand in WAITING else ""
            click.echo(f"\n{still}".rstrip(), err=True)
            ctx.exit(Exit.INTERRUPTED)


def _failure(error: MobileIPError) -> Failure:
    match error:
        case NotRunningError():
            return Failure(f"the service is not running: {error}", Exit.NOT_RUNNING, "start mobilenoded, as root")
        case NotPermittedError():
            return Failure(f"not permitted: {error.message}", Exit.NOT_PERMITTED, "the same command with sudo")
        case TimedOutError():
            return Failure(str(error), Exit.TIMED_OUT, "mobilenode status")
        case ProfileError():
            return Failure(f"bad profile: {error}", Exit.BAD_PROFILE, "mobilenode profile validate FILE")
        case RpcError(reason="no-profile"):
            return Failure("no profile is in use", error.exit_code, "mobilenode import FILE --up")
        case RpcError():
            return Failure(error.message, error.exit_code)
    return Failure(str(error), Exit.FAILED)
