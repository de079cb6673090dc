"""mem0's measures of answers to LoCoMo: ``evaluation/metrics/utils.py`` and ``evaluation/evals.py`` of mem0ai/mem0.

They are not LoCoMo's: words are sets, there are no stems, articles stay, and category 5 is left out. Numbers of the
two protocols cannot be compared.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from agentmem_evals.metrics.gold import Gold

SKIPPED_CATEGORY = "5"
"""Adversarial questions, which ``evals.py`` passes over."""

_AS_SPACE = str.maketrans(".,!?", "    ")
_ABBREVIATIONS = "mr mrs ms dr prof jr sr st vs etc a.m p.m e.g i.e u.s u.k inc co jan feb mar apr aug sept oct nov dec"


def mem0_f1(said: str, gold: Gold) -> float | None:
    """F1 of the two *sets* of lower-cased words, with ``. , ! ?`` as spaces and all else kept (``calculate_metrics``).

    ``None`` for category 5 and where there is no answer.
    """
    if gold.category == SKIPPED_CATEGORY or gold.answer is None:
        return None
    reply, wanted = _words(said), _words(gold.answer)
    shared = len(reply & wanted)
    if not shared:
        return 0.0
    precision, recall = shared / len(reply), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def mem0_bleu1(said: str, gold: Gold) -> float | None:
    """BLEU-1 of lower-cased tokens with NLTK's smoothing ``method1`` (``calculate_bleu_scores``).

    Clipped unigram precision times the brevity penalty; 0 where no token is shared. The smoothing is of higher orders,
    so it never shows in BLEU-1. ``None`` for category 5 and where there is no answer.

    Tokens are NLTK's (Treebank) within sentences. mem0 finds sentences with NLTK's trained English model, a download;
    here the same algorithm runs untrained with a short list of abbreviations. What differs is whether the full stop of
    a rarer abbreviation is a token of its own.
    """
    if gold.category == SKIPPED_CATEGORY or gold.answer is None:
        return None
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    reply, wanted = _tokens(said), _tokens(gold.answer)
    smoothing = SmoothingFunction().method1
    return float(sentence_bleu([wanted], reply, weights=(1, 0, 0, 0), smoothing_function=smoothing))


def _words(text: str) -> set[str]:
    return set(text.lower().translate(_AS_SPACE).split())


def _tokens(text: str) -> list[str]:
    sentences, words = _tokenizers()
    return [token for sentence in sentences.tokenize(text.lower()) for token in words.tokenize(sentence)]


@cache
def _tokenizers() -> tuple[Any, Any]:
    from nltk.tokenize import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = set(_ABBREVIATIONS.split())
    return PunktSentenceTokenizer(parameters), NLTKWordTokenizer()
