"""Files that are memories: the six commands, on a real store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from agentmem_mcp.files import FileRefused, MemoryFiles
from agentmem_mcp.files.entries import MARK, SESSION
from agentmem_mcp.files.showing import SHOWN_CHARACTERS, shown_file, shown_folder
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agentmem import AgentMemory, Redaction
from agentmem.errors import VersionConflict
from agentmem.redaction.addresses import address_of
from agentmem.types import State

NOTES = "/memories/notes.md"


@pytest.fixture
def files(handle):
    return MemoryFiles(handle)


def mark(names, addresses):
    return {"names": names, "addresses": addresses, "generation": 1, "written": True}


def texts(files):
    return {str(file.path): file.text for file in files.files()}


def test_a_file_is_created_read_changed_renamed_and_deleted(files):
    assert files.create(NOTES, "milk\nbread\n").text == "milk\nbread\n"
    assert files.insert(NOTES, 1, "eggs").text == "milk\neggs\nbread\n"
    assert files.str_replace(NOTES, "bread", "rye bread").text == "milk\neggs\nrye bread\n"
    (moved,) = files.rename(NOTES, "/memories/lists/shop.md")
    assert str(moved.path) == "/memories/lists/shop.md" and moved.text == "milk\neggs\nrye bread\n"
    assert files.is_folder("/memories/lists") and not files.is_folder(NOTES)
    assert [str(file.path) for file in files.delete("/memories/lists")] == ["/memories/lists/shop.md"]
    assert files.files() == [] and not files.is_folder("/memories/lists") and files.is_folder("/memories")


def test_each_edit_is_a_version_of_one_memory_and_can_be_undone(files, handle):
    first = files.create(NOTES, "one")
    second = files.str_replace(NOTES, "one", "two")
    assert second.id == first.id and second.version == first.version + 1
    assert [version.text for version in files.history(NOTES)] == ["one", "two"]
    handle.undo(files.history(NOTES)[-1].run)
    assert files.read(NOTES).text == "one"
    files.insert(NOTES, 1, "three")
    restored = files.undo(NOTES)
    assert restored is not None and restored.text == "one"
    again = files.undo(NOTES)  # undoing the undoing
    assert again is not None and again.text == "one\nthree"


def test_a_deleted_file_is_kept_in_history_and_comes_back_by_undo_or_by_restore(files, handle):
    (gone,) = [files.create(NOTES, "one")]
    files.delete(NOTES)
    with pytest.raises(FileRefused, match="no file"):
        files.read(NOTES)
    assert handle.get(gone.id).state is State.RETIRED and handle.retrieve("one") == []
    assert [version.text for version in files.history(NOTES)] == ["one"]
    back = files.undo(NOTES)
    assert back is not None and back.text == "one"
    files.delete(NOTES)
    handle.restore(gone.id)
    assert files.read(NOTES).text == "one"


def test_what_is_created_where_something_was_deleted_is_another_file_and_the_history_has_both(files):
    old = files.create(NOTES, "one")
    files.delete(NOTES)
    new = files.create(NOTES, "two")
    assert new.id != old.id and files.read(NOTES).text == "two"
    assert [version.text for version in files.history(NOTES)] == ["one", "two"]


def test_history_goes_on_across_a_rename(files):
    files.create(NOTES, "one")
    files.str_replace(NOTES, "one", "two")
    files.rename(NOTES, "/memories/b.md")
    files.str_replace("/memories/b.md", "two", "three")
    told = [(str(version.path), version.text) for version in files.history("/memories/b.md")]
    assert told == [(NOTES, "one"), (NOTES, "two"), ("/memories/b.md", "two"), ("/memories/b.md", "three")]


@pytest.mark.parametrize("blank", ["", "\n", "  \n\t"])
def test_a_file_may_be_empty_though_no_memory_is(files, blank):
    assert files.create(NOTES, blank).text == blank
    assert files.read(NOTES).text == blank
    assert files.insert(NOTES, 0, "a").text.startswith("a")
    files.str_replace(NOTES, files.read(NOTES).text, "")
    assert files.read(NOTES).text == ""


def test_a_file_longer_than_a_chunk_is_one_memory_and_every_part_of_it_is_found(files, handle):
    parts = [f"Paragraph {number} is about the {word}." for number, word in enumerate(["kiln", "lathe", "anvil"])]
    text = ("\n" + "Nothing of note happened here. " * 60 + "\n").join(parts)
    file = files.create(NOTES, text)
    assert len(text) > 3_000 and files.read(NOTES).text == text
    for word in ("kiln", "lathe", "anvil"):
        assert [hit.id for hit in handle.retrieve(f"Where is the {word}?", k=1)] == [file.id]
    assert files.str_replace(NOTES, "lathe", "loom").text == text.replace("lathe", "loom")
    assert handle.get(file.id).text == text.replace("lathe", "loom")


def test_nothing_is_overwritten_and_nothing_is_both_file_and_folder(files):
    files.create("/memories/a/b.md", "one")
    files.create(NOTES, "two")
    for path, says in [
        (NOTES, "there already"),
        ("/memories/a", "is a folder"),
        ("/memories/notes.md/x", "is a file"),
        ("/memories", "folder that holds"),
    ]:
        with pytest.raises(FileRefused, match=says):
            files.create(path, "x")
    with pytest.raises(FileRefused, match="there already"):
        files.rename(NOTES, "/memories/a/b.md")
    with pytest.raises(FileRefused, match="is a folder"):
        files.rename(NOTES, "/memories/a")
    with pytest.raises(FileRefused, match="in it"):
        files.rename("/memories/a", "/memories/a/c")
    with pytest.raises(FileRefused, match="itself stays"):
        files.delete("/memories")
    with pytest.raises(FileRefused, match="is a folder"):
        files.str_replace("/memories/a", "one", "two")
    assert texts(files) == {"/memories/a/b.md": "one", NOTES: "two"}


def test_a_folder_is_renamed_with_all_that_is_in_it(files):
    files.create("/memories/a/b.md", "one")
    files.create("/memories/a/c/d.md", "two")
    files.create("/memories/ab.md", "three")
    files.rename("/memories/a", "/memories/z")
    assert texts(files) == {"/memories/z/b.md": "one", "/memories/z/c/d.md": "two", "/memories/ab.md": "three"}


def test_a_file_that_is_too_long_is_refused(handle):
    files = MemoryFiles(handle, max_characters=10)
    files.create(NOTES, "123456789")
    with pytest.raises(FileRefused, match="Split it"):
        files.insert(NOTES, 1, "123")
    with pytest.raises(FileRefused, match="Split it"):
        files.create("/memories/b", "12345678901")
    assert texts(files) == {NOTES: "123456789"}


def test_edits_at_once_lose_nothing(database):
    """Threads of two stores, as two processes would be, each with lines of its own."""
    stores = [AgentMemory.open(database, embedder="none") for _ in range(2)]
    MemoryFiles(stores[0].scope("a")).create(NOTES, "0\n")
    start = threading.Barrier(4)

    def write(writer):
        files = MemoryFiles(stores[writer % 2].scope("a"))
        start.wait()
        for number in range(4):
            files.insert(NOTES, 1, f"{writer}.{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    lines = MemoryFiles(stores[0].scope("a")).read(NOTES).text.splitlines()
    assert sorted(lines) == sorted(["0", *(f"{writer}.{number}" for writer in range(4) for number in range(4))])
    assert len(MemoryFiles(stores[1].scope("a")).history(NOTES)) == 17
    for store in stores:
        assert store.check() == ()
        store.close()


def test_of_two_that_create_one_path_at_once_one_does(database):
    stores = [AgentMemory.open(database, embedder="none") for _ in range(2)]
    start = threading.Barrier(4)

    def create(writer):
        start.wait()
        try:
            MemoryFiles(stores[writer % 2].scope("a")).create(NOTES, f"by {writer}")
        except (FileRefused, VersionConflict):
            return None
        return writer

    with ThreadPoolExecutor(4) as pool:
        created = [writer for writer in pool.map(create, range(4)) if writer is not None]
    assert len(created) == 1
    assert MemoryFiles(stores[0].scope("a")).read(NOTES).text == f"by {created[0]}"
    for store in stores:
        store.close()


def test_an_edit_of_another_version_than_expected_is_refused(files):
    seen = files.create(NOTES, "one")
    files.str_replace(NOTES, "one", "two", expected_version=seen.version)
    for edit in (
        lambda: files.str_replace(NOTES, "two", "three", expected_version=seen.version),
        lambda: files.insert(NOTES, 0, "x", expected_version=seen.version),
        lambda: files.delete(NOTES, expected_version=seen.version),
        lambda: files.rename(NOTES, "/memories/b", expected_version=seen.version),
    ):
        with pytest.raises(VersionConflict, match="view it, and retry"):
            edit()
    assert texts(files) == {NOTES: "two"}


def test_who_edits_a_file_that_is_deleted_meanwhile_is_told_and_the_text_is_kept(files, handle, monkeypatch):
    file = files.create(NOTES, "one")
    update = type(handle).update

    def deleted_before(self, id, **arguments):
        self.retire(id)
        return update(self, id, **arguments)

    monkeypatch.setattr(type(handle), "update", deleted_before)
    with pytest.raises(FileRefused, match="deleted meanwhile"):
        files.str_replace(NOTES, "one", "two")
    assert files.files() == [] and handle.get(file.id).text == "two"


def test_an_edit_during_a_rename_stays_at_the_old_path(files, handle, monkeypatch):
    files.create(NOTES, "one")
    retire = type(handle).retire
    first = []

    def edited_before(self, id, **arguments):
        if not first:
            first.append(id)
            MemoryFiles(handle).str_replace(NOTES, "one", "two")
        return retire(self, id, **arguments)

    monkeypatch.setattr(type(handle), "retire", edited_before)
    with pytest.raises(VersionConflict):
        files.rename(NOTES, "/memories/b.md")
    assert texts(files) == {NOTES: "two"}


def test_who_dies_between_making_the_place_and_writing_leaves_no_file(files, handle, monkeypatch):
    def die(self, id, **arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(handle), "update", die)
        with pytest.raises(KeyboardInterrupt):
            files.create(NOTES, "one")
    assert files.files() == []
    with pytest.raises(FileRefused, match="never there"):
        files.history(NOTES)
    assert files.create(NOTES, "two").text == "two"
    assert handle.list(session=SESSION, state=None).items[0].metadata[MARK]["generation"] == 1


def test_a_forgotten_file_is_gone_for_good_and_its_path_is_free(files, handle):
    file = files.create(NOTES, "the secret plan")
    handle.forget(ids=[file.id])
    assert files.files() == [] and "secret" not in str(handle.list(state=None))
    with pytest.raises(FileRefused, match="never there"):
        files.history(NOTES)
    assert files.create(NOTES, "another").text == "another"


def test_files_are_kept_when_a_policy_forgets(files, handle):
    file = files.create(NOTES, "one")
    assert handle.get(file.id).pinned


def test_scopes_do_not_see_each_others_files(store):
    ana, bo = MemoryFiles(store.scope("acme", "ana")), MemoryFiles(store.scope("acme", "bo"))
    ana.create(NOTES, "of ana")
    assert bo.files() == []
    bo.create(NOTES, "of bo")
    assert ana.read(NOTES).text == "of ana"


def test_other_memories_are_no_files_even_when_they_say_so(files, handle):
    handle.add("x", session=SESSION, metadata={MARK: mark([".."], [address_of("..")])})
    handle.add("x", session=SESSION, metadata={MARK: mark(["a"], [address_of("b"), "c"])})
    handle.add("x", session=SESSION, metadata={MARK: mark(["a"], ["b"])})
    handle.add("x", session=SESSION, metadata={MARK: "notes"})
    handle.add("x", session="s", metadata={MARK: mark(["notes.md"], [address_of("notes.md")])})
    assert files.files() == []


def test_personal_data_is_taken_out_of_files_too(database):
    with AgentMemory.open(database, embedder="none", before_write=Redaction()) as store:
        files = MemoryFiles(store.scope("a"))
        assert "ana@example.org" not in files.create(NOTES, "Write to ana@example.org.").text
        assert "ana@example.org" not in files.read(NOTES).text


def test_what_was_derived_from_a_file_follows_its_edits(files, handle):
    def true_now():
        return [memory.text for memory in handle.list(kinds=["triple"]) if memory.valid_to is None]

    files.create(NOTES, "Ana lives in Lisbon.")
    handle.consolidate()
    (before,) = true_now()
    files.str_replace(NOTES, "Lisbon", "Porto")
    handle.consolidate()
    (after,) = true_now()
    assert "lisbon" in before.casefold() and "porto" in after.casefold()


def test_a_view_numbers_lines_and_no_line_can_pass_for_its_end(files):
    file = files.create(NOTES, "a\n</file>\n\u2028</file>\r</file>\n")
    shown = shown_file(file, None)
    assert shown.block.splitlines()[1:-1] == ["     1\ta", "     2\t</file>", "     3\t\\u2028</file>\\u000d</file>"]
    assert shown.block.splitlines()[0].startswith(f'<file path="{NOTES}" id="{file.id}" version="2" lines="1-3 of 3"')
    assert shown_file(file, (2, 2)).block.splitlines()[1:-1] == ["     2\t</file>"]


def test_a_long_file_is_shown_in_parts(files):
    text = "\n".join(f"{number:09}" for number in range(5_000))
    file = files.create(NOTES, text)
    shown = shown_file(file, None)
    assert shown.is_cut and len(shown.block) < SHOWN_CHARACTERS + 500
    rest = shown_file(file, (shown.last + 1, shown.wanted))
    assert rest.first == shown.last + 1 and f"{shown.last:09}" in rest.block
    assert not shown_file(file, (1, 2)).is_cut


def test_a_folder_is_listed_two_levels_deep(files):
    for path in ("a.md", "p/b.md", "p/q/c.md", "p/q/r/d.md"):
        files.create(f"/memories/{path}", "x")
    from agentmem_mcp.files import MemoryPath

    shown = shown_folder(MemoryPath(()), files.files()).splitlines()
    assert [line.split("  ")[0] for line in shown[1:-1]] == [
        "/memories/a.md",
        "/memories/p/",
        "/memories/p/b.md",
        "/memories/p/q/",
    ]
    assert "2 files deeper" in shown[4]
    assert "nothing is in it" in shown_folder(MemoryPath(()), [])


names = st.sampled_from(["/memories/a", "/memories/b", "/memories/d/c", "/memories/d/e/f"])
contents = st.text(st.sampled_from("ab\n"), max_size=5)


class Files(RuleBasedStateMachine):
    """Against a dictionary, which is what files are."""

    def __init__(self):
        super().__init__()
        self.store = AgentMemory.open(":memory:", embedder="none")
        self.files = MemoryFiles(self.store.scope("a"))
        self.model = {}

    def teardown(self):
        self.store.close()

    @rule(path=names, text=contents)
    def create(self, path, text):
        if path in self.model:
            with pytest.raises(FileRefused):
                self.files.create(path, text)
        else:
            self.files.create(path, text)
            self.model[path] = text

    @rule(path=names, old=contents, new=contents)
    def replace(self, path, old, new):
        text = self.model.get(path, "")
        at = text.find(old) if old else -1
        if at < 0 or text.find(old, at + 1) >= 0:
            with pytest.raises(FileRefused):
                self.files.str_replace(path, old, new)
        else:
            self.files.str_replace(path, old, new)
            self.model[path] = text[:at] + new + text[at + len(old) :]

    @rule(path=st.one_of(names, st.just("/memories/d")))
    def delete(self, path):
        gone = [known for known in self.model if known == path or known.startswith(f"{path}/")]
        if gone:
            assert len(self.files.delete(path)) == len(gone)
            for known in gone:
                del self.model[known]
        else:
            with pytest.raises(FileRefused):
                self.files.delete(path)

    @rule(old=names, new=names)
    def rename(self, old, new):
        if old == new or old not in self.model or new in self.model:
            with pytest.raises(FileRefused):
                self.files.rename(old, new)
        else:
            self.files.rename(old, new)
            self.model[new] = self.model.pop(old)

    @invariant()
    def the_files_are_those_of_the_model(self):
        assert texts(self.files) == self.model


Files.TestCase.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
test_files_behave_as_a_dictionary_of_texts = Files.TestCase
