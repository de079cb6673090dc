"""The tree built bottom-up: its shape, what a new session changes, and what is rebuilt after a loss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_world import ScriptedLLM, World, echo

from agentmem.errors import BudgetExhausted, InvalidInput, MalformedReply
from agentmem.kinds import CHUNK, MEMWALKER
from agentmem.operations import Add, Retire, Revise
from agentmem.structures.trees.bottom_up import consecutive, filled
from agentmem.structures.trees.memwalker import MemWalkerTree
from agentmem.types import EpisodeKind

SMALL = MemWalkerTree(segment_tokens=16, most=3)  # three short turns to a segment


def turns(name: str, count: int) -> list[str]:
    return [f"{name} says {n}" for n in range(count)]  # 5 tokens each with the speaker, or 6


def test_a_session_becomes_segments_and_summaries_up_to_one_root() -> None:
    world = World()
    unit = world.session("s", *turns("s", 9))
    [proposal] = world.run(SMALL, unit)
    assert proposal.units == (unit,)
    [root] = world.roots(MEMWALKER)
    segments = world.below(root)
    assert [sorted(map(world.text, world.leaves(id))) for id in segments] == [
        ["s says 0", "s says 1", "s says 2"],
        ["s says 3", "s says 4", "s says 5"],
        ["s says 6", "s says 7", "s says 8"],
    ]
    assert world.all[segments[0]].text == "Ana: s says 0\nAna: s says 1\nAna: s says 2"
    assert (world.all[root].session, world.all[root].at) == ("s", unit.chunks[-1].at)


def test_the_whole_scope_has_one_root_and_every_chunk_is_below_it() -> None:
    world = World()
    world.run(SMALL, *(world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(7)))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    check(world, 3)


def test_a_text_of_one_word_is_its_own_tree() -> None:
    world = World()
    llm = ScriptedLLM()
    [proposal] = world.run(MemWalkerTree(), world.document("Otter"), llm=llm)
    assert proposal.operations == () and llm.asked == []


def test_documents_of_one_chunk_are_gathered_in_order_of_time() -> None:
    world = World()
    units = [world.document(f"text {n}", title=f"title {n}") for n in range(10)]
    world.run(MemWalkerTree(), *units)
    [root] = world.roots(MEMWALKER)
    assert sorted(len(world.below(id)) for id in world.below(root)) == [2, 8]
    assert world.all[root].title is None


def test_a_new_session_leaves_the_others_as_they_are() -> None:
    world = World()
    world.run(SMALL, *(world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(9)))
    before = set(world.active(MEMWALKER))
    own, above = world.run(SMALL, world.session("new", *turns("new", 7)))
    operations = (*own.operations, *above.operations)
    assert above.units == ()
    added = [op.memory for op in operations if isinstance(op, Add)]
    retired = {op.id for op in operations if isinstance(op, Retire)}
    assert not [op for op in operations if isinstance(op, Revise)]
    assert len(own.operations) > len(above.operations) > 0
    assert len([node for node in added if node.session == "new"]) == 3  # two segments, one chunk alone, and the root
    assert len(retired) <= 1 and len(added) - 3 <= 3  # the way up
    assert len(before - retired) == len(before & set(world.active(MEMWALKER)))
    check(world, 3)


def test_a_session_that_goes_on_keeps_the_segments_that_are_full() -> None:
    world = World()
    world.run(SMALL, world.session("s", *turns("s", 7)))
    before = world.active(MEMWALKER)
    world.run(SMALL, world.session("s", "s says more", "s says on"))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    kept = set(before) & set(world.active(MEMWALKER))
    assert len(kept) >= 2
    check(world, 3)


def test_a_unit_that_is_given_twice_changes_nothing() -> None:
    world = World()
    units = [world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(4)] + [world.document("a", "b", "c")]
    world.run(SMALL, *units)
    assert all(proposal.operations == () for proposal in world.run(SMALL, *units))
    assert world.run(SMALL) == []
    assert world.run(SMALL, restart=True) == []


def test_a_model_is_asked_once_for_each_node() -> None:
    world = World()
    llm = ScriptedLLM(summarise=echo)
    proposals = world.run(SMALL, *(world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(4)), llm=llm)
    assert len(llm.asked) == len(world.active(MEMWALKER)) == sum(proposal.usage.llm_calls for proposal in proposals)
    assert {prompt["id"] for proposal in proposals for prompt in proposal.prompts} == {"summarise"}
    assert "s0 says 0" in dict(llm.asked[0][1])["texts"]


def test_a_session_that_failed_is_not_in_the_tree_and_comes_in_when_tried_again() -> None:
    world = World()
    llm = ScriptedLLM(summarise=lambda v: MalformedReply("no") if "bad says" in v["texts"] else echo(v))
    good, bad, other = (world.session(name, *turns(name, 7)) for name in ("good", "bad", "other"))
    proposals = world.run(SMALL, good, bad, other, llm=llm)
    assert [proposal.failure is not None for proposal in proposals] == [False, True, False, False]
    [failed] = [proposal for proposal in proposals if proposal.failure is not None]
    assert failed.units == (bad,) and failed.operations == ()
    [top] = [id for id in world.roots(MEMWALKER) if world.all[id].kind == MEMWALKER]
    assert world.leaves(top) == {chunk.id for unit in (good, other) for chunk in unit.chunks}
    world.run(SMALL, bad)
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    check(world, 3)


def test_when_the_summary_above_all_fails_it_is_tried_again_without_any_unit() -> None:
    world = World()
    llm = ScriptedLLM(
        summarise=lambda v: MalformedReply("no") if "|" in v["texts"] else {"text": v["texts"][:9] + " |"}
    )
    units = [world.session(name, *turns(name, 3)) for name in "ab"]
    *done, above = world.run(SMALL, *units, llm=llm)
    assert [proposal.units for proposal in done] == [(unit,) for unit in units]
    assert all(proposal.failure is None for proposal in done)
    assert above.failure is not None and above.units == () and above.operations == ()
    [above] = world.run(SMALL)
    assert above.failure is None and above.units == ()
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))


def test_when_the_budget_is_spent_what_was_done_stands() -> None:
    world = World()
    left = iter(range(6))
    llm = ScriptedLLM(summarise=lambda v: echo(v) if next(left, None) is not None else BudgetExhausted("spent"))
    units = [world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(4)]
    done = world.run_into_budget(SMALL, *units, llm=llm)
    assert [proposal.units for proposal in done] == [(units[0],), (units[1],)]  # of three summaries each
    world.run(SMALL, *units[2:])
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    check(world, 3)


def test_what_was_forgotten_is_gone_and_the_rest_is_gathered_again() -> None:
    world = World()
    units = [world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(5)]
    world.run(SMALL, *units)
    world.forget(units[2].chunks[3].id)
    assert len(world.roots(MEMWALKER)) > 1
    world.run(SMALL, world.session("new", *turns("new", 2)))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    check(world, 3)


def test_neighbours_of_a_document_that_was_forgotten_are_gathered_again() -> None:
    world = World()
    units = [world.document(f"text {n}", title=f"title {n}") for n in range(20)]
    units += [world.document("first part", "second part")]
    world.run(MemWalkerTree(), *units)
    world.forget(units[3].chunks[0].id)
    assert len(world.roots(MEMWALKER)) > 7
    world.run(MemWalkerTree(), world.document("new", title="new"))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))


def test_a_segment_with_a_chunk_that_was_retired_is_written_anew() -> None:
    world = World()
    unit = world.session("s", *turns("s", 7))
    world.run(SMALL, unit)
    world.apply([Retire(unit.chunks[0].id)])
    world.run(SMALL, world.session("t", "t says 1"))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    assert not any("s says 0" in node.text for node in world.active(MEMWALKER).values())


def test_a_loss_is_made_good_without_any_unit() -> None:
    world = World()
    units = [world.session(f"s{n}", *turns(f"s{n}", 7)) for n in range(5)]
    world.run(SMALL, *units)
    world.forget(units[2].chunks[3].id)
    assert all(proposal.units == () for proposal in world.run(SMALL))
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))


def test_turns_outside_of_sessions_are_gathered_by_day() -> None:
    world = World()
    units = [world.session(None, *turns("x", 5)), world.session(None, *turns("y", 5))]
    world.run(SMALL, units[0])
    world.run(SMALL, units[1])
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == set(world.active(CHUNK))
    assert {node.metadata.get("text") for node in world.active(MEMWALKER).values()} == {"day:2026-01-01"}


def test_a_document_in_a_session_is_a_text_of_its_own() -> None:
    world = World()
    document = world.session("s", "a b c", kind=EpisodeKind.DOCUMENT)
    world.run(SMALL, world.session("s", *turns("s", 4)), document)
    [root] = world.roots(MEMWALKER)
    assert document.chunks[0].id in world.below(root)


def test_a_long_document_takes_time_in_proportion() -> None:
    """Counted in summaries, not in seconds: a node for four chunks, and one for eight nodes, and so on."""
    world = World()
    unit = world.document(*(f"Sentence {n} tells of the river. " * 30 for n in range(400)))
    world.run(MemWalkerTree(), unit)
    assert len(world.active(MEMWALKER)) <= 400 / 3 + 400 / 8
    [root] = world.roots(MEMWALKER)
    assert world.leaves(root) == {chunk.id for chunk in unit.chunks}


@settings(max_examples=30)
@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 8), st.booleans()), min_size=1, max_size=8),
    data=st.data(),
)
def test_whatever_comes_and_goes_there_is_one_root_over_all(steps, data) -> None:
    world = World()
    for name, count, forget in steps:
        unit = world.document(*turns("d", count), title=str(len(world.all))) if name == 0 else None
        world.run(SMALL, unit or world.session(f"s{name}", *turns(f"s{name}", count)))
        check(world, 3)
        [root] = world.roots(MEMWALKER)
        assert world.leaves(root) == set(world.active(CHUNK))
        if forget and len(world.active(CHUNK)) > 1:
            world.forget(data.draw(st.sampled_from(sorted(world.active(CHUNK)))))


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 40), st.integers(1, 9))
def test_groups_hold_everything_in_order_and_within_bounds(costs: list[int], budget: int, most: int) -> None:
    ids = [str(number) for number in range(len(costs))]
    groups = list(filled(ids, lambda name: costs[int(name)], budget))
    assert [id for group in groups for id in group] == ids
    assert all(len(group) == 1 or sum(costs[int(id)] for id in group) <= budget for group in groups)
    even = list(consecutive(ids, most))
    assert [id for group in even for id in group] == ids
    assert all(len(group) == most for group in even[:-1])


@pytest.mark.parametrize("settings", [{"segment_tokens": 0}, {"most": 1}])
def test_settings_that_build_no_tree_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        MemWalkerTree(**settings)


def check(world: World, most: int) -> None:
    nodes = {**world.active(MEMWALKER), **world.active(CHUNK)}
    for id in nodes:
        assert len(world.above(id)) <= 1
    for id, node in world.active(MEMWALKER).items():
        below = world.below(id)
        assert 2 <= len(below) <= max(most, 12)
        times = [world.all[child].at for child in below]
        assert node.at == max(times)
