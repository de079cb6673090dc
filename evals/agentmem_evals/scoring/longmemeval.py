"""LongMemEval's own measures of a run of the task ``retrieval``, under the two protocols in use.

Rankings are of what the *user* said: see :mod:`agentmem_evals.metrics.longmemeval_retrieval`. Of a run that was told
both sides, the user's turns among what was found are ranked; the official code indexes nothing else
(``--user-side-only``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.metrics.longmemeval_protocols import PROTOCOLS, in_470
from agentmem_evals.metrics.longmemeval_retrieval import KS, measure_ranking, measure_turns_as_sessions
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Prediction, UserSide

LEVELS = ("turn", "session", "turn_as_session")
_Measured = Mapping[str, Mapping[str, float]]


def official_scores(manifest: Manifest, predictions: Sequence[Prediction]) -> dict[str, Any]:
    """For each protocol, by the number of its questions: ``n``, and the means at each of :data:`LEVELS`.

    ``turn_as_session`` turns a ranking of turns into one of sessions. Empty where the data is not LongMemEval's.
    A run of the whole data set with the user's side alone does not ask the questions without evidence there; the
    protocol of 470 has them nonetheless, with the measures that nothing has.
    """
    sides = [(one, one.user) for one in predictions if one.user is not None]
    ks = [k for k in KS if k <= manifest.configuration["ks"][-1]]
    found: dict[str, Any] = {}
    for name, counts in PROTOCOLS.items():
        measured = [_measure(one, user, ks) for one, user in sides if counts(one.question_id, bool(user.gold))]
        if measured and counts is in_470:
            measured += [_nothing(ks)] * _not_asked(manifest)
        if measured:
            found[name] = {"n": len(measured), **{level: _means(measured, level) for level in LEVELS}}
    return found


def _measure(one: Prediction, user: UserSide, ks: Sequence[int]) -> _Measured:
    """Of a corpus the measures need how much of it is gold, and how long it is; the other names in it are free."""
    session_of = {turn: turn.rpartition("_")[0] for turn in user.gold}
    sessions = sessions_by_first_turn(user.gold, session_of)
    turns = [*user.gold, *(f"other {number}_1" for number in range(user.turns - len(user.gold)))]
    return {
        "turn": measure_ranking(user.found, user.gold, turns, ks),
        "session": measure_ranking(one.sessions, sessions, sessions, ks),
        "turn_as_session": measure_turns_as_sessions(user.found, user.gold, turns, ks),
    }


def _nothing(ks: Sequence[int]) -> _Measured:
    return dict.fromkeys(LEVELS, measure_ranking((), (), (), ks))


def _not_asked(manifest: Manifest) -> int:
    whole = all(manifest.configuration[part] is None for part in ("conversations", "limit"))
    return int(manifest.data.get("without_evidence", 0)) if whole else 0


def _means(measured: Sequence[_Measured], level: str) -> dict[str, float]:
    return {name: sum(one[level][name] for one in measured) / len(measured) for name in measured[0][level]}
