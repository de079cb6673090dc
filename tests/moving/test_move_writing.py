"""``move_in``: each item once, in its scope; what was forgotten stays forgotten; a dry run only tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Document, Message, Scope
from agentmem.errors import InvalidInput
from agentmem.moving import Item, Skipped, Wording, move_in
from agentmem.testing import FakeEmbedder

ANA, BO = Scope("acme", "ana"), Scope("acme", "bo")
APRIL = datetime(2025, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def said(text: str, ref: str, scope: Scope = ANA, **more) -> Item:
    return Item(scope, Message(text, role="user", session="s", at=APRIL, ref=ref), f"place of {ref}", **more)


def read_about(ref: str, scope: Scope = BO) -> Item:
    return Item(scope, Document("Otters use stones.", ref=ref, at=APRIL + DAY), f"place of {ref}")


ITEMS = [
    said("I live in Lisbon.", "x:1"),
    read_about("x:2"),
    Skipped("line 3", "it is odd", "very", malformed=True),
    said("I have a cat.", "x:3"),
    Skipped("line 5", "it was deleted", count=4),
]


def test_items_come_to_their_scopes_with_times_and_sessions(store) -> None:
    report = move_in(store, ITEMS)
    assert [(scope.scope, scope.new, dict(scope.kinds), scope.sessions) for scope in report.scopes] == [
        (ANA, 2, {"turn": 2}, 1),
        (BO, 1, {"document": 1}, 0),
    ]
    assert (report.new, report.known, report.left_out, report.dry_run) == (3, 0, 5, False)
    assert [(one.reason, one.count, one.malformed, one.examples) for one in report.skipped] == [
        ("it was deleted", 4, False, ("line 5",)),
        ("it is odd", 1, True, ("line 3: very",)),
    ]
    assert (report.scopes[0].first_at, report.scopes[0].last_at) == (APRIL, APRIL)
    (hit,) = store.scope(ANA).retrieve("Lisbon", k=1)
    assert (hit.text, hit.at, hit.session, hit.sources[0].ref) == ("I live in Lisbon.", APRIL, "s", "x:1")
    assert store.scope(ANA).stats().pending_vectors == 0  # vectors are made anew, by this store's model


def test_moving_in_again_changes_nothing(store) -> None:
    move_in(store, ITEMS)
    heads = store.parts.store.heads()
    again = move_in(store, ITEMS)
    assert (again.new, again.known, again.runs) == (0, 3, ())
    assert store.parts.store.heads() == heads


def test_only_what_is_new_is_stored_the_next_time(store) -> None:
    move_in(store, ITEMS[:1])
    report = move_in(store, ITEMS)
    assert [(scope.new, scope.known) for scope in report.scopes] == [(1, 1), (1, 0)]


def test_what_was_forgotten_is_reported_and_not_learnt_again(store) -> None:
    move_in(store, ITEMS)
    store.scope(ANA).forget(about="Lisbon", compact=False)
    for dry_run in (True, False):
        report = move_in(store, ITEMS, dry_run=dry_run)
        assert (report.forgotten, report.known, report.new) == (1, 2, 0)
    assert not [hit for hit in store.scope(ANA).retrieve("Lisbon") if "Lisbon" in hit.text]


def test_what_says_something_else_now_is_reported_and_left_as_it_is_here(store) -> None:
    move_in(store, ITEMS)
    other = [said("I live in Porto.", "x:1"), said("I have a dog.", "x:9"), said("I have a cat.", "x:3")]
    for dry_run in (True, False):
        report = move_in(store, other, dry_run=dry_run)
        assert (report.changed, report.known, report.new) == (1, 1, 1)
    texts = {memory.text for memory in store.scope(ANA).list().items}
    assert texts == {"I live in Lisbon.", "I have a cat.", "I have a dog."}


def test_a_dry_run_writes_nothing_and_tells_the_same(store) -> None:
    before = store.parts.store.heads()
    told = move_in(store, [*ITEMS, ITEMS[0]], dry_run=True)
    assert store.scopes() == () and store.parts.store.heads() == before
    done = move_in(store, [*ITEMS, ITEMS[0]])
    assert (told.dry_run, told.runs, told.scopes, told.skipped) == (True, (), done.scopes, done.skipped)
    assert done.known == 1 and store.scopes() == (ANA, BO)
    again = move_in(store, ITEMS, dry_run=True)
    assert (again.new, again.known) == (0, 3)


def test_a_dry_run_across_batches_tells_the_same(store) -> None:
    twice = [*ITEMS, *ITEMS]
    told = move_in(store, twice, dry_run=True, batch_size=2)
    assert told.scopes == move_in(store, twice, batch_size=2).scopes


def test_later_wordings_become_versions_since_their_moment(store) -> None:
    item = said("I live in Lisbon.", "x:1", later=(Wording("I live in Porto.", APRIL + 9 * DAY),))
    report = move_in(store, [item])
    assert report.scopes[0].versions == 1
    memory = store.scope(ANA)
    (now,) = memory.list().items
    assert (now.text, now.version, now.valid_from) == ("I live in Porto.", 2, APRIL + 9 * DAY)
    assert memory.get(now.id, as_of=APRIL + DAY).text == "I live in Lisbon."
    assert move_in(store, [item]).scopes[0].versions == 0
    assert len(memory.history(now.id)) == 2


def test_wordings_that_came_since_follow_and_an_interrupted_move_is_completed(store) -> None:
    first = said("I live in Lisbon.", "x:1")
    move_in(store, [first])
    later = (Wording("I live in Porto.", APRIL + DAY), Wording("I live in Lisbon.", APRIL + 2 * DAY))
    for known in (later[:1], later):
        report = move_in(store, [said(first.content.text, "x:1", later=known)])
        assert (report.known, report.scopes[0].versions) == (1, 1)
    (memory,) = store.scope(ANA).list().items
    assert [entry.text for entry in store.scope(ANA).history(memory.id)] == [
        "I live in Lisbon.",
        "I live in Porto.",
        "I live in Lisbon.",
    ]


def test_a_memory_that_was_changed_here_keeps_its_wording(store, clock) -> None:
    first = said("I live in Lisbon.", "x:1")
    move_in(store, [first])
    (memory,) = store.scope(ANA).list().items
    store.scope(ANA).update(memory.id, text="I live in Graz.")
    report = move_in(store, [said("I live in Lisbon.", "x:1", later=(Wording("I live in Porto.", APRIL + DAY),))])
    assert "changed here" in report.skipped[0].reason
    assert store.scope(ANA).get(memory.id).text == "I live in Graz."


def test_a_wording_of_the_future_is_reported(store, clock) -> None:
    item = said("I live in Lisbon.", "x:1", later=(Wording("I live in Porto.", clock() + DAY),))
    report = move_in(store, [item])
    assert report.new == 1 and "future" in report.skipped[0].examples[0]


def test_what_expires_does_so_at_its_moment(store, clock) -> None:
    end = clock() + 3 * DAY
    report = move_in(store, [said("The code is 1234.", "x:1", expires_at=end)])
    (memory,) = store.scope(ANA).list().items
    assert memory.expires_at == end and report.scopes[0].expiring == 1
    clock.advance(days=4)
    assert not store.scope(ANA).retrieve("code")


@pytest.mark.parametrize(
    "content",
    [
        Message(" ", ref="x:1"),
        Message("x", ref="x:1", at=datetime(2025, 1, 1)),  # noqa: DTZ001 - that is the point
        Message("x", ref="x:1", metadata={"a": float("nan")}),
        Document("\ud800", ref="x:1"),
    ],
)
def test_what_cannot_be_stored_is_skipped_with_the_librarys_words(store, content) -> None:
    report = move_in(store, [Item(ANA, content, "line 1"), said("I have a cat.", "x:3")])
    assert report.new == 1 and report.skipped[0].malformed and report.skipped[0].examples[0].startswith("line 1: ")


def test_strict_stops_at_what_cannot_be_read_and_keeps_what_came_before(store) -> None:
    with pytest.raises(InvalidInput, match=r"^line 3: it is odd \(very\)\. Mend it"):
        move_in(store, ITEMS, strict=True)
    assert [store.scope(scope).stats().episodes for scope in store.scopes()] == [1, 1]
    move_in(store, [ITEMS[0], ITEMS[4]], strict=True)  # what is left out on purpose stops nothing


def test_progress_counts_what_was_read(store) -> None:
    seen: list[int] = []
    move_in(store, iter(ITEMS), batch_size=2, progress=lambda progress: seen.append(progress.done))
    assert seen == [2, 4, 5]
    with pytest.raises(InvalidInput, match="batch_size"):
        move_in(store, ITEMS, batch_size=0)


def test_an_item_needs_a_ref(store) -> None:
    with pytest.raises(InvalidInput, match="needs a ref"):
        move_in(store, [Item(ANA, Message("x"), "line 1")])


def test_a_run_can_be_taken_back(store) -> None:
    (run,) = move_in(store, ITEMS[:1]).runs
    store.scope(ANA).undo(run)
    assert not store.scope(ANA).list().items


def test_hooks_before_writing_see_what_is_moved_in(database, clock) -> None:
    def without_names(episode):
        from dataclasses import replace

        return None if "secret" in episode.text else replace(episode, text=episode.text.replace("Ana", "[name]"))

    later = (Wording("Ana lives in Porto.", APRIL + DAY),)
    items = [said("Ana lives in Lisbon.", "x:1", later=later), said("a secret", "x:2")]
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, before_write=without_names) as store:
        told = move_in(store, items, dry_run=True)
        done = move_in(store, items)
        assert told.scopes == done.scopes and (done.new, done.scopes[0].kept_out) == (1, 1)
        (memory,) = store.scope(ANA).list().items
        assert [entry.text for entry in store.scope(ANA).history(memory.id)] == [
            "[name] lives in Lisbon.",
            "[name] lives in Porto.",
        ]
        assert move_in(store, items, dry_run=True).known == 1
        again = move_in(store, items)
        assert (again.known, again.skipped, again.scopes[0].versions) == (1, (), 0)
