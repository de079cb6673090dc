"""A judge beside labels, worked by hand."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.agreement import Agreement, agreement
from hypothesis import given
from hypothesis import strategies as st


def pairs(true_accept: int, false_accept: int, false_reject: int, true_reject: int) -> list[tuple[bool, bool]]:
    return (
        [(True, True)] * true_accept
        + [(False, True)] * false_accept
        + [(True, False)] * false_reject
        + [(False, False)] * true_reject
    )


def test_by_hand() -> None:
    # Of 50, both right 20, judge alone right 5, label alone right 10, both wrong 15.
    # p_o = 35/50 = 0.7; label right 30/50, judge right 25/50: p_e = 0.6 * 0.5 + 0.4 * 0.5 = 0.5; kappa = 0.2/0.5
    found = agreement(pairs(20, 5, 10, 15))
    assert found == Agreement(true_accept=20, false_accept=5, false_reject=10, true_reject=15)
    assert found.n == 50 and found.accuracy == 0.7
    assert found.kappa == pytest.approx(0.4)
    assert found.false_accept_rate == 5 / 20 and found.false_reject_rate == 10 / 30


def test_accuracy_alone_deceives() -> None:
    # A judge that accepts everything, of which 9 in 10 are right: accuracy 0.9, kappa 0.
    everything = agreement(pairs(9, 1, 0, 0))
    assert everything.accuracy == 0.9 and everything.kappa == 0.0 and everything.false_accept_rate == 1.0


def test_the_ends() -> None:
    assert agreement(pairs(3, 0, 0, 2)).kappa == 1.0
    assert agreement(pairs(0, 2, 2, 0)).kappa == -1.0
    # Both say one and the same of every answer: chance gives it all, so kappa says nothing.
    assert agreement(pairs(4, 0, 0, 0)).kappa is None and agreement(pairs(4, 0, 0, 0)).accuracy == 1.0
    nothing = agreement([])
    assert nothing.accuracy is nothing.kappa is nothing.false_accept_rate is nothing.false_reject_rate is None


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_kappa_is_symmetric_and_at_most_the_accuracy(verdicts: list[tuple[bool, bool]]) -> None:
    one, other = agreement(verdicts), agreement([(verdict, label) for label, verdict in verdicts])
    assert one.kappa == other.kappa and one.n == len(verdicts)
    if one.kappa is not None and one.accuracy is not None:
        assert -1.0 <= one.kappa <= one.accuracy <= 1.0
