"""The tree that grows online, as memories: what is proposed, and what is left after losses and failures."""

from __future__ import annotations

from itertools import chain, pairwise, repeat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_world import ScriptedLLM, World, directions, echo

from agentmem.errors import BudgetExhausted, LLMUnavailable, MalformedReply
from agentmem.kinds import CHUNK, MEMTREE
from agentmem.operations import Add, Link, Revise
from agentmem.structures.trees.memtree import MemTree
from agentmem.structures.trees.online import MOST_DEPTH
from agentmem.structures.trees.threshold import Threshold
from agentmem.structures.trees.wording import MOST_WORDS, words_for

TEA = [1.0, 0.0, 0.0, 0.0]
TEA_TOO = [0.8, 0.6, 0.0, 0.0]
CAR = [0.0, 0.0, 1.0, 0.0]


def plain(dimension: int = 4) -> World:
    from agentmem.testing import FakeEmbedder

    return World(embedder=FakeEmbedder(dimension))


def test_texts_that_are_alike_come_under_one_node_and_others_stay_alone() -> None:
    world = plain()
    unit = world.session("s", "I drink tea.", "My car broke.", "Tea is best hot.", vectors=[TEA, CAR, TEA_TOO])
    [proposal] = world.run(MemTree(), unit)
    assert proposal.units == (unit,)
    assert [type(op) for op in proposal.operations] == [Add, Link, Link]
    [node] = world.active(MEMTREE).values()
    first, car, third = unit.chunks
    assert world.leaves(node.id) == {first.id, third.id}
    assert set(world.roots(MEMTREE)) == {node.id, car.id}
    assert node.text == "Ana: I drink tea.\nAna: Tea is best hot."
    assert (node.at, node.session, node.sources) == (third.at, "s", ())


def test_a_next_unit_revises_the_summaries_on_its_way() -> None:
    world = plain()
    world.run(MemTree(), world.session("s", "I drink tea.", "Tea is best hot.", vectors=[TEA, TEA]))
    [node] = world.active(MEMTREE).values()
    unit = world.session("t", "More tea, please.", vectors=[TEA_TOO])
    [proposal] = world.run(MemTree(), unit)
    [revised] = [op for op in proposal.operations if isinstance(op, Revise)]
    assert (revised.memory.id, revised.expected, revised.memory.version) == (node.id, 1, 2)
    assert "More tea" in revised.memory.text
    assert revised.memory.at == unit.chunks[0].at
    assert revised.memory.session is None  # it holds both sessions now


def test_a_leaf_that_is_split_moves_from_its_node_to_the_new_one() -> None:
    world = plain()
    threshold = Threshold(0.4, 0.5)
    world.run(MemTree(threshold), world.session("s", "a", "b", vectors=[TEA, [0.6, 0.8, 0, 0]]))
    [top] = world.active(MEMTREE)
    world.run(MemTree(threshold), world.session("s", "c", vectors=[[0.62, 0.78, 0.05, 0]]))
    [new] = set(world.active(MEMTREE)) - {top}
    assert world.above(new) == [top]
    assert sorted(world.text(leaf) for leaf in world.below(new)) == ["b", "c"]
    assert sorted(world.text(child) for child in world.below(top) if child != new) == ["a"]
    assert world.all[new].metadata == {"depth": 2}


def test_the_model_merges_each_node_on_the_way_once_for_each_chunk() -> None:
    world = World()
    llm = ScriptedLLM(merge_summary=echo)
    unit = world.session("s", "green tea one", "green tea two", "green tea three")
    [proposal] = world.run(MemTree(), unit, llm=llm)
    asked = [tuple(variables.values()) for _id, variables in llm.asked]
    assert asked[0] == ("Ana: green tea one", "Ana: green tea two", "2")
    assert asked[1] == ("Ana: green tea one | Ana: green tea two | 2", "Ana: green tea three", "3")
    assert len(asked) == 3  # the third chunk split one of the leaves, too
    assert proposal.usage.llm_calls == proposal.usage.embedded_texts == 3
    assert llm.rounds == 2  # a path is asked for at once
    [prompt] = proposal.prompts
    assert prompt["id"] == "merge_summary" and prompt["digest"]


def test_once_for_a_unit_is_cheaper() -> None:
    costs = {}
    for per_unit in (False, True):
        world = World()
        llm = ScriptedLLM(merge_summary=echo)
        texts = [f"green tea number {n}" for n in range(6)]
        world.run(MemTree(per_unit=per_unit), world.session("s", *texts), llm=llm)
        costs[per_unit] = len(llm.asked)
        consistent(world)
    assert costs[True] == len(world.active(MEMTREE)) < costs[False]


def test_a_failed_unit_leaves_no_trace_and_is_done_when_tried_again() -> None:
    world = plain()
    replies = iter([MalformedReply("no"), *[None] * 20])
    llm = ScriptedLLM(merge_summary=lambda variables: next(replies) or echo(variables))
    bad, good = (world.session(name, f"{name} 1", f"{name} 2", vectors=[TEA, TEA]) for name in ("bad", "good"))
    failed, done = world.run(MemTree(), bad, good, llm=llm)
    assert failed.operations == () and failed.units == (bad,) and isinstance(failed.failure, MalformedReply)
    assert done.failure is None
    assert set().union(*map(world.leaves, world.active(MEMTREE))) == {chunk.id for chunk in good.chunks}
    world.run(MemTree(), bad, llm=llm)
    consistent(world)
    assert set().union(*map(world.leaves, world.active(MEMTREE))) == set(world.active(CHUNK))


def test_when_the_budget_is_spent_what_was_done_stands() -> None:
    world = World()
    replies = chain([None], repeat(BudgetExhausted("spent")))
    llm = ScriptedLLM(merge_summary=lambda variables: next(replies) or echo(variables))
    units = [world.session(name, f"{name} sea green tea", f"{name} sea green tea") for name in ("otter", "seal")]
    done = world.run_into_budget(MemTree(), *units, llm=llm)
    assert [proposal.units for proposal in done] == [(units[0],)]
    assert world.kept.get("memtree") is None or world.kept["memtree"].state is None
    world.run(MemTree(), units[1], llm=ScriptedLLM(merge_summary=echo))
    consistent(world)
    assert set().union(*map(world.leaves, world.active(MEMTREE))) == set(world.active(CHUNK))


def test_a_unit_that_is_given_twice_changes_nothing() -> None:
    world = plain()
    unit = world.session("s", "a", "b", "c", vectors=[TEA, TEA, CAR])
    world.run(MemTree(), unit)
    for restart in (False, True):
        [proposal] = world.run(MemTree(), unit, restart=restart)
        assert proposal.operations == () and proposal.units == (unit,)


def test_a_state_that_was_not_applied_is_not_gone_on_from() -> None:
    """As in a dry run: the proposals are read to the end, from a copy of what was kept."""
    world = plain()
    world.run(MemTree(), world.session("s", "a", "b", vectors=[TEA, TEA]))
    unit = world.session("t", "c", vectors=[TEA])
    kept = world.kept
    world.kept = dict(kept)
    dry = list(MemTree().propose([unit], world, world.models()))
    world.kept = kept
    [wet] = world.run(MemTree(), unit)
    assert len(wet.operations) == len(dry[0].operations) > 0
    consistent(world)


def test_units_without_chunks_and_no_units_at_all_are_done() -> None:
    world = plain()
    unit = world.session("s")
    [proposal] = world.run(MemTree(), unit)
    assert proposal.operations == () and proposal.units == (unit,)
    assert world.run(MemTree()) == []


def test_a_loss_is_made_good_without_any_unit() -> None:
    world = plain()
    unit = world.session("s", "a", "b", "c", "d", vectors=[TEA, TEA_TOO, TEA, TEA_TOO])
    world.run(MemTree(), unit)
    world.forget(unit.chunks[0].id)
    [repair] = world.run(MemTree())
    assert repair.units == () and repair.operations
    assert world.run(MemTree()) == []
    consistent(world)


def test_without_an_embedding_model_nothing_is_alike() -> None:
    world = World(embedder=None)
    unit = world.session("s", "tea", "tea")
    [proposal] = world.run(MemTree(), unit)
    assert proposal.operations == ()
    [proposal] = world.run(MemTree(), world.session("t", "tea"))
    assert proposal.operations == ()


def test_chunks_that_have_no_vectors_yet_are_embedded() -> None:
    world = World()
    unit = world.session("s", "green tea in the morning", "green tea in the evening", vectors=np.zeros((2, 32)))
    world.run(MemTree(), unit)
    [node] = world.active(MEMTREE)
    assert world.leaves(node) == {chunk.id for chunk in unit.chunks}


def test_siblings_of_what_was_forgotten_are_gathered_again() -> None:
    world = plain()
    unit = world.session("s", "a", "b", "c", "d", vectors=[TEA, TEA_TOO, TEA, TEA_TOO])
    world.run(MemTree(), unit)
    gone = world.forget(unit.chunks[0].id)
    assert len(gone) > 1
    repair, done = world.run(MemTree(), world.session("t", "car", vectors=[CAR]))
    assert repair.units == () and repair.operations
    assert done.operations == ()
    consistent(world)
    assert set().union(*map(world.leaves, world.active(MEMTREE))) == {chunk.id for chunk in unit.chunks[1:]}


def test_a_branch_that_lost_its_parent_comes_under_another_with_all_below_it() -> None:
    world = World()
    vectors = directions(120, 5, groups=3)
    unit = world.session("s", *(f"text {n}" for n in range(120)), vectors=vectors)
    world.run(MemTree(), unit)
    deep = max(world.active(MEMTREE).values(), key=lambda node: node.metadata["depth"])
    world.forget(next(iter(world.leaves(deep.id))))
    lost = [id for id in world.roots(MEMTREE) if world.all[id].metadata.get("depth", 1) != 1]
    assert lost
    world.run(MemTree(), world.session("t", "more", vectors=directions(1, 6)))
    consistent(world)
    assert sum(bool(world.above(id)) for id in lost) > len(lost) / 2


def test_a_repair_the_model_fails_at_is_told_and_the_unit_is_done() -> None:
    world = plain()
    llm = ScriptedLLM(merge_summary=echo)
    unit = world.session("s", "a", "b", "c", vectors=[TEA, TEA, TEA])
    world.run(MemTree(), unit, llm=llm)
    world.forget(unit.chunks[0].id)
    down = ScriptedLLM(merge_summary=lambda _: LLMUnavailable("down"))
    repair, done = world.run(MemTree(), world.session("t", "car", vectors=[CAR]), llm=down)
    assert isinstance(repair.failure, LLMUnavailable) and repair.operations == ()
    assert done.failure is None
    consistent(world)


def test_a_node_with_nothing_left_below_is_retired() -> None:
    from agentmem.operations import Retire

    world = plain()
    unit = world.session("s", "a", "b", vectors=[TEA, TEA])
    world.run(MemTree(), unit)
    world.apply([Retire(chunk.id) for chunk in unit.chunks])
    world.run(MemTree(), world.session("t", "car", vectors=[CAR]), restart=True)
    assert not world.active(MEMTREE)


def test_summaries_grow_slowly_and_stay_bounded() -> None:
    world = plain()
    long = [f"Ana told that the {n} garden needs water, seeds and a lot of patience in spring." for n in range(60)]
    world.run(MemTree(), world.session("s", *long, vectors=[TEA] * 60))
    for node in world.active(MEMTREE).values():
        assert 0 < len(node.text.split()) <= words_for(len(world.leaves(node.id))) <= MOST_WORDS
    assert words_for(2) < words_for(10) < words_for(60) == words_for(10**6) == MOST_WORDS


def test_texts_that_are_all_the_same_make_no_chain() -> None:
    world = plain()
    world.run(MemTree(), world.session("s", *["ok"] * 300, vectors=[TEA] * 300))
    assert max(node.metadata["depth"] for node in world.active(MEMTREE).values()) <= MOST_DEPTH
    consistent(world)


def test_a_chunk_changes_few_summaries_however_many_stand_above_it() -> None:
    world = plain()
    world.run(MemTree(), world.session("s", *(f"text {n}" for n in range(300)), vectors=[TEA] * 300))
    revised = 0
    for number in range(20):
        [proposal] = world.run(MemTree(), world.session("t", f"more {number}", vectors=[TEA]))
        revised += sum(isinstance(op, Revise) for op in proposal.operations)
    assert revised < 20 * MOST_DEPTH / 2


def test_what_a_model_writes_too_long_is_cut() -> None:
    world = plain()
    llm = ScriptedLLM(merge_summary=lambda _: {"text": "This sentence has seven words in it. " * 200})
    world.run(MemTree(), world.session("s", "a", "b", vectors=[TEA, TEA]), llm=llm)
    [node] = world.active(MEMTREE).values()
    assert 0 < len(node.text.split()) <= MOST_WORDS


def test_a_document_of_one_word_is_a_leaf_and_asks_nobody() -> None:
    world = World()
    llm = ScriptedLLM()
    [proposal] = world.run(MemTree(), world.document("Otter"), llm=llm)
    assert proposal.operations == () and llm.asked == []


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6), data=st.data())
def test_growing_forgetting_and_restarting_keep_it_a_tree(seed: int, sizes: list[int], data) -> None:
    world = World()
    structure = MemTree()
    vectors = directions(sum(sizes), seed, groups=3)
    start = 0
    for number, size in enumerate(sizes):
        unit = world.session(f"s{number}", *(f"text {start + n}" for n in range(size)), vectors=vectors[start:][:size])
        start += size
        world.run(structure, unit, restart=data.draw(st.booleans()))
        consistent(world)
        if data.draw(st.booleans()):
            world.forget(data.draw(st.sampled_from(sorted(world.active(CHUNK)))))
    consistent(world)


def test_a_tree_that_was_read_again_grows_as_the_one_that_was_kept() -> None:
    shapes = []
    for restart in (False, True):
        world = World()
        vectors = directions(90, 11)
        for start in range(0, 90, 10):
            names = [f"text {start + n}" for n in range(10)]
            world.run(MemTree(), world.session(f"s{start}", *names, vectors=vectors[start:][:10]), restart=restart)
        shapes.append(sorted(sorted(map(world.text, world.leaves(node))) for node in world.active(MEMTREE)))
    assert sum(one == other for one, other in zip(*shapes, strict=False)) >= 0.9 * len(shapes[0])


def consistent(world: World) -> None:
    """Every node has at most one parent, at least two leaves below it unless some were lost, and no circles."""
    for id in {**world.active(MEMTREE), **world.active(CHUNK)}:
        assert len(world.above(id)) <= 1
    for id in world.active(MEMTREE):
        assert world.below(id), "an inner node with nothing below"
        assert all(a != b for a, b in pairwise(upwards(world, id)))
    reached: list[str] = []
    for root in world.roots(MEMTREE):
        reached += world.leaves(root)
    assert sorted(reached) == sorted(world.active(CHUNK))


def upwards(world: World, id: str) -> list[str]:
    found = [id]
    while above := world.above(found[-1]):
        found += above
        assert len(found) <= len(world.all)
    return found


@pytest.mark.parametrize(
    "texts", [["木曜日に東京で寿司を食べた。" * 40, "木曜日に大阪で寿司を食べた。" * 40], ["", " "]]
)
def test_texts_without_spaces_or_words_behave(texts: list[str]) -> None:
    world = plain()
    world.run(MemTree(), world.session("s", *texts, vectors=[TEA, TEA]))
    [node] = world.active(MEMTREE).values()
    assert len(node.text) <= MOST_WORDS * 12
