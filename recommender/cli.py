"""The command line: `related-events`, its commands, and errors as one sentence with exit code 2."""

import sys

import click

from recommender import __version__
from recommender.commands.ask import related, run
from recommender.commands.build import build
from recommender.commands.evaluate import evaluate
from recommender.commands.explain import timeline, why
from recommender.commands.importing import import_
from recommender.commands.judge import judge
from recommender.commands.regenerate import regenerate
from recommender.commands.serve import serve
from recommender.errors import RelatedEventsError

DONE, DIFFERENT, WRONG = 0, 1, 2
_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="related-events")
def cli() -> None:
    """Related events for news archives: import, index, ask, explain, evaluate, judge, regenerate, serve."""


for _command in (import_, build, related, why, timeline, run, evaluate, judge, regenerate, serve):
    cli.add_command(_command)


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
