"""Wikitext → lines: the marker of each, its text, its links and its sources.

mwparserfromhell finds the nodes; this module says what each kind of node leaves on a line. Whatever leaves
nothing is noted on the line, so that the reader of a day can count it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import mwparserfromhell
from mwparserfromhell.definitions import PARSER_BLACKLIST
from mwparserfromhell.nodes import Comment, ExternalLink, Heading, HTMLEntity, Node, Tag, Template, Text, Wikilink
from mwparserfromhell.wikicode import Wikicode

from recommender.portal.targets import article_title, host, sister_url, web_url
from recommender.portal.templates import cited_labels, cited_urls, is_citing, template_name, template_text
from recommender.portal.wikitext import Anchor, Citation, Line, Part, printed, without_quotes
from recommender.strings import word_set

_MARKERS = frozenset("*#:;")
_TEXT_TAGS = word_set(
    "i b em strong small big sup sub span u s del ins nowiki code tt div center font noinclude includeonly "
    "onlyinclude p table tr td th caption li dt dd blockquote cite"
)
_FOREIGN_TAGS = frozenset(PARSER_BLACKLIST) - _TEXT_TAGS
"""Tags whose content is no wikitext, such as `math`."""
_FILES = word_set("file image category media")
_UNCLOSED = re.compile(
    r"\[https?://[^\s\]\[]+[ \t]+\([^()\[\]\n]*\)(?=[^\]\[\n]*(?:\[|\n|$))"  # [url (label)
    r"|\[\[(?!\w*:?//)[^\[\]\n]+\](?!\])"  # [[article|text]
)
_WRAPPED = re.compile(r"[({\[]*([^(){}\[\]]*(?:[({\[][^(){}\[\]]*[)}\]][^(){}\[\]]*)*)[)}\]]*")
_TABLE_FRAME = re.compile(r"[{|}!\s-]*")


def read_lines(wikitext: str) -> list[Line]:
    """The lines of a page, empty ones left out.

    Comments are taken away; tables are read as the lines in their cells; a reference becomes the citations in it;
    a citation whose bracket is not closed is closed after its label, a link that lacks its last bracket gets it. The
    quotes that make italics and bold are text.
    """
    # mwparserfromhell reads no further than a NUL.
    text = wikitext.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    closed = _UNCLOSED.sub(lambda match: match[0] + "]", text)
    return _read(mwparserfromhell.parse(closed, skip_style_tags=True))


@dataclass(slots=True)
class _Reader:
    """The lines read so far and the one being read."""

    lines: list[Line] = field(default_factory=list)
    _marker: str = ""
    _parts: list[Part] = field(default_factory=list)
    _blank: bool = True
    """Whether nothing but the marker stands on the line so far."""
    _left_out: list[str] = field(default_factory=list)

    def end_line(self) -> None:
        parts = tuple(_joined(self._parts))
        has_text = any(not isinstance(part, str) or not _TABLE_FRAME.fullmatch(part) for part in parts)
        if has_text or self._left_out:
            self.lines.append(Line(self._marker, parts if has_text else (), tuple(self._left_out)))
        self._marker, self._parts, self._blank, self._left_out = "", [], True, []

    def add(self, part: Part) -> None:
        if part:
            self._parts.append(part)
            self._blank = self._blank and isinstance(part, str) and part.isspace()

    def walk(self, code: Wikicode) -> None:
        for node in code.nodes:
            self.read(node)

    def read(self, node: Node) -> None:
        match node:
            case Comment():
                pass
            case Text():
                self._text(str(node.value))
            case HTMLEntity():
                self.add(_entity(node))
            case Wikilink():
                self._wikilink(node)
            case ExternalLink():
                self._external_link(node)
            case Template():
                self._template(node)
            case Heading():
                self.end_line()
                self._marker = "="
                self.walk(node.title)
                self.end_line()
            case Tag():
                self._tag(node)
            case _:
                self._left_out.append(type(node).__name__.lower())

    def _text(self, text: str) -> None:
        first, *rest = text.split("\n")
        self.add(first)
        for line in rest:
            self.end_line()
            self.add(line)

    def _tag(self, node: Tag) -> None:
        name = str(node.tag).strip().lower()
        if node.wiki_markup in _MARKERS:
            if self._blank:
                self._marker += node.wiki_markup
            else:
                self.add(str(node.wiki_markup))
        elif name in {"br", "hr"}:
            self.add(" ")
        elif name == "ref":
            self._reference(node)
        else:
            if name not in _TEXT_TAGS:
                self._left_out.append(f"tag {name}")
            if node.contents is not None and name not in _FOREIGN_TAGS:
                self.walk(node.contents)

    def _reference(self, node: Tag) -> None:
        lines = [] if node.contents is None else _read(node.contents)
        found = [part for line in lines for part in line.parts if isinstance(part, Citation)]
        if not found:
            self._left_out.append("reference without a link")
        for source in found:
            self.add(Citation(source.url, source.label))

    def _external_link(self, node: ExternalLink) -> None:
        url, text = self._url(node.url), self._plain(node.title)
        if url:
            self.add(_citation(url, text))
        else:
            self._left_out.append("link that is not of the web")
            self.add(text if node.brackets else str(node.url))

    def _wikilink(self, node: Wikilink) -> None:
        target = self._plain(node.title)
        text = target if node.text is None else self._plain(node.text)
        prefix, _, page = target.partition(":")
        namespace = prefix.strip().lower()
        if page and namespace in _FILES:
            self._left_out.append(f"link {namespace}")
            return
        title = article_title(target)
        if title:
            self.add(Anchor(title, text or title))
            return
        self._left_out.append("link to no article")
        url = sister_url(target) if text.startswith("(") else ""
        self.add(_citation(url, text) if url else (page or target) if node.text is None else text)

    def _template(self, node: Template) -> None:
        if is_citing(node):
            url = next(filter(None, map(self._url, cited_urls(node))), "")
            label = next(filter(None, map(self._plain, cited_labels(node))), "")
            if url:
                self.add(Citation(url, without_quotes(label).strip() or host(url)))
            else:
                self._left_out.append("reference without a link")
        elif (code := template_text(node)) is not None:
            for part in self._inline(code):
                self.add(part)
        else:
            self._left_out.append(f"template {template_name(node)}")

    def _inline(self, code: Wikicode | None) -> Iterator[Part]:
        """What a piece of wikitext leaves on the line on which it stands, however many lines it has itself."""
        reader = _Reader()
        if code is not None:
            reader.walk(code)
        for line in reader.lines:
            self._left_out.extend(line.left_out)
            yield from (*line.parts, " ")
        self._left_out.extend(reader._left_out)
        yield from reader._parts

    def _url(self, code: Wikicode) -> str:
        """The url of the web that a piece of wikitext is; empty where it is none."""
        links = code.filter_external_links(recursive=False)
        return web_url(self._plain(links[0].url if links else code))

    def _plain(self, code: Wikicode | None) -> str:
        """What is printed of a piece of wikitext."""
        return printed(self._inline(code))


def _read(code: Wikicode) -> list[Line]:
    reader = _Reader()
    reader.walk(code)
    reader.end_line()
    return reader.lines


def _joined(parts: list[Part]) -> Iterator[Part]:
    """The parts with neighbouring texts made one."""
    text: list[str] = []
    for part in parts:
        if isinstance(part, str):
            text.append(part)
            continue
        if text:
            yield "".join(text)
        text = []
        yield part
    if text:
        yield "".join(text)


def _citation(url: str, text: str) -> Citation:
    """The citation of a url of which this text is printed."""
    label = without_quotes(text).strip(" |")
    if label and label[0] not in "({[":
        return Citation(url, label, aside=False)
    wrapped = _WRAPPED.fullmatch(label.rstrip(",;"))
    return Citation(url, (wrapped[1].strip() if wrapped else label) or host(url))


def _entity(node: HTMLEntity) -> str:
    """The character that an entity stands for: a blank for any kind of blank, none that no text can hold."""
    try:
        character = str(node.normalize())
        character.encode()
    except (ValueError, OverflowError):
        return str(node)
    return " " if character.isspace() else character
