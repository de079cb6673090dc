"""Measures of decisions, worked by hand."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.decisions import CONTRADICTION, DUPLICATE, Judged, by_kind, detection, measure_decisions
from hypothesis import given
from hypothesis import strategies as st

from agentmem.updating.decision import Relation

IND, REP, REF, SUP, CAN = Relation


def judged(*pairs: tuple[Relation, Relation], kind: str = "any") -> list[Judged]:
    return [Judged(kind, gold, said) for gold, said in pairs]


def test_precision_and_recall_by_hand() -> None:
    pairs = judged((REP, REP), (REF, REP), (REP, IND), (SUP, REF), (IND, REP), (IND, IND), (CAN, SUP), (SUP, IND))
    duplicate = detection(pairs, DUPLICATE)
    assert {name: duplicate[name] for name in ("tp", "fp", "fn", "tn")} == {"tp": 2, "fp": 2, "fn": 1, "tn": 3}
    assert duplicate["precision"] == 1 / 2 and duplicate["recall"] == 2 / 3
    assert duplicate["f1"] == pytest.approx(4 / 7)
    contradiction = detection(pairs, CONTRADICTION)
    assert {name: contradiction[name] for name in ("tp", "fp", "fn", "tn")} == {"tp": 1, "fp": 0, "fn": 2, "tn": 5}
    assert contradiction["precision"] == 1.0 and contradiction["recall"] == 1 / 3 and contradiction["f1"] == 0.5


def test_the_full_relation_counts_for_accuracy_and_confusion() -> None:
    measures = measure_decisions(judged((REP, REP), (REP, REF), (SUP, CAN), (IND, IND)))
    assert measures["accuracy"] == 0.5
    assert measures["duplicate"]["f1"] == measures["contradiction"]["f1"] == 1.0
    assert measures["confusion"]["repeats"] == {
        "independent": 0,
        "repeats": 1,
        "refines": 1,
        "supersedes": 0,
        "cancels": 0,
    }
    assert measures["confusion"]["supersedes"]["cancels"] == 1 and set(measures["confusion"]) == set(Relation)


def test_what_cannot_be_said_is_left_out() -> None:
    assert measure_decisions([]) == {}
    assert detection(judged((IND, IND)), DUPLICATE) == {"tp": 0, "fp": 0, "fn": 0, "tn": 1}
    nothing_claimed = detection(judged((REP, IND)), DUPLICATE)
    assert "precision" not in nothing_claimed and nothing_claimed["recall"] == nothing_claimed["f1"] == 0.0
    nothing_to_find = detection(judged((IND, REP)), DUPLICATE)
    assert "recall" not in nothing_to_find and nothing_to_find["precision"] == nothing_to_find["f1"] == 0.0


def test_kinds_are_measured_apart() -> None:
    kinds = by_kind([*judged((REP, REP), (REP, IND), kind="exact"), *judged((SUP, SUP), kind="number")])
    assert list(kinds) == ["exact", "number"]
    assert kinds["exact"]["n"] == 2 and kinds["exact"]["duplicate"]["recall"] == 0.5
    assert kinds["number"]["accuracy"] == 1.0 and "recall" not in kinds["number"]["duplicate"]


relations = st.sampled_from(list(Relation))
decided = st.lists(st.builds(Judged, st.sampled_from(("a", "b")), relations, relations), min_size=1)


@given(decided)
def test_counts_add_up_and_fractions_stay_in_bounds(pairs: list[Judged]) -> None:
    measures = measure_decisions(pairs)
    for name, positive in (("duplicate", DUPLICATE), ("contradiction", CONTRADICTION)):
        found = measures[name]
        assert found["tp"] + found["fp"] + found["fn"] + found["tn"] == len(pairs)
        assert found["tp"] + found["fn"] == sum(one.gold in positive for one in pairs)
        assert all(0 <= found[measure] <= 1 for measure in ("precision", "recall", "f1") if measure in found)
        if "precision" in found and "recall" in found and found["tp"]:
            harmonic = 2 / (1 / found["precision"] + 1 / found["recall"])
            assert found["f1"] == pytest.approx(harmonic)
    cells = sum(count for row in measures["confusion"].values() for count in row.values())
    assert cells == len(pairs) == sum(kind["n"] for kind in by_kind(pairs).values())
