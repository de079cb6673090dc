"""What a caller may do to a store, done to a dictionary as well: the rules of a state machine without its invariants.

The model keeps, for each scope and memory, what a caller may know.
"""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contents import METADATA, SESSIONS, TEXTS
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agentmem import AgentMemory, Message
from agentmem.errors import CannotUndo, ForgottenRef, NotFound, RefConflict, VersionConflict
from agentmem.testing import FakeClock, FakeEmbedder

SCOPES = (("a",), ("a", "b"), ("A",))


@dataclass
class Known:
    """What the model knows of one memory."""

    text: str
    metadata: dict[str, Any]
    session: str | None
    speaker: str | None
    at: datetime
    ref: str | None
    state: str = "active"
    pinned: bool = False
    expires: datetime | None = None
    version: int = 1
    truths: list[tuple[datetime, str]] = field(default_factory=list)  # since when which text was true
    runs: list[str] = field(default_factory=list)


class Deeds(RuleBasedStateMachine):
    """A store and the model of it; each rule does one thing to both."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "memory.db"
        self.clock = FakeClock()
        self.store = None
        self.known: dict[tuple[str, ...], dict[str, Known]] = {scope: {} for scope in SCOPES}
        self.forgotten: dict[tuple[str, ...], set[str]] = {scope: set() for scope in SCOPES}
        self.gone: set[str] = set()
        self.heads = dict.fromkeys(SCOPES, 0)
        self.undoable: list[tuple[tuple[str, ...], str, Any]] = []  # the last run only: (scope, run, state before)

    @initialize()
    def open(self):
        self.store = AgentMemory.open(self.path, embedder=FakeEmbedder(), clock=self.clock)

    def teardown(self):
        if self.store is not None:
            self.store.close()
        self.folder.cleanup()

    def handle(self, scope):
        return self.store.scope(*scope)

    def some(self, data, scope):
        return data.draw(st.sampled_from(sorted(self.known[scope])), label="memory")

    def done(self, scope, id, before):
        """Remember the run that just changed a memory as the one that may be undone."""
        changes = [change for version in self.handle(scope).history(id) for change in version.changes]
        run = max(changes, key=lambda change: change.seq).run
        self.undoable = [(scope, run, before)]

    @rule(
        scope=st.sampled_from(SCOPES),
        text=TEXTS,
        metadata=METADATA,
        session=SESSIONS,
        days=st.integers(0, 400),
        data=st.data(),
    )
    def add(self, scope, text, metadata, session, days, data):
        ref = data.draw(st.one_of(st.none(), st.sampled_from(["r1", "r2", "r3"])), label="ref")
        speaker = data.draw(st.sampled_from([None, "Ana", "Bob"]), label="speaker")
        at = self.clock() - timedelta(days=days)
        item = Message(text, speaker=speaker, session=session, at=at, ref=ref, metadata=metadata)
        holder = [id for id, known in self.known[scope].items() if ref is not None and known.ref == ref]
        try:
            receipt = self.handle(scope).add(item)
        except ForgottenRef:
            assert ref in self.forgotten[scope]
            return
        except RefConflict:
            (id,) = holder
            first = self.known[scope][id].truths_text
            assert (first, self.known[scope][id].speaker, self.known[scope][id].session) != (text, speaker, session)
            return
        assert ref not in self.forgotten[scope]
        (id,) = receipt.ids
        if holder:
            assert receipt.duplicates == 1 and [id] == holder
            return
        assert receipt.pending == () and id not in self.gone
        before = copy.deepcopy(self.known[scope])
        known = Known(text, dict(metadata), session, speaker, at, ref, truths=[(at, text)])
        known.truths_text = text
        self.known[scope][id] = known
        # what undoing it leaves: the same, retired
        after = copy.deepcopy(self.known[scope])
        after[id].state = "retired"
        assert before.keys() < after.keys()
        self.undoable = [(scope, receipt.run, after)]

    @rule(
        scope=st.sampled_from(SCOPES), text=TEXTS, days=st.integers(0, 3), with_metadata=st.booleans(), data=st.data()
    )
    def update(self, scope, text, days, with_metadata, data):
        if not self.known[scope]:
            return
        id = self.some(data, scope)
        known, before = self.known[scope][id], copy.deepcopy(self.known[scope])
        since = max(self.clock() - timedelta(days=days), known.truths[-1][0])
        metadata = {"new": days} if with_metadata else None
        memory = self.handle(scope).update(
            id, text=text, metadata=metadata, valid_from=since, expected_version=known.version
        )
        known.version += 1
        known.text = text
        known.metadata = known.metadata if metadata is None else metadata
        known.truths.append((since, text))
        assert (memory.version, memory.text) == (known.version, text)
        with pytest.raises(VersionConflict):
            self.handle(scope).update(id, text="late", expected_version=known.version - 1)
        self.done(scope, id, before)

    @rule(
        scope=st.sampled_from(SCOPES),
        verb=st.sampled_from(["retire", "restore", "pin", "unpin", "expire", "never"]),
        data=st.data(),
    )
    def change(self, scope, verb, data):
        if not self.known[scope]:
            return
        id = self.some(data, scope)
        known, before, handle = self.known[scope][id], copy.deepcopy(self.known[scope]), self.handle(scope)
        head = handle.stats().journal_head
        match verb:
            case "retire":
                handle.retire(id)
                known.state = "retired"
            case "restore":
                handle.restore(id)
                known.state = "active"
            case "pin" | "unpin":
                known.pinned = verb == "pin"
                handle.pin(id, known.pinned)
            case "expire" | "never":
                known.expires = self.clock() + timedelta(days=2) if verb == "expire" else None
                handle.expires_at(id, known.expires)
        if handle.stats().journal_head > head:
            self.done(scope, id, before)
        else:
            assert before[id] == known

    @precondition(lambda self: self.undoable)
    @rule(again=st.booleans())
    def undo(self, again):
        scope, run, before = self.undoable.pop()
        after = copy.deepcopy(self.known[scope])
        handle = self.handle(scope)
        by = handle.undo(run)
        with pytest.raises(CannotUndo):
            handle.undo(run)
        self.restore_content(scope, before)
        if again:
            self.compare_content(scope)
            handle.undo(by)
            self.restore_content(scope, after)

    def restore_content(self, scope, content):
        """The visible content is that of before; versions are counted on."""
        handle = self.handle(scope)
        for id, known in content.items():
            fresh = copy.deepcopy(known)
            fresh.version = handle.get(id).version
            self.known[scope][id] = fresh

    @rule(
        scope=st.sampled_from(SCOPES),
        selector=st.sampled_from(["id", "session", "before", "about", "everything"]),
        data=st.data(),
    )
    def forget(self, scope, selector, data):
        handle, known = self.handle(scope), self.known[scope]
        if selector == "id":
            if not known:
                return
            id = self.some(data, scope)
            selection, lost = {"ids": [id]}, {id}
        elif selector == "session":
            selection, lost = {"session": "s1"}, {id for id, k in known.items() if k.session == "s1"}
        elif selector == "before":
            moment = self.clock() - timedelta(days=300)
            selection, lost = {"before": moment}, {id for id, k in known.items() if k.at < moment}
        elif selector == "about":
            selection, lost = {"about": "Bob"}, None
        else:
            selection, lost = {"everything": True}, set(known)
        planned = handle.forget(**selection, dry_run=True)
        done = handle.forget(**selection, compact=data.draw(st.booleans(), label="compact"))
        assert (planned.memories, planned.episodes, planned.versions) == (done.memories, done.episodes, done.versions)
        remaining = {memory.id for memory in self.listed(scope)}
        if lost is None:
            lost = set(known) - remaining
            assert {id for id, k in known.items() if k.speaker == "Bob"} <= lost
        assert remaining == set(known) - lost and done.memories == len(lost)
        for id in lost:
            self.gone.add(id)
            ref = known.pop(id).ref
            if ref is not None:
                self.forgotten[scope].add(ref)
            with pytest.raises(NotFound):
                handle.get(id)
        self.undoable = []

    @rule(step=st.sampled_from([timedelta(microseconds=1), timedelta(hours=5), timedelta(days=3)]))
    def time_passes(self, step):
        self.clock.advance(step)

    @rule()
    def reopen(self):
        self.store.close()
        self.open()

    @rule(scope=st.sampled_from(SCOPES))
    def move_through_a_file(self, scope):
        """Export, import into another database, export again: the same file."""
        folder = Path(self.folder.name)
        self.handle(scope).export(folder / "one")
        with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=self.clock) as other:
            theirs = other.scope(*scope)
            imported = theirs.import_(folder / "one")
            assert imported.memories == len(self.known[scope])
            theirs.export(folder / "two")
            assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
            assert list(theirs.list(state=None, limit=1_000)) == list(self.handle(scope).list(state=None, limit=1_000))
        present = self.handle(scope).import_(folder / "one")
        assert present.episodes == present.memories == 0

    # -- what is compared ----------------------------------------------------------------------------------------------

    def listed(self, scope, **arguments):
        found, after = [], None
        while True:
            page = self.handle(scope).list(**{"state": None, **arguments}, limit=3, after=after)
            found += page
            after = page.next
            if after is None:
                return found

    def compare_content(self, scope):
        seen = {
            m.id: (
                m.text,
                dict(m.metadata),
                m.session,
                m.speaker,
                m.at,
                str(m.state),
                m.pinned,
                m.expires_at,
                m.version,
            )
            for m in self.listed(scope)
        }
        expected = {
            id: (k.text, k.metadata, k.session, k.speaker, k.at, k.state, k.pinned, k.expires, k.version)
            for id, k in self.known[scope].items()
        }
        assert seen == expected
