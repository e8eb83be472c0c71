"""The command line: `related-events`, its commands, and errors as one sentence with exit code 2."""

import gc
import sys
from importlib import import_module

import click

from recommender import __version__
from recommender.errors import RelatedEventsError

DONE, WRONG = 0, 2
_INTERRUPTED = 130

_COMMANDS = {
    "bench": "bench:bench",
    "build": "build:build",
    "evaluate": "evaluate:evaluate",
    "import": "importing:import_",
    "judge": "judge:judge",
    "regenerate": "regenerate:regenerate",
    "related": "ask:related",
    "run": "ask:run",
    "serve": "serve:serve",
    "timeline": "explain:timeline",
    "tune": "tune:tune",
    "why": "explain:why",
}
"""Each command's module in `recommender.commands` and its name there."""


class _Commands(click.Group):
    """Imports a command when it is asked for: what only one needs does not keep the others waiting."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        # What modules make stays: looking for garbage among it takes a tenth of the start.
        gc.disable()
        try:
            command: click.Command = getattr(import_module(f"recommender.commands.{module}"), name)
        finally:
            gc.enable()
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="related-events")
def cli() -> None:
    """Related events for news archives: import, index, ask, explain, evaluate, judge, tune, regenerate, serve, time."""


def main() -> None:
    """Run the command line; the console script."""
    try:
        code = cli.main(standalone_mode=False) or DONE
    except RelatedEventsError as error:
        _tell(str(error))
        sys.exit(WRONG)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted")
        sys.exit(_INTERRUPTED)
    except SystemExit:
        # Click ends so, and sees to it that nothing complains, when whoever reads our output has enough (EPIPE).
        code = DONE
    sys.exit(code)


def _tell(sentence: str) -> None:
    click.echo(f"error: {sentence}", err=True)


if __name__ == "__main__":
    main()
