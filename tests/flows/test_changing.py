"""``get``, ``list``, ``update``, ``history``, ``retire``, ``restore``, ``undo``, ``pin``, ``expires_at``."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentmem import AgentMemory, Document, Message
from agentmem.errors import CannotUndo, InvalidInput, NotFound, VersionConflict
from agentmem.testing import FakeEmbedder
from agentmem.types import EpisodeKind, State

DAY = timedelta(days=1)
UNKNOWN = "mem_00000000000000000000000000"


def last_run(handle, id):
    return max((change for version in handle.history(id) for change in version.changes), key=lambda c: c.seq).run


def visible(handle):
    """What a caller sees of the whole scope, now and by question."""
    memories = sorted(
        (m.id, m.text, tuple(m.metadata.items()), m.state, m.pinned, m.expires_at) for m in handle.list(state=None)
    )
    return memories, sorted(hit.id for hit in handle.retrieve("otter", k=100))


@pytest.fixture
def id(handle, clock):
    """A memory of Rome, made a day ago."""
    (id,) = handle.add(Message("Ana's otter lives in Rome", speaker="Ana", session="s1", metadata={"a": 1})).ids
    clock.advance(days=1)
    return id


def test_verbs_on_a_memory_that_is_not_there_say_so_and_write_nothing(store):
    handle = store.scope("nobody")
    calls = [
        lambda: handle.get(UNKNOWN),
        lambda: handle.history(UNKNOWN),
        lambda: handle.episode("epi_0"),
        lambda: handle.update(UNKNOWN, text="x"),
        lambda: handle.retire(UNKNOWN),
        lambda: handle.restore(UNKNOWN),
        lambda: handle.pin(UNKNOWN),
        lambda: handle.expires_at(UNKNOWN, None),
        lambda: handle.undo("run_0"),
        lambda: handle.forget(ids=[UNKNOWN]),
        lambda: handle.forget(ids=[UNKNOWN], dry_run=True),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert store.scopes() == ()


def test_an_update_opens_a_version_and_keeps_the_old_one(handle, id, clock):
    new = handle.update(id, text="Ana's otter lives in Lisbon")
    assert (new.version, new.text, new.valid_from, new.metadata) == (
        2,
        "Ana's otter lives in Lisbon",
        clock(),
        {"a": 1},
    )
    assert handle.get(id) == new
    first, second = handle.history(id)
    assert (first.text, first.memory.valid_to, first.memory.superseded_at) == (
        "Ana's otter lives in Rome",
        clock(),
        clock(),
    )
    assert (second.version, second.memory) == (2, new)
    assert [change.op for change in second.changes] == ["revise"] and second.changes[0].cause == {"verb": "update"}


def test_the_new_wording_has_a_source_of_its_own(handle, id):
    new = handle.update(id, text="It lives in Lisbon")
    episode = handle.episode(new.sources[-1].episode)
    assert (episode.kind, episode.text, episode.indexed) == (EpisodeKind.CORRECTION, "It lives in Lisbon", False)
    assert handle.episode(new.sources[0].episode).text == "Ana's otter lives in Rome"


def test_the_old_wording_is_no_longer_found_and_the_new_one_is(handle, id):
    handle.update(id, text="She moved to Lisbon")
    (hit,) = handle.retrieve("Lisbon")
    assert (hit.id, hit.text, hit.version) == (id, "She moved to Lisbon", 2)
    assert [hit.text for hit in handle.retrieve("Rome")] in ([], ["She moved to Lisbon"])


def test_as_of_a_moment_finds_what_was_true_then(handle, id, clock):
    start = clock() - DAY
    clock.advance(days=10)
    handle.update(id, text="It lives in Lisbon", valid_from=start + 5 * DAY)
    for verb in (
        lambda moment: [handle.get(id, as_of=moment).text],
        lambda moment: [memory.text for memory in handle.list(as_of=moment)],
        lambda moment: [hit.text for hit in handle.retrieve("otter lives", as_of=moment)],
    ):
        assert verb(start) == verb(start + 5 * DAY - timedelta(microseconds=1)) == ["Ana's otter lives in Rome"]
        assert verb(start + 5 * DAY) == verb(clock()) == ["It lives in Lisbon"]
    with pytest.raises(NotFound):
        handle.get(id, as_of=start - DAY)
    assert list(handle.list(as_of=start - DAY)) == []


def test_new_metadata_replaces_the_old_and_leaves_the_text_and_its_time(handle, id, clock):
    then = clock() - DAY
    new = handle.update(id, metadata={"b": 2})
    assert (new.version, new.metadata, new.text, new.valid_from) == (2, {"b": 2}, "Ana's otter lives in Rome", then)
    assert handle.get(id, as_of=then).metadata == {"b": 2}
    assert len(handle.list(as_of=then)) == len(handle.list()) == 1


def test_an_update_with_nothing_new_or_with_what_cannot_be_kept_is_refused(handle, id, clock):
    for arguments in (
        {},
        {"valid_from": clock()},
        {"text": ""},
        {"text": " "},
        {"text": 7},
        {"text": "\ud800"},
        {"metadata": {"a": float("inf")}},
        {"metadata": 5},
        {"text": "x", "valid_from": clock() - 2 * DAY},
    ):
        with pytest.raises(InvalidInput):
            handle.update(id, **arguments)
    assert handle.get(id).version == 1


def test_a_version_that_was_read_before_is_refused(handle, id):
    handle.update(id, text="two", expected_version=1)
    calls = [
        lambda: handle.update(id, text="three", expected_version=1),
        lambda: handle.update(id, text="three", expected_version=3),
        lambda: handle.retire(id, expected_version=1),
    ]
    for call in calls:
        with pytest.raises(VersionConflict):
            call()
    handle.retire(id, expected_version=2)
    with pytest.raises(VersionConflict):
        handle.restore(id, expected_version=1)
    assert handle.get(id).state is State.RETIRED


def test_a_retired_memory_is_out_of_retrieval_until_it_is_restored(handle, id, clock):
    assert handle.retire(id).state is State.RETIRED
    assert handle.retrieve("otter") == [] and list(handle.list()) == [] and handle.context("otter") == ""
    assert [memory.id for memory in handle.list(state="retired")] == [id] == [m.id for m in handle.list(state=None)]
    assert handle.get(id).retired_at == clock() and handle.stats().retired == 1
    assert handle.restore(id).state is State.ACTIVE and handle.get(id).retired_at is None
    assert [hit.id for hit in handle.retrieve("otter")] == [id]


def test_a_retired_memory_is_out_of_retrieval_as_of_any_moment(handle, id, clock):
    handle.update(id, text="It lives in Lisbon")
    handle.retire(id)
    assert handle.retrieve("otter", as_of=clock() - DAY) == []


def test_doing_twice_what_is_done_changes_nothing(handle, id, clock):
    moment = clock() + DAY
    for verb in (
        lambda: handle.restore(id),
        lambda: handle.pin(id, False),
        lambda: handle.expires_at(id, None),
    ):
        head = handle.stats().journal_head
        verb()
        assert handle.stats().journal_head == head
    handle.retire(id), handle.pin(id), handle.expires_at(id, moment)
    head = handle.stats().journal_head
    handle.retire(id), handle.pin(id), handle.expires_at(id, moment)
    assert handle.stats().journal_head == head


def test_pin_and_expiry_are_kept_apart(handle, id, clock):
    moment = clock() + DAY
    handle.pin(id)
    marked = handle.expires_at(id, moment)
    assert marked.pinned and marked.expires_at == moment and marked.version == 1
    assert handle.pin(id, False).expires_at == moment


def test_an_update_keeps_pin_expiry_and_state(handle, id, clock):
    handle.pin(id), handle.expires_at(id, clock() + DAY), handle.retire(id)
    new = handle.update(id, text="otter")
    assert (new.pinned, new.expires_at, new.state) == (True, clock() + DAY, State.RETIRED)
    assert handle.retrieve("otter") == []


def test_a_listing_is_in_order_of_time_and_pages_hold_every_memory_once(handle, clock):
    for i in (7, 3, 9, 1, 3, 3):
        handle.add(f"day {i}", at=clock() - i * DAY)
    seen, after = [], None
    while True:
        page = handle.list(limit=2, after=after)
        seen += page
        after = page.next
        if after is None:
            break
    assert [memory.text for memory in seen] == ["day 9", "day 7", "day 3", "day 3", "day 3", "day 1"]
    assert len({memory.id for memory in seen}) == 6


def test_a_page_that_is_exactly_full_is_the_last(handle):
    handle.add(["one", "two"])
    assert handle.list(limit=2).next is None and handle.list(limit=1).next is not None


def test_pages_of_a_filtered_listing_hold_every_match_once(handle):
    handle.add([Message(f"m{i}", metadata={"even": i % 2 == 0}) for i in range(20)])
    seen, after = [], None
    while True:
        page = handle.list(where={"even": True}, limit=3, after=after)
        seen += [memory.text for memory in page]
        after = page.next
        if after is None:
            break
    assert seen == [f"m{i}" for i in range(0, 20, 2)]


@pytest.mark.parametrize("arguments", [{"limit": 0}, {"limit": 1_001}, {"state": "lost"}])
def test_a_listing_of_what_there_cannot_be_is_refused(handle, arguments):
    with pytest.raises(InvalidInput):
        handle.list(**arguments)


@pytest.mark.parametrize("mark", ["x", "", "1", "1.2.3", "99999999999999999999999.1", "1.-99999999999999999999"])
def test_a_forged_page_mark_is_refused(handle, mark):
    with pytest.raises(InvalidInput):
        handle.list(after=mark)


# -- undo ----------------------------------------------------------------------------------------------------


def test_undoing_an_add_retires_all_it_added(handle):
    handle.add("otter one")
    before = visible(handle)
    receipt = handle.add(["otter two", Document("otter three. " * 200)])
    handle.undo(receipt.run)
    assert [memory.text for memory in handle.list()] == ["otter one"]
    assert visible(handle)[1] == before[1]
    assert handle.get(receipt.ids[0]).state is State.RETIRED


@pytest.mark.parametrize("change", ["text", "metadata", "both", "retire", "restore", "pin", "expire"])
def test_undo_takes_a_change_back_and_undoing_that_does_it_again(handle, id, clock, change):
    verbs = {
        "text": lambda: handle.update(id, text="another otter"),
        "metadata": lambda: handle.update(id, metadata={"z": 1}),
        "both": lambda: handle.update(id, text="another otter", metadata={"z": 1}),
        "retire": lambda: handle.retire(id),
        "restore": lambda: handle.restore(id),
        "pin": lambda: handle.pin(id),
        "expire": lambda: handle.expires_at(id, clock() - DAY),
    }
    if change == "restore":
        handle.retire(id)
    before = visible(handle)
    verbs[change]()
    changed, run = visible(handle), last_run(handle, id)
    assert changed != before
    clock.advance(days=1)
    by = handle.undo(run)
    assert visible(handle) == before
    clock.advance(days=1)
    again = handle.undo(by)
    assert visible(handle) == changed
    handle.undo(again)
    assert visible(handle) == before


def test_after_an_undo_each_moment_has_one_truth(handle, id, clock):
    clock.advance(days=1)
    handle.update(id, text="A mistaken otter")
    clock.advance(days=1)
    handle.undo(last_run(handle, id))
    for days in (0, 1, 2):
        moment = clock() - days * DAY
        assert [memory.text for memory in handle.list(as_of=moment)] == ["Ana's otter lives in Rome"]
        assert [hit.text for hit in handle.retrieve("otter", as_of=moment)] == ["Ana's otter lives in Rome"]


@pytest.mark.parametrize("known", [False, True])
def test_a_retired_memory_was_true_at_no_time_whether_it_was_updated_before_or_not(handle, id, clock, known):
    then = clock()
    clock.advance(days=1)
    handle.update(id, text="Ana's otter lives in Graz")
    clock.advance(days=1)
    before = clock()
    clock.advance(days=1)
    handle.retire(id)
    times = {"as_of": then, "known_at": clock()} if known else {"as_of": then}
    assert list(handle.list(**times)) == []
    assert handle.retrieve("otter", **times) == []
    with pytest.raises(NotFound):
        handle.get(id, **times)
    assert [memory.text for memory in handle.list(as_of=then, known_at=before)] == ["Ana's otter lives in Rome"]
    handle.restore(id)
    assert handle.get(id, as_of=then).text == "Ana's otter lives in Rome"
    assert [memory.text for memory in handle.list(as_of=then)] == ["Ana's otter lives in Rome"]


def test_a_run_is_undone_once(handle, id):
    handle.update(id, text="otter")
    run = last_run(handle, id)
    by = handle.undo(run)
    with pytest.raises(CannotUndo, match=by):
        handle.undo(run)


def test_a_run_that_others_built_on_is_not_undone_and_the_error_names_the_later_run(handle, id):
    receipt_run = handle.history(id)[0].changes[0].run
    handle.update(id, text="otter")
    later = last_run(handle, id)
    with pytest.raises(CannotUndo, match=later):
        handle.undo(receipt_run)
    handle.pin(id)
    with pytest.raises(CannotUndo):
        handle.undo(later)


def test_changes_are_undone_one_after_the_other_back_to_the_first(handle, id):
    handle.update(id, text="second otter")
    second = last_run(handle, id)
    handle.update(id, text="third otter")
    handle.undo(last_run(handle, id))
    handle.undo(second)
    assert handle.get(id).text == "Ana's otter lives in Rome"


def test_what_was_undone_and_done_again_is_in_force_and_protects_what_is_below(handle, id):
    first = last_run(handle, id)
    handle.update(id, text="second otter")
    second = last_run(handle, id)
    handle.update(id, text="third otter")
    third = last_run(handle, id)
    again = handle.undo(handle.undo(third))
    for run in (first, second, third):  # the last stands on the others, by what did it again
        with pytest.raises(CannotUndo, match=again):
            handle.undo(run)
    assert handle.get(id).text == "third otter"
    gone = handle.undo(again)
    with pytest.raises(CannotUndo, match=gone):
        handle.undo(third)
    handle.undo(second)  # nothing stands on it now
    assert handle.get(id).text == "Ana's otter lives in Rome"


def test_what_was_forgotten_cannot_be_undone(handle):
    receipt = handle.add(["otter one", "otter two"])
    certificate = handle.forget(ids=[receipt.ids[0]])
    with pytest.raises(CannotUndo):
        handle.undo(receipt.run)
    with pytest.raises(CannotUndo):
        handle.undo(certificate.run)
    assert [memory.text for memory in handle.list()] == ["otter two"]


def test_a_run_of_another_scope_is_not_found(store):
    receipt = store.scope("a").add("otter")
    with pytest.raises(NotFound):
        store.scope("b").undo(receipt.run)
    assert store.scope("a").retrieve("otter")


def test_an_undone_add_can_come_back_with_its_refs(handle):
    receipt = handle.add("otter", ref="r")
    by = handle.undo(receipt.run)
    handle.undo(by)
    assert handle.add("otter", ref="r").duplicates == 1
    assert [hit.text for hit in handle.retrieve("otter")] == ["otter"]


def test_history_survives_reopening(handle, id, store, database, clock):
    handle.update(id, text="otter two", metadata={"b": [1]})
    handle.retire(id)
    expected = handle.history(id)
    store.close()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as again:
        assert again.scope("acme", "ana").history(id) == expected


def test_an_update_is_atomic_with_its_correction(handle, id):
    with pytest.raises(VersionConflict):
        handle.update(id, text="otter", expected_version=9)
    assert handle.stats().episodes == 1 and handle.stats().versions == 1


def test_stats_count_what_there_is(handle, clock):
    handle.add([Message("otter", speaker="Ana", session="a"), Message("cat", speaker="Bob", session="b")])
    handle.add({"role": "system", "content": "quiet"})
    (id,) = handle.add("dog", at=clock() - DAY).ids
    handle.update(id, text="hound")
    handle.retire(id)
    stats = handle.stats()
    assert (stats.scope, stats.episodes, stats.memories, stats.versions, stats.retired) == ("acme/ana", 5, 2, 4, 1)
    assert (stats.sessions, stats.speakers, stats.vectors, stats.pending_vectors) == (2, 2, 4, 0)
    assert (stats.first_at, stats.last_at, stats.embedder) == (clock() - DAY, clock(), "fake:64")
    assert stats.bytes_on_disk > 0 and stats.journal_head > 0
