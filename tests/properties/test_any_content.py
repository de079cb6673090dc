"""Whatever a caller hands over: it is kept as it is, or refused."""

from __future__ import annotations

import pytest
from contents import ANY, JSON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Document
from agentmem.errors import InvalidInput
from agentmem.testing import FakeClock, FakeEmbedder


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One scope for many examples: they only ever add."""
    path = tmp_path_factory.mktemp("shared") / "memory.db"
    with AgentMemory.open(path, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        yield store.scope("a")


@given(text=st.text(max_size=300))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_string_is_kept_as_it_is_or_refused_as_empty_or_broken(shared, text):
    if not text or text.isspace():
        with pytest.raises(InvalidInput):
            shared.add(text)
        return
    receipt = shared.add(text)
    assert shared.episode(receipt.episodes[0]).text == text
    assert shared.retrieve(text, k=1)


@given(text=st.text(st.characters(categories=["Cs"], include_characters="ab \x00"), min_size=1, max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@given(metadata=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), JSON, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_metadata_comes_back_equal(shared, metadata):
    (id,) = shared.add("otter", metadata=metadata).ids
    assert shared.get(id).metadata == metadata
    for key, value in metadata.items():
        if not isinstance(value, dict) and key not in ("or", "and", "not"):
            assert id in {memory.id for memory in shared.list(where={key: value}, limit=1_000)}


@given(moment=st.datetimes(timezones=st.timezones()))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_moment_comes_back_as_the_same_moment(shared, moment):
    try:
        moment.timestamp()
        shared_moment = moment.astimezone(tz=__import__("datetime").UTC)
    except (OverflowError, ValueError):
        return
    (id,) = shared.add("otter", at=moment).ids
    assert shared.get(id).at == shared_moment
    assert id in {memory.id for memory in shared.list(since=moment, until=None, limit=1_000)}
