"""How much of a question's evidence a ranking holds. Every measure is a fraction in [0, 1].

A ranking counts place by place: an id that comes twice uses up two places and is found once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def recall_at(ranking: Sequence[str], gold: Sequence[str], k: int) -> float:
    """The share of the evidence among the first ``k``; ``gold`` must not be empty."""
    return len(set(ranking[:k]).intersection(gold)) / len(set(gold))


def reciprocal_rank(ranking: Sequence[str], gold: Sequence[str]) -> float:
    """One over the place (from 1) of the first piece of evidence; 0 if the ranking holds none."""
    wanted = set(gold)
    return next((1 / place for place, item in enumerate(ranking, start=1) if item in wanted), 0.0)


def measure(ranking: Sequence[str], gold: Sequence[str], ks: Iterable[int]) -> dict[str, float]:
    """All measures of one ranking.

    ``recall@k``: share of the evidence in the first ``k``; ``all@k``: 1 if all of it is there; ``any@k``: 1 if some
    is; ``mrr``: reciprocal rank of the first piece, over the whole ranking as given.
    """
    measures: dict[str, float] = {}
    for k in ks:
        recall = recall_at(ranking, gold, k)
        measures[f"recall@{k}"] = recall
        measures[f"all@{k}"] = float(recall == 1.0)
        measures[f"any@{k}"] = float(recall > 0.0)
    measures["mrr"] = reciprocal_rank(ranking, gold)
    return measures


def mean_measures(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each measure over questions (micro average); empty for no questions, never zeros."""
    if not measured:
        return {}
    return {name: sum(one[name] for one in measured) / len(measured) for name in measured[0]}


def sessions_by_first_turn(turns: Iterable[str], session_of: Mapping[str, str]) -> tuple[str, ...]:
    """A session ranking from a turn ranking: sessions in the order in which a turn of theirs first appears.

    Ids that name no turn are passed over.
    """
    return tuple(dict.fromkeys(session_of[turn] for turn in turns if turn in session_of))
