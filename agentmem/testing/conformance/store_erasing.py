"""Forgetting for good, and moving a scope to another store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import numpy as np
import pytest

from agentmem.errors import NotFound
from agentmem.kinds import ABSORBS, SUMMARISES, SUPERSEDES
from agentmem.operations import Add, Close, Link, Op, Restore, Retire, Run, Unlink
from agentmem.protocols import Cursor, Follower, Selection, Store
from agentmem.testing.conformance.store_base import (
    ALL,
    HOUR,
    MINE,
    NOW,
    YOURS,
    MakeStore,
    StoreSuite,
    add,
    get,
    memory,
    reworded,
    run,
    told,
)
from agentmem.testing.conformance.store_derived import put
from agentmem.testing.conformance.vector_index import unit_vectors
from agentmem.testing.fakes import FakeClock
from agentmem.types import Certificate, Edge, HistoryEntry, Scope, Source, State


class Erasing(StoreSuite):
    """See the module's docstring."""

    def test_everything_of_a_memory_goes(self, store: Store) -> None:
        old = memory("a", "secret", session="s")
        with store.write(MINE) as writer:
            writer.apply(run(), told(old, ref="msg-1"))
            writer.apply(run(), told(memory("b")))
            writer.apply(run(), [*reworded(old, "secret too"), Link(Edge("edg_1", "x", "mem_a", "mem_b"))])
            rows = np.array([row.row for row in writer.rows_since(0) if row.id == "mem_a"])
        put(store, rows, unit_vectors(len(rows)))
        certificate = erase(store, Selection(ids=("mem_a",)))
        counts = (certificate.episodes, certificate.memories, certificate.versions, certificate.edges)
        assert counts == (2, 1, 2, 1)
        assert (certificate.vectors, certificate.tombstones, certificate.dry_run) == (len(rows), 1, False)
        with store.read(MINE) as reader:
            assert reader.get("mem_a") is None and reader.history("mem_a") == ()
            assert reader.episode("epi_a") is None and reader.edges("mem_b") == ()
            assert reader.vector_counts("model-a") == {}
            assert "secret" not in json.dumps(list(reader.records()))
            assert [m.id for m in reader.page(ALL, 10, None)] == ["mem_b"]

    def test_a_dry_run_counts_and_touches_nothing(self, store: Store) -> None:
        add(store, memory("a"), memory("b"))
        counted = erase(store, Selection(ids=("mem_a",)), dry=True)
        assert (counted.dry_run, counted.run, counted.episodes, counted.memories) == (True, None, 1, 1)
        assert get(store, "mem_a") is not None
        done = erase(store, Selection(ids=("mem_a",)))
        assert replace(done, dry_run=True, run=None, at=counted.at) == counted

    def test_followers_are_told_which_rows_are_gone(self, store: Store) -> None:
        rows = add(store, memory("a"), memory("b"))
        with store.read(MINE) as reader:
            position = reader.head()
        erase(store, Selection(ids=("mem_b",)))
        with store.read(MINE) as reader:
            assert reader.entries_since(position, Op.FORGET).tolist() == rows[1:]
            assert reader.head() > position

    def test_a_lost_episode_takes_what_was_derived_from_it(self, store: Store) -> None:
        add(store, memory("a"), memory("b"))
        sources = (Source("epi_a", 0, 1), Source("epi_b", 0, 1))
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), [Add(memory("both", kind="summary", sources=sources))])
        erase(store, Selection(ids=("epi_a",)))
        assert [get(store, id) is None for id in ("mem_a", "mem_both", "mem_b")] == [True, True, False]

    @pytest.mark.parametrize(
        ("selection", "left"),
        [
            (Selection(session="s"), "c"),
            (Selection(before=NOW + HOUR), "bc"),
            (Selection(about="Ana"), "bc"),
            (Selection(everything=True), ""),
            (Selection(ids=("mem_c",), before=NOW + HOUR), "b"),
        ],
        ids=["session", "before", "about", "everything", "sum"],
    )
    def test_selections_select(self, store: Store, selection: Selection, left: str) -> None:
        add(
            store,
            memory("a", session="s", speaker="Ana"),
            memory("b", at=1, session="s"),
            memory("c", at=2, session="t"),
        )
        add(store, memory("z", session="s", speaker="Ana"), scope=YOURS)
        erase(store, selection)
        with store.read(MINE) as reader:
            assert "".join(m.text for m in reader.page(ALL, 10, None)) == left
        assert get(store, "mem_z", YOURS) is not None

    @pytest.mark.parametrize("about", ["rowing club", "r-17", "Heliotrope", "blue door"])
    def test_a_phrase_is_looked_for_wherever_it_may_stand(self, store: Store, about: str) -> None:
        inside = {"place": ["the blue door"], "deep": {"heliotrope": 1}}
        told_of = memory("a", session="The Rowing Club", metadata=inside)
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(told_of, ref="R-17"), *told(memory("b", session="The rowing clubs"))])
        assert erase(store, Selection(about=about)).episodes == 1
        assert get(store, "mem_a") is None and get(store, "mem_b") is not None

    def test_what_was_made_of_something_goes_with_it_though_the_edge_is_gone(self, store: Store) -> None:
        add(store, memory("a", session="s"), memory("b"))
        edge = Edge("edg_1", SUMMARISES, "mem_above", "mem_a")
        other = Edge("edg_2", SUMMARISES, "mem_above", "mem_b")
        with store.write(MINE) as writer:
            above = replace(memory("above", "of a and b", kind="memtree"), sources=())
            writer.apply(run("run_2"), [Add(above), Link(edge), Link(other)])
            writer.apply(run("run_3"), [Unlink(edge)])
        counted = erase(store, Selection(session="s"), dry=True)
        assert erase(store, Selection(session="s")).memories == counted.memories == 2
        assert get(store, "mem_above") is None and get(store, "mem_b") is not None

    def test_an_unknown_id_destroys_nothing(self, store: Store) -> None:
        add(store, memory("a"))
        add(store, memory("z"), scope=YOURS)
        with pytest.raises(NotFound):
            erase(store, Selection(ids=("mem_a", "mem_z")))
        assert get(store, "mem_a") is not None

    def test_forgotten_refs_leave_tombstones_in_their_scope(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a"), ref="msg-1"), *told(memory("b"), ref="msg-2")])
        erase(store, Selection(ids=("mem_a",)))
        with store.write(MINE) as writer:
            assert writer.tombstoned(["msg-1", "msg-2", "msg-3"]) == ("msg-1",)
            assert list(writer.find_refs(["msg-1", "msg-2"])) == ["msg-2"]
        with store.write(YOURS) as writer:
            assert writer.tombstoned(["msg-1"]) == ()

    def test_vectors_made_with_a_forgotten_text_are_dropped(self, store: Store) -> None:
        rows = np.array(add(store, *(memory(f"m{hour}", at=hour, session="s") for hour in range(5))))
        put(store, rows, unit_vectors(5))
        with store.read(MINE) as reader:
            position = reader.head()
        erase(store, Selection(ids=("mem_m1",)), reach={"bare": 2, "none has this": 4})
        with store.read(MINE) as reader:
            assert sorted(reader.entries_since(position, Op.REFRESH).tolist()) == rows[[2, 3]].tolist()
            assert reader.vectors_of("model-a", "bare", rows).rows.tolist() == rows[[0, 4]].tolist()
            assert [row.row for row in reader.unembedded("model-a", position, 10)] == rows[[2, 3]].tolist()

    def test_a_scope_moves_to_another_store_with_its_history(
        self, store: Store, make_store: MakeStore, time: FakeClock
    ) -> None:
        fill(store, MINE)
        with store.read(MINE) as reader:
            records = json.loads(json.dumps(list(reader.records())))
            expected = [reader.history(id) for id in ("mem_a", "mem_b")]
            edges = reader.edges("mem_a")
        other = make_store(time, "other")
        try:
            with other.write(YOURS) as writer:
                counts = writer.load(records)
            with other.read(YOURS) as reader:
                found = [reader.history(id) for id in ("mem_a", "mem_b")]
                assert reader.edges("mem_a") == edges
                assert list(reader.records()) == records
        finally:
            other.close()
        assert (counts["episodes"], counts["memories"], counts["edges"]) == (3, 2, 1)
        assert [[entry.memory for entry in history] for history in found] == [
            [entry.memory for entry in history] for history in expected
        ]
        assert [[_causes(entry) for entry in history] for history in found] == [
            [_causes(entry) for entry in history] for history in expected
        ]

    def test_loading_twice_adds_nothing(self, store: Store) -> None:
        fill(store, MINE)
        with store.read(MINE) as reader:
            records, head = list(reader.records()), reader.head()
        with store.write(MINE) as writer:
            counts = writer.load(records)
        assert (counts["episodes"], counts["memories"], counts["edges"], counts["present"]) == (0, 0, 0, 3)
        with store.read(MINE) as reader:
            assert list(reader.records()) == records and reader.head() == head

    def test_loading_does_not_bring_back_what_was_forgotten(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a"), ref="msg-1"), *told(memory("b"), ref="msg-2")])
        with store.read(MINE) as reader:
            records = list(reader.records())
        erase(store, Selection(ids=("mem_a",)))
        with store.write(MINE) as writer:
            counts = writer.load(records)
        assert (counts["refused"], counts["present"], counts["memories"]) == (1, 1, 0)
        assert get(store, "mem_a") is None and get(store, "mem_b") is not None

    def test_what_had_no_ref_stays_forgotten_too(self, store: Store) -> None:
        add(store, memory("a"), memory("b"))
        with store.write(MINE) as writer:
            above = replace(memory("above", kind="memtree"), sources=())
            writer.apply(run("run_2"), [Add(above), Link(Edge("edg_1", SUMMARISES, "mem_above", "mem_a"))])
        with store.read(MINE) as reader:
            records = list(reader.records())
        erase(store, Selection(ids=("mem_a",)))
        with store.write(MINE) as writer:
            counts = writer.load(records)
        assert (counts["refused"], counts["present"], counts["memories"], counts["edges"]) == (1, 1, 0, 0)
        assert get(store, "mem_a") is None and get(store, "mem_above") is None

    def test_a_memory_that_was_forgotten_alone_does_not_come_back_either(self, store: Store) -> None:
        add(store, memory("a"))
        with store.read(MINE) as reader:
            records = list(reader.records())
        erase(store, Selection(ids=("mem_a",), alone=True))
        with store.write(MINE) as writer:
            counts = writer.load(records)
        assert (counts["episodes"], counts["memories"]) == (0, 0) and get(store, "mem_a") is None

    def test_a_scope_that_was_emptied_can_be_loaded_into_another(self, store: Store) -> None:
        fill(store, MINE)
        with store.read(MINE) as reader:
            records = json.loads(json.dumps(list(reader.records())))
            causes = [[change.cause for entry in reader.history("mem_a") for change in entry.changes]]
        erase(store, Selection(everything=True))
        for episodes in (3, 0):  # the second time all is there
            with store.write(YOURS) as writer:
                assert writer.load(records)["episodes"] == episodes
        with store.read(YOURS) as reader:
            history = reader.history("mem_a")
            assert [entry.text for entry in history] == ["one", "two"]
            assert [[change.cause for entry in history for change in entry.changes]] == causes
            (opened, *_rest) = history[0].changes
            assert [entry.subject for entry in reader.run_entries(opened.run)][:2] == ["epi_a", "mem_a"]

    def test_what_was_merged_into_a_memory_comes_back_when_that_is_forgotten(self, store: Store) -> None:
        keep, repeat = memory("a", session="s"), memory("b", session="other")
        link = Link(Edge("edg_1", ABSORBS, "mem_a", "mem_b"))
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(keep), *told(repeat)])
            writer.apply(run("run_merge"), [link, Retire("mem_b")])
        erase(store, Selection(session="s"))
        with store.read(MINE) as reader:
            back = reader.get("mem_b")
            assert back is not None and back.state is State.ACTIVE and reader.edges("mem_b") == ()
            assert [entry.op for entry in reader.run_entries("run_forget")][-1] == Op.RESTORE

    def test_a_memory_forgotten_by_name_takes_its_repetitions_along(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a")), *told(memory("b")), *told(memory("c"))])
            links = [Link(Edge(f"edg_{a}{b}", ABSORBS, f"mem_{a}", f"mem_{b}")) for a, b in ("ab", "bc")]
            writer.apply(run("run_merge"), [*links, Retire("mem_b"), Retire("mem_c")])
        assert erase(store, Selection(ids=("mem_a",))).memories == 3

    def test_what_a_person_retired_stays_retired_when_its_double_is_forgotten(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a", session="s")), *told(memory("b"))])
            writer.apply(run("run_merge"), [Link(Edge("edg_1", ABSORBS, "mem_a", "mem_b")), Retire("mem_b")])
            writer.apply(run("run_back"), [Restore("mem_b")])
            writer.apply(run("run_person"), [Retire("mem_b")])
        erase(store, Selection(session="s"))
        found = get(store, "mem_b")
        assert found is not None and found.state is State.RETIRED

    def test_what_a_forgotten_memory_ended_is_open_again(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("new", session="s")), *told(memory("old"))])
            edge = Edge("edg_1", SUPERSEDES, "mem_new", "mem_old")
            writer.apply(run("run_conflict"), [Close("mem_old", NOW), Link(edge)])
        assert ends(store) == NOW
        erase(store, Selection(session="s"))
        assert ends(store) is None

    def test_what_two_memories_ended_stays_closed_while_one_is_left(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("new", session="s")), *told(memory("newer")), *told(memory("old"))])
            links = [Link(Edge(f"edg_{name}", SUPERSEDES, f"mem_{name}", "mem_old")) for name in ("new", "newer")]
            writer.apply(run("run_conflict"), [Close("mem_old", NOW), *links])
        erase(store, Selection(session="s"))
        assert ends(store) == NOW

    def test_what_something_destroyed_was_made_of_is_to_be_done_again(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a", session="s")), *told(memory("b"))])
            episodes = [row for row, _episode in writer.episodes_after(0, 9)]
            both = (Source("epi_a", 0, 1), Source("epi_b", 0, 1))
            writer.apply(run("run_2"), [Add(replace(memory("sum"), kind="summary", sources=both))])
            writer.set_cursor("structure:x", Cursor(episodes[-1]))
            kinds = {"structure:x": ("summary",), "structure:behind": ("summary",), "structure:y": ("fact",)}
            followers = [Follower(name, made) for name, made in kinds.items()]
            writer.erase(Run("run_forget", {"verb": "forget"}), Selection(session="s"), {}, followers)
        with store.read(MINE) as reader:
            assert reader.get("mem_sum") is None
            assert [item.row for item in reader.deferred("structure:x")] == episodes[1:]
            assert not reader.deferred("structure:y") and not reader.deferred("structure:behind")


def _causes(entry: HistoryEntry) -> list[tuple[str, str, object]]:
    return [(change.op, change.run, change.cause) for change in entry.changes]


def ends(store: Store) -> datetime | None:
    """When the memory ``mem_old`` ceased to be true."""
    found = get(store, "mem_old")
    assert found is not None
    return found.valid_to


def erase(
    store: Store, selection: Selection, *, dry: bool = False, reach: Mapping[str, int] = MappingProxyType({})
) -> Certificate:
    """Forget in ``MINE``, or only count."""
    if dry:
        with store.read(MINE) as reader:
            return reader.would_erase(selection)
    with store.write(MINE) as writer:
        return writer.erase(Run("run_forget", {"verb": "forget"}), selection, reach)


def fill(store: Store, scope: Scope) -> None:
    """Two memories, one reworded, one retired, and an edge."""
    old = memory("a", "one", session="s", speaker="Ana", metadata={"x": [1, 2]})
    with store.write(scope) as writer:
        writer.apply(run(), [*told(old, ref="msg-1"), *told(memory("b", at=1, pinned=True))])
        writer.apply(run("run_2"), [*reworded(old, "two"), Link(Edge("edg_1", "x", "mem_a", "mem_b", 0.5))])
        writer.apply(run("run_3"), [Retire("mem_b")])
