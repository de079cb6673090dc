"""Plain statements: one short sentence that says by itself who did what, as a log does.

"Ana moved to Lisbon." is one; "She moved there." is not, for it leans on what stands before it; "Ana nodded." is not,
for it names nothing that she could be found by; nor is a question, an exclamation, or anything in quotation marks.
It goes by word classes (:mod:`agentmem.text.tagging`), by no list of verbs. Such statements can be strung together by
whom and what they name; longer prose cannot be trusted that far.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agentmem.text.tagging import Word, tagged
from agentmem.text.words import terms

SHORTEST, LONGEST = 3, 12
"""Words of a plain statement: with fewer it says nothing of somebody, with more it says more than one thing."""
_LONGEST_TEXT = 120
_TERMS = range(2, 7)
"""How many content words it has: at least somebody and something."""
_MARKED = re.compile(r"""[“”"‘?!:;…()\[\]—]|\.\.|--|(?<!\w)['’]|['’](?!\w)|\n""")
_LEANING = re.compile(
    r"\b(?:i|me|my|mine|we|us|our|ours|you|your|yours|he|him|his|she|her|hers|it|its|they|them|their|theirs|who|whom"
    r"|whose|which|that)\b",
    re.IGNORECASE,
)
"""Words that point outside of the sentence, and relative pronouns, which bring in a second clause."""


@dataclass(frozen=True, slots=True)
class PlainStatement:
    """What a plain statement names.

    Attributes:
        participants: names that take part, in order; neither owners ("Ana's") nor those who are only addressed.
        terms: all its content words, as an index sees them.
    """

    participants: tuple[str, ...]
    terms: frozenset[str]


def is_plain(text: str) -> bool:
    """Whether a text is one plain statement."""
    return plain_statement(text) is not None


@lru_cache(maxsize=20_000)
def plain_statement(text: str) -> PlainStatement | None:
    """What a text names if it is one plain statement; ``None`` if it is anything else."""
    if len(text) > _LONGEST_TEXT or not SHORTEST <= len(text.split()) <= LONGEST:
        return None
    if _MARKED.search(text) or _LEANING.search(text):
        return None
    found = terms(text)
    if len(found) not in _TERMS:
        return None
    sentences = list(tagged(text))
    if len(sentences) != 1:
        return None
    (sentence,) = sentences
    participants = tuple(dict.fromkeys(word.text for word in _participants(sentence)))
    if not participants or not _opens_with_somebody(sentence) or not (len(participants) > 1 or _names_thing(sentence)):
        return None
    return PlainStatement(participants, frozenset(found))


def _participants(sentence: list[Word]) -> list[Word]:
    """Names that are neither owners nor set off by a comma."""
    closed = [None, *sentence, None]
    return [
        word
        for before, word, after in zip(closed, sentence, closed[2:], strict=False)
        if word.tag == "N" and (after is None or after.tag not in "',") and (before is None or before.tag != ",")
    ]


def _opens_with_somebody(sentence: list[Word]) -> bool:
    """Whether somebody who takes part stands before every verb."""
    first = _participants(sentence)[0]
    return all(word.tag not in "vx" for word in sentence if word.start < first.start)


def _names_thing(sentence: list[Word]) -> bool:
    """Whether it names something definite, behind an article: "Ana went to the harbour", not "Ana was delighted"."""
    return any(word.tag == "d" and following.tag in "cN#" for word, following in pairwise(sentence))
