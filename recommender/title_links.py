"""What links say of the articles' titles: where they stand, what they print, what they keep company with."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations

from recommender.labels import name_of
from recommender.likeness import SPELLED, Likeness, Proof, Title, Words, is_acronym, likeness, near, words_of


@dataclass(frozen=True, slots=True)
class Link:
    """One link of one event."""

    event: int
    """A number of the event; events are numbered in order of time."""
    title: str
    """The article's title; with `#section` it is an entity of its own and never merged."""
    text: str
    """What is printed."""


_LITTLE, _SOME, _MUCH = 0.05, 0.1, 0.2
"""Cosines of company."""
_MOSTLY, _NEARLY, _ALWAYS = 2 / 3, 0.8, 0.95
"""Shares of the links that print a title, links to the title itself left out."""
_OFTEN = 3
_LONGEST_ACRONYM = 8
_MIN_SHARED = 2
"""Two titles keep company where they have so many other articles in common."""


@dataclass(frozen=True, slots=True)
class _Use:
    links: int
    last: int
    """The last event that links it."""


@dataclass(frozen=True)
class TitleLinks:
    """All links by names: a name is what titles of the same letters have in common."""

    names: dict[str, str]
    """Title → its name."""
    use: dict[str, _Use]
    """Title → how it is used."""
    titles: dict[str, list[str]]
    """Name → its titles, the one that stands for it first; names are sorted."""
    events: dict[str, set[int]] = field(default_factory=dict)
    """Name → the events that link it."""
    beside: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Event → the names it links, sorted."""
    printed: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Letters of a text → how often it is printed for each name."""
    uncapped: Counter[str] = field(default_factory=Counter)
    """Name → how many links print it without a capital."""

    @classmethod
    def of(cls, links: Iterable[Link]) -> "TitleLinks":
        """Take down all links of all events."""
        found: dict[str, list[Link]] = {}
        for link in links:
            if _mergeable(link.title):
                found.setdefault(link.title, []).append(link)
        use = {title: _Use(len(linked), max(link.event for link in linked)) for title, linked in found.items()}
        archive = cls(_names(found), use, defaultdict(list))
        for title in sorted(found, key=archive.rank):
            archive.titles[archive.names[title]].append(title)
        for name in sorted(archive.titles):
            archive.titles[name] = archive.titles.pop(name)
            archive.events[name] = {link.event for title in archive.titles[name] for link in found[title]}
            for event in archive.events[name]:
                archive.beside[event].append(name)
            for title in archive.titles[name]:
                for link in found[title]:
                    archive.printed[_letters(link.text)][name] += 1
                    archive.uncapped[name] += link.text[:1].islower()
        return archive

    def rank(self, title: str) -> tuple[int, int, str]:
        """Least of the title that stands for its group."""
        use = self.use[title]
        return -use.links, -use.last, title

    def is_common(self, name: str) -> bool:
        """Whether most links print it without a capital."""
        return self.uncapped[name] * 2 >= sum(self.use[title].links for title in self.titles[name]) > 0

    def named(self, name: str, other: str) -> tuple[float, int]:
        """Of the links that print this name without leading to it the share that leads to the other; their number."""
        counts = self.printed.get(_letters(self.titles[name][0]), Counter())
        return (counts[other] / (counts.total() - counts[name]), counts[other]) if counts[other] else (0.0, 0)

    def company(self, one: str, other: str) -> float:
        """Cosine of the names linked beside each, weighted by rarity; 0 where fewer than two are shared."""
        left, right = self._company(one), self._company(other)
        shared = sorted(left.keys() & right.keys())
        if len(shared) < _MIN_SHARED:
            return 0.0
        length = math.hypot(*left.values()) * math.hypot(*right.values())
        return math.fsum(left[name] * right[name] for name in shared) / length if length else 0.0

    @cached_property
    def _companies(self) -> dict[str, dict[str, float]]:
        return {}

    def _company(self, name: str) -> dict[str, float]:
        if name not in self._companies:
            counts = Counter(other for event in sorted(self.events[name]) for other in self.beside[event])
            del counts[name]
            self._companies[name] = {
                other: (1 + math.log(count)) * math.log(len(self.beside) / len(self.events[other]))
                for other, count in counts.items()
            }
        return self._companies[name]

    def proves(self, one: str, other: str, proof: Proof) -> bool:
        """Whether the links give that proof."""
        (back, _), (share, count) = sorted((self.named(one, other), self.named(other, one)))
        match proof:
            case Proof.NONE:
                given = True
            case Proof.HINT:
                given = share >= _MOSTLY or self.company(one, other) >= _LITTLE
            case Proof.NAME:
                given = share >= _MOSTLY and (count > 1 or self.company(one, other) >= _LITTLE)
            case Proof.WITNESS:
                often = share >= _MOSTLY and count > 1
                given = often or share >= _NEARLY or self.company(one, other) >= _MUCH
            case Proof.COMPANY:
                given = self.company(one, other) >= _MUCH
            case Proof.BOTH:
                given = share >= _NEARLY and (back >= _MOSTLY or self.company(one, other) >= _SOME)
            case Proof.CERTAIN:
                text = one if (share, count) == self.named(one, other) else other
                often = count >= max(_OFTEN, len(self.events[text]))
                given = often and share >= _ALWAYS and self.company(one, other) >= _MUCH
        return given


def proven(archive: TitleLinks) -> list[tuple[Likeness, tuple[str, str]]]:
    """Pairs of names that are one, the surest first."""
    long_forms = _long_forms(archive)
    titles = {
        name: Title.of(titles[0], long_forms, common=archive.is_common(name)) for name, titles in archive.titles.items()
    }
    alike = {pair: likeness(*(titles[name] for name in pair)) for pair in sorted(_candidates(archive, titles))}
    longer: dict[Words, set[frozenset[str]]] = defaultdict(set)
    for pair, (kind, _) in alike.items():
        if kind == "reduced":
            longer[titles[pair[0]].kernel].update(titles[name].extra for name in pair if titles[name].extra)
    found: dict[Proof, list[tuple[Likeness, tuple[str, str]]]] = {proof: [] for proof in Proof}
    for pair, (kind, proof) in alike.items():
        # Father and son: `George Bush` is short for `George W. Bush` and for `George H. W. Bush`.
        ambiguous = kind == "reduced" and len(longer[titles[pair[0]].kernel]) > 1
        if proof is not None and not ambiguous and archive.proves(*pair, proof):
            found[proof].append((kind, pair))
    return [one for proof in Proof for one in found[proof]]


def _candidates(archive: TitleLinks, titles: dict[str, Title]) -> set[tuple[str, str]]:
    """Pairs of names of one kernel, of one core but for the spelling of a word, or of which one is printed for one."""
    kernels: dict[Words, set[str]] = defaultdict(set)
    for name, title in titles.items():
        kernels[title.kernel].add(name)
        kernels[title.core].add(name)
    pairs = {pair for names in kernels.values() for pair in combinations(sorted(names), 2)}
    spellings = _spellings({word for title in titles.values() for word in title.core})
    by_letters = {_letters(linked[0]): name for name, linked in archive.titles.items()}
    for name, title in titles.items():
        for i, word in enumerate(title.core):
            for spelling in spellings.get(word, ()):
                core = tuple(sorted((*title.core[:i], spelling, *title.core[i + 1 :])))
                pairs.update(_pair(name, other) for other in kernels.get(core, ()))
    for letters, counts in archive.printed.items():
        if letters in by_letters:
            pairs.update(_pair(by_letters[letters], other) for other in counts if other != by_letters[letters])
    return pairs


def _pair(one: str, other: str) -> tuple[str, str]:
    return min(one, other), max(one, other)


def _spellings(words: set[str]) -> dict[str, set[str]]:
    """Word → the words of which it may be another spelling."""
    shortened: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if len(word) >= SPELLED and word.isalpha():
            for form in (word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))):
                shortened[form].add(word)
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in (pair for same in shortened.values() for pair in combinations(same, 2)):
        if near(one, other):
            found[one].add(other)
            found[other].add(one)
    return found


def _long_forms(archive: TitleLinks) -> dict[str, Words]:
    """Acronym → the words it stands for, where most links that print it lead to an article of these initials."""
    found = {}
    for letters, counts in archive.printed.items():
        if 1 < len(letters) <= _LONGEST_ACRONYM:
            name = min(counts, key=lambda name: (-counts[name] * (_letters(archive.titles[name][0]) != letters), name))
            others = sum(n for other, n in counts.items() if _letters(archive.titles[other][0]) != letters)
            words = words_of(archive.titles[name][0], {})
            if counts[name] >= max(_OFTEN, _MOSTLY * others) and is_acronym((letters,), words):
                found[letters] = words
    return found


def _names(found: dict[str, list[Link]]) -> dict[str, str]:
    """Title → its name: its letters, or its comparable name where one event links two titles of these letters."""
    events: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for title, linked in found.items():
        events[_letters(title)][name_of(title)].update(link.event for link in linked)
    apart = {
        letters
        for letters, by_name in events.items()
        if len(by_name) > 1 and sum(map(len, by_name.values())) > len(set[int]().union(*by_name.values()))
    }
    return {title: name_of(title) if _letters(title) in apart else _letters(title) for title in found}


@lru_cache(maxsize=1 << 18)
def _letters(text: str) -> str:
    """The comparable name without what joins its words, but for mere numbers: `9/11` is not `911`."""
    name = name_of(text)
    return name.replace("-", "") if any(map(str.isalpha, name)) else name


def _mergeable(title: str) -> bool:
    return "#" not in title and bool(name_of(title))
