"""Signals to scores, by the weights that ship with the library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import signals_of

from agentmem.retrieval.fuse import Weights, fuse, load_weights, weights_for
from agentmem.retrieval.signals import ALL_SIGNALS, SIGNALS

SETS = sorted(load_weights())
WEIGHTED = [(name, signal) for name in SETS for signal in load_weights()[name].signals]
VALUES = st.floats(-1.0, 5.0, width=32)


def spoken(name: str, count: int = 1) -> np.ndarray:
    return np.full(count, name.split("+", maxsplit=1)[0] == "turn")


def layers(name: str) -> frozenset[str]:
    """What must be there for a set to be used."""
    return frozenset(name.split("+")[1:])


def test_there_is_a_set_for_turns_and_one_for_documents_and_more_where_something_was_derived() -> None:
    assert SETS == ["document", "document+triple", "turn", "turn+fact"]


@pytest.mark.parametrize(
    ("of", "there", "chosen"),
    [
        ("turn", (), "turn"),
        ("turn", ("fact",), "turn+fact"),
        ("turn", ("triple",), "turn"),
        ("turn", ("fact", "triple", "summary"), "turn+fact"),
        ("document", ("fact",), "document"),
        ("document", ("fact", "triple"), "document+triple"),
    ],
)
def test_the_set_is_used_whose_layers_are_there(of: str, there: tuple[str, ...], chosen: str) -> None:
    assert weights_for(of, frozenset(there)) is load_weights()[chosen]


@pytest.mark.parametrize("name", SETS)
def test_weights_name_only_known_signals(name: str) -> None:
    assert set(load_weights()[name].signals) <= ALL_SIGNALS


@pytest.mark.parametrize("name", SETS)
def test_weights_are_finite_and_scores_rise_with_the_sum(name: str) -> None:
    weights = load_weights()[name]
    assert all(map(math.isfinite, [*weights.signals.values(), weights.bias]))
    assert 0 < weights.scale < math.inf


@pytest.mark.parametrize("name", SETS)
def test_weights_say_where_they_were_fitted(name: str) -> None:
    assert load_weights()[name].fitted_on.strip()


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(sorted(SIGNALS)), st.lists(VALUES, min_size=3, max_size=3)), st.booleans())
def test_scores_lie_between_0_and_1(values, turn: bool) -> None:
    scores = fuse(signals_of(3, **values), np.full(3, turn))
    assert scores.shape == (3,) and ((scores >= 0.0) & (scores <= 1.0)).all()


@pytest.mark.parametrize(("name", "signal"), WEIGHTED)
def test_a_score_follows_each_signal_in_the_direction_of_its_weight(name: str, signal: str) -> None:
    scores = fuse(signals_of(3, **{signal: [0.0, 0.5, 1.0]}), spoken(name, 3), layers=layers(name))
    steps = np.diff(scores) * np.sign(load_weights()[name].signals[signal])
    assert (steps > 0).all()


@pytest.mark.parametrize(("name", "signal"), WEIGHTED)
def test_a_signal_left_out_makes_no_difference(name: str, signal: str) -> None:
    signals = signals_of(2, **{signal: [0.0, 1.0]})
    low, high = fuse(signals, spoken(name, 2), frozenset({signal}), layers(name))
    assert low == high == fuse(signals, spoken(name, 2), layers=layers(name))[0]


@pytest.mark.parametrize("name", SETS)
def test_leaving_one_signal_out_keeps_the_others(name: str) -> None:
    signals = signals_of(2, dense=[0.0, 1.0], length=[1.0, 2.0])
    low, high = fuse(signals, spoken(name, 2), frozenset({"length"}), layers(name))
    assert low < high


def test_with_every_signal_left_out_only_the_bias_is_left() -> None:
    score = fuse(signals_of(1, dense=[1.0]), spoken("turn"), frozenset(SIGNALS))
    assert score[0] == pytest.approx(1 / (1 + math.exp(-load_weights()["turn"].bias)), abs=1e-6)


def test_turns_and_documents_are_weighed_by_their_own_set() -> None:
    signals = signals_of(2, speaker=[1.0, 1.0], dense=[0.5, 0.5])
    turn, document = fuse(signals, np.array([True, False]))
    assert turn == load_weights()["turn"].scores(signals)[0]
    assert document == load_weights()["document"].scores(signals)[1]
    assert turn != document


def test_who_speaks_is_nothing_to_a_document() -> None:
    low, high = fuse(signals_of(2, speaker=[-1.0, 1.0]), spoken("document", 2))
    assert low == high


def test_a_score_is_the_sigmoid_of_the_scaled_sum() -> None:
    weights = Weights({"dense": 2.0, "date": -1.0}, scale=3.0, bias=0.5, fitted_on="a test")
    signals = signals_of(1, dense=[0.4], date=[1.0], speaker=[9.0])
    assert weights.sums(signals).tolist() == pytest.approx([-0.2])
    assert weights.scores(signals).tolist() == pytest.approx([1 / (1 + math.exp(0.1))])


def test_no_candidates_have_no_scores() -> None:
    assert fuse(signals_of(0), np.empty(0, dtype=np.bool_)).tolist() == []
