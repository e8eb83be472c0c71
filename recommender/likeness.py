"""How alike two titles of articles are, and how much proof it takes that they are one article.

`2016 United States presidential election` needs none to be `United States presidential election, 2016`; another
spelling, a qualifier or an acronym does. Words and rules are English.
"""

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from rapidfuzz.distance import OSA

from recommender.labels import name_of
from recommender.strings import word_set


class Proof(Enum):
    """What two titles need besides their likeness, the least first."""

    NONE = auto()
    HINT = auto()
    """Mostly named so, or a little company."""
    NAME = auto()
    """Mostly named so, more than once or with a little company."""
    WITNESS = auto()
    """Nearly always named so, or mostly and more than once, or much company."""
    COMPANY = auto()
    """Much company, however named."""
    BOTH = auto()
    """Nearly always named so, and company, or each is named like the other."""
    CERTAIN = auto()
    """Always and often named so, more often than linked, and much company."""


Likeness = Literal[
    "order", "function words", "plural", "acronym", "reduced", "qualifier", "spelling", "form", "text", "numbers"
]
Words = tuple[str, ...]


_MARKS = re.compile("['’‘ʻʼ`´.]")
"""Left out before words are told apart: `U.S.` is `US`, `Workers'` is `Workers`."""
_POSSESSIVE = re.compile(r"['’]s\b")
_QUALIFIED = re.compile(r"(?P<base>.+?)(?: \((?P<kind>[^()]+)\)|, (?P<place>[^,]+))")
_PREPOSITIONS = word_set("of in for on at to by de")
_FUNCTION_WORDS = _PREPOSITIONS | word_set("the a an and s")
_SHIPS = word_set("mv ms mt ss rms hms hmas hmcs uss usns uscgc ins fv my")
_HONORIFICS = word_set(
    "president emperor empress queen king prince princess pope sir dame dr governor senator ayatollah sheikh "
    "justice judge archbishop cardinal"
)
_COMPANIES = word_set("inc corp corporation plc ltd limited llc ag")
_CLUBS = word_set("fc afc cf")
_BEFORE, _AFTER = _SHIPS | _HONORIFICS | _CLUBS, _COMPANIES | _CLUBS
_GENERAL = word_set(
    "state province city county district department region governorate municipality island name film album song novel"
)
"""What tells two things of one name apart: a province from its capital, a film from its book."""
_LONG = 3
"""So many words are hardly those of another title in another order by chance."""
SPELLED = 5
"""Shorter words are other words, not other spellings: `Iran`, `Iraq`."""


@dataclass(frozen=True, slots=True)
class Title:
    """What is compared of a title."""

    words: Words
    """In order, without marks, acronyms written out."""
    content: Words
    """The words without function words."""
    core: Words
    """The content in the singular, sorted."""
    kernel: Words
    """The core of what is left without a qualifier, honorifics, initials and the like."""
    extra: frozenset[str]
    """The words, but for those of a qualifier, that the kernel lacks."""
    qualifier: str
    """`illinois` of `Chicago, Illinois`, `actor` of `John Smith (actor)`."""
    inverted: bool
    """Whether a comma or a parenthesis says that the words stand in another order than usual."""
    common: bool
    """Whether it is a common noun: mostly printed without a capital."""

    @classmethod
    def of(cls, title: str, long_forms: dict[str, Words], *, common: bool = False) -> "Title":
        """Take a title apart, writing out acronyms within it."""
        words = words_of(title, long_forms)
        content = _content(words)
        qualified = _QUALIFIED.fullmatch(title)
        base = words_of(qualified["base"], long_forms) if qualified else words
        kernel = _content(_kernel(base))
        return cls(
            words,
            content,
            tuple(sorted(map(_singular, content))),
            tuple(sorted(map(_singular, kernel))),
            frozenset(_content(base)) - frozenset(kernel),
            name_of(qualified["kind"] or qualified["place"]) if qualified else "",
            "," in title or "(" in title,
            common,
        )

    @property
    def numbers(self) -> list[str]:
        """The words with a digit, sorted: they are never changed."""
        return sorted(word for word in self.content if not word.isalpha() and any(map(str.isdigit, word)))


def likeness(one: Title, other: Title) -> tuple[Likeness, Proof | None]:
    """How two titles are alike, and the proof that it asks for; None where nothing would be enough."""
    if one.numbers != other.numbers:
        return "numbers", None
    if sorted(one.content) == sorted(other.content):
        return _reordered(one, other)
    if one.core == other.core:
        return "plural", _in_plural(one, other)
    return _shortened(one, other) or _shortened(other, one) or _respelled(one, other)


def _reordered(one: Title, other: Title) -> tuple[Likeness, Proof]:
    """Of the same words but for function words."""
    fewer, more = sorted(len(_PREPOSITIONS.intersection(title.words)) for title in (one, other))
    inverted = one.inverted or other.inverted
    if one.content == other.content:
        sure = len(one.content) >= _LONG and (inverted or fewer == more)
        return "function words", Proof.NONE if sure else Proof.HINT
    if fewer > 1 or len(one.content) < _LONG:
        return "order", Proof.WITNESS
    turned = any(one.content == other.content[i:] + other.content[:i] for i in range(len(other.content)))
    sure = turned and (inverted or len(one.content) > _LONG or bool(one.numbers))
    return "order", Proof.NONE if sure else Proof.HINT


def _in_plural(one: Title, other: Title) -> Proof:
    if tuple(map(_singular, one.words)) != tuple(map(_singular, other.words)):
        return Proof.WITNESS
    if one.common and other.common:
        return Proof.NONE
    return Proof.HINT if len(one.content) >= _LONG else Proof.WITNESS


def _shortened(short: Title, long: Title) -> tuple[Likeness, Proof | None] | None:
    """Of fewer words, if so."""
    if is_acronym(short.words, long.words):
        return "acronym", Proof.NAME
    if short.core != long.kernel:
        return None
    if long.extra and not long.qualifier and not short.extra:
        return "reduced", _reduced(long.extra)
    if long.qualifier and not long.extra:
        words = tuple(long.qualifier.split("-"))
        general = short.common or _GENERAL.intersection(words) or words == short.words or len(long.qualifier) == 1
        return "qualifier", None if general else Proof.BOTH
    return None


def _reduced(extra: frozenset[str]) -> Proof:
    """With words before or after it that may be left out."""
    if all(len(word) == 1 for word in extra):
        return Proof.HINT
    if extra <= _SHIPS:
        return Proof.COMPANY
    return Proof.BOTH if extra <= _AFTER else Proof.WITNESS


def _respelled(one: Title, other: Title) -> tuple[Likeness, Proof | None]:
    """Of other words."""
    left, right = Counter(one.core), Counter(other.core)
    lefts, rights = [*(left - right).elements()], [*(right - left).elements()]
    if len(lefts) == len(rights) == 1:
        short, long = sorted((lefts[0], rights[0]), key=len)
        single = len(one.core) == 1
        if near(short, long) and not (single and (long.startswith(short) or len(short) == SPELLED)):
            return "spelling", Proof.COMPANY if single else Proof.WITNESS
        if not single and short[:4] == long[:4] and len(short) >= 4:
            return "form", Proof.NAME
    within = not lefts or not rights
    return "text", None if within and _GENERAL.issuperset(lefts + rights) else Proof.CERTAIN


def words_of(title: str, long_forms: dict[str, Words]) -> Words:
    """A title's comparable words, acronyms among others written out."""
    words = name_of(_MARKS.sub("", _POSSESSIVE.sub("", title)).replace("&", " and ")).split("-")
    if len(_content(tuple(words))) == 1:
        return tuple(words)
    return tuple(part for word in words for part in long_forms.get(word, (word,)))


def _content(words: Words) -> Words:
    return tuple(word for word in words if word not in _FUNCTION_WORDS) or words


def _kernel(words: Words) -> Words:
    """The words without what a longer title says of the same: honorifics, initials, forms of companies."""
    while len(words) > 1 and words[0] in _BEFORE and words[1] not in _FUNCTION_WORDS:
        words = words[1:]
    while len(words) > 1 and words[-1] in _AFTER:
        words = words[:-1]
    full = tuple(word for word in words[:-1] if len(word) > 1 or not word.isalpha() or word in "ivx")
    return (*full, words[-1]) if full else words


def _singular(word: str) -> str:
    if len(word) < 4 or not word.isalpha() or not word.endswith("s") or word.endswith("ss"):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def is_acronym(short: Words, long: Words) -> bool:
    """Whether the one word is made of the initials of the other words."""
    return (
        len(short) == 1
        and len(long) > 1
        and short[0] in {"".join(word[0] for word in words) for words in (long, _content(long))}
    )


def near(one: str, other: str) -> bool:
    """Whether two words are one but for a letter, and not for the first one."""
    return one[0] == other[0] and min(len(one), len(other)) >= SPELLED and OSA.distance(one, other) == 1
