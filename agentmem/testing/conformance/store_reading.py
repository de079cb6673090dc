"""Reading a store: memories, history, listings, feeds, and that scopes are separate."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem.operations import Link, Op, Retire, Unlink
from agentmem.protocols import Listing, Store
from agentmem.testing.conformance.store_base import (
    ALL,
    HOUR,
    MINE,
    NOW,
    YOURS,
    StoreSuite,
    add,
    memory,
    reworded,
    run,
    told,
)
from agentmem.testing.fakes import FakeClock
from agentmem.types import Edge, Scope


class Reading(StoreSuite):
    """See the module's docstring."""

    def test_an_unknown_scope_is_empty(self, store: Store) -> None:
        with store.read(MINE) as reader:
            assert (reader.scope_id, reader.head()) == (0, 0)
            assert reader.get("mem_a") is None and reader.episode("epi_a") is None and reader.edge("edg_a") is None
            assert reader.history("mem_a") == () and reader.run_entries("run_1") == ()
            assert list(reader.page(ALL, 10, None)) == []
            assert list(reader.rows_since(0)) == [] and list(reader.records()) == []
        assert store.scopes() == ()

    def test_what_was_written_is_read_back(self, store: Store, time: FakeClock) -> None:
        made = memory("a", "Grüße 🦊", session="s", speaker="Ana", role="user", metadata={"stars": 4, "tags": ["x"]})
        add(store, made)
        with store.read(MINE) as reader:
            found = reader.get("mem_a")
            episode = reader.episode("epi_a")
        assert found is not None and episode is not None
        assert (found.text, found.version, found.kind) == ("Grüße 🦊", 1, "chunk")
        assert (found.session, found.speaker, found.role) == ("s", "Ana", "user")
        assert found.metadata == {"stars": 4, "tags": ["x"]}
        assert (found.at, found.valid_from, found.valid_to, found.recorded_at) == (NOW, NOW, None, time())
        assert [(s.episode, s.start, s.end, s.speaker) for s in found.sources] == [("epi_a", 0, 7, "Ana")]
        assert (episode.text, episode.session, episode.metadata) == ("Grüße 🦊", "s", made.metadata)

    def test_microseconds_and_other_years_survive(self, store: Store) -> None:
        moment = NOW.replace(year=1815) + timedelta(microseconds=123_457)
        add(store, memory("a", at=(moment - NOW) / HOUR))
        with store.read(MINE) as reader:
            found = reader.get("mem_a")
        assert found is not None and abs(found.at - moment) <= timedelta(microseconds=1)

    def test_scopes_see_nothing_of_each_other(self, store: Store) -> None:
        inner, upper = Scope("acme", "ana", "x"), Scope("ACME", "ana")
        for number, scope in enumerate((MINE, YOURS, inner, upper, Scope("acme"))):
            add(store, memory(f"m{number}"), scope=scope, as_run=f"run_{number}")
        with store.read(MINE) as reader:
            assert [m.id for m in reader.page(ALL, 100, None)] == ["mem_m0"]
            assert reader.get("mem_m1") is None and reader.episode("epi_m2") is None
            assert reader.run_entries("run_3") == ()
            rows = [row.row for row in reader.rows_since(0)]
            assert len(rows) == 1
            assert list(reader.hydrate(range(1, 20))) == rows
            assert reader.stats(None).memories == 1
            assert {record["id"] for record in reader.records() if record["type"] == "episode"} == {"epi_m0"}
        assert set(store.scopes()) == {MINE, YOURS, inner, upper, Scope("acme")}

    def test_an_id_leads_to_its_scope(self, store: Store) -> None:
        add(store, memory("a"))
        add(store, memory("b"), scope=YOURS)
        assert [store.home(id) for id in ("mem_a", "epi_a", "mem_b", "epi_b")] == [MINE, MINE, YOURS, YOURS]
        assert [store.home(id) for id in ("mem_c", "epi_c", "", "a")] == [None] * 4

    def test_the_heads_of_all_scopes_are_those_of_each(self, store: Store) -> None:
        assert store.heads() == {}
        add(store, memory("a"), memory("b"))
        add(store, memory("c"), scope=YOURS)
        found = {}
        for scope in (MINE, YOURS):
            with store.read(scope) as reader:
                found[scope] = reader.head()
        assert store.heads() == found and len(set(found.values())) == 2

    def test_an_earlier_moment_finds_what_was_true_then(self, store: Store) -> None:
        old = memory("a", "Berlin")
        add(store, old)
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), reworded(old, "Lisbon", at=10))
        with store.read(MINE) as reader:
            texts = [reader.get("mem_a", NOW + hours * HOUR) for hours in (-1, 0, 9.9, 10, 100)]
            current = reader.get("mem_a")
        assert [found.text if found else None for found in texts] == [None, "Berlin", "Berlin", "Lisbon", "Lisbon"]
        assert current is not None and (current.text, current.version) == ("Lisbon", 2)

    def test_a_retracted_version_was_never_true(self, store: Store) -> None:
        old = memory("a", "Berlin")
        add(store, old)
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), reworded(old, "Lisbon", at=10, retract=True))
        with store.read(MINE) as reader:
            assert reader.get("mem_a", NOW + HOUR) is None
            assert [entry.text for entry in reader.history("mem_a")] == ["Berlin", "Lisbon"]

    def test_history_has_every_version_with_what_changed_it(self, store: Store) -> None:
        old = memory("a", "one")
        add(store, old)
        with store.write(MINE) as writer:
            writer.apply(run("run_2", verb="update"), reworded(old, "two"))
        with store.read(MINE) as reader:
            first, second = reader.history("mem_a")
        assert (first.text, first.version, second.text, second.version) == ("one", 1, "two", 2)
        assert first.memory.superseded_at is not None and second.memory.superseded_at is None
        assert [(c.op, c.run, c.cause) for c in second.changes] == [(Op.REVISE, "run_2", {"verb": "update"})]

    def test_pages_show_everything_once_in_order_of_time(self, store: Store) -> None:
        add(store, *(memory(f"m{hour}", at=hour % 4) for hour in range(10)))
        shown: list[str] = []
        after = None
        with store.read(MINE) as reader:
            while True:
                page = reader.page(ALL, 3, after)
                shown += [m.id for m in page]
                after = page.next
                if after is None:
                    break
        assert shown == [f"mem_m{hour}" for hour in sorted(range(10), key=lambda hour: (hour % 4, hour))]

    @pytest.mark.parametrize(
        ("listing", "expected"),
        [
            (Listing(), "abc"),
            (Listing(kinds=["fact"]), "b"),
            (Listing(kinds=["fact", "chunk"]), "abc"),
            (Listing(session="s"), "bc"),
            (Listing(since=NOW + HOUR), "bc"),
            (Listing(until=NOW + HOUR), "a"),
            (Listing(since=NOW + HOUR, until=NOW + 2 * HOUR, session="s"), "b"),
            (Listing(state="retired"), ""),
        ],
    )
    def test_listings_select(self, store: Store, listing: Listing, expected: str) -> None:
        add(store, memory("a"), memory("b", at=1, kind="fact", session="s"), memory("c", at=2, session="s"))
        with store.read(MINE) as reader:
            assert "".join(m.text for m in reader.page(listing, 10, None)) == expected

    def test_the_feed_gives_what_changed_since(self, store: Store) -> None:
        old = memory("a", metadata={"x": 1})
        first, _ = add(store, old, memory("b", session="s", speaker="Bo"))
        with store.read(MINE) as reader:
            position, everything = reader.head(), reader.rows_since(0)
            assert [row.id for row in everything] == ["mem_a", "mem_b"]
            assert (everything[1].session, everything[1].speaker, everything[1].text) == ("s", "Bo", "b")
            assert reader.metadata_of() == {first: {"x": 1}}
            assert reader.metadata_of([first + 1]) == {}
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), reworded(old, "new"))
        with store.read(MINE) as reader:
            changed = reader.rows_since(position)
            assert [(row.id, row.text, row.superseded_at is None) for row in changed] == [
                ("mem_a", "a", False),
                ("mem_a", "new", True),
            ]
            assert reader.rows_since(reader.head()) == []
            assert reader.entries_since(position, Op.REVISE).tolist() == [changed[1].row]
            assert reader.entries_since(position, Op.FORGET, Op.ADD).dtype == np.int64

    def test_that_edges_came_or_went_is_told(self, store: Store) -> None:
        add(store, memory("a"), memory("b"))
        edge = Edge("edg_1", "x", "mem_a", "mem_b")
        heads: list[int] = []
        for operations in ((), (Link(edge),), (Retire("mem_b"),), (Unlink(edge),)):
            with store.write(MINE) as writer:
                writer.apply(run(f"run_{len(heads) + 2}"), operations)
            with store.read(MINE) as reader:
                heads.append(reader.head())
        with store.read(MINE) as reader:
            assert [reader.relinked(head) for head in heads] == [True, True, True, False]
        with store.read(YOURS) as reader:
            assert not reader.relinked(0)

    def test_rows_are_turned_into_memories(self, store: Store) -> None:
        rows = add(store, memory("a"), memory("b"))
        add(store, memory("c"), scope=YOURS)
        with store.read(MINE) as reader:
            found = reader.hydrate([*rows, 10_000])
        assert {row: found[row].text for row in found} == dict(zip(rows, "ab", strict=True))
        assert found[rows[0]].sources[0].episode == "epi_a"

    def test_what_precedes_a_place_in_a_session_comes_nearest_last(self, store: Store) -> None:
        add(store, *(memory(f"m{hour}", at=hour, session="s") for hour in range(4)), memory("x", at=2, session="t"))
        with store.read(MINE) as reader:
            last = next(row for row in reader.rows_since(0) if row.id == "mem_m3")
            place = (last.at, last.position, last.start)
            assert [row.text for row in reader.preceding("s", *place, 2)] == ["m1", "m2"]
            assert [row.text for row in reader.preceding("s", *place, 9)] == ["m0", "m1", "m2"]
            assert list(reader.preceding(None, *place, 9)) == []

    def test_the_entries_of_a_run_are_told_apart(self, store: Store) -> None:
        add(store, memory("a"), as_run="run_1")
        add(store, memory("b"), as_run="run_2")
        with store.read(MINE) as reader:
            entries = reader.run_entries("run_2")
        assert [(entry.op, entry.subject) for entry in entries] == [(Op.RECORD, "epi_b"), (Op.ADD, "mem_b")]

    def test_edges_are_drawn_weighed_and_removed(self, store: Store) -> None:
        add(store, memory("a"), memory("b"), memory("c"))
        edge = Edge("edg_1", "mentions", "mem_a", "mem_b", 0.5)
        with store.write(MINE) as writer:
            writer.apply(run(), [Link(edge), Link(Edge("edg_2", "mentions", "mem_c", "mem_a"))])
        with store.write(MINE) as writer:
            writer.apply(run(), [Link(Edge("edg_3", "mentions", "mem_a", "mem_b", 0.9))])
        with store.read(MINE) as reader:
            assert {(e.source, e.target, e.weight) for e in reader.edges("mem_a")} == {
                ("mem_a", "mem_b", 0.9),
                ("mem_c", "mem_a", 1.0),
            }
            assert reader.edge("edg_1") == Edge("edg_1", "mentions", "mem_a", "mem_b", 0.9)
        with store.write(MINE) as writer:
            writer.apply(run(), [Unlink(edge)])
        with store.read(MINE) as reader:
            assert reader.edges("mem_b") == () and reader.edge("edg_1") is None

    def test_stats_count(self, store: Store) -> None:
        old = memory("a", session="s", speaker="Ana")
        add(store, old, memory("b", at=3))
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), reworded(old, "new"))
        with store.read(MINE) as reader:
            stats = reader.stats("model")
            head = reader.head()
        assert (stats.memories, stats.versions, stats.retired, stats.episodes) == (2, 3, 0, 3)
        assert (stats.sessions, stats.speakers, stats.vectors, stats.pending_vectors) == (1, 1, 0, 3)
        assert (stats.journal_head, stats.first_at, stats.last_at) == (head, NOW, NOW + 3 * HOUR)

    def test_a_reader_sees_one_moment(self, store: Store) -> None:
        if not self.snapshots:
            return  # declared: a writer waits for the reader
        add(store, memory("a"))
        with store.read(MINE) as reader:
            before = reader.head()
            with store.write(MINE) as writer:
                writer.apply(run("run_2"), told(memory("b")))
            assert (reader.head(), reader.get("mem_b")) == (before, None)
        with store.read(MINE) as reader:
            assert reader.get("mem_b") is not None
