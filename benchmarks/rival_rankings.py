"""What a user could install instead: each ranking a plain function from the archive and a row to scores of all rows.

Bigger is better; what is not above 0 is not listed. `order` makes a list of scores: score, then row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from recommender.candidates import Sharing
from recommender.index import Index
from recommender.neighbours import cosines

Scores = NDArray[np.float64]

DECIMALS = 9
"""Scores are rounded, so that the last bits of a matrix product decide nothing."""
LSI_COMPONENTS = 256
RRF_K = 60


@dataclass(frozen=True)
class Words:
    """Texts as bm25s indexes them: Lucene's BM25, k1 = 1.5, b = 0.75, English stop words, Snowball's English stems."""

    weights: bm25s.BM25
    tokens: list[list[str]]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Index texts."""
        stemmer = Stemmer.Stemmer("english")
        tokens = bm25s.tokenize(list(texts), stemmer=stemmer, return_ids=False, show_progress=False)
        weights = bm25s.BM25()
        weights.index(tokens, show_progress=False)
        return cls(weights, tokens)

    def scores(self, row: int) -> Scores:
        """Of all texts for one of them."""
        if not self.tokens[row]:
            return np.zeros(len(self.tokens))
        return np.asarray(self.weights.get_scores(self.tokens[row]), np.float64)


@dataclass(frozen=True)
class Rivals:
    """An archive as each of them has prepared it."""

    index: Index
    years: NDArray[np.int64]
    tags: csr_matrix
    """(events, entities) 1 where an event has an entity: printed, or named in its headline."""
    words: Words
    words_and_tags: Words
    tfidf: csr_matrix
    """(events, words) rows of unit length."""
    latent: NDArray[np.float64]
    """(events, components) `tfidf` in the space of its largest singular values, rows of unit length."""
    association: csr_matrix
    """(events, words) as classifier-reborn weighs them."""

    @classmethod
    def of(cls, index: Index) -> Self:
        """Prepare an archive: what its events say, headline and description, and what they are tagged with."""
        corpus, known = index.corpus, index.articles
        said = [f"{text} {more}".strip() for text, more in zip(corpus.texts, corpus.descriptions, strict=True)]
        labels = [" ".join(known.labels[tag] for tag in known.entities(row).tolist()) for row in range(len(corpus))]
        ones, shape = np.ones(len(known.event_entities)), (len(corpus), len(known))
        tfidf = TfidfVectorizer().fit_transform(said)
        return cls(
            index=index,
            years=np.array([date.fromordinal(day).year for day in corpus.days.tolist()]),
            tags=csr_matrix((ones, known.event_entities, known.event_starts), shape=shape),
            words=Words.of(said),
            words_and_tags=Words.of([f"{text} {tags}" for text, tags in zip(said, labels, strict=True)]),
            tfidf=tfidf,
            latent=latent_vectors(tfidf),
            association=association(said),
        )

    def shared(self, row: int) -> Scores:
        """How many tags each event has in common with one."""
        return _products(self.tags, row)


def order(scores: Scores, row: int, limit: int = 10) -> list[int]:
    """The list for a row: the best scores above 0, without the row itself, of equals the first."""
    rounded = scores.round(DECIMALS)
    rounded[row] = 0.0
    rows = np.flatnonzero(rounded > 0.0)
    best: list[int] = rows[np.argsort(-rounded[rows], kind="stable")[:limit]].tolist()
    return best


def bm25(rivals: Rivals, row: int) -> Scores:
    """BM25 of what the events say, by bm25s.

    Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring" (2024).
    """
    return rivals.words.scores(row)


def bm25_tags(rivals: Rivals, row: int) -> Scores:
    """BM25 of what the events say and of the labels of their entities."""
    return rivals.words_and_tags.scores(row)


def tfidf(rivals: Rivals, row: int) -> Scores:
    """Cosine of TF-IDF vectors by scikit-learn's `TfidfVectorizer` as it comes."""
    return _products(rivals.tfidf, row)


def text_cosine(rivals: Rivals, row: int) -> Scores:
    """Cosine of the index's embeddings."""
    vectors = rivals.index.vectors
    return cosines(vectors, vectors[row], np.arange(len(vectors))).astype(np.float64)


def entities(rivals: Rivals, row: int) -> Scores:
    """Cosine of events as vectors of their entities, each weighing its rarity."""
    known = rivals.index.articles
    cosine, _ = Sharing.of(known).cosines(known.query(row))
    return cosine.copy()  # the next query writes over it


def gorse(rivals: Rivals, row: int) -> Scores:
    """Gorse's neighbours of an item by its labels (`item-to-item`, type `tags`), here the entities.

    With c common labels: Σ idf of these · c / (√Σ idf of one · √Σ idf of the other · (c + 100)), 1 where both have the
    same, and idf = max(ln(items / items that have it), 0.001). Gorse finds neighbours by an approximate index, this
    looks at all. Source: gorse-io/gorse, logics/item_to_item.go (`IDF.distance`), dataset/dataset.go.
    """
    tags = rivals.tags
    frequency = np.asarray(tags.sum(axis=0)).ravel()
    idf = np.maximum(np.log(tags.shape[0] / np.maximum(frequency, 1.0)), 1e-3)
    common = rivals.shared(row)
    sums = tags @ idf
    rarity = tags @ (idf * tags[row].toarray().ravel())
    lengths = np.sqrt(sums * sums[row])
    scores = np.divide(rarity * common, lengths * (common + 100.0), out=np.zeros(len(sums)), where=lengths > 0)
    counts = np.diff(tags.indptr)
    return np.where((common > 0) & (common == counts) & (counts == counts[row]), 1.0, scores)


def hugo(rivals: Rivals, row: int, *, include_newer: bool = False) -> Scores:
    """Hugo's related content with its default configuration; the entities are the pages' tags.

    `hugo_weights` decides; more weight comes first, then the newer page, then the name. Pages that are newer than the
    query are left out unless `includeNewer` is set. As `keywords` (weight 100) entities would give the same order.
    Source: gohugoio/hugo, related/inverted_index.go; gohugo.io/configuration/related-content.
    """
    days = rivals.index.corpus.days.astype(np.int64)
    same_year = (rivals.years == rivals.years[row]).astype(np.int64)  # the date is matched by its year
    weights = hugo_weights({80: rivals.shared(row).astype(np.int64), 10: same_year}, heaviest=100, threshold=80)
    shown = (weights > 0) & (include_newer | (days <= days[row]))
    return np.where(shown, weights * (days.max() + 1) + days, 0).astype(np.float64)


def hugo_weights(matches: Mapping[int, NDArray[np.int64]], *, heaviest: int, threshold: int) -> NDArray[np.int64]:
    """What each page weighs, 0 where it does not stay.

    Each match adds the weight of its index. A page stays whose average per match, in per cent of the heaviest weight,
    reaches the threshold divided by the number of its matches; divisions are of whole numbers.

    Args:
        matches: Weight of an index → how many of the query's words each page has there.
        heaviest: The largest weight that is configured, matched or not.
        threshold: 0 to 100.
    """
    weights = sum(weight * counts for weight, counts in matches.items())
    times = np.maximum(sum(matches.values()), 1)
    shares = np.floor(weights // times / heaviest * 100 + 0.5)
    stays: NDArray[np.int64] = np.where(shares >= threshold // times, weights, 0)
    return stays


def hugo_newer(rivals: Rivals, row: int) -> Scores:
    """The same with `includeNewer = true`."""
    return hugo(rivals, row, include_newer=True)


def jekyll(rivals: Rivals, row: int) -> Scores:  # noqa: ARG001 - the same for every page
    """Jekyll's `site.related_posts` as it comes: the ten most recent posts of the site, the same for every page.

    Source: jekyll/jekyll, lib/jekyll/related_posts.rb (`most_recent_posts`); of one day the last path first.
    """
    days = rivals.index.corpus.days.astype(np.float64)
    return days * len(days) + np.arange(len(days))


def lsi(rivals: Rivals, row: int) -> Scores:
    """Latent semantic indexing by scikit-learn: cosine of TF-IDF vectors reduced to 256 components.

    Deerwester et al., "Indexing by latent semantic analysis" (JASIS 1990).
    """
    scores: Scores = rivals.latent @ rivals.latent[row]
    return scores


def jekyll_lsi(rivals: Rivals, row: int) -> Scores:
    """Jekyll's `site.related_posts` with `--lsi`, but with all singular values kept: products of `association`.

    classifier-reborn keeps three quarters of them, from a dense matrix of all words and texts: at 66,000 texts that
    is more than a machine has. The products are not scaled to one length; it does not do so either.
    Source: jekyll/classifier-reborn, lib/classifier-reborn/lsi.rb (`build_reduced_matrix`, `find_related`).
    """
    return _products(rivals.association, row)


def rrf(rivals: Rivals, row: int) -> Scores:
    """Reciprocal rank fusion of BM25, embeddings and entities: Σ 1 / (60 + rank).

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods"
    (SIGIR 2009).
    """
    sums = np.zeros(len(rivals.years))
    for ranking in (bm25, text_cosine, entities):
        listed = order(ranking(rivals, row), row, len(sums))
        sums[listed] += 1.0 / (RRF_K + np.arange(1, len(listed) + 1))
    return sums


def hand_set(rivals: Rivals, row: int) -> Scores:
    """Embeddings, entities and TF-IDF by weights set by hand, faded by up to a fifth with time."""
    days = rivals.index.corpus.days
    apart = np.abs(days.astype(np.float64) - float(days[row]))
    likeness = text_cosine(rivals, row) + 0.5 * entities(rivals, row) + 0.5 * tfidf(rivals, row)
    scores: Scores = likeness * (0.8 + 0.2 * np.exp(-apart / 120.0))
    return scores


RIVALS: dict[str, Callable[[Rivals, int], Scores]] = {
    "BM25": bm25,
    "BM25, tags too": bm25_tags,
    "TF-IDF": tfidf,
    "LSI": lsi,
    "entities": entities,
    "Gorse": gorse,
    "Hugo": hugo,
    "Hugo, newer too": hugo_newer,
    "Jekyll": jekyll,
    "Jekyll, LSI": jekyll_lsi,
    "RRF": rrf,
    "hand-set": hand_set,
}


def association(texts: Sequence[str]) -> csr_matrix:
    """Texts as classifier-reborn weighs their words: ln(1 + tf) / H, where H is the entropy of the text's words.

    Words have three letters at least, are no stop words (scikit-learn's list) and are cut by Porter's stemmer; a text
    of one word keeps its count.
    Source: lib/classifier-reborn/lsi/content_node.rb (`raw_vector_with`), extensions/hasher.rb (`clean_word_hash`).
    """
    vectorizer = CountVectorizer(stop_words="english", token_pattern=r"(?u)\b\w{3,}\b")
    words, stemmer = vectorizer.build_analyzer(), Stemmer.Stemmer("porter")
    counts = CountVectorizer(analyzer=lambda text: stemmer.stemWords(words(text)), dtype=np.float64)
    matrix = csr_matrix(counts.fit_transform(texts))
    shares = normalize(matrix, norm="l1")
    shares.data = -shares.data * np.log(shares.data)
    entropy = np.asarray(shares.sum(axis=1)).ravel()
    several = np.diff(matrix.indptr) > 1
    weighed = diags(1.0 / np.where(several, entropy, 1.0)) @ matrix.log1p()
    return csr_matrix(diags(several.astype(float)) @ weighed + diags((~several).astype(float)) @ matrix)


def latent_vectors(matrix: csr_matrix) -> NDArray[np.float64]:
    """Rows in the space of the largest singular values, scaled to unit length."""
    left, values, _ = randomized_svd(matrix, min(LSI_COMPONENTS, *matrix.shape), random_state=0)
    vectors: NDArray[np.float64] = normalize(left * values)
    return vectors


def _products(matrix: csr_matrix, row: int) -> Scores:
    """Of one row with every row."""
    products: Scores = matrix @ matrix[row].toarray().ravel()
    return products
