"""LoCoMo's own measures of answers and of contexts: ``task_eval/evaluation.py`` of snap-research/LoCoMo.

The category decides how an answer is compared, so the same reply can be worth different things. Only the official
category codes are known here; questions of other categories have no such score.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.overlap import token_f1
from agentmem_evals.metrics.stemming import porter_stem

MULTI_HOP, TEMPORAL, OPEN_DOMAIN, SINGLE_HOP, ADVERSARIAL = "1", "2", "3", "4", "5"
"""The category codes of ``locomo10.json``; other repositories swap the names."""
REFUSALS = ("no information available", "not mentioned")
"""What a reply to an adversarial question must contain, in any case."""

_DROPPED = re.compile(r"\b(a|an|the|and)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def locomo_f1(said: str, gold: Gold) -> float | None:
    """LoCoMo's score of an answer, in [0, 1] (``eval_question_answering``).

    Single-hop (4) and temporal (2): :func:`answer_f1`. Open-domain (3): the same, with the gold answer before its
    first ``;``. Multi-hop (1): both are split at commas, and the score is the mean over the gold's pieces of the best
    F1 that a piece of the reply has with it. Adversarial (5): 1 if the reply contains one of :data:`REFUSALS`, else 0;
    where the question was put with two options, a reply of a bare letter stands for its option.

    ``None`` for other categories, and for categories 1 to 4 without an answer.
    """
    if gold.category == ADVERSARIAL:
        return float(any(refusal in _option_meant(said, gold.options).lower() for refusal in REFUSALS))
    if gold.answer is None:
        return None
    if gold.category in (SINGLE_HOP, TEMPORAL):
        return answer_f1(said, gold.answer)
    if gold.category == OPEN_DOMAIN:
        return answer_f1(said, gold.answer.split(";")[0])
    if gold.category == MULTI_HOP:
        return multi_answer_f1(said, gold.answer)
    return None


def answer_f1(said: str, answer: str) -> float:
    """F1 of the two bags of stemmed words (``f1_score``)."""
    return token_f1(_stems(said), _stems(answer))


def multi_answer_f1(said: str, answer: str) -> float:
    """For each comma-separated piece of the answer the best F1 among the reply's pieces; their mean (``f1``)."""
    pieces = said.split(",")
    best = [max(answer_f1(piece, wanted) for piece in pieces) for wanted in answer.split(",")]
    return sum(best) / len(best)


def normalised(text: str) -> str:
    """Without commas, in lower case, without ASCII punctuation, without a/an/the/and, single spaces.

    ``normalize_answer``: SQuAD's, save that "and" goes too.
    """
    return " ".join(_DROPPED.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def locomo_context_recall(context: Sequence[str], evidence: Sequence[str]) -> float:
    """The share of the evidence that was in the context; 1 where a question has none (``eval_question_answering``).

    ``evidence`` are turn ids as the data set writes them. ``context`` are turn ids, or session ids ``S<number>`` if
    the first begins with ``S``; evidence is then found if its session is. Evidence that comes twice counts twice, and
    a dirty string (``'D8:6; D9:17'``) is found only by a turn of that very name: pass resolved ids to be fairer than
    the official code. An empty context has recall 0; the official code fails on it.
    """
    if not evidence:
        return 1.0
    if not context:
        return 0.0
    held = set(context)
    if context[0].startswith("S"):
        return sum("S" + turn.split(":")[0][1:] in held for turn in evidence) / len(evidence)
    return sum(turn in held for turn in evidence) / len(evidence)


def _stems(text: str) -> list[str]:
    return [porter_stem(word) for word in normalised(text).split()]


def _option_meant(said: str, options: Sequence[str]) -> str:
    """``gpt_utils.py``, ``get_cat_5_answer``: one character or three are a letter, "a" or else "b"; more is text."""
    said = said.strip()
    if len(options) == 2 and len(said) in (1, 3):
        return options[0] if said.lower() in ("a", "(a)") else options[1]
    return said
