"""Which option a reply names: by its letter, its number or its text. Rules are ours; in doubt, none is named.

The official script of SORT (``sort/evaluation/evaluation_utils.py`` of bridge-ai-neuro/SORT) looks for a capital A or B
anywhere and counts a reply that has both as wrong. Read so, "After all, …" names option A; here a letter counts only
where it is plainly a label, and all letters count alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentmem_evals.metrics.overlap import squad_normalised
from agentmem_evals.metrics.phrases import places

_LABEL = r"[A-Za-z]|\d{1,2}"
_CALLED = r"(?i:option|choice|segment|passage|answer)"
_BARE = re.compile(rf"\W*(?:{_CALLED}\W*)?({_LABEL})\W*")
_BRACKETED = re.compile(rf"[(\[]\s*({_LABEL})\s*[)\]]")
_HEADING = re.compile(rf"^[\s*_\"']*({_LABEL})[*_]*(?:[).:](?!\d)|\s*$)", re.MULTILINE)
_AFTER_NOUN = re.compile(rf"\b(?i:option|choice|segment|passage)s?\b[\s:*_\"'(\[]*({_LABEL})\b(?!')")
# A small letter before a word may be an article: "the answer is a dog". It is then no label, whichever letter it is.
_AFTER_ANSWER = re.compile(r"\b(?i:answer(?:\s+is)?)[\s:*_\"'(\[]+([A-Z]|\d{1,2}|[a-z](?!\s+\w))\b(?!')")
_JOINED = re.compile(
    rf"\W*\b(?:or|and)\b\s*(?:{_CALLED}\s+)?[(\[*]*([A-Z]|\d{{1,2}})\b(?!')"
    r"|[\s)\]*]*[/,&]\s*[(\[*]*([A-Z]|\d{1,2})\b(?!'|\s+\w)"
)


def chosen_option(said: str, options: Sequence[str]) -> int | None:
    """The index of the one option that a reply names, or ``None`` if it names none or more than one.

    A reply that is an option's text is that option, whatever its words. Otherwise a label (A is the first option, so
    is 1) counts where it is all of the reply, stands in brackets, begins a line before ``)``, ``.`` or ``:``, follows
    "option", "choice", "segment", "passage" or "answer (is)", or is joined to such a label ("A or B"). An option's
    text counts where the reply contains it as whole words, and not as part of a longer option. What is named must be
    one and the same.
    """
    equal = [index for index, option in enumerate(options) if _plain(option) == _plain(said) != ""]
    if equal:
        return equal[0] if len(equal) == 1 else None
    texts = [squad_normalised(option).split() for option in options]
    reply = squad_normalised(said).split()
    # Where texts are equal neither can be named by its words, only by its label.
    own = [text if texts.count(text) == 1 else [] for text in texts]
    named = _indices(_labels(_without(said, options)), len(options)) | {place.phrase for place in places(reply, own)}
    return named.pop() if len(named) == 1 else None


def _plain(text: str) -> str:
    """Lower case, single spaces, no quotes or full stop around; unlike SQuAD's, this keeps an option that is "A"."""
    return " ".join(text.casefold().strip(" \t\r\n.\"'").split())


def _without(said: str, options: Sequence[str]) -> str:
    """A reply without the options that it quotes: one that says "(b)" within its text does not name the second."""
    for option in sorted(options, key=len, reverse=True):
        if len(option.split()) > 1:
            said = said.replace(option, " ")
    return said


def _labels(said: str) -> Iterator[str]:
    if bare := _BARE.fullmatch(said):
        yield bare[1]
        return
    for pattern in (_BRACKETED, _HEADING, _AFTER_NOUN, _AFTER_ANSWER):
        for match in pattern.finditer(said):
            yield match[1]
            joined = _JOINED.match(said, match.end())
            while joined:
                yield joined[1] or joined[2]
                joined = _JOINED.match(said, joined.end())


def _indices(labels: Iterator[str], count: int) -> set[int]:
    found = {int(label) - 1 if label.isdecimal() else ord(label.lower()) - ord("a") for label in labels}
    return {index for index in found if 0 <= index < count}
