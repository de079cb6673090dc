"""From derived memories to texts, against a naive look at every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agentmem.engine.layers import SPAN
from agentmem.index.catalog import Catalog
from agentmem.protocols import CatalogRow
from agentmem.retrieval.pointers import Pointers


def row(number, position, start, state="active", superseded=None, kind="chunk"):
    values = dict.fromkeys(CatalogRow._fields)
    values |= {
        "row": number,
        "id": f"m{number}",
        "seq": number,
        "kind": kind,
        "text": "x",
        "at": 0,
        "valid_from": 0,
        "state": state,
        "superseded_at": superseded,
        "position": position,
        "start": start,
        "pinned": False,
    }
    return CatalogRow(**values)


@st.composite
def worlds(draw):
    """Texts that split episodes without gaps, some superseded or retired; spans of derived memories within them."""
    texts, number = [], 0
    for episode in range(draw(st.integers(0, 4))):
        start = 0
        for length in draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)):
            number += 1
            state = draw(st.sampled_from(["active", "active", "retired"]))
            texts.append(
                (row(number, episode + 1, start, state, draw(st.sampled_from([None, None, 5]))), start + length)
            )
            start += length
    spans, derived = [], []
    for _ in range(draw(st.integers(0, 6))):
        number += 1
        derived.append(row(number, 1, 0, draw(st.sampled_from(["active", "retired"])), kind="fact"))
        for _ in range(draw(st.integers(1, 3))):
            if texts:
                text, end = draw(st.sampled_from(texts))
                begin = draw(st.integers(text.start, end - 1))
                spans.append((number, text.position, begin, draw(st.integers(begin + 1, end + 6))))
    return texts, derived, spans


def naive(texts, spans, ends):
    """Current texts of the episode whose stretch, up to the next current text, the span touches."""
    pairs = set()
    for slot, (text, _end) in enumerate(texts):
        if text.state != "active" or text.superseded_at is not None:
            continue
        for number, episode, begin, end in spans:
            if text.position == episode and text.start < end and begin < ends[slot]:
                pairs.add((number, text.row))
    return pairs


@given(worlds())
def test_pointers_are_those_of_the_naive_look(world):
    texts, derived, spans = world
    of_texts, of_derived = Catalog(), Catalog()
    of_texts.upsert([text for text, _end in texts])
    of_derived.upsert(derived)
    found = Pointers.between(of_derived, np.array(spans, dtype=SPAN), of_texts)
    pairs = {
        (int(of_derived.columns["row"][one]), int(of_texts.columns["row"][other]))
        for one, other in zip(found.derived, found.texts, strict=True)
    }
    known = {span[0] for span in spans}
    assert {pair[0] for pair in pairs} <= known
    exact = naive(texts, spans, [end for _text, end in texts])
    # A text that is gone leaves its stretch to nobody: nothing beside what really touches is pointed to.
    assert pairs == exact


def test_best_and_of():
    pointers = Pointers(np.array([0, 0, 1]), np.array([2, 3, 3]))
    best = pointers.best(np.array([0.2, 0.7], dtype=np.float32), 5, nothing=-1.0)
    assert best.tolist() == np.array([-1, -1, 0.2, 0.7, -1], dtype=np.float32).tolist()
    assert pointers.of(np.array([0])).tolist() == [2, 3]
    assert pointers.of(np.array([], dtype=np.int64)).tolist() == []


def test_nothing_points_anywhere_in_an_empty_world():
    found = Pointers.between(Catalog(), np.array([], dtype=SPAN), Catalog())
    assert len(found.derived) == len(found.texts) == 0
