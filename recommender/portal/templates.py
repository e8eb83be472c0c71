"""Templates of the portal: what each leaves on the line, or the source that it names."""

import re
from collections.abc import Iterator

from mwparserfromhell.nodes import Node, Template, Text, Wikilink
from mwparserfromhell.wikicode import Wikicode

_SPACE = re.compile(r"[\s_]+")
_CITING = re.compile(r"cit(e|ation)\b(?! needed).*|vcite.*|webarchive|doi-inline")
_TEXT = re.compile(r"nowrap|small|nobr|currency|abbr|sup|sub|lang-\w+")
_SECOND_TEXT = re.compile(r"lang|transl")
_LINK = re.compile(r"interlanguage link( multi)?|ill")
_SHIP = re.compile(r"uss|hms|hmcs|hmas|rms|ss|ms|mv|ins|uscgc|rfa|usns|mt|ov")
_SIGNS = {
    "current events header": "",
    "current events footer": "",
    "spaced ndash": " – ",
    "nbsp": " ",
    "'": "'",
    "okina": "ʻ",
}
_URLS = ("url", "archive-url", "archiveurl")
_PUBLISHERS = ("publisher", "work", "newspaper", "website", "agency", "title")


def template_name(template: Template) -> str:
    """The name as pages write it most: lower case, blanks for underscores."""
    return _SPACE.sub(" ", str(template.name)).strip().lower()


def template_text(template: Template) -> Wikicode | None:
    """What a template leaves where it stands; none where this is not known.

    >>> from mwparserfromhell import parse
    >>> template_text(parse("the {{USS|Cole|DDG-67|6}}").nodes[1])
    'USS Cole'
    """
    name = template_name(template)
    if name in _SIGNS:
        return Wikicode([Text(_SIGNS[name])])
    second = _value(template, "2")
    first = second if _SECOND_TEXT.fullmatch(name) else _value(template, "1")
    if first is None or _TEXT.fullmatch(name) or _SECOND_TEXT.fullmatch(name):
        return first
    if _LINK.fullmatch(name):
        return Wikicode([Wikilink(first)])
    if _SHIP.fullmatch(name):
        return _spaced([] if name == "ov" else [Text(name.upper())], first.nodes)
    return _spaced(first.nodes, second.nodes) if name == "convert" and second else None


def is_citing(template: Template) -> bool:
    """Whether the template names a source, as `{{cite web}}` does."""
    return _CITING.fullmatch(template_name(template)) is not None


def cited_urls(template: Template) -> Iterator[Wikicode]:
    """Where the source of a citing template is found, the best first."""
    return filter(None, (_value(template, name) for name in _URLS))


def cited_labels(template: Template) -> Iterator[Wikicode]:
    """What the source of a citing template may be called, its publisher first."""
    return filter(None, (_value(template, name) for name in _PUBLISHERS))


def _value(template: Template, name: str) -> Wikicode | None:
    """The value of a parameter; none where it is not there or blank."""
    value: Wikicode | None = template.get(name).value if template.has(name, ignore_empty=True) else None
    return value


def _spaced(left: list[Node], right: list[Node]) -> Wikicode:
    return Wikicode([*left, Text(" "), *right] if left else right)
