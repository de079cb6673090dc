"""LongMemEval's measures of rankings: ``src/retrieval/eval_utils.py`` and ``run_retrieval.py`` of the official code.

What is ranked are the keys of one question: its user turns, or its sessions by what the user says in them. ``corpus``
names every key in the index, a name as often as it has keys, and ``ranking`` names keys, best first. The official code
ranks all of the corpus; a ranking that was cut off has the same measures as long as it is deep enough for ``k``. Of the
corpus only the gold keys matter (they make the ideal), so where each name is one key the gold names alone will do.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

KS = (1, 3, 5, 10, 30, 50)
"""The depths at which LongMemEval reports."""


def measure_ranking(
    ranking: Sequence[str], gold: Collection[str], corpus: Sequence[str], ks: Sequence[int] = KS
) -> dict[str, float]:
    """``recall_any@k``, ``recall_all@k`` and ``ndcg_any@k`` (``evaluate_retrieval``).

    ``recall_any``: some of ``gold`` is among the first ``k``; ``recall_all``: all of it is; ``ndcg_any``: :func:`ndcg`.
    Without gold they are 0, 1 and 0: nothing is missing, and the official means over 470 questions hold such ones.
    """
    measures: dict[str, float] = {}
    for k in ks:
        measures |= _at(ranking, gold, corpus, depth=k, name=k)
    return measures


def measure_turns_as_sessions(
    ranking: Sequence[str], gold: Collection[str], corpus: Sequence[str], ks: Sequence[int] = KS
) -> dict[str, float]:
    """The session measures of a ranking of turns (``evaluate_retrieval_turn2session``).

    Ids are ``<session>_<turn>``. Turns become their sessions, and each ``k`` grows until ``k`` different sessions are
    among the first, or the corpus ends. Relevance is still counted turn by turn, in the ideal too. In a session that
    holds gold turns, its *other* turns are of another session, which is not gold: the official code renames them
    (``answer_…`` to ``noans_…``) before it strips the turn.
    """
    sessions_of_gold = {_session(turn) for turn in gold}

    def converted(turn: str) -> str:
        session = _session(turn)
        return session if turn in gold or session not in sessions_of_gold else f"noans {session}"

    ranked, keys = [converted(turn) for turn in ranking], [converted(turn) for turn in corpus]
    deepest = max(len(ranked), len(keys))
    measures: dict[str, float] = {}
    for k in ks:
        depth = k
        while depth <= deepest and len(set(ranked[:depth])) < k:
            depth += 1
        measures |= _at(ranked, sessions_of_gold, keys, depth=depth, name=k)
    return measures


def dcg(relevances: Sequence[float]) -> float:
    """``rel_1 + sum over i >= 2 of rel_i / log2(i)``: the first two places count whole.

    Not the usual ``log2(i + 1)``: the older form of Järvelin and Kekäläinen (2002), as the official code has it.
    """
    return sum(relevance / math.log2(max(place, 2)) for place, relevance in enumerate(relevances, start=1))


def ndcg(ranking: Sequence[str], gold: Collection[str], corpus: Sequence[str], k: int) -> float:
    """:func:`dcg` of the first ``k`` over that of an ideal order of the *whole corpus*; 0 if nothing there is gold."""
    ideal = dcg([1.0] * min(k, sum(key in gold for key in corpus)))
    return dcg([float(key in gold) for key in ranking[:k]]) / ideal if ideal else 0.0


def _at(
    ranking: Sequence[str], gold: Collection[str], corpus: Sequence[str], *, depth: int, name: int
) -> dict[str, float]:
    found = set(ranking[:depth])
    return {
        f"recall_any@{name}": float(any(key in found for key in gold)),
        f"recall_all@{name}": float(all(key in found for key in gold)),
        f"ndcg_any@{name}": ndcg(ranking, gold, corpus, depth),
    }


def _session(turn: str) -> str:
    return turn.rpartition("_")[0]
