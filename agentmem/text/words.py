"""Words of a text as a lexical index sees them: Unicode words, case-folded, stemmed, without stop words.

Scripts written without spaces (Chinese, Japanese, Thai, ...) are cut into overlapping pairs of characters, the usual
substitute for a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_INDIC = "\u0900-\u0dff"  # their vowel signs are marks, which \\w leaves out
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]+|[{_INDIC}]+|[^\W_{_UNSPACED}]+(?:['\u2019][^\W\d_]+)?")
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
_LATIN_ACCENT = re.compile("(?<=[a-zA-Z])[\u0300-\u036f]+")

STOP_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being both but by ca can could d did do
    does doing done down during each few for from further get got had has have having he her here hers herself him
    himself his how i if in into is it its itself just let like ll m me more most my myself no nor not now of off on
    once only or other our ours ourselves out over own re s same she should so some such t than that the their theirs
    them themselves then there these they this those through to too under until up us ve very was we were what when
    where which while who whom why will with wo would you your yours yourself yourselves ain
    """.split()
)
"""English function words: they carry no content, and half of every conversation consists of them."""

_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of one case-folded word."""
    return str(_stemmer.stemWord(word))


@lru_cache(maxsize=200_000)
def _term(token: str) -> str | None:
    """One token's term; ``None`` for stop words and bare possessives."""
    word = token.replace("\u2019", "'")
    if word.endswith("n't"):
        word = word[:-3]
    elif word.endswith("'s"):
        word = word[:-2]
    elif "'" in word:
        head, _, tail = word.partition("'")
        word = head if tail in ("re", "ve", "ll", "d", "m") else head + tail
    return None if not word or word in STOP_WORDS else stem(word)


def tokens(text: str) -> list[str]:
    """Case-folded tokens, in order, stop words included; compatibility forms unified, accents dropped off Latin."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _LATIN_ACCENT.sub("", unicodedata.normalize("NFKD", text)))
    return [part for token in _WORD.findall(text.casefold()) for part in _split_unspaced(token)]


def _split_unspaced(token: str) -> list[str]:
    if token.isascii() or not _UNSPACED_RUN.match(token) or len(token) == 1:
        return [token]
    return [token[i : i + 2] for i in range(len(token) - 1)]


def terms(text: str) -> list[str]:
    """The terms of a text, in order, with repetitions."""
    found = []
    for token in tokens(text):
        term = _term(token)
        if term is not None:
            found.append(term)
    return found
