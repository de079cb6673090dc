"""The SDK against a dictionary: whatever is done in whatever order, both tell the same.

The model keeps, for each scope and memory, what a caller may know. Every rule does one thing to both; after each, the
invariants compare everything a caller can ask.
"""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentmem import AgentMemory, Document, Message
from agentmem.errors import CannotUndo, ForgottenRef, InvalidInput, NotFound, RefConflict, VersionConflict
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.types import State

SCOPES = (("a",), ("a", "b"), ("A",))
WORDS = st.sampled_from(["otter", "walrus", "seal", "swims", "sleeps", "Rome", "Lisbon", "Ana's", "7", "the", "?"])
PLAIN = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ODD = st.sampled_from(
    [
        "\x00",
        "NUL\x00in",
        "\U0001f9a6",
        "שלום \u202eabc",
        "e\u0301",
        "\u00e9",
        "東京タワー",
        "\u200b",
        "\x01\x02",
        "?!",
        "a\u2028b",
    ]
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda text: not text.isspace())
TEXTS = st.one_of(PLAIN, PLAIN, ODD, ANY)
METADATA = st.dictionaries(
    st.sampled_from("ab"), st.one_of(st.integers(-3, 3), st.none(), st.text(max_size=3)), max_size=2
)
SESSIONS = st.sampled_from([None, "s1", "s2"])


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


def encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Model(RuleBasedStateMachine):
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

    # -- what is done -----------------------------------------------------------------------------------------------

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

    # -- what must hold ---------------------------------------------------------------------------------------------

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

    def live(self, scope):
        return {
            id
            for id, k in self.known[scope].items()
            if k.state == "active" and (k.expires is None or k.expires > self.clock())
        }

    @invariant()
    def listing_and_getting_agree_with_the_model(self):
        if self.store is None:
            return
        for scope in SCOPES:
            self.compare_content(scope)
            for id in list(self.known[scope])[:3]:
                assert self.handle(scope).get(id).text == self.known[scope][id].text
            listed = self.listed(scope)
            assert [m.at for m in listed] == sorted(m.at for m in listed)
            active = {id for id, k in self.known[scope].items() if k.state == "active"}
            assert {m.id for m in self.listed(scope, state="active")} == active
            stats = self.handle(scope).stats()
            assert (stats.memories, stats.retired) == (len(active), len(listed) - len(active))

    @invariant()
    def what_was_true_is_told_as_it_was(self):
        if self.store is None:
            return
        for scope in SCOPES:
            for moment in (self.clock(), self.clock() - timedelta(days=2)):
                told = [(m.id, m.text) for m in self.listed(scope, as_of=moment)]
                assert len(told) == len({id for id, _ in told})
                for id, known in self.known[scope].items():
                    if known.state != "active":
                        continue
                    true = [text for since, text in known.truths if since <= moment]
                    assert dict(told).get(id) == (true[-1] if true else None)

    @invariant()
    def retrieval_finds_every_live_memory_by_its_own_text_and_none_of_another_scope(self):
        if self.store is None:
            return
        for scope in SCOPES:
            handle, live = self.handle(scope), self.live(scope)
            every = {hit.id for hit in handle.retrieve("otter", k=500)}
            assert every == live or (len(live) > 80 and every < live)
            for id in sorted(live)[-2:]:
                text = self.known[scope][id].text
                same = [k.text for k in self.known[scope].values()].count(text)
                found = handle.retrieve(text, k=5 + same)
                assert id in {hit.id for hit in found}, text
                assert all(0 <= hit.score <= 1 for hit in found)

    @invariant()
    def other_scopes_do_not_know_it(self):
        if self.store is None:
            return
        for scope in SCOPES:
            for id in list(self.known[scope])[:1]:
                for other in SCOPES:
                    if other != scope:
                        for verb in ("get", "history", "retire", "restore", "pin"):
                            with pytest.raises(NotFound):
                                getattr(self.handle(other), verb)(id)
                        with pytest.raises(NotFound):
                            self.handle(other).update(id, text="x")
                        with pytest.raises(NotFound):
                            self.handle(other).forget(ids=[id])

    @invariant()
    def the_journal_only_grows_and_versions_follow_one_another(self):
        if self.store is None:
            return
        for scope in SCOPES:
            head = self.handle(scope).stats().journal_head
            assert head >= self.heads[scope]
            self.heads[scope] = head
            for id, known in self.known[scope].items():
                history = self.handle(scope).history(id)
                assert [entry.version for entry in history] == list(range(1, known.version + 1))
                numbers = [change.seq for entry in history for change in entry.changes]
                assert len(numbers) == len(set(numbers)) and max(numbers) <= head
                for source in history[-1].memory.sources[:1]:
                    episode = self.handle(scope).episode(source.episode)
                    assert episode.text[source.start : source.end] == history[0].text


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@given(text=st.text(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_string_is_kept_as_it_is_or_refused_as_empty_or_broken(shared, text):
    if not text or text.isspace():
        with pytest.raises(InvalidInput):
            shared.add(text)
        return
    receipt = shared.add(text)
    assert shared.episode(receipt.episodes[0]).text == text
    assert shared.retrieve(text, k=1)


@given(text=st.text(st.characters(categories=["Cs"], include_characters="ab \x00"), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_surrogates_are_joined_in_pairs_or_refused(shared, text):
    try:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        joined = None
    if joined is None or joined.isspace():
        with pytest.raises(InvalidInput):
            shared.add(text)
    else:
        assert shared.episode(shared.add(text).episodes[0]).text == joined


@given(
    parts=st.lists(
        st.one_of(ANY, st.sampled_from([". ", "\n\n", " ", "。", "? ", "Mr. ", "x" * 700, "\t"])), max_size=40
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_of_any_document_are_its_text_at_their_spans_and_cover_it(shared, parts):
    text = "".join(parts)
    if not text or text.isspace():
        return
    receipt = shared.add(Document(text))
    covered = set()
    for id in receipt.ids:
        memory = shared.get(id)
        (source,) = memory.sources
        assert text[source.start : source.end] == memory.text and len(memory.text) <= 1_000
        covered.update(range(source.start, source.end))
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(metadata=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), JSON, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_metadata_comes_back_equal(shared, metadata):
    (id,) = shared.add("otter", metadata=metadata).ids
    assert shared.get(id).metadata == metadata
    for key, value in metadata.items():
        if not isinstance(value, dict) and key not in ("or", "and", "not"):
            assert id in {memory.id for memory in shared.list(where={key: value}, limit=1_000)}


@given(moment=st.datetimes(timezones=st.timezones()))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_moment_comes_back_as_the_same_moment(shared, moment):
    try:
        moment.timestamp()
        shared_moment = moment.astimezone(tz=__import__("datetime").UTC)
    except (OverflowError, ValueError):
        return
    (id,) = shared.add("otter", at=moment).ids
    assert shared.get(id).at == shared_moment
    assert id in {memory.id for memory in shared.list(since=moment, until=None, limit=1_000)}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One scope for many examples: they only ever add."""
    path = tmp_path_factory.mktemp("shared") / "memory.db"
    with AgentMemory.open(path, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        yield store.scope("a")


def test_states_are_words():
    assert {str(state) for state in State} == {"active", "retired", "quarantined"}
