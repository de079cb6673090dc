"""Synonyms against a comparison of all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.index.graph import synonyms
from agentmem.index.graph.synonyms import find_synonyms


def unit(vectors) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=100)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(1, 30), st.floats(0.2, 0.95))
def test_finds_what_comparing_all_pairs_finds(n, seed, limit, threshold) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(random.normal(size=(n, 4)))
    names = [f"name {i}" for i in range(n)]
    new = random.permutation(n)[: random.integers(0, n + 1)].tolist()
    found = find_synonyms(vectors[new], [names[i] for i in new], vectors, names, threshold, limit)
    assert list(found) == [names[i] for i in new]
    for i in new:
        cosines = {
            names[j]: round(float(vectors[i].astype(float) @ vectors[j].astype(float)), 6) for j in range(n) if j != i
        }
        near = {name: cosine for name, cosine in cosines.items() if cosine >= threshold}
        best = sorted(near, key=lambda name: (-near[name], name))[:limit]
        assert found[names[i]] == pytest.approx({name: near[name] for name in best}, abs=2e-6)


def test_a_cosine_is_the_same_from_both_sides_in_blocks_of_any_size(monkeypatch) -> None:
    random = np.random.default_rng(1)
    vectors = unit(random.normal(size=(60, 8)) + 1.0)
    names = [f"name {i}" for i in range(60)]
    whole = find_synonyms(vectors, names, vectors, names)
    assert any(whole.values())
    assert all(whole[other][name] == cosine for name, near in whole.items() for other, cosine in near.items())
    monkeypatch.setattr(synonyms, "_BLOCK", 100)
    assert find_synonyms(vectors, names, vectors, names) == whole


def test_skips_itself_and_short_phrases() -> None:
    names = ["new york", "nyc", "ny", "new york"]
    found = find_synonyms(unit([[1, 0]] * 3), ["new york", "nyc", "ny"], unit([[1, 0]] * 4), names)
    assert found == {"new york": {"nyc": 1.0}, "nyc": {"new york": 1.0}, "ny": {}}


def test_nothing_to_compare() -> None:
    none = np.empty((0, 3), np.float32)
    assert find_synonyms(none, [], none, []) == {}
    assert find_synonyms(unit([[1, 0, 0]]), ["loom"], none, []) == {"loom": {}}
    assert find_synonyms(none, [], unit([[1, 0, 0]]), ["loom"]) == {}


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="2 phrases need"):
        find_synonyms(unit([[1, 0]]), ["a", "b"], unit([[1, 0]]), ["a"])
    with pytest.raises(InvalidInput, match="above 0"):
        find_synonyms(unit([[1, 0]]), ["a"], unit([[1, 0]]), ["a"], threshold=0.0)
