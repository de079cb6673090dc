"""The tense in which something is said, from its verbs: what decides between last Friday and the Friday to come."""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import StrEnum

from agentmem.text.tagging import verb_form

_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)*|['’](?:ll|ve|s|m|re)\b|[,;:]")
_FUTURE = frozenset({"will", "won't", "shall", "gonna", "let's", "should", "'ll"})
_PAST = frozenset({"was", "were", "had", "did", "didn't", "wasn't", "weren't", "hadn't", "couldn't"})
_PERFECT = frozenset({"have", "has", "haven't", "hasn't", "'ve"})
_IS = frozenset({"am", "is", "are", "'m", "'re", "'s", "isn't", "aren't"})
_INTENDING = frozenset(
    {"plan", "plans", "planning", "hope", "hopes", "hoping", "want", "wants", "intend", "intends", "need", "needs"}
)
_SCHEDULED = frozenset({"start", "begin", "leave", "opens", "starts", "begins", "leaves", "arrives", "closes", "ends"})
_BORDERS = frozenset(
    {"and", "but", "or", "so", "because", "when", "that", "which", "who", "if", "i", "we", "he", "she", "they", "it"}
)
_NOT_VERBS = frozenset({"left", "felt", "set", "cut", "hit", "shot", "used", "bit", "saw", "lay"})
"""Past forms that are something else as often; on their own they do not tell."""
_DETERMINERS = frozenset(
    {"", "the", "a", "my", "our", "his", "her", "their", "your", "some", "these", "those", "of", "to"}
)
_PLAIN_SUBJECTS = frozenset({"i", "we", "they", "you", "still", "really", "always", "also", "just"})
_REACH = 3
"""How many words after "will" or "have" a past form still belongs to it."""


class Tense(StrEnum):
    """When something is said to be, seen from the moment it was said. ``PERFECT``: from then until now."""

    PAST = "past"
    PERFECT = "perfect"
    PRESENT = "present"
    FUTURE = "future"


def tenses(sentence: str) -> list[tuple[int, Tense]]:
    """Where in a sentence, in lower case, verbs tell a tense, in order. The plain present is not listed."""
    found: list[tuple[int, Tense]] = []
    tokens = [(match.start(), match[0].replace("’", "'")) for match in _TOKEN.finditer(sentence)]
    reach = 0
    for number, (start, token) in enumerate(tokens):
        reach -= 1
        if token in _BORDERS or not token[-1].isalpha():
            reach = 0
        ahead = [word for _, word in tokens[number + 1 : number + 2 + _REACH]]
        bare = "'" + token.rpartition("'")[2] if "'" in token and not token.endswith("n't") else token
        if (tense := _tense(bare, ahead, covered=reach > 0)) is not None:
            found.append((start, tense))
            if tense in (Tense.FUTURE, Tense.PERFECT):
                reach = _REACH + 1
        elif bare in _IS:
            reach = _REACH  # "is (not yet) closed"
    return found


def tense_at(told: list[tuple[int, Tense]], position: int) -> Tense:
    """The tense of what is said at a position: of the last verb before it that tells one, else of the first after."""
    before = bisect_left(told, position, key=lambda one: one[0])
    return told[max(before - 1, 0)][1] if told else Tense.PRESENT


def is_about_now(sentence: str) -> bool:
    """Whether a sentence, in lower case, has its first verb in the plain present: "I love the cake you made"."""
    told = tenses(sentence)
    first = told[0][0] if told else len(sentence)
    words = [match[0].replace("’", "'") for match in _TOKEN.finditer(sentence, 0, first)]
    for before, word in zip(["", *words], words, strict=False):
        if word in _IS or word.rpartition("'")[2] in ("m", "re") or (word.endswith("'s") and before in ("", ",")):
            return True
        form = verb_form(word)
        if (form == "s" and before not in _DETERMINERS) or (form == "base" and before in _PLAIN_SUBJECTS):
            return True
    return False


def _tense(word: str, ahead: list[str], *, covered: bool) -> Tense | None:
    following = ahead[0] if ahead else ""
    if word in _FUTURE or word in _SCHEDULED or (word in _INTENDING and following in ("to", "on")):
        return Tense.FUTURE
    if word in _PERFECT:
        return Tense.PERFECT if _has_participle(ahead) else None
    if word in _PAST:
        return None if covered else Tense.PAST
    if word in _IS:
        if following == "been":
            return Tense.PERFECT
        return Tense.FUTURE if following.endswith("ing") and verb_form(following) == "ing" else None
    if covered or word in _NOT_VERBS:
        return None
    return Tense.PAST if verb_form(word) == "ed" else None


def _has_participle(ahead: list[str]) -> bool:
    """Whether "have" helps another verb, as in "has never lived": "has a sister" has none."""
    for word in ahead:
        if word in ("been", "had") or verb_form(word) == "ed":
            return True
        if word in _DETERMINERS or word in _BORDERS or not word[-1].isalpha():
            return False
    return False
