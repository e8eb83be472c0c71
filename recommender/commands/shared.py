"""What several commands need: options with one name everywhere, opening an index and bringing it up to date."""

import gc
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from recommender.archive import Archive, Known, read_archive, scan_archive
from recommender.building import Stage, build_index, is_up_to_date, prepare_build
from recommender.commands.progress import Bars, Clock
from recommender.earlier import earlier_encoder, open_earlier
from recommender.errors import ParameterError
from recommender.example import example_archive, example_index
from recommender.files import fingerprint
from recommender.index import Index
from recommender.kinds import Choice, Flag
from recommender.page_table import PageTable
from recommender.parameters import PARAMETERS, PROFILES, Parameters, Profile
from recommender.parameters import Parameter as DeclaredParameter
from recommender.related import Recommender
from recommender.stamps import SeenFiles, take_stamps
from recommender.store import drop_journal
from recommender.tuned import read_tuned
from recommender.wishes import unknown_wishes

DIFFERENT = 1
"""Exit code of a check that found differences."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A date as `YYYY-MM-DD`."""

    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day, expected YYYY-MM-DD", param, ctx)


def parameter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The parameters of a list as options; the command gets them as one value, `parameters`."""

    @wraps(command)
    def checked(**options: Any) -> Any:  # noqa: ANN401 - whatever the command returns
        values = {name: options.pop(name) for name in PARAMETERS}
        if (file := options.pop("tuned")) is not None:
            source = click.get_current_context().get_parameter_source
            tuned = read_tuned(file).parameters
            values |= {name: value for name, value in tuned.items() if source(name) is ParameterSource.DEFAULT}
        return command(parameters=Parameters.checked(**values), **options)

    decorated: Callable[..., Any] = click.option(
        "--tuned", type=click.Path(path_type=Path), help="Parameters from a file of `tune`; options that are given win."
    )(checked)
    for parameter in reversed([*PARAMETERS.values()]):
        decorated = _option(parameter)(decorated)
    return decorated


def profiles_option(default: tuple[Profile, ...] = ("extend",)) -> Decorator:
    """`--profile`, several times."""
    return click.option(
        "--profile",
        "profiles",
        type=click.Choice(PROFILES),
        default=default,
        multiple=True,
        show_default=True,
        help=PARAMETERS["profile"].told,
    )


class _Value(click.ParamType):  # type: ignore[type-arg]  # as Day
    """A value of a parameter as it is read everywhere."""

    def __init__(self, parameter: DeclaredParameter) -> None:
        self.name = parameter.name
        self._parameter = parameter

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read the text; a default is a value already."""
        try:
            return self._parameter.read(value) if isinstance(value, str) else value
        except ParameterError as error:
            self.fail(str(error), param, ctx)


def _option(parameter: DeclaredParameter) -> Decorator:
    """The option of a parameter: `--max-age-days`; a flag also as `--no-…`."""
    name, kind = parameter.name.replace("_", "-"), parameter.kind
    if isinstance(kind, Flag):
        return click.option(
            f"--{name}/--no-{name}", parameter.name, default=parameter.default, show_default=True, help=parameter.told
        )
    words = click.Choice(kind.words) if isinstance(kind, Choice) else None
    return click.option(
        f"--{name}",
        parameter.name,
        type=words or _Value(parameter),
        default=parameter.default,
        show_default=bool(parameter.default),
        metavar=None if words else kind.shape,
        help=parameter.told,
    )


def open_recommender(folder: Path | None) -> Recommender:
    """A recommender on an index, or on the example archive, which is built on first use."""
    if folder is None:
        folder = example_index()
        bring_up_to_date(example_archive(), folder)
    return Recommender(Index.open(folder))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for circles among objects: reading an archive makes none, and a million objects to look at."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def bring_up_to_date(
    source: Path,
    folder: Path,
    *,
    encoder: str | None = None,
    skip_bad: bool = False,
    reread: bool = False,
    tell: bool = False,
) -> None:
    """Build an index, or leave it as it is where nothing has changed."""
    clock = Clock(tell=tell)
    prepare_build(folder, encoder)
    earlier, problem = open_earlier(folder)
    if problem:
        click.echo(f"{problem} ({'building it now, with its vectors' if earlier else 'building it now'})", err=True)
    seen = SeenFiles.beside(folder, source)
    known = scanned(source, earlier, seen, reread=reread) if isinstance(earlier, Index) else None
    if isinstance(earlier, Index) and known and is_up_to_date(earlier, fingerprint(known.scan.digests), encoder):
        clock.lap("comparing", "nothing has changed")
        drop_journal(folder)
        return
    was = earlier_encoder(earlier)
    if was and encoder not in (None, was):
        click.echo(f"the index was built with {was}; every text is encoded anew with {encoder}", err=True)
    stamps = take_stamps(source) if known is None else None
    archive = read_pages(source, skip_bad=skip_bad, known=known)
    if stamps:
        seen.keep(stamps, archive.digests)
    clock.lap("reading", f"{len(archive.pages):,} pages")
    bars = Bars()

    def progress(stage: Stage, done: int, size: int) -> None:
        clock.enter(stage)
        bars.show(stage, done, size)

    with uncollected():
        index = build_index(archive, encoder=encoder, earlier=earlier, folder=folder, progress=progress)
    bars.close()
    for warning in unknown_wishes(index.corpus, PageTable.of(archive.pages).with_wishes()):
        click.echo(f"warning: {warning}", err=True)
    clock.enter("saving")
    index.save(folder)
    if len(index.corpus):
        # Compiled now, kept for every process after: otherwise the first question after an installation waits for it.
        # From the disk, whose arrays are read-only: code for arrays that can be written is other code.
        clock.enter("compiling")
        next(Recommender(Index.open(folder)).related_rows([0], Parameters()))
    clock.enter(None)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    manifest = index.manifest
    clock.say(f"{manifest.events:,} events, {manifest.entities:,} entities, encoder {manifest.encoder}")
    clock.say(f"peak memory {memory:.2f} GB")


def scanned(source: Path, index: Index, seen: SeenFiles, *, reread: bool = False) -> Known:
    """What an index knows of an archive, and what lies there now.

    Args:
        source: The archive.
        index: What there is.
        seen: What was read of the archive; what is read now is noted there.
        reread: Whether to believe nothing of that.
    """
    if reread:
        seen.forget()
    return Known(index.pages(), index.others, scan_archive(source, seen))


def read_pages(source: Path, *, skip_bad: bool = False, known: Known | None = None) -> Archive:
    """Read an archive with a progress bar; pages passed over are told."""
    bars = Bars()

    def progress(done: int, size: int) -> None:
        bars.show("reading", done, size)

    with uncollected():
        archive = read_archive(source, skip_bad=skip_bad, progress=progress, known=known)
    bars.close()
    for error in archive.skipped:
        click.echo(f"passed over: {error}", err=True)
    return archive


def output_file(parameter: str, path: Path) -> Path:
    """The file that will be written, links followed, after making sure that it can be: before minutes of work.

    Raises:
        ParameterError: There is no such folder, it cannot be written, or what lies there is no file.
    """
    try:
        file = path.resolve()
        if file.exists() and not file.is_file():
            raise ParameterError(parameter, str(path), "a file, which is written over, or a new name in a folder")
        with tempfile.TemporaryFile(dir=file.parent):
            return file
    except (OSError, RuntimeError) as error:  # Path.resolve before Python 3.13 raises the other of a link to itself
        reason = error.strerror if isinstance(error, OSError) else "a link that leads to itself"
        raise ParameterError(parameter, str(path), f"a file in a folder that can be written ({reason})") from None
