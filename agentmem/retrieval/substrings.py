"""Finding texts by the n-grams that stand in them (SEAL; :mod:`agentmem.retrieval.ngrams` has the scores)."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.index.exact import top
from agentmem.index.substrings import spelled
from agentmem.kinds import TEXT
from agentmem.retrieval.ngrams import Phrase, holding, identifiers, most, scores
from agentmem.retrieval.search import Moment, Scored


@dataclass(frozen=True, slots=True)
class SubstringRank:
    """The rank: texts by their n-grams' weights. What holds no n-gram of the question is not found.

    Scores are shares of the most that any text could have; 0 where only n-grams stand that say nothing.

    Attributes:
        phrases: to be looked up besides the question's own words.
    """

    phrases: tuple[Phrase, ...] = ()

    def __call__(self, moment: Moment, k: int) -> list[Scored]:
        """The best ``k`` texts.

        Raises:
            MissingExtra: the package ``pydivsufsort`` is not installed.
        """
        index, view = moment.substrings(), moment.layer(TEXT)
        living = view.columns["active"] & view.columns["current"]
        found = identifiers(index, (*own_words(moment.query.text), *self.phrases), living, view.open)
        held, reached = holding(index, found), scores(index, found)
        bound = max(most(found), 1e-9)
        return [
            Scored(
                int(view.columns["row"][slot]),
                min(1.0, float(reached[slot]) / bound),
                {"ngrams": float(reached[slot]), "bm25": float(view.bm25[slot])},
            )
            for slot in held[top(reached[held], k)]
        ]


def own_words(question: str) -> tuple[Phrase, ...]:
    """The words of a question in a row, names among them, each as probable as there are words; none without words."""
    words = tuple(spelled(question))
    return (Phrase(words, 1.0 / len(words)),) if words else ()
