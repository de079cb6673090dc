"""From a text to the stems that the lexical baseline matches."""

from __future__ import annotations

import re

import snowballstemmer

# The closed-class words of English, plus what apostrophes leave behind ("don't" is read as "don" and "t").
_CLOSED_CLASS = """
a about above after again against ain all am an and any are aren as at be because been before being below between both
but by can couldn d did didn do does doesn doing don down during each few for from further had hadn has hasn have
haven having he her here hers herself him himself his how i if in into is isn it its itself just ll m ma me mightn
more most mustn my myself needn no nor not now o of off on once only or other our ours ourselves out over own re s
same shan she should shouldn so some such t than that the their theirs them themselves then there these they this
those through to too under until up ve very was wasn we were weren what when where which while who whom why will with
won would wouldn y you your yours yourself yourselves
"""
STOP_WORDS = frozenset(_CLOSED_CLASS.split())

_WORD = re.compile(r"[^\W_]+")


class Stemming:
    """Lower-cased words without stop words, each cut to its stem (Snowball, English). Stems are remembered."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._stems: dict[str, str] = {}

    def __call__(self, text: str) -> list[str]:
        """The stems of a text, in order, repeated as often as they stand there."""
        return [self._stem(word) for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]

    def _stem(self, word: str) -> str:
        if word not in self._stems:
            self._stems[word] = self._stemmer.stemWord(word)
        return self._stems[word]
