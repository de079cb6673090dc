"""A simulated scope: at half its size, value times freshness keeps more of what will be needed than recency alone.

Each memory has a true value, which nobody sees. What is seen follows it loosely: uses, which also follow popularity;
feedback on some of them; repetitions. A test of direction, not of a number: the world is invented.
"""

from __future__ import annotations

import numpy as np
import pytest
from standings import NOW, ago

from agentmem.forgetting.plan import plan
from agentmem.forgetting.policy import Forgetting
from agentmem.forgetting.priority import freshness, priorities, values
from agentmem.forgetting.standing import DAY, NEVER, Standing
from agentmem.forgetting.strength import after_feedback

MEMORIES = 1000


def world(seed: int, half_life: float) -> tuple[Standing, np.ndarray]:
    """A year of memories, and what each will be worth from now on."""
    rng = np.random.default_rng(seed)
    value = rng.lognormal(0.0, 1.2, MEMORIES)
    age = rng.uniform(2.0, 365.0, MEMORIES)
    uses = rng.poisson(np.minimum(value * rng.lognormal(0.0, 1.0, MEMORIES) * age / 60.0, 50.0))
    strength = np.ones(MEMORIES)
    for i, judged in enumerate(rng.binomial(uses, 0.3)):
        for useful in rng.random(judged) < value[i] / (value[i] + 1.0):
            strength[i] = after_feedback(float(strength[i]), bool(useful))
    at = ago(0) - (age * DAY).astype(np.int64)
    last_use = at + (age * rng.random(MEMORIES) ** (1.0 / np.maximum(uses, 1)) * DAY).astype(np.int64)
    never = np.full(MEMORIES, NEVER)
    standing = Standing(
        at=at,
        used_at=np.where(uses > 0, last_use, NEVER),
        uses=uses,
        strength=strength,
        reinforcements=rng.poisson(0.3 * value),
        size_bytes=np.full(MEMORIES, 100),
        pinned=np.zeros(MEMORIES, dtype=np.bool_),
        expires_at=never,
        retired_at=never,
    )
    return standing, value * 0.5 ** (age / half_life)


def kept(scores: np.ndarray, worth: np.ndarray) -> float:
    """The share of the oracle's value that the better half by these scores holds."""
    half = len(worth) // 2
    return float(worth[np.argsort(-scores, kind="stable")[:half]].sum() / np.sort(worth)[-half:].sum())


@pytest.mark.parametrize("half_life", [365.0, 1e9])
@pytest.mark.parametrize("seed", range(4))
def test_it_keeps_more_than_recency_alone(seed, half_life) -> None:
    standing, worth = world(seed, half_life)
    ours = kept(priorities(standing, NOW), worth)
    assert ours > kept(standing.at.astype(np.float64), worth) + 0.1
    assert ours > kept(standing.touched.astype(np.float64), worth)
    assert ours > kept(standing.uses.astype(np.float64), worth)
    assert ours > kept(freshness(standing, ago(0)), worth)


def test_where_value_passes_freshness_helps_value() -> None:
    gains = []
    for seed in range(4):
        standing, worth = world(seed, half_life=60.0)
        gains.append(kept(priorities(standing, NOW), worth) - kept(values(standing), worth))
    assert np.mean(gains) > 0.02


def test_the_plan_keeps_what_priority_keeps() -> None:
    standing, worth = world(0, half_life=365.0)
    retired = plan(standing, Forgetting(max_memories=MEMORIES // 2), NOW).retire
    left = np.delete(worth, retired)
    half = MEMORIES // 2
    assert len(left) == half
    assert left.sum() / np.sort(worth)[-half:].sum() == pytest.approx(kept(priorities(standing, NOW), worth))
