"""What the target of a link names: an article, a page of a sister project, a page of the web, or none of these."""

import re
from urllib.parse import quote, unquote, urlsplit

from recommender.strings import word_set

_NOT_ARTICLES = word_set(
    "file image media category special user wikipedia wp project template help portal p talk mediawiki draft"
)
_SISTERS = {
    "n": "wikinews",
    "wikinews": "wikinews",
    "wikt": "wiktionary",
    "wiktionary": "wiktionary",
    "s": "wikisource",
    "wikisource": "wikisource",
    "q": "wikiquote",
    "wikiquote": "wikiquote",
    "b": "wikibooks",
    "wikibooks": "wikibooks",
    "commons": "commons",
    "m": "meta",
    "meta": "meta",
    "species": "wikispecies",
    "d": "wikidata",
    "v": "wikiversity",
}
_LANGUAGE_PREFIX = re.compile(r"[a-z]{2,3}(-[a-z]{2,10})?")
_NO_TITLE = re.compile(r"[\[\]{}|<>]|%[0-9A-Fa-f]{2}")
"""What no title holds once it is decoded."""
_SPACE = re.compile(r"[\s_\u00a0]+")
_WEB = re.compile(r"(?:(https?):)?//", re.IGNORECASE)


def article_title(link: str) -> str:
    """The article that a link's target names, as MediaWiki normalises it; empty where it names none.

    Blanks and underscores are one blank, the first letter is upper case, percent-encoding and a leading colon are
    taken away. A `#section` stays: the archive counts it as another entity. Links to files, categories, other
    namespaces, other languages and sister projects name no article.

    >>> article_title("syrian_Civil war#Aleppo")
    'Syrian Civil war#Aleppo'
    """
    decoded = unquote(link)
    article, _, section = decoded.partition("#")
    title = _SPACE.sub(" ", article).strip(" :")
    prefix, colon, _ = title.partition(":")
    if not title or (colon and _namespace(prefix)) or _NO_TITLE.search(decoded):
        return ""
    section = _SPACE.sub(" ", section).strip()
    return title[:1].upper() + title[1:] + (f"#{section}" if section else "")


def sister_url(link: str) -> str:
    """Where a link to a page of a sister project leads, such as `n:Title` to Wikinews; empty where it is none."""
    prefix, _, page = link.strip(" :").partition(":")
    sister = _SISTERS.get(prefix.lower())
    return f"https://en.{sister}.org/wiki/{quote(page.strip().replace(' ', '_'))}" if sister else ""


def web_url(url: str) -> str:
    """The url as a browser wants it; empty where it is none of the web, such as `mailto:`.

    >>> web_url("//archive.org/a page")
    'https://archive.org/a%20page'
    """
    url = " ".join(url.split()).rstrip("| ").replace(" ", "%20")
    scheme = _WEB.match(url)
    return f"{(scheme[1] or 'https').lower()}://{url[scheme.end() :]}" if scheme and scheme.end() < len(url) else ""


def host(url: str) -> str:
    """Who answers at a url, without `www.`."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url


def _namespace(prefix: str) -> bool:
    name = prefix.strip().lower()
    return name in _NOT_ARTICLES or name in _SISTERS or _LANGUAGE_PREFIX.fullmatch(prefix.strip()) is not None
