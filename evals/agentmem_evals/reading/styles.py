"""Which form of answer a question asks for: its data set's, so that the data set's metrics mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from agentmem_evals.types import Question


class Style(StrEnum):
    """A form of answer. The value is the id of its prompt."""

    PHRASE = "read_phrase"  # a short phrase: LoCoMo
    DATED_PHRASE = "read_dated_phrase"  # with a date worked out from the record's: LoCoMo's temporal questions
    OPEN = "read_open"  # a short phrase, or that it is not mentioned: where a question may have no answer
    REASONED_PHRASE = "read_reasoned_phrase"  # thought through first: MuSiQue, HotpotQA, 2Wiki
    OPTIONS = "read_options"  # the letter of one of the options: LoCoMo's adversarial questions, SORT, QuALITY
    LIST = "read_list"  # every entry: EPBench
    WORD = "read_word"  # one word: bAbI
    HISTORY = "read_history"  # one or two sentences, asked on a date: LongMemEval
    HISTORY_NOTES = "read_history_notes"  # the same, after notes on each record (its chain of note)


_OF_DATASET: Mapping[str, Style] = {
    "musique": Style.REASONED_PHRASE,
    "hotpotqa": Style.REASONED_PHRASE,
    "2wiki": Style.REASONED_PHRASE,
}
_OF_FAMILY: Mapping[str, Style] = {"babi": Style.WORD, "epbench": Style.LIST, "longmemeval": Style.HISTORY}
_NOTED: Mapping[Style, Style] = {Style.HISTORY: Style.HISTORY_NOTES}
_LOCOMO = "locomo"
_LOCOMO_TEMPORAL = "2"


def style_of(dataset: str, question: Question, *, notes: bool = False) -> Style:
    """The form in which a question of a data set is answered.

    A question with options is answered by one of them. In LoCoMo that gives adversarial questions their published
    two-option form; one that came without options is asked openly. With ``notes``, LongMemEval's questions are
    answered after taking notes. Data sets that are not known here are asked openly.
    """
    if question.options:
        return Style.OPTIONS
    if dataset.startswith(_LOCOMO):
        if question.unanswerable:
            return Style.OPEN
        return Style.DATED_PHRASE if question.category == _LOCOMO_TEMPORAL else Style.PHRASE
    style = _usual(dataset)
    return _NOTED.get(style, style) if notes else style


def takes_notes(dataset: str) -> bool:
    """Whether ``notes`` make a difference to a data set's questions."""
    return _usual(dataset) in _NOTED


def _usual(dataset: str) -> Style:
    family = next((style for prefix, style in _OF_FAMILY.items() if dataset.startswith(prefix)), None)
    return _OF_DATASET.get(dataset, family or Style.OPEN)
