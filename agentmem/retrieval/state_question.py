"""What a question about a state asks for: whose state, and before or after what."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.text.tagging import Word, tagged
from agentmem.text.words import terms

_LONGEST = 14
"""Words of a question that asks for one thing."""
_OPENING = frozenset({"where", "who", "what", "which", "how"})
_BEING = frozenset({"is", "was", "are", "were"})
_BEFORE, _AFTER = "before", "after"

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """A question, taken apart. All parts are content words as an index sees them.

    Attributes:
        subject: who or what it is about: the first name, or else the first thing.
        others: whatever else it names, one tuple for each phrase, what it does included.
        bound: the state before or after which is asked for.
        after: whether it is after, not before.
        of_place: it asks where the subject is or was, and names nothing else but a bound.
    """

    subject: Terms
    others: tuple[Terms, ...] = ()
    bound: Terms | None = None
    after: bool = False
    of_place: bool = False


def state_question(text: str) -> StateQuestion | None:
    """Take a question apart; ``None`` if it is no short question about something that it names."""
    sentences = list(tagged(text))
    if len(sentences) != 1:
        return None
    words = [word for word in sentences[0] if word.tag not in ".,"]
    if not words or len(words) > _LONGEST or any(word.tag == "r" for word in words):
        return None
    opening = words[0].low
    if opening not in _OPENING and words[0].tag != "x":
        return None
    groups = _groups(words[1:])
    bound = next((group for group in groups if group.low_before in (_BEFORE, _AFTER)), None)
    rest = [group for group in groups if group is not bound]
    subject = next((group for group in rest if group.tag == "N"), None) or next(
        (group for group in rest if group.tag == "c"), None
    )
    if subject is None:
        return None
    others = tuple(group.terms for group in rest if group is not subject)
    return StateQuestion(
        subject.terms,
        others,
        None if bound is None else bound.terms,
        bound is not None and bound.low_before == _AFTER,
        opening == "where" and not others and len(words) > 1 and words[1].low in _BEING,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """A run of words of one class; ``low_before`` is the word before it, articles passed over."""

    tag: str
    terms: Terms
    low_before: str


def _groups(words: list[Word]) -> list[_Group]:
    found: list[_Group] = []
    run: list[Word] = []
    before, last = "", ""
    for word in (*words, None):
        tag = "" if word is None else word.tag
        if run and tag != run[-1].tag:
            if known := tuple(terms(" ".join(one.text for one in run))):
                found.append(_Group(run[-1].tag, known, before))
            run = []
        if word is not None and tag in "Ncv#D":
            before = before if run else last
            run.append(word)
        if word is not None and tag not in "d'":
            last = word.low
    return found
