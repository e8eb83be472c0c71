"""Labels: cutting a Context line into them, and the names by which they are compared.

A Context line prints labels in the order of their characters, joined by `, `, and a label may hold a
comma itself. The order tells: in `California State University, Fullerton, Los Angeles, Wasilla` all is
in order, but `California State University, Fullerton, Christopher Dorner` is not, unless one of the
commas belongs to a label. Each such line votes for the two cuts that would mend it, the archive as a
whole elects, and the elected labels hold everywhere.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

SEPARATOR = ", "
_ACCENTS = re.compile("[\u0300-\u036f]+")
"""Not the marks of other scripts: they tell パリ, Paris, from バリ, Bali."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 18)
def name_of(label: str) -> str:
    """The comparable name of a label: no case, no accents, words joined by `-`.

    `al Qaeda` and `al-Qaeda` are one name, and so are `Côte d'Ivoire` and `Cote d'Ivoire`.
    """
    return _BETWEEN_WORDS.sub("-", fold(label).casefold()).strip("-")


def title_label(title: str) -> str:
    """An article's title as a label; of a section `X#Y` it is `X (Y)`, which is the same name."""
    article, _, section = title.partition("#")
    return f"{article} ({section})" if section else article


def fold(text: str) -> str:
    """The text without accents, in compatible characters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


@dataclass(frozen=True, slots=True)
class LabelSplitter:
    """Cuts Context lines by the labels that the archive is known to have."""

    joined: frozenset[tuple[str, str]]
    """Neighbouring parts that a comma joins into one label."""

    @classmethod
    def learn(cls, contexts: Iterable[str]) -> "LabelSplitter":
        """Elect the labels that hold a comma.

        Args:
            contexts: Every Context line of the archive, each once, in any order.
        """
        found = list(map(_parts, contexts))
        # Most are in order, and sorting what is in order is quick.
        broken = [cut for parts in found if parts != sorted(parts) for cut in _out_of_order(parts)]
        votes = Counter(pair for ahead, behind in broken for pair in (ahead, behind) if pair)
        seconds = {second for _, second in votes}
        alone = Counter(part for parts in found for part in parts if part in seconds)

        def support(pair: tuple[str, str]) -> float:
            # The rest of a label is seldom a label: `Dallas, Texas` rather than `Texas, United States`.
            return votes[pair] / alone[pair[1]]

        elected = (behind if behind and support(behind) > support(ahead) else ahead for ahead, behind in broken)
        return cls(frozenset(elected))

    def split(self, context: str) -> list[str]:
        """The labels of one Context line, in its order."""
        parts = _parts(context)
        if self.joined.isdisjoint(pairwise(parts)):
            return parts
        labels: list[str] = []
        last = ""
        for part in parts:
            if labels and (last, part) in self.joined:
                labels[-1] += SEPARATOR + part
            else:
                labels.append(part)
            last = part
        return labels


def _parts(context: str) -> list[str]:
    return list(filter(str.strip, context.strip().split(SEPARATOR)))


def _out_of_order(parts: list[str]) -> Iterable[tuple[tuple[str, str], tuple[str, str] | None]]:
    """For each break of the order the two joins that would mend it.

    Of `…, o, p, q, …` with p > q, either `p, q` is one label, or `o, p` is (then o < q must hold).
    """
    for i in range(len(parts) - 1):
        if parts[i] > parts[i + 1]:
            behind = (parts[i - 1], parts[i]) if i and parts[i - 1] < parts[i + 1] else None
            yield (parts[i], parts[i + 1]), behind
