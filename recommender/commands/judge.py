"""`judge`: a reader grades pooled candidates by a key, and every grade is saved at once."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TextIO, cast

import click
from click.core import ParameterSource

from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import open_recommender, profiles_option
from recommender.errors import QrelsError
from recommender.judgements import JudgementFile
from recommender.judging import GRADES, Session, begin, give, next_query, skip, undo
from recommender.judging_screen import screen, summary
from recommender.parameters import MAX_LIMIT, PROFILES, Profile
from recommender.pooling import find_candidates, named_queries, pools, sampled_queries
from recommender.runs import read_slugs
from recommender.terminal import printable

_QUIT = "q"
_ANSWERS: Mapping[str, Callable[[Session], Session]] = {
    **{str(grade): partial(give, grade=grade) for grade in GRADES},
    "u": undo,
    "s": skip,
    "n": next_query,
}


@click.command()
@index_option
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The qrels, new or to go on with.")
@click.option(
    "--queries",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="A slug a line; - for stdin, with keys from the terminal. Instead of --sample.",
)
@click.option("--sample", type=click.IntRange(min=1), default=20, show_default=True, help="Queries drawn at random.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample and of the order of candidates.")
@profiles_option(PROFILES)
@click.option(
    "--depth", type=click.IntRange(1, MAX_LIMIT), default=10, show_default=True, help="Best of each profile to pool."
)
@click.pass_context
def judge(
    context: click.Context,
    folder: Path | None,
    output: Path,
    queries: Path | None,
    profiles: tuple[Profile, ...],
    *,
    sample: int,
    seed: int,
    depth: int,
) -> None:
    """Grade candidates of some queries by a key, without knowing who found them: a truth of your own.

    Every grade is saved at once. The same command goes on with what has no grade in the output yet.
    Without a terminal the keys are lines of stdin.
    """
    if queries is not None and context.get_parameter_source("sample") is not ParameterSource.DEFAULT:
        raise click.UsageError("--sample cannot be given with --queries", context)
    if _is_dash(output):
        raise click.UsageError("--output cannot be -, because a session goes on from what its file has", context)
    slugs = _read(queries) if queries is not None else None
    file = JudgementFile.open(output)
    recommender = open_recommender(folder)
    corpus = recommender.index.corpus
    rows = sampled_queries(corpus, sample, seed=seed) if slugs is None else named_queries(corpus, slugs)
    bars = Bars()
    found = find_candidates(recommender, rows, profiles, depth=depth, progress=bars.show)
    bars.close()
    saved = begin(pools(corpus, found, seed=seed), file.graded)
    on_terminal = _is_dash(queries) or (sys.stdin is not None and sys.stdin.isatty())
    keys = _pressed() if on_terminal else _lines()
    try:
        for session in _sessions(saved, keys) if saved.pairs else ():
            file.save(session.grades)
            saved = session
    except KeyboardInterrupt:
        _say(summary(saved, output))
        raise
    _say(summary(saved, output))


def _sessions(session: Session, keys: Iterator[str]) -> Iterator[Session]:
    """The session after each answer, until the reader quits; what is asked is shown on stderr."""
    _say(screen(session))
    for key in keys:
        _say(f"> {printable(key)}")
        if key == _QUIT:
            return
        answer = _ANSWERS.get(key)
        following = answer(session) if answer is not None else session
        if following is session:
            _say(_refusal(key))
            continue
        session = following
        yield session
        _say(screen(session))


def _refusal(key: str) -> str:
    """Why a key changed nothing."""
    if key == "u":
        return "nothing in this session to take back"
    if key in _ANSWERS:
        return "there is no candidate to grade; u takes the last answer back, q quits"
    return f"'{printable(key)}' is no answer, expected one of {' '.join((*_ANSWERS, _QUIT))}"


def _is_dash(path: Path | None) -> bool:
    return str(path) == "-"


def _read(queries: Path) -> list[str]:
    with click.open_file(str(queries), encoding="utf-8") as lines:
        return read_slugs(cast(TextIO, lines))


def _pressed() -> Iterator[str]:
    """Keys of the terminal, until it has no more."""
    while True:
        try:
            key = click.getchar()
        except EOFError:
            return
        except (OSError, RuntimeError):  # click's own, where what it opened is no terminal
            raise QrelsError(
                "there is no terminal to press keys on; give the queries as a file, and keys on stdin"
            ) from None
        if not key:
            return
        yield key


def _lines() -> Iterator[str]:
    """Keys as lines of stdin, until it ends."""
    given = False
    for line in sys.stdin.buffer if sys.stdin else ():
        key = line.decode(errors="replace").strip()
        if key:
            given = True
            yield key
    if not given:
        raise QrelsError("there is neither a terminal nor input; run it on a terminal, or give a key a line on stdin")


def _say(text: str) -> None:
    click.echo(text, err=True)
