"""``add``: every shape of content goes in, once, whole, and can be retrieved when the call returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from agentmem import Document, Message
from agentmem.errors import AgentMemError, InvalidInput, NotFound, RefConflict
from agentmem.types import EpisodeKind, Progress

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point


def test_text_becomes_a_memory_that_is_found_at_once(handle):
    receipt = handle.add("Ana moved to Lisbon")
    assert [hit.id for hit in handle.retrieve("Lisbon")] == list(receipt.ids)
    assert receipt.pending == () and receipt.duplicates == 0


def test_text_without_a_speaker_is_a_document_and_with_one_a_turn(handle):
    read, said = handle.add("It rained"), handle.add("It rained", speaker="Ana")
    kinds = [handle.episode(receipt.episodes[0]).kind for receipt in (read, said)]
    assert kinds == [EpisodeKind.DOCUMENT, EpisodeKind.TURN]


def test_a_message_keeps_everything_it_says(handle, clock):
    then = clock() - timedelta(days=400)
    message = Message(
        "I like tea", role="user", speaker="Ana", session="s1", at=then, ref="m1", metadata={"stars": [1, {"a": None}]}
    )
    receipt = handle.add(message)
    episode, memory = handle.episode(receipt.episodes[0]), handle.get(receipt.ids[0])
    for kept in (episode, memory):
        assert (kept.text, kept.role, kept.speaker, kept.session, kept.at, kept.metadata) == (
            "I like tea",
            "user",
            "Ana",
            "s1",
            then,
            {"stars": [1, {"a": None}]},
        )
    assert (episode.ref, episode.recorded_at, memory.recorded_at) == ("m1", clock(), clock())
    source = memory.sources[0]
    assert (source.episode, source.ref, source.speaker, source.at) == (episode.id, "m1", "Ana", then)


def test_what_an_item_says_wins_over_the_arguments(handle):
    items = [Message("one", speaker="Ana", session="own"), "two"]
    receipt = handle.add(items, speaker="Bob", session="given", metadata={"from": "args"})
    first, second = (handle.get(id) for id in receipt.ids)
    assert (first.speaker, first.session, second.speaker, second.session) == ("Ana", "own", "Bob", "given")
    assert first.metadata == {"from": "args"}


def test_metadata_of_item_and_arguments_are_merged(handle):
    receipt = handle.add(Message("one", metadata={"a": 1, "b": 1}), metadata={"b": 2, "c": 2})
    assert handle.get(receipt.ids[0]).metadata == {"a": 1, "b": 1, "c": 2}


@pytest.mark.parametrize("role", ["system", "developer", "tool", "function"])
def test_instructions_and_tool_output_are_stored_but_not_found(handle, role):
    receipt = handle.add({"role": role, "content": "Be brief about otters"})
    assert receipt.ids == () and handle.episode(receipt.episodes[0]).text == "Be brief about otters"
    assert handle.retrieve("otters") == []


def test_a_silent_role_is_found_when_asked_for(handle):
    receipt = handle.add({"role": "tool", "content": "The otters weigh 9 kg"}, index=True)
    assert [hit.id for hit in handle.retrieve("otters")] == list(receipt.ids)


def test_a_message_can_be_kept_out_of_retrieval(handle):
    receipt = handle.add(Message("otters", role="user", index=False))
    assert receipt.ids == () and handle.retrieve("otters") == []


def test_a_tool_call_without_content_is_stored_as_its_json(handle):
    calls = [{"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{}"}}]
    receipt = handle.add({"role": "assistant", "content": None, "tool_calls": calls})
    assert '"search"' in handle.episode(receipt.episodes[0]).text
    assert receipt.ids == ()


def test_the_text_parts_of_a_message_are_joined_and_others_leave_a_mark(handle):
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "x"}}, "there"]
    receipt = handle.add({"role": "user", "content": parts})
    assert handle.get(receipt.ids[0]).text == "Look\n[image_url]\nthere"


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user"},
        {"role": "user", "content": ""},
        {"role": "user", "content": None},
        {"role": "user", "content": 7},
        {"role": "user", "content": []},
        {"role": "user", "content": b"bytes"},
        {"role": "user", "content": {"type": "text", "text": "not in a list"}},
        {"role": "user", "content": "x", "colour": "red"},
        {"role": 7, "content": "x"},
        {"role": ["user"], "content": "x"},
        {"role": "user", "content": "x", "metadata": 5},
        {"role": "user", "content": "x", "index": "no"},
        {"role": "user", "content": "x", "at": "2026-01-01"},
    ],
)
def test_a_malformed_message_is_refused_and_leaves_nothing(handle, message):
    with pytest.raises(InvalidInput):
        handle.add(["before", message])
    assert handle.stats().episodes == 0


@pytest.mark.parametrize(
    "content", ["", " \n\t", "\u2003", 7, None, b"bytes", bytearray(b"x"), ["ok", ""], [["nested"]]]
)
def test_what_holds_no_text_is_refused_and_leaves_nothing(handle, content):
    with pytest.raises(InvalidInput):
        handle.add(content)
    assert handle.stats().episodes == 0


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": float("nan")},
        {"a": {1, 2}},
        {"a": (1, 2)},
        {1: "a"},
        {"a": b"x"},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        {"a": "\ud800"},
        5,
        ["a"],
        "text",
    ],
)
@pytest.mark.parametrize("place", ["argument", "message"])
def test_metadata_that_json_would_change_is_refused(handle, metadata, place):
    content = "x" if place == "argument" else Message("x", metadata=metadata)
    with pytest.raises(InvalidInput):
        handle.add(content, metadata=metadata if place == "argument" else None)
    assert handle.stats().episodes == 0


def test_metadata_nested_too_deeply_is_refused(handle):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidInput):
        handle.add("x", metadata={"a": deep})


@pytest.mark.parametrize("name", ["session", "speaker", "role", "ref"])
@pytest.mark.parametrize("value", ["", 7, "\ud800"])
def test_names_must_be_text_that_says_something(handle, name, value):
    with pytest.raises(InvalidInput):
        handle.add("x", **{name: value})


def test_an_unknown_argument_to_index_is_refused(handle):
    with pytest.raises(InvalidInput):
        handle.add("x", index="yes")


def test_a_naive_time_is_refused_by_every_verb_that_takes_one(handle, clock):
    (id,) = handle.add("It rained").ids
    calls = [
        lambda: handle.add("x", at=NAIVE),
        lambda: handle.add(Message("x", at=NAIVE)),
        lambda: handle.add([{"role": "user", "content": "x", "at": NAIVE}]),
        lambda: handle.get(id, as_of=NAIVE),
        lambda: handle.update(id, text="y", valid_from=NAIVE),
        lambda: handle.expires_at(id, NAIVE),
        lambda: handle.forget(before=NAIVE),
        lambda: handle.forget(before=NAIVE, dry_run=True),
    ]
    for verb in (lambda **when: handle.retrieve("x", **when), lambda **when: handle.context("x", **when), handle.list):
        calls += [lambda verb=verb, name=name: verb(**{name: NAIVE}) for name in ("since", "until", "as_of")]
    for call in calls:
        with pytest.raises(InvalidInput, match="time zone"):
            call()
    assert handle.stats().episodes == 1 and handle.get(id).version == 1


@pytest.mark.parametrize("value", ["2026-01-01", 0, 1.5, NAIVE.date()])
def test_what_is_no_datetime_is_refused(handle, value):
    with pytest.raises(InvalidInput):
        handle.add("x", at=value)


def test_a_moment_that_utc_cannot_hold_is_refused(handle):
    with pytest.raises(InvalidInput):
        handle.add("x", at=datetime.min.replace(tzinfo=timezone(timedelta(hours=5))))


@pytest.mark.parametrize("year", [1, 1500, 9999])
def test_any_year_comes_back_as_it_went_in(handle, year):
    then = datetime(year, 6, 5, 4, 3, 2, 123456, tzinfo=UTC)
    (id,) = handle.add("It rained", at=then).ids
    assert handle.get(id).at == then
    assert handle.context("rained").hits[0].at == then


def test_times_of_other_zones_are_kept_as_the_same_moment(handle):
    local = datetime(2025, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=9)))
    (id,) = handle.add("It rained", at=local).ids
    assert handle.get(id).at == local and handle.get(id).at.tzinfo is UTC


def test_history_may_be_added_late_and_stands_in_its_place(handle, clock):
    later = handle.add("second", at=clock() - timedelta(days=1)).ids
    earlier = handle.add("first", at=clock() - timedelta(days=300)).ids
    assert [memory.id for memory in handle.list()] == [*earlier, *later]
    assert handle.get(earlier[0]).recorded_at == clock()
    assert handle.get(earlier[0], as_of=clock() - timedelta(days=200)).text == "first"


def test_a_repeated_ref_changes_nothing_and_names_what_was_there(handle):
    first = handle.add("I like tea", speaker="Ana", ref="m1")
    again = handle.add("I like tea", speaker="Ana", ref="m1")
    assert (again.ids, again.episodes, again.duplicates) == (first.ids, first.episodes, 1)
    assert handle.stats().episodes == 1


def test_a_ref_with_other_content_is_refused_and_the_whole_batch_with_it(handle):
    handle.add("I like tea", ref="m1")
    with pytest.raises(RefConflict):
        handle.add([Message("new"), Message("I like coffee", ref="m1")])
    assert [memory.text for memory in handle.list()] == ["I like tea"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Message("a", speaker="b"), Message("a", speaker="c")),
        (Message("a", session="b"), Message("a", session="c")),
        (Message("a\x1fb", speaker="c"), Message("a", speaker="b\x1fc")),
        (Message("a", role="b"), Message("a", speaker="b")),
        (Message("a"), Document("a")),
    ],
)
def test_a_ref_tells_contents_apart_that_differ_in_anything_said(handle, one, other):
    from dataclasses import replace

    handle.add(replace(one, ref="m1"))
    with pytest.raises(RefConflict):
        handle.add(replace(other, ref="m1"))


def test_a_ref_for_several_items_is_a_prefix(handle):
    receipt = handle.add(["one", Message("two", ref="own"), "three"], ref="batch")
    refs = [handle.episode(id).ref for id in receipt.episodes]
    assert refs == ["batch#0", "own", "batch#2"]


def test_a_batch_repeated_with_more_at_its_end_adds_only_the_rest(handle):
    first = handle.add(["one", "two"], ref="batch")
    second = handle.add(iter(["one", "two", "three"]), ref="batch", batch_size=2)
    assert second.duplicates == 2 and second.ids[:2] == first.ids
    assert [memory.text for memory in handle.list()] == ["one", "two", "three"]


def test_one_ref_twice_in_a_batch_is_one_episode(handle):
    receipt = handle.add([Message("one", ref="r"), Message("one", ref="r")])
    assert receipt.duplicates == 1 and receipt.ids[0] == receipt.ids[1]
    assert handle.stats().episodes == 1


def test_the_same_text_without_a_ref_is_two_episodes(handle):
    handle.add("I like tea")
    handle.add("I like tea")
    assert handle.stats().episodes == 2


def test_a_ref_belongs_to_its_scope(store):
    store.scope("a").add("one", ref="r")
    store.scope("b").add("two", ref="r")
    assert [store.scope(name).list()[0].text for name in "ab"] == ["one", "two"]


def test_a_stream_is_stored_in_batches_with_progress(handle):
    seen: list[Progress] = []
    receipt = handle.add((f"item {i}" for i in range(25)), batch_size=10, progress=seen.append)
    assert [(step.done, step.total, step.stage) for step in seen] == [
        (10, None, "add"),
        (20, None, "add"),
        (25, None, "add"),
    ]
    assert len(receipt.ids) == 25 and handle.stats().episodes == 25


def test_a_list_tells_its_total(handle):
    seen: list[Progress] = []
    handle.add(["a1", "a2", "a3"], batch_size=2, progress=seen.append)
    assert [step.total for step in seen] == [3, 3]


def test_a_stream_that_breaks_keeps_the_batches_that_were_reported(handle):
    def stream():
        yield from ("one", "two", "three")
        raise ConnectionError("the tap ran dry")

    with pytest.raises(ConnectionError):
        handle.add(stream(), batch_size=2)
    assert [memory.text for memory in handle.list()] == ["one", "two"]


def test_a_progress_callback_may_use_the_handle(handle):
    handle.add(["otters swim", "cats sleep"], batch_size=1, progress=lambda _: handle.retrieve("otters"))
    assert handle.stats().episodes == 2


def test_a_stream_may_read_from_the_handle_it_is_added_to(handle):
    handle.add("seed")
    handle.add((f"copy of {memory.text}" for memory in handle.list()), batch_size=1)
    assert [memory.text for memory in handle.list()] == ["seed", "copy of seed"]


def test_nothing_to_add_adds_nothing(handle):
    receipt = handle.add([])
    assert receipt.ids == () and receipt.episodes == ()
    assert handle.stats().episodes == 0


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_holds_at_least_one(handle, size):
    with pytest.raises(InvalidInput):
        handle.add("x", batch_size=size)


@pytest.mark.parametrize("separator", [". ", "\n\n", " ", "。", "\r\n"])
def test_every_piece_of_a_document_is_the_text_at_its_span(handle, separator):
    text = "  " + separator.join(f"Sentence {i} tells of 東京 and \U0001f9a6 otters" for i in range(120)) + "\n"
    receipt = handle.add(Document(text, title="Otters"))
    stored = handle.episode(receipt.episodes[0]).text
    assert stored == text and len(receipt.ids) > 1
    covered = set()
    for id in receipt.ids:
        memory = handle.get(id)
        (source,) = memory.sources
        assert text[source.start : source.end] == memory.text and memory.title == "Otters"
        covered.update(range(source.start, source.end))
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


def test_pieces_of_a_document_are_listed_in_reading_order(handle):
    text = ". ".join(f"Sentence number {i} of the book" for i in range(200))
    receipt = handle.add(text)
    starts = [memory.sources[0].start for memory in handle.list()]
    assert starts == sorted(starts) and [memory.id for memory in handle.list()] == list(receipt.ids)


def test_a_document_without_borders_is_still_cut_to_what_a_model_reads(handle):
    receipt = handle.add("x" * 5_500)
    assert "".join(handle.get(id).text for id in receipt.ids) == "x" * 5_500
    assert max(len(handle.get(id).text) for id in receipt.ids) <= 1_000


@pytest.mark.timeout(20)
def test_a_long_run_of_blanks_takes_time_in_proportion(handle):
    import time

    def seconds(blanks: int) -> float:
        started = time.perf_counter()
        handle.add("a" + " " * blanks + "b")
        return time.perf_counter() - started

    seconds(100)
    assert seconds(20_000) < 0.5


@pytest.mark.timeout(60)
def test_ten_megabytes_of_text_go_in_and_come_back(store):
    sentence = "The otters of bay number {} slept until the tide came in. "
    text = "".join(sentence.format(i % 97) for i in range(10_000_000 // 57))
    handle = store.scope("big")
    receipt = handle.add(text)
    assert handle.episode(receipt.episodes[0]).text == text
    assert len(receipt.ids) == handle.stats().memories == handle.stats().vectors
    assert handle.retrieve("otters of bay number 41", k=1)[0].id in receipt.ids


@pytest.mark.parametrize(
    "text",
    [
        "NUL\x00inside\x01\x02",
        "\x00",
        "\u200b",
        "\ufeffwith a mark of byte order",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 family",
        "שלום עולם \u202eabc\u202c",
        "Z\u0351\u036b\u0343a\u0363\u0366l\u030ag\u0353o\u0353",
        "e\u0301 is not \u00e9",
        "line\r\nline\rline\u2028line\x85line",
        "'; DROP TABLE memories; --",
        "%s %d {} \\x00 \\",
        "?!",
        "the",
        "東京タワー",
        "\u0e01\u0e32\u0e23",
        "\U0010ffff",
        "\ud83d\ude00 joined",
    ],
)
def test_any_text_comes_back_as_it_went_in_and_is_found_by_itself(handle, text):
    handle.add(["something else", "other words entirely"])
    (id,) = handle.add(text).ids
    stored = text.encode("utf-16", "surrogatepass").decode("utf-16")
    assert handle.get(id).text == stored
    assert id in [hit.id for hit in handle.retrieve(stored, k=2)]


@pytest.mark.parametrize("text", ["\ud800", "\udc00 tail", "head \ud83d", "\ude00\ud83d swapped"])
def test_half_a_character_is_refused(handle, text):
    with pytest.raises(InvalidInput, match="surrogate"):
        handle.add(text)


def test_no_word_of_the_text_stands_in_an_error(handle, monkeypatch):
    from sqlalchemy import event

    engine = handle._parts.store._engine
    handle.add("warm up")

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def break_it(conn, cursor, statement, parameters, context, many):
        return statement.replace("INSERT INTO memories", "INSERT INTO nowhere"), parameters

    with pytest.raises(AgentMemError) as caught:
        handle.add("the secret word is xyzzy")
    causes, error = [], caught.value
    while error is not None:
        causes.append(str(error))
        error = error.__cause__
    assert "xyzzy" not in "\n".join(causes)


def test_an_episode_of_another_scope_is_not_found(store):
    receipt = store.scope("a").add("mine")
    with pytest.raises(NotFound):
        store.scope("b").episode(receipt.episodes[0])
