"""The import of the whole portal: how long, what comes out, what was passed over, how it compares with other archives.

    python benchmarks/portal.py DATA --work FOLDER

DATA is the folder of third-party data; FOLDER is new, or holds an earlier run, whose unpacked files are used again.
Imports the portal into a git repository, then the same again, then with one bullet edited; compares paths with the
archive that was made of the same wikitext before, lists with real pages, and entities that are inferred from Markdown
alone with those of the source.
"""

import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from unittest import mock

import click
from rapidfuzz import fuzz
from real_archive import command, require, unpack

from recommender import inference
from recommender.archive import Archive, read_archive
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.events import Page, Record
from recommender.evidence import PRINTED, gather
from recommender.labels import name_of, title_label
from recommender.portal.day import PortalDay, read_day
from recommender.portal.folder import PortalFolder
from recommender.slugs import path_of

EDITED_DAY = "2013_February_7.txt"
_CITED = re.compile(r"\(Wiki ?News\)", re.IGNORECASE)


def causes(portal: Mapping[str, PortalDay], theirs: Archive, ours: Archive) -> Counter[str]:
    """Why pages of the older archive have no page of the same path in ours, each counted once."""
    paths = {page.event.slug for page in ours.pages}
    by_day = defaultdict(list)
    for record in ours.records:
        by_day[record.slug.rsplit("/", 1)[0]].append(record.text)
    counts: Counter[str] = Counter()
    for page in theirs.pages:
        if page.event.slug in paths:
            counts["the same path"] += 1
            continue
        folder = page.event.slug.rsplit("/", 1)[0]
        text = page.event.headline
        best = max(by_day[folder], key=lambda other: fuzz.ratio(text, other.strip()), default="")
        day = portal.get(folder)
        headings = {h.text for event in day.events for h in event.headings} if day else set()
        if text.strip(" :.") in headings:
            counts["a story heading, which we take for no event"] += 1
        elif " ".join(best.split()) == " ".join(text.split()):
            counts["double blanks, which the site counts in a slug"] += 1
        elif _CITED.search(text):
            counts["a link to Wikinews, which we take for a source"] += 1
        elif any(sign in text for sign in ("[http", "[[", "]]", "{{", "|")):
            counts["markup left in the text"] += 1
        elif fuzz.ratio(text, best.strip()) >= 80:
            counts["templates, characters as entities, signs around sources"] += 1
        else:
            counts["something else"] += 1
    return counts


def markdown_alone(archive: Archive, records: Iterable[Record]) -> list[tuple[str, float, float, int]]:
    """Precision and recall of what is inferred without records, with and without merging of labels.

    An entity that is inferred stands for the title that most of its events link to.
    """
    corpus = Corpus.of(archive.pages, archive.day_items)
    true: dict[int, set[str]] = {}
    for record in records:
        row = corpus.row_of_target(f"/{path_of(record.slug)}")
        if row is not None:
            true[row] = {name_of(title_label(title)) for title, _ in record.entities}
    pages: list[Page] = sorted(archive.pages, key=lambda page: path_of(page.event.slug))
    results = []
    for name, merge in (("labels as printed", lambda _evidence: {}), ("labels merged", inference.merge_names)):
        with mock.patch.object(inference, "merge_names", merge):
            index = inference.infer_entities(corpus, gather(corpus, pages, archive.day_items))
        results.append((name, *_agreement(index, true)))
    return results


def _agreement(index: EntityIndex, true: Mapping[int, set[str]]) -> tuple[float, float, int]:
    titles = []
    for entity in range(len(index)):
        linked = Counter(name for row in index.postings(entity, PRINTED).tolist() for name in true.get(row, ()))
        titles.append(max(sorted(linked), key=lambda name: linked[name]) if linked else "")
    right = inferred = wanted = 0
    for row, names in true.items():
        told = {titles[int(entity)] for entity in index.entities(row, PRINTED)}
        right += len(told & names)
        inferred += len(told)
        wanted += len(names)
    return right / inferred, right / wanted, inferred


def git(folder: Path, *words: str) -> str:
    """Run git in the archive."""
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path) -> None:
    """Everything as it is now."""
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=import", "-c", "user.email=import@example.org", "commit", "-qm", "import")


def edit(portal: Path, change: Callable[[str], str]) -> None:
    """Change the wikitext of one day."""
    file = next(portal.rglob(EDITED_DAY))
    text = file.read_bytes().decode("cp1252")
    require(change(text) != text, "the day has changed")
    file.write_bytes(change(text).encode("cp1252"))


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--work", type=click.Path(path_type=Path), required=True)
@click.option("--tables/--no-tables", default=True, show_default=True, help="Compare with the older archive, too.")
def main(data: Path, work: Path, *, tables: bool) -> None:
    """Run everything in order."""
    work.mkdir(parents=True, exist_ok=True)
    portal, older = unpack(data, work, "wiki-raw-en"), unpack(data, work, "context-en")
    archive, index = work / "imported", work / "imported-index"
    shutil.rmtree(archive, ignore_errors=True)

    command("import", portal, "--output", archive, "--skipped", work / "skipped.tsv")
    git(archive, "init", "-q")
    commit(archive)
    command("import", portal, "--output", archive)
    require(not git(archive, "status", "--porcelain"), "the same import again changes nothing")

    changed = work / "edited"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(portal, changed)
    edit(changed, lambda text: text.replace("lawmakers vote 113 to 36", "lawmakers vote by 113 to 36"))
    command("import", changed, "--output", archive, "--since", "2013-02-07", "--until", "2013-02-07")
    git(archive, "add", "-A")
    click.echo(git(archive, "diff", "--cached", "-M40%", "--stat=200"))
    git(archive, "reset", "-q", "--hard")

    command("build", archive, "--index", index, "--encoder", "lexical")
    existing = ("evaluate", "--index", index, "--existing", data / "real-pages")
    click.echo(command(*existing))
    (profile,) = json.loads(command(*existing, "--format", "json"))["profiles"]
    for measure, least in (("known items", 0.97), ("known lists", 0.80)):
        require(profile["measures"][measure]["mean"] >= least, f"{measure} of the real pages are at least {least:.0%}")
    command("regenerate", archive, "--index", index, "--profile", "reproduce", "--check")
    if tables:
        compare_archives(portal, archive, older)


def compare_archives(portal: Path, archive: Path, older: Path) -> None:
    """Print how the paths differ, and how well Markdown alone tells entities."""
    ours, theirs = read_archive(archive), read_archive(older)
    days = {f"news/{d.date.year:04}/{d.date.month:02}/{d.date.day}": d for d in _days(portal)}
    click.echo(f"\n{len(ours.pages):,} pages of ours, {len(theirs.pages):,} of the older archive, of which:")
    for cause, count in causes(days, theirs, ours).most_common():
        click.echo(f"{count:>8,}  {cause}")
    click.echo("\n| archive, Markdown alone | precision | recall | pairs inferred |\n|---|---|---|---|")
    for name, other in (("imported, labels are titles", ours), ("older, labels are link texts", theirs)):
        for state, precision, recall, pairs in markdown_alone(other, ours.records):
            click.echo(f"| {name}, {state} | {precision:.3f} | {recall:.3f} | {pairs:,} |")


def _days(portal: Path) -> Iterable[PortalDay]:
    yield from (read_day(source.date, source.wikitext) for source in PortalFolder.find(portal).read())


if __name__ == "__main__":
    main()
