"""Writing to a store: all or nothing, compare-and-swap, refs, settings, and threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from agentmem.errors import NotFound, StoreClosed, VersionConflict
from agentmem.kinds import SUMMARISES
from agentmem.operations import Add, Link, Mark, Op, Operation, Restore, Retire, Revise
from agentmem.protocols import Store
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
from agentmem.testing.fakes import FakeClock
from agentmem.types import Edge, State


class Writing(StoreSuite):
    """See the module's docstring."""

    def test_every_operation_gets_the_next_number(self, store: Store) -> None:
        with store.write(MINE) as writer:
            first = writer.apply(run(), told(memory("a")))
            second = writer.apply(run(), told(memory("b")))
            assert [*first, *second] == sorted({*first, *second}) and len(first) == 2
            assert writer.head() == second[-1]
        with store.read(MINE) as reader:
            assert reader.head() == second[-1]

    def test_an_exception_rolls_everything_back(self, store: Store) -> None:
        add(store, memory("a"))
        with store.read(MINE) as reader:
            before = reader.head()
        with pytest.raises(ZeroDivisionError), store.write(MINE) as writer:  # noqa: PT012 - both must be inside
            writer.apply(run("run_2"), [*told(memory("b")), Retire("mem_a")])
            _fail()
        with store.read(MINE) as reader:
            assert reader.head() == before and reader.get("mem_b") is None
            assert reader.run_entries("run_2") == ()
            found = reader.get("mem_a")
        assert found is not None and found.state == State.ACTIVE

    def test_an_exception_in_a_new_scope_leaves_no_trace(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write(MINE) as writer:  # noqa: PT012 - both must be inside
            writer.apply(run(), told(memory("a")))
            _fail()
        assert store.scopes() == ()
        add(store, memory("b"), scope=YOURS)
        assert get(store, "mem_b") is None
        add(store, memory("a"))
        assert get(store, "mem_a") is not None

    @pytest.mark.parametrize(
        "make",
        [
            lambda old: [reworded(old, "new")[0], reworded(memory("a", version=7), "new")[1]],
            lambda _: [Retire("mem_a", expected=2)],
            lambda _: [Restore("mem_a", expected=9)],
        ],
        ids=["revise", "retire", "restore"],
    )
    def test_a_stale_version_is_refused_and_nothing_changes(
        self, store: Store, make: Callable[[object], list[Operation]]
    ) -> None:
        old = memory("a")
        add(store, old)
        with pytest.raises(VersionConflict), store.write(MINE) as writer:
            writer.apply(run("run_2"), make(old))
        found = get(store, "mem_a")
        assert found is not None and (found.version, found.text, found.state) == (1, "a", State.ACTIVE)

    @pytest.mark.parametrize(
        "operation",
        [Retire("mem_x"), Restore("mem_x"), Mark("mem_x", True, None), Add(memory("y"))],
        ids=["retire", "restore", "mark", "source"],
    )
    def test_what_is_not_there_cannot_be_changed_or_named(self, store: Store, operation: Operation) -> None:
        add(store, memory("a"))
        add(store, memory("x"), scope=YOURS)
        with pytest.raises(NotFound), store.write(MINE) as writer:
            writer.apply(run("run_2"), [operation])

    def test_retired_memories_can_be_restored(self, store: Store) -> None:
        add(store, memory("a"))
        for operation, state in ((Retire("mem_a", 1), State.RETIRED), (Restore("mem_a"), State.ACTIVE)):
            with store.write(MINE) as writer:
                writer.apply(run(), [operation])
            found = get(store, "mem_a")
            assert found is not None and found.state == state
            assert (found.retired_at is not None) == (state == State.RETIRED)

    def test_states_of_former_times_come_back_as_they_were(self, store: Store) -> None:
        add(store, memory("a", state=State.QUARANTINED))
        for operation, state, since in (
            (Retire("mem_a", at=NOW - HOUR), State.RETIRED, NOW - HOUR),
            (Restore("mem_a", state=State.QUARANTINED), State.QUARANTINED, None),
        ):
            with store.write(MINE) as writer:
                writer.apply(run(), [operation])
            found = get(store, "mem_a")
            assert found is not None and (found.state, found.retired_at) == (state, since)

    def test_inherited_sources_are_told_apart_and_never_written_back(self, store: Store) -> None:
        add(store, memory("a"), memory("b"))
        above = replace(memory("above", kind="memtree"), sources=())
        edges = [Edge(f"edg_{end}", SUMMARISES, "mem_above", f"mem_{end}") for end in "ab"]
        with store.write(MINE) as writer:
            writer.apply(run("run_2"), [Add(above), *map(Link, edges)])
        found, low = get(store, "mem_above"), get(store, "mem_a")
        assert found is not None and low is not None
        assert [source.episode for source in found.sources] == ["epi_a", "epi_b"]
        assert all(source.inherited for source in found.sources)
        assert not any(source.inherited for source in low.sources)
        with store.write(MINE) as writer:
            writer.apply(run("run_3"), [Revise(replace(found, version=2, text="anew"), 1)])
            assert len(writer.spans(list(writer.rows_of(["mem_above"]).values()))) == 0
        again = get(store, "mem_above")
        assert again is not None and (again.text, again.sources) == ("anew", found.sources)

    def test_marks_are_kept(self, store: Store) -> None:
        add(store, memory("a"))
        with store.write(MINE) as writer:
            writer.apply(run(), [Mark("mem_a", True, NOW + HOUR)])
        found = get(store, "mem_a")
        assert found is not None and found.pinned and found.expires_at == NOW + HOUR

    def test_operations_of_one_batch_build_on_each_other(self, store: Store) -> None:
        old = memory("a", "one")
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(old), *reworded(old, "two"), Retire("mem_a", 2)])
        found = get(store, "mem_a")
        assert found is not None and (found.text, found.version, found.state) == ("two", 2, State.RETIRED)

    def test_of_two_who_change_one_version_one_wins(self, store: Store) -> None:
        old = memory("a")
        add(store, old)
        outcomes: list[str] = []

        def change(number: int) -> None:
            try:
                with store.write(MINE) as writer:
                    writer.apply(run(f"run_{number}"), reworded(old, f"by {number}", tag=str(number)))
                outcomes.append("won")
            except VersionConflict:
                outcomes.append("lost")

        threads = [threading.Thread(target=change, args=(number,)) for number in range(2, 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["lost"] * 5 + ["won"]

    def test_threads_lose_nothing(self, store: Store) -> None:
        def work(number: int) -> None:
            for step in range(5):
                add(store, memory(f"m{number}_{step}"), as_run=f"run_{number}_{step}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.read(MINE) as reader:
            assert len(reader.page(ALL, 100, None)) == 20
            entries = [entry for n in range(4) for s in range(5) for entry in reader.run_entries(f"run_{n}_{s}")]
        assert len({entry.seq for entry in entries}) == len(entries) == 40

    def test_refs_find_their_episodes(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), told(memory("a"), ref="msg-1"))
            found = writer.find_refs(["msg-1", "msg-2"])
            assert list(found) == ["msg-1"]
            assert (found["msg-1"].id, found["msg-1"].memories) == ("epi_a", ("mem_a",))
            assert writer.tombstoned(["msg-1", "msg-2"]) == ()
        with store.write(YOURS) as writer:
            assert writer.find_refs(["msg-1"]) == {}

    def test_equal_content_has_an_equal_digest(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.apply(run(), [*told(memory("a", "same"), ref="1"), *told(memory("b", "same"), ref="2")])
            writer.apply(run(), told(memory("c", "other"), ref="3"))
            found = writer.find_refs(["1", "2", "3"])
        assert found["1"].digest == found["2"].digest != found["3"].digest

    def test_an_undone_run_names_the_one_that_undid_it(self, store: Store) -> None:
        add(store, memory("a"))
        with store.write(MINE) as writer:
            assert writer.undone_by("run_1") is None
            writer.apply(run("run_2"), [Retire("mem_a")])
            writer.mark_undone("run_1", "run_2")
        with store.read(MINE) as reader:
            assert (reader.undone_by("run_1"), reader.undone_by("run_2")) == ("run_2", None)
            assert [entry.op for entry in reader.run_entries("run_2")] == [Op.RETIRE]

    def test_settings_are_kept_and_replaced(self, store: Store) -> None:
        assert store.get_meta("colour") is None
        store.set_meta("colour", "blue")
        store.set_meta("colour", "green 🌿")
        assert store.get_meta("colour") == "green 🌿"

    def test_settings_are_part_of_a_transaction(self, store: Store) -> None:
        with store.write(MINE) as writer:
            writer.set_meta("colour", "blue")
            assert writer.meta("colour") == "blue"
        with pytest.raises(ZeroDivisionError), store.write(YOURS) as writer:  # noqa: PT012 - both must be inside
            writer.set_meta("colour", "red")
            _fail()
        with store.read(MINE) as reader:
            assert (reader.meta("colour"), reader.meta("shape")) == ("blue", None)
            assert not reader.has_vectors()

    def test_what_was_written_is_there_after_opening_again(self, make_store: MakeStore, time: FakeClock) -> None:
        first = make_store(time, "one")
        add(first, memory("a"))
        first.set_meta("colour", "blue")
        first.close()
        second = make_store(time, "one")
        try:
            assert (get(second, "mem_a") is not None) == self.keeps_content
            assert (second.get_meta("colour") == "blue") == self.keeps_content
        finally:
            second.close()

    def test_a_closed_store_says_so(self, make_store: MakeStore, time: FakeClock) -> None:
        store = make_store(time, "one")
        store.close()
        store.close()
        with pytest.raises(StoreClosed), store.read(MINE):
            pass
        with pytest.raises(StoreClosed), store.write(MINE):
            pass
        with pytest.raises(StoreClosed):
            store.get_meta("colour")


def _fail() -> None:
    raise ZeroDivisionError
