"""``export`` and ``import``: a scope as a file, complete, exact, and refused when it is anything else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentmem import AgentMemory, Document, Message
from agentmem.errors import InvalidInput, StoreError
from agentmem.ids import EDGE, RUN, new_id
from agentmem.operations import Link, Run, Unlink
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge

DAY = timedelta(days=1)


@pytest.fixture
def rich(handle, store, clock):
    """A scope with something of everything."""
    first = handle.add(
        [
            Message(
                "Ana's otter\x00 \U0001f9a6 \u2028",
                speaker="Ana",
                role="user",
                session="s",
                ref="r1",
                metadata={"a": [1.5, None]},
            ),
            Document("A long sentence about soap. " * 90, title="Soap", at=clock() - 900 * DAY),
            {"role": "system", "content": "hidden"},
        ]
    )
    clock.advance(days=1)
    handle.update(first.ids[0], text="Ana's cat", metadata={"b": {"c": "d"}})
    clock.advance(microseconds=1)
    handle.retire(first.ids[1])
    handle.pin(first.ids[2])
    handle.expires_at(first.ids[2], clock() + 9 * DAY)
    undone = handle.add("a mistake")
    handle.undo(undone.run)
    handle.add("soon gone", ref="gone")
    handle.forget(about="soon gone", compact=False)
    a, b, c = first.ids[:3]
    edges = [Edge(new_id(EDGE), "next", *ends, weight=0.5) for ends in ((a, b), (b, c), (c, a))]
    with store.parts.store.write(handle.scope) as writer:
        run = Run(new_id(RUN), {"verb": "test"})
        writer.apply(run, [*map(Link, edges), Link(edges[0]), Unlink(edges[1])])
    return handle


@pytest.fixture
def elsewhere(tmp_path, clock):
    with AgentMemory.open(tmp_path / "elsewhere.db", embedder=FakeEmbedder(), clock=clock) as opened:
        yield opened


def everything(handle):
    memories = list(handle.list(state=None, limit=1_000))
    return memories, [handle.history(memory.id) for memory in memories]


def without_numbers(entries):
    """Histories without the journal numbers, which are each database's own."""
    return [[(e.memory, [(c.op, c.at, c.run, c.cause) for c in e.changes]) for e in entry] for entry in entries]


def test_a_scope_comes_back_exactly_and_exports_to_the_same_file(rich, elsewhere, tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    assert rich.export(one) == rich.stats().episodes
    theirs = elsewhere.scope(*rich.scope.names)
    imported = theirs.import_(one)
    assert (imported.episodes, imported.present, imported.refused) == (rich.stats().episodes, 0, 0)
    assert imported.edges == 2 and imported.pending == ()
    assert theirs.export(two) == imported.episodes
    assert one.read_text("utf-8").split("\n") == two.read_text("utf-8").split("\n")
    mine, histories = everything(rich)
    assert everything(theirs)[0] == mine
    assert without_numbers(everything(theirs)[1]) == without_numbers(histories)
    for question in ("Ana's cat", "soap", "otter"):
        assert [hit.id for hit in theirs.retrieve(question)] == [hit.id for hit in rich.retrieve(question)]


def test_a_third_generation_is_the_same_file(rich, elsewhere, tmp_path, clock):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    rich.export(one)
    elsewhere.scope(*rich.scope.names).import_(one)
    elsewhere.scope(*rich.scope.names).export(two)
    with AgentMemory.open(tmp_path / "third.db", embedder="none", clock=clock) as third:
        third.scope(*rich.scope.names).import_(two)
        third.scope(*rich.scope.names).export(two)
    assert one.read_bytes() == two.read_bytes()


def test_importing_twice_adds_nothing_the_second_time(rich, elsewhere, tmp_path):
    file, again = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    rich.export(file)
    theirs = elsewhere.scope(*rich.scope.names)
    theirs.import_(file)
    head = theirs.stats().journal_head
    second = theirs.import_(file)
    assert (second.episodes, second.memories, second.edges) == (0, 0, 0) and second.present > 0
    assert theirs.stats().journal_head == head
    theirs.export(again)
    assert file.read_bytes() == again.read_bytes()


def test_importing_into_the_scope_it_came_from_changes_nothing(rich, tmp_path):
    rich.export(tmp_path / "x")
    before = everything(rich)
    rich.import_(tmp_path / "x")
    assert everything(rich) == before


def test_what_is_there_stays_and_what_is_new_joins_it(rich, elsewhere, tmp_path):
    theirs = elsewhere.scope("theirs")
    mine = theirs.add("was here before", ref="mine")
    rich.export(tmp_path / "x")
    theirs.import_(tmp_path / "x")
    assert theirs.get(mine.ids[0]).text == "was here before"
    assert theirs.stats().episodes == 1 + rich.stats().episodes
    theirs.add("and life goes on", ref="later")
    assert theirs.retrieve("life goes on")[0].text == "and life goes on"


def test_a_ref_that_is_taken_keeps_what_is_there(rich, elsewhere, tmp_path):
    theirs = elsewhere.scope("theirs")
    theirs.add("another owner of r1", ref="r1")
    rich.export(tmp_path / "x")
    imported = theirs.import_(tmp_path / "x")
    assert imported.present >= 1
    assert "Ana's cat" not in [memory.text for memory in theirs.list()]
    assert theirs.add("another owner of r1", ref="r1").duplicates == 1


def test_what_was_forgotten_here_is_refused(rich, elsewhere, tmp_path):
    rich.export(tmp_path / "x")
    theirs = elsewhere.scope("theirs")
    theirs.import_(tmp_path / "x")
    theirs.forget(about="Ana")
    imported = theirs.import_(tmp_path / "x")
    assert imported.refused == 2 and imported.memories == 0  # the message, and the correction made of it
    assert theirs.retrieve("Ana's cat") == [] or "Ana's cat" not in {h.text for h in theirs.retrieve("Ana's cat")}
    exported = tmp_path / "y"
    theirs.export(exported)
    assert "Ana" not in exported.read_text("utf-8")


def test_imported_runs_can_be_undone(rich, elsewhere, tmp_path):
    rich.export(tmp_path / "x")
    theirs = elsewhere.scope("theirs")
    theirs.import_(tmp_path / "x")
    (memory,) = (m for m in theirs.list() if m.text == "Ana's cat")
    run = theirs.history(memory.id)[-1].changes[0].run
    theirs.undo(run)
    assert theirs.get(memory.id).text.startswith("Ana's otter")


def test_another_scope_of_the_same_database_cannot_hold_the_same_memories(rich, store, tmp_path):
    rich.export(tmp_path / "x")
    with pytest.raises(InvalidInput, match="another scope"):
        store.scope("copy").import_(tmp_path / "x")
    assert store.scope("copy").stats().episodes == 0


def test_an_empty_scope_makes_a_file_that_can_be_imported(store, elsewhere, tmp_path):
    assert store.scope("empty").export(tmp_path / "x") == 0
    assert elsewhere.scope("a").import_(tmp_path / "x").episodes == 0


def test_an_export_that_fails_leaves_the_old_file(handle, tmp_path):
    handle.add("otter")
    with pytest.raises(StoreError):
        handle.export(tmp_path / "no such folder" / "x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("kept")
    with pytest.raises(StoreError):
        handle.export(tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")) == []


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("way", ["same", "link", "hard link", "partial"])
def test_an_export_over_the_database_itself_is_refused(handle, database, tmp_path, ending, way):
    handle.add("otter")
    own, given = tmp_path / (database.name + ending), tmp_path / (database.name + ending)
    if way == "link":
        given = tmp_path / "link"
        given.symlink_to(own)
    elif way == "hard link":
        if not own.exists():
            pytest.skip("there is no such file now")
        given = tmp_path / "hard"
        given.hardlink_to(own)
    elif way == "partial":  # what is written first has this name
        with AgentMemory.open(tmp_path / "x.partial", embedder="none") as other, pytest.raises(InvalidInput):
            other.scope("a").export(tmp_path / "x")
    with pytest.raises(InvalidInput, match="another path"):
        handle.export(given)
    handle.add("cat")
    with AgentMemory.open(database, embedder=FakeEmbedder()) as again:
        assert [memory.text for memory in again.scope(handle.scope).list()] == ["otter", "cat"]
        assert again.check() == ()


@pytest.mark.parametrize("path", ["", ".", "..", "/", "a\0b", "\ud800", None, 5, b"x"])
def test_a_path_that_names_no_file_is_refused(handle, path):
    handle.add("otter")
    for verb in (handle.export, handle.import_):
        with pytest.raises(InvalidInput, match="file"):
            verb(path)


def test_a_name_that_is_too_long_is_a_typed_error(handle, tmp_path):
    with pytest.raises(StoreError, match="Nothing was exported"):
        handle.export(tmp_path / ("x" * 300))


def ended(content):
    """A file's text with the record that ends an export."""
    return content + json.dumps({"type": "end", "records": content.count("\n") - 1}) + "\n"


HEADER = '{"type": "header", "format": "agentmem", "version": 2, "scope": ["a"]}\n'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "not json\n",
        '"text"\n',
        "[1]\n",
        '{"type": "header", "format": "other", "version": 1}\n',
        '{"type": "header", "format": "agentmem", "version": 99}\n',
        '{"type": "header", "format": "agentmem", "version": 1}\n',
        '{"type": "episode"}\n',
        HEADER + "[]\n",
        HEADER + '{"type": "song"}\n',
        HEADER + '{"type": "episode"}\n',
        HEADER + '{"type": "run", "id": "r"}\n',
        HEADER + '{"type": "memory", "id": "m", "version": 1}\n',
        HEADER
        + '{"type": "change", "op": "record", "subject": "epi_x", "version": null, "run": "r", '
        + '"at": "2026-01-01T00:00:00+00:00", "detail": null}\n',
        HEADER + '{"type": "change"}\n',
        HEADER + '{"type": "edge"}\n',
        HEADER + '{"type": "episode", "id"',
        "\udcff\udcfe",
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_file_that_is_no_export_is_refused_and_nothing_is_imported(handle, tmp_path, content, whole):
    content = ended(content) if whole and content.endswith("\n") else content
    (tmp_path / "x").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInput) as refused:
        handle.import_(tmp_path / "x")
    assert not whole or "is not whole" not in str(refused.value) or not content.endswith("\n")
    assert handle.stats().journal_head == 0


def test_a_file_that_was_cut_off_at_any_line_is_refused(rich, elsewhere, tmp_path):
    rich.export(tmp_path / "good")
    lines = (tmp_path / "good").read_text("utf-8").split("\n")[:-1]
    for length in range(1, len(lines)):
        (tmp_path / "cut").write_text("\n".join(lines[:length]) + "\n", "utf-8")
        with pytest.raises(InvalidInput, match="is not whole"):
            elsewhere.scope("a").import_(tmp_path / "cut")
    (tmp_path / "longer").write_text("\n".join([*lines, lines[-2], lines[-1]]) + "\n", "utf-8")
    with pytest.raises(InvalidInput, match=f"line {len(lines) + 1}: the export ended before"):
        elsewhere.scope("a").import_(tmp_path / "longer")
    assert elsewhere.scope("a").stats().journal_head == 0


def test_a_file_that_lacks_any_one_record_is_refused_or_leaves_a_sound_scope(rich, elsewhere, tmp_path):
    """As after a hand has been at it: nothing comes in that nobody can reach."""
    rich.export(tmp_path / "good")
    records = (tmp_path / "good").read_text("utf-8").split("\n")[:-2]
    refused = 0
    for place in range(1, len(records)):
        kept = [*records[:place], *records[place + 1 :]]
        (tmp_path / "less").write_text(ended("\n".join(kept) + "\n"), "utf-8")
        theirs = elsewhere.scope(f"try {place}")
        try:
            theirs.import_(tmp_path / "less")
        except InvalidInput:
            refused += 1
            assert theirs.stats().journal_head == 0
        else:
            assert elsewhere.check() == ()
            episodes = sum(1 for line in kept if '"type": "episode"' in line)
            assert theirs.stats().episodes == episodes
            theirs.forget(everything=True, compact=False)
            for table in ("runs", "journal", "cursors"):  # so that the next try finds its identifiers free
                with elsewhere.parts.store._engine.begin() as connection:
                    connection.exec_driver_sql(f"DELETE FROM {table}")
    assert refused > len(records) / 2


@pytest.mark.parametrize(
    ("line", "says"),
    [('{"type": "run", ', "line 2, column 17"), ('{"n": ' + "9" * 5_000 + "}", "line 2:"), ("[" * 99_999, "line 2")],
)
def test_a_line_that_is_no_json_is_named(handle, tmp_path, line, says):
    (tmp_path / "x").write_text(HEADER + line + "\n")
    with pytest.raises(InvalidInput, match=says):
        handle.import_(tmp_path / "x")


def test_a_missing_file_is_refused(handle, tmp_path):
    with pytest.raises(InvalidInput):
        handle.import_(tmp_path / "nothing")
    with pytest.raises(InvalidInput):
        handle.import_(tmp_path)


def test_a_file_with_any_field_missing_or_of_another_type_is_imported_or_refused_whole(rich, elsewhere, tmp_path):
    """Every field of every kind of record is dropped, and replaced by nonsense, one at a time."""
    rich.export(tmp_path / "good")
    lines = (tmp_path / "good").read_text("utf-8").split("\n")[:-1]
    seen, number = set(), 0
    for place, line in enumerate(lines):
        record = json.loads(line)
        for name in record:
            if (record["type"], name) in seen:
                continue
            seen.add((record["type"], name))
            nonsense = ({"x": []}, "\ud800", "nonsense", 2**70, None)
            without = {k: v for k, v in record.items() if k != name}
            for broken in (without, *({**record, name: value} for value in nonsense)):
                number += 1
                bad = [*lines[:place], json.dumps(broken), *lines[place + 1 :]]
                (tmp_path / "bad").write_text("\n".join(bad) + "\n", "utf-8")
                theirs = elsewhere.scope(f"try {number}")
                try:
                    theirs.import_(tmp_path / "bad")
                except InvalidInput:
                    assert theirs.stats().journal_head == 0
                else:
                    theirs.retrieve("otter")
                    for memory in theirs.list(state=None):
                        theirs.history(memory.id)
                    theirs.forget(everything=True, compact=False)
                    for table in ("runs", "journal"):  # so that the next try finds its identifiers free
                        with elsewhere.parts.store._engine.begin() as connection:
                            connection.exec_driver_sql(f"DELETE FROM {table}")


def test_what_was_forgotten_without_a_ref_is_refused_too(handle, tmp_path):
    handle.add([Message("I told zorblax", session="s"), Message("nothing to hide", session="t")])
    handle.export(tmp_path / "x")
    handle.forget(session="s")
    imported = handle.import_(tmp_path / "x")
    assert (imported.refused, imported.present, imported.memories) == (1, 1, 0)
    assert [memory.text for memory in handle.list(state=None)] == ["nothing to hide"]


def test_a_scope_that_was_emptied_can_move_to_another_of_the_same_database(rich, store, tmp_path):
    rich.export(tmp_path / "x")
    before = everything(rich)[0]
    rich.forget(everything=True)
    theirs = store.scope("another")
    theirs.import_(tmp_path / "x")
    assert everything(theirs)[0] == before
    head = theirs.stats().journal_head
    assert theirs.import_(tmp_path / "x").episodes == 0 and theirs.stats().journal_head == head
    (memory,) = (m for m in theirs.list(state=None) if m.text == "Ana's cat")
    theirs.undo(theirs.history(memory.id)[-1].changes[0].run)
    assert theirs.get(memory.id).text.startswith("Ana's otter")
    (mistake,) = (m for m in theirs.list(state=None) if m.text == "a mistake")
    causes = [change.cause for change in theirs.history(mistake.id)[-1].changes]
    runs = [change.run for change in theirs.history(mistake.id)[-1].changes]
    assert causes[-1] == {"verb": "undo", "of": runs[0]}
    assert store.check() == ()
