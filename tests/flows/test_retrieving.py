"""``retrieve``: every filter selects exactly what it says, scores keep their promise, budgets hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Message, Scope
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder

DAY = timedelta(days=1)


@pytest.fixture
def talk(handle, clock):
    """Five turns of two sessions, a day apart."""
    start = clock() - 10 * DAY
    turns = [
        Message("I adopted an otter", speaker="Ana", session="s1", at=start, metadata={"topic": "pets", "stars": 5}),
        Message("An otter? Where?", speaker="Bob", session="s1", at=start + DAY, metadata={"topic": "pets"}),
        Message("By the otter river", speaker="Ana", session="s1", at=start + 2 * DAY, metadata={"stars": 3}),
        Message("The otter ate my soap", speaker="Ana", session="s2", at=start + 3 * DAY, metadata={"tags": ["soap"]}),
        Message("Otter soap is a thing", speaker="Bob", session="s2", at=start + 4 * DAY, metadata={"topic": "shop"}),
    ]
    handle.add(turns)
    return handle


def texts(hits):
    return {hit.text for hit in hits}


def test_scores_lie_between_0_and_1_and_descend(talk):
    scores = [hit.score for hit in talk.retrieve("otter soap")]
    assert all(0 <= score <= 1 for score in scores) and scores == sorted(scores, reverse=True)


def test_the_same_question_gives_the_same_answer(talk, database, clock):
    first = talk.retrieve("otter soap")
    assert talk.retrieve("otter soap") == first
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as other:
        again = other.scope("acme", "ana").retrieve("otter soap")
    assert [hit.id for hit in again] == [hit.id for hit in first]
    assert [hit.score for hit in again] == pytest.approx([hit.score for hit in first], abs=1e-5)


def test_no_more_than_k_come_back_and_none_twice(talk):
    for k in (1, 3, 100):
        ids = [hit.id for hit in talk.retrieve("otter", k=k)]
        assert len(ids) == len(set(ids)) == min(k, 5)


def test_a_hit_says_all_that_its_memory_says(talk):
    hit = talk.retrieve("ate my soap", k=1)[0]
    memory = talk.get(hit.id)
    for name in ("text", "kind", "at", "sources", "version", "session", "speaker", "role", "title", "metadata"):
        assert getattr(hit, name) == getattr(memory, name)
    assert hit.scope == talk.scope and set(hit.signals) >= {"bm25", "dense"}


def test_a_session_filter_keeps_to_the_session(talk):
    assert texts(talk.retrieve("otter", session="s2")) == {"The otter ate my soap", "Otter soap is a thing"}
    assert talk.retrieve("otter", session="S2") == talk.retrieve("otter", session="") == []


def test_since_is_inclusive_and_until_exclusive(talk, clock):
    start = clock() - 10 * DAY
    found = talk.retrieve("otter", since=start + DAY, until=start + 3 * DAY)
    assert texts(found) == {"An otter? Where?", "By the otter river"}


def test_times_of_any_zone_are_compared_as_moments(talk, clock):
    from zoneinfo import ZoneInfo

    moment = (clock() - 8 * DAY).astimezone(ZoneInfo("Asia/Tokyo"))
    assert texts(talk.retrieve("otter", since=moment)) == texts(talk.retrieve("otter", since=moment.astimezone(UTC)))


def test_kinds_are_a_list_and_unknown_ones_hold_nothing(talk):
    assert len(talk.retrieve("otter", kinds=["chunk"])) == 5
    assert talk.retrieve("otter", kinds=["fact"]) == talk.retrieve("otter", kinds=[]) == []
    with pytest.raises(InvalidInput):
        talk.retrieve("otter", kinds="chunk")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"topic": "pets"}, {"I adopted an otter", "An otter? Where?"}),
        ({"stars": {"gte": 3}}, {"I adopted an otter", "By the otter river"}),
        ({"stars": {"gt": 3, "lte": 5}}, {"I adopted an otter"}),
        ({"stars": {"lt": "x"}}, set()),
        ({"topic": {"in": ["shop", "none"]}}, {"Otter soap is a thing"}),
        ({"tags": {"contains": "soap"}}, {"The otter ate my soap"}),
        ({"tags": {"in": {"soap"}}}, set()),
        ({"topic": {"exists": False}, "stars": {"exists": False}}, {"The otter ate my soap"}),
        ({"or": [{"topic": "shop"}, {"stars": 3}]}, {"Otter soap is a thing", "By the otter river"}),
        ({"not": {"topic": {"exists": True}}}, {"By the otter river", "The otter ate my soap"}),
        ({"and": [{"topic": "pets"}, {"stars": {"exists": True}}]}, {"I adopted an otter"}),
        ({"topic": {"ne": "pets"}}, {"By the otter river", "The otter ate my soap", "Otter soap is a thing"}),
        ({"topic": {"nin": ["pets"]}}, {"By the otter river", "The otter ate my soap", "Otter soap is a thing"}),
    ],
)
def test_where_selects_by_metadata_in_retrieve_and_list_alike(talk, where, found):
    assert texts(talk.retrieve("otter", where=where)) == found
    assert texts(talk.list(where=where)) == found


@pytest.mark.parametrize(
    "where",
    [{"a": {"like": 1}}, {"a": {"in": "abc"}}, {"or": {"a": 1}}, {"not": [1]}, ["a"], "a", {"or": [1]}],
)
def test_a_condition_that_means_nothing_is_refused_even_by_an_empty_scope(handle, where):
    for call in (lambda: handle.retrieve("x", where=where), lambda: handle.list(where=where)):
        with pytest.raises(InvalidInput):
            call()


@pytest.mark.parametrize("query", ["", "  \n", None, 7])
def test_an_empty_question_is_refused(talk, query):
    for verb in (talk.retrieve, talk.context):
        with pytest.raises(InvalidInput):
            verb(query)


@pytest.mark.parametrize("query", ["?!", "the", "\x00", "\ud800", "\U0001f9a6", "otter " * 5_000, "' OR 1=1 --", "%"])
def test_any_other_question_is_answered_without_an_error(talk, query):
    talk.retrieve(query)


@pytest.mark.parametrize("arguments", [{"k": 0}, {"k": -3}, {"tokens": 0}, {"tokens": -1}])
def test_counts_below_one_are_refused(talk, arguments):
    with pytest.raises(InvalidInput):
        talk.retrieve("otter", **arguments)


def test_tokens_leave_out_what_does_not_fit_best_first(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, count_tokens=len) as store:
        handle = store.scope("a")
        handle.add(["otter " * 40, "otter", "otters swim"])
        found = handle.retrieve("otter", tokens=150)
    assert texts(found) == {"otter", "otters swim"}


def test_reasons_are_given_when_asked_for(talk):
    assert all(hit.reasons == () for hit in talk.retrieve("What did Ana say of soap?"))
    best = talk.retrieve("What did Ana say of soap?", explain=True)[0]
    assert best.reasons and all(isinstance(reason, str) for reason in best.reasons)


def test_a_scope_that_holds_nothing_answers_with_nothing(store):
    handle = store.scope("nobody")
    assert handle.retrieve("x") == [] and handle.context("x") == "" and list(handle.list()) == []
    assert store.scopes() == ()


def test_what_was_true_then_is_found_by_words_and_by_vectors(database, clock, tmp_path):
    for embedder, path in ((FakeEmbedder(), database), ("none", tmp_path / "words.db")):
        with AgentMemory.open(path, embedder=embedder, clock=clock) as store:
            handle = store.scope("a")
            (id,) = handle.add("Ana lives in Rome", at=clock() - 9 * DAY).ids
            handle.update(id, text="Ana lives in Lisbon", valid_from=clock() - 5 * DAY)
            then = handle.retrieve("Rome", as_of=clock() - 7 * DAY)
            assert [(hit.text, hit.version) for hit in then] == [("Ana lives in Rome", 1)]
            assert [hit.text for hit in handle.retrieve("Where does Ana live?")] == ["Ana lives in Lisbon"]
            assert handle.retrieve("Ana", as_of=clock() - 20 * DAY) == []


def test_reading_other_scopes_finds_in_all_and_writes_to_its_own(store):
    mine, team = store.scope("acme", "ana"), store.scope("acme", "team")
    mine.add("My otter sleeps")
    team.add("The team's otter works")
    both = mine.reading(Scope("acme", "team"))
    assert {hit.scope for hit in both.retrieve("otter")} == {mine.scope, team.scope}
    both.add("Another otter")
    assert (mine.stats().episodes, team.stats().episodes) == (2, 1)
    assert len(mine.retrieve("otter")) == 2


def test_reading_a_scope_twice_finds_nothing_twice(store):
    mine, team = store.scope("a"), Scope("b")
    mine.add("My otter sleeps")
    store.scope(team).add("Our otter")
    both = mine.reading(team, mine.scope).reading(team, team)
    assert len(both.retrieve("otter")) == 2


def test_reading_takes_scopes_only(handle):
    for wrong in ("team", handle, None, ("acme", "team")):
        with pytest.raises(InvalidInput):
            handle.reading(wrong)


def test_the_best_of_several_scopes_are_kept(store):
    a, b = store.scope("a"), store.scope("b")
    a.add([f"The weather of day {i}" for i in range(30)])
    b.add("otters eat urchins")
    assert a.reading(b.scope).retrieve("What do otters eat?", k=3)[0].text == "otters eat urchins"


def test_every_text_is_found_by_itself_among_two_hundred(handle):
    words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "islet", "jade", "kelp", "lagoon"]
    lines = [f"{a} {b} {i}" for i, (a, b) in enumerate((a, b) for a in words for b in words if a != b)]
    ids = handle.add(lines).ids
    for id, line in list(zip(ids, lines, strict=True))[::7]:
        assert id in [hit.id for hit in handle.retrieve(line, k=3)]


def test_a_pinned_memory_does_not_expire(handle, clock):
    kept, gone = handle.add(["pinned otter", "other otter"]).ids
    for id in (kept, gone):
        handle.expires_at(id, clock() + DAY)
    handle.pin(kept)
    clock.advance(days=2)
    assert [hit.id for hit in handle.retrieve("otter")] == [kept]


def test_a_memory_expires_at_its_moment_and_stays_in_history(handle, clock):
    (id,) = handle.add("otter").ids
    handle.expires_at(id, clock() + DAY)
    clock.advance(DAY - timedelta(microseconds=1))
    assert handle.retrieve("otter")
    clock.advance(microseconds=1)
    assert handle.retrieve("otter") == []
    assert handle.get(id).text == "otter" and len(handle.history(id)) == 1
    handle.expires_at(id, None)
    assert handle.retrieve("otter")


def test_a_question_in_the_year_one_is_no_error(handle):
    handle.add("otter")
    assert handle.retrieve("otter", as_of=datetime(1, 1, 1, tzinfo=UTC)) == []
