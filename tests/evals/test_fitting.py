"""Fitting the weights: on examples whose answer was planted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from agentmem_evals.fitting import model
from agentmem_evals.fitting.collect import collect
from agentmem_evals.fitting.command import DEPTH, TURN_SIGNALS, ablation, fitted, write_weights
from agentmem_evals.fitting.model import Example, calibrate, cross_validated, fit, mean_recall, recall
from agentmem_evals.types import Conversation, Question, Session, Turn

from agentmem.retrieval.fuse import load_weights
from agentmem.retrieval.signals import SIGNALS
from agentmem.testing import FakeEmbedder

PLANTED = np.array([3.0, 1.0, 0.0, -2.0])


def planted(count: int = 60, seed: int = 7, weights=PLANTED, scales=1.0) -> list[Example]:
    """Twenty candidates each; the evidence is drawn by the softmax of the planted weights."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        signals = random.standard_normal((20, len(weights)))
        chances = np.exp(signals @ weights)
        relevant = np.zeros(20, dtype=np.bool_)
        relevant[random.choice(20, p=chances / chances.sum())] = True
        examples.append(Example(f"group-{number % 4}", signals * scales, relevant, 1))
    return examples


def naive_loss(examples: list[Example], weights: np.ndarray, ridge: float) -> float:
    spread = np.concatenate([example.signals for example in examples]).std(axis=0) + 1e-9
    total = ridge * float(((weights * spread) ** 2).sum())
    for example in examples:
        sums = example.signals @ weights
        chances = sums - sums.max() - np.log(np.exp(sums - sums.max()).sum())
        total -= float(chances[example.relevant].mean())
    return total / len(examples)


def test_the_planted_order_of_weights_is_recovered() -> None:
    found = fit(planted(), ridge=1.0)
    assert np.argsort(found).tolist() == np.argsort(PLANTED).tolist()
    assert found[3] < 0 < found[1] and abs(found[2]) < 0.5


def test_the_gradient_of_the_loss_is_0_at_the_weights_found() -> None:
    examples, step = planted(), 1e-4
    found = fit(examples, ridge=5.0)
    for axis in np.eye(len(found)):
        ahead, back = (naive_loss(examples, found + sign * step * axis, 5.0) for sign in (1, -1))
        assert abs(ahead - back) / (2 * step) < 2e-3


def test_the_gradient_agrees_with_finite_differences(monkeypatch) -> None:
    losses = []

    def seen(loss, start, **options):
        losses.append(loss)
        return original(loss, start, **options)

    original = model.minimize
    monkeypatch.setattr(model, "minimize", seen)
    fit(planted(count=9), ridge=2.0)
    (loss,) = losses
    at, step = np.array([0.3, -0.7, 1.1, 0.2]), 1e-6
    expected = [(loss(at + step * axis)[0] - loss(at - step * axis)[0]) / (2 * step) for axis in np.eye(4)]
    np.testing.assert_allclose(loss(at)[1], expected, rtol=1e-5, atol=1e-7)


def test_several_pieces_of_evidence_share_a_question() -> None:
    examples = [replace(example, relevant=np.arange(20) < 1 + n % 3) for n, example in enumerate(planted(count=30))]
    found = fit(examples, ridge=1.0)
    best = naive_loss(examples, found, 1.0)
    assert all(naive_loss(examples, found + 0.1 * axis, 1.0) > best for axis in (*np.eye(4), *-np.eye(4)))


def test_the_unit_of_a_signal_does_not_change_the_ranking() -> None:
    scales = np.array([100.0, 1.0, 0.01, 5.0])
    np.testing.assert_allclose(fit(planted(scales=scales)) * scales, fit(planted()), rtol=1e-2, atol=1e-3)


def test_a_signal_that_is_0_everywhere_gets_no_weight() -> None:
    examples = [replace(e, signals=np.column_stack([e.signals, np.zeros(20)])) for e in planted()]
    found = fit(examples)
    assert found[-1] == 0.0
    np.testing.assert_allclose(found[:-1], fit(planted()), atol=1e-3)


def test_a_question_without_found_evidence_teaches_nothing() -> None:
    lost = [replace(example, relevant=np.zeros(20, dtype=np.bool_)) for example in planted(seed=8)]
    np.testing.assert_array_equal(fit(planted() + lost), fit(planted()))


def test_more_ridge_makes_smaller_weights() -> None:
    assert np.linalg.norm(fit(planted(), ridge=200.0)) < np.linalg.norm(fit(planted(), ridge=2.0))


def ranked(relevant: list[bool], evidence: int) -> Example:
    """Candidates whose only signal puts them in the given order."""
    return Example("g", np.arange(len(relevant), 0, -1.0)[:, None], np.array(relevant), evidence)


@pytest.mark.parametrize(
    ("relevant", "evidence", "k", "expected"),
    [
        ([True, False, True], 2, 1, (0.5, 0.0)),
        ([True, False, True], 2, 3, (1.0, 1.0)),
        ([False, True], 1, 1, (0.0, 0.0)),
        ([True], 2, 5, (0.5, 0.0)),
    ],
)
def test_recall_is_of_all_evidence_found_or_not(relevant, evidence, k, expected) -> None:
    assert recall(ranked(relevant, evidence), np.array([1.0]), k) == expected


def test_mean_recall_averages_over_questions() -> None:
    examples = [ranked([True, False], 1), ranked([False, True], 1)]
    assert mean_recall(examples, np.array([1.0]), 1) == (0.5, 0.5)


def test_cross_validation_fits_without_the_group_it_ranks(monkeypatch) -> None:
    taught = []

    def seen(examples, ridge):
        taught.append({example.group for example in examples})
        return original(examples, ridge)

    original = model.fit
    monkeypatch.setattr(model, "fit", seen)
    cross_validated(planted(count=12), 5)
    everyone = {f"group-{number}" for number in range(4)}
    assert taught == [everyone - {group} for group in sorted(everyone)]


def test_cross_validation_does_not_profit_from_a_rule_of_one_group() -> None:
    upright = [replace(example, group="up") for example in planted(seed=1)]
    reversed_ = [replace(example, group="down") for example in planted(seed=2, weights=-PLANTED)]
    held_out = cross_validated(upright + reversed_, 5)[0]
    assert held_out < 0.25 < mean_recall(upright, fit(upright), 5)[0]


@pytest.mark.parametrize("copies", [1, 50])
def test_calibration_gives_a_half_between_the_classes_however_common(copies: int) -> None:
    evidence, others = np.array([-1.0, 0.0, 1.0, 2.0, 3.0]), np.array([1.0, 0.0, -1.0, -2.0, -3.0]) - 1.0
    sums = np.concatenate([evidence, np.repeat(others, copies)])
    scale, bias = calibrate(sums, np.arange(len(sums)) < len(evidence))
    assert scale > 0
    assert scale * (evidence.mean() + others.mean()) / 2 + bias == pytest.approx(0.0, abs=1e-2)


def test_an_entry_names_every_signal_and_where_it_was_fitted() -> None:
    entry = fitted(planted(), ["a", "b", "c", "d"], "a test")
    assert entry["fitted_on"] == "a test" and entry["scale"] > 0
    assert list(entry["signals"]) == ["a", "b", "c", "d"]
    np.testing.assert_allclose(list(entry["signals"].values()), fit(planted()), atol=1e-4)


def test_writing_weights_keeps_the_other_sets(tmp_path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"turn": {"scale": 1}, "document": {"scale": 2}}), encoding="utf-8")
    write_weights(path, "turn", {"scale": 3})
    assert json.loads(path.read_text(encoding="utf-8")) == {"turn": {"scale": 3}, "document": {"scale": 2}}


def test_writing_weights_makes_the_file(tmp_path) -> None:
    write_weights(tmp_path / "weights.json", "turn", {"scale": 3})
    assert json.loads((tmp_path / "weights.json").read_text(encoding="utf-8")) == {"turn": {"scale": 3}}


def test_an_ablation_has_a_line_for_every_signal() -> None:
    table = ablation(planted(count=16), ["a", "b", "c", "d"])
    assert [row[0] for row in table.rows[2:]] == [f"without {name}" for name in "abcd"]
    assert f"recall@{DEPTH}" in table.header


def test_the_signals_fitted_are_those_that_turns_are_weighed_by() -> None:
    assert set(TURN_SIGNALS) == set(load_weights()["turn"].signals) <= set(SIGNALS)


def test_collecting_measures_every_candidate_of_every_question() -> None:
    at = datetime(2023, 5, 8, tzinfo=UTC)
    turns = tuple(Turn(f"D1:{n}", "s1", "Ana", text, at) for n, text in enumerate(["otter", "tea", "rain"]))
    conversation = Conversation("c1", (Session("s1", at, "8 May", turns),))
    question = Question("q1", "c1", "What of the otter?", None, "single", ("D1:0", "D1:2"))
    seen: list[str] = []
    (example,) = collect([conversation], [question], ["bm25", "opens"], FakeEmbedder(), seen.append, recipe="texts")
    assert seen == ["c1"] and (example.group, example.evidence) == ("c1", 2)
    assert example.signals.shape == (3, 2) and example.relevant.sum() == 2
    assert example.signals[example.relevant, 1].sum() == 1.0


def test_collecting_with_facts_measures_what_they_say_of_their_turns() -> None:
    at = datetime(2023, 5, 8, tzinfo=UTC)
    texts = ["I bought a canoe in Porto.", "It rained all week.", "My brother paints boats."]
    turns = tuple(Turn(f"D1:{n}", "s1", "Ana", text, at) for n, text in enumerate(texts))
    conversation = Conversation("c1", (Session("s1", at, "8 May", turns),))
    question = Question("q1", "c1", "Who bought a canoe in Porto?", None, "single", ("D1:0",))
    names = ["fact_dense", "fact_bm25"]
    (example,) = collect([conversation], [question], names, FakeEmbedder(), lambda _: None, recipe="default")
    assert example.signals[example.relevant].min() > example.signals[~example.relevant].max()
