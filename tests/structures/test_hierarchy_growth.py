"""What holds of the hierarchy whatever is put into it, taken off and put back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.kinds import CHUNK
from agentmem.operations import Add, Link, Retire
from agentmem.structures.hierarchy.growth import Growth
from agentmem.structures.hierarchy.layers import LAYERS, USUAL, Likeness
from agentmem.types import Memory

MAY = datetime(2025, 5, 1, tzinfo=UTC)


def chunk(number, text="The boat leaks."):
    at = MAY + timedelta(minutes=number)
    return Memory(f"mem_{number}", 1, CHUNK, text, at, at, None, at)


def vector(*values):
    found = np.array(values, dtype=np.float32)
    return found / np.linalg.norm(found)


def put(growth, number, own, context=None):
    growth.put(chunk(number), own)
    growth.place(f"mem_{number}", own, own if context is None else context)


class TestPlacing:
    def test_near_enough_goes_in_and_the_mean_moves(self):
        growth = Growth(Likeness(0.5, 0.6, 0.9))
        put(growth, 0, vector(1, 0))
        put(growth, 1, vector(4, 3))  # cosine 0.8 with (1, 0): the same domain and category, and another trace
        put(growth, 2, vector(3, 4))
        # with the sum (1.8, 0.6), of length 1.897: (1.08 + 0.48) / 1.897 = 0.822; with trace 1: 0.48 + 0.48 = 0.96
        assert [len(growth.below(None, layer)) for layer in range(3)] == [1, 1, 2]
        assert growth.parents["mem_2"] == growth.parents["mem_1"] != growth.parents["mem_0"]

    def test_the_upper_layers_go_by_the_context_and_the_trace_by_the_text(self):
        growth = Growth(USUAL)
        put(growth, 0, vector(1, 0))
        put(growth, 1, vector(0, 1), context=vector(1, 0.1))
        assert [len(growth.below(None, layer)) for layer in range(3)] == [1, 1, 2]

    def test_below_the_threshold_a_domain_begins(self):
        growth = Growth(USUAL)
        put(growth, 0, vector(1, 0))
        put(growth, 1, vector(0.4, 0.9165))  # cosine 0.4
        assert len(growth.below(None, 0)) == 2

    def test_what_is_emptied_is_retired(self):
        growth = Growth(USUAL)
        put(growth, 0, vector(1, 0))
        put(growth, 1, vector(0, 1))
        made = [operation.memory.id for operation in growth.written() if isinstance(operation, Add)]
        put(growth, 1, vector(1, 0))
        done = growth.written()
        retired = {operation.id for operation in done if isinstance(operation, Retire)}
        assert len(made) == 6 and len(retired) == 3 and retired == set(made) - set(growth.layer)
        assert [operation.edge.target for operation in done if isinstance(operation, Link)] == ["mem_1"]
        assert growth.written() == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3)),
        min_size=1,
        max_size=25,
    )
)
def test_every_text_has_one_path_and_every_node_the_mean_of_what_stands_below(steps):
    growth = Growth(USUAL)
    for number, values in steps:
        found = np.array(values, dtype=np.float32)
        length = float(np.linalg.norm(found))
        put(growth, number, found / np.float32(length) if length > 1e-3 else np.zeros(3, dtype=np.float32))
        growth.written()
    for text in {f"mem_{number}" for number, _values in steps}:
        path = [text]
        while path[-1] in growth.parents:
            path.append(growth.parents[path[-1]])
        assert [growth.layer[node] for node in path[1:]] == [2, 1, 0]
    for node, layer in growth.layer.items():
        below = growth.texts_below(node)
        assert below and growth.size(node) == len(below) == len({text.id for text in below})
        total = np.sum([growth.vectors[text.id] for text in below], axis=0)
        assert growth.total(node) == pytest.approx(total, abs=1e-4)
        assert growth.members[node].kind == LAYERS[layer]
