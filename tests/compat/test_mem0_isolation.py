"""Whose memory a call reaches: by properties against a model of both rules, and by id."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory
from agentmem.compat.mem0 import Memory, MemoryNotFound
from agentmem.errors import InvalidInput

KEYS = ("user_id", "agent_id", "run_id")
_ids = st.fixed_dictionaries({}, optional={key: st.sampled_from(["a", "b"]) for key in KEYS}).filter(bool)


def _scope(whose: dict[str, str]) -> tuple[str, str]:
    """The identifier that stands first, as the documentation says it."""
    return next((key, whose[key]) for key in KEYS if key in whose)


def _agrees(added: dict[str, str], asked: dict[str, str]) -> bool:
    """mem0's rule: every identifier that is asked for was given."""
    return asked.items() <= added.items()


@settings(max_examples=15)
@given(added=st.lists(_ids, min_size=1, max_size=8), asked=_ids, across=st.booleans())
def test_a_call_reaches_what_was_added_for_all_it_names_and_for_no_other_user(
    added: list[dict[str, str]], asked: dict[str, str], across: bool
) -> None:
    with AgentMemory.open(":memory:", embedder="none") as store:
        mem0 = Memory(store=store, across_users=across)
        for number, whose in enumerate(added):
            mem0.add(f"film number{number}", infer=False, **whose)
        expected = {
            f"film number{number}"
            for number, whose in enumerate(added)
            if _agrees(whose, asked) and (across or _scope(whose) == _scope(asked))
        }
        as_filter = mem0.get_all(filters=asked, top_k=100)["results"]
        assert {one["memory"] for one in as_filter} == expected
        assert {one["memory"] for one in mem0.get_all(top_k=100, **asked)["results"]} == expected
        found = mem0.search("film", filters={"AND": [asked]}, top_k=100, threshold=0.0)["results"]
        assert {one["memory"] for one in found} == expected
        for one in found:
            assert asked.items() <= {key: one[key] for key in KEYS if key in one}.items()


@settings(max_examples=10)
@given(added=st.lists(_ids, min_size=1, max_size=6), asked=_ids)
def test_delete_all_leaves_nothing_that_mem0_would_delete_or_deletes_nothing(
    added: list[dict[str, str]], asked: dict[str, str]
) -> None:
    with AgentMemory.open(":memory:", embedder="none") as store:
        mem0, everything = Memory(store=store), Memory(store=store, across_users=True)
        for number, whose in enumerate(added):
            mem0.add(f"film number{number}", infer=False, **whose)
        before = store.scopes()
        beyond = any(_agrees(whose, asked) and _scope(whose) != _scope(asked) for whose in added)
        if beyond:
            with pytest.raises(ValueError, match="Nothing was deleted"):
                mem0.delete_all(**asked)
            held = sum(store.scope(scope).stats().episodes for scope in before)
            assert held == len(added)
            everything.delete_all(**asked)
        else:
            mem0.delete_all(**asked)
        held = sum(store.scope(scope).stats().episodes for scope in before)
        assert held == sum(not _agrees(whose, asked) for whose in added)


def test_a_search_for_nobody_is_refused(mem0: Memory) -> None:
    for call in (lambda: mem0.search("x"), mem0.get_all, lambda: mem0.search("x", filters={"topic": "y"})):
        with pytest.raises(ValueError, match="Say whose memory"):
            call()
    with pytest.raises(ValueError, match="reset"):
        mem0.delete_all()


@pytest.mark.parametrize(
    "filters",
    [
        {"user_id": "*"},
        {"user_id": {"in": ["ana", "bo"]}},
        {"OR": [{"user_id": "ana"}, {"user_id": "bo"}]},
        {"user_id": "ana", "OR": [{"user_id": "bo"}]},
        {"user_id": "ana", "NOT": [{"user_id": "bo"}]},
        {"user_id": "ana", "AND": [{"user_id": "bo"}]},
        {"user_id": None},
    ],
)
def test_no_filter_reaches_several_users(mem0: Memory, filters: dict[str, object]) -> None:
    mem0.add("A secret of Bo.", user_id="bo")
    mem0.add("A secret of Ana.", user_id="ana")
    with pytest.raises(ValueError, match="user_id"):
        mem0.search("secret", filters=filters)


def test_an_argument_and_a_filter_that_differ_are_refused(mem0: Memory) -> None:
    with pytest.raises(ValueError, match="Two different values"):
        mem0.search("x", user_id="ana", filters={"user_id": "bo"})


def test_agents_and_runs_of_one_user_can_be_a_condition(mem0: Memory) -> None:
    for agent in ("guide", "cook"):
        mem0.add(f"From the {agent}.", user_id="ana", agent_id=agent)
    mem0.add("From nobody.", user_id="ana")

    def found(condition: object) -> int:
        return len(mem0.get_all(filters={"user_id": "ana", "agent_id": condition})["results"])

    assert (found("*"), found(["guide", "cook"]), found({"ne": "guide"}), found("guide")) == (2, 2, 2, 1)


def test_an_id_is_found_wherever_it_is_and_only_with_its_owner_when_one_is_named(store: AgentMemory) -> None:
    mem0 = Memory(store=store)
    (entry,) = mem0.add("A secret of Bo.", user_id="bo", agent_id="guide")["results"]
    id, fresh = entry["id"], Memory(store=store)  # one that has not seen it
    assert fresh.get(id)["user_id"] == mem0.get(id)["user_id"] == "bo"
    assert fresh.get(id, user_id="bo", agent_id="guide")["id"] == id
    for stranger in ({"user_id": "ana"}, {"user_id": "bo", "agent_id": "cook"}, {"agent_id": "guide"}):
        assert mem0.get(id, **stranger) is None
        assert mem0.history(id, **stranger) == []
        for refused in (lambda who=stranger: mem0.delete(id, **who), lambda who=stranger: mem0.update(id, "x", **who)):
            with pytest.raises(MemoryNotFound):
                refused()
    assert mem0.get(id)["memory"] == "A secret of Bo."


def test_what_others_keep_in_the_database_is_out_of_reach(store: AgentMemory) -> None:
    (id,) = store.scope("acme", "ana").add("Not of this collection.").ids
    (other,) = Memory(store=store, collection="other").add("Of another.", user_id="ana")["results"]
    mem0 = Memory(store=store)
    assert mem0.get(id) is None and mem0.get(other["id"]) is None
    mem0.reset()
    assert store.scope("acme", "ana").stats().episodes == store.scope("other", "user", "ana").stats().episodes == 1


def test_the_log_says_once_that_users_are_not_looked_at(mem0: Memory, caplog: pytest.LogCaptureFixture) -> None:
    mem0.add("hello", agent_id="guide")
    mem0.get_all(agent_id="guide")
    assert "what was added with a user_id" not in caplog.text
    mem0.add("hello", user_id="ana", agent_id="guide")
    for _ in range(2):
        assert len(mem0.get_all(agent_id="guide")["results"]) == 1
    assert caplog.text.count("what was added with a user_id") == 1


@pytest.mark.parametrize("verb", ["get", "update", "delete", "history"])
@pytest.mark.parametrize("id", [None, 7])
def test_an_id_is_text(mem0: Memory, verb: str, id: object) -> None:
    with pytest.raises(InvalidInput, match="memory_id"):
        getattr(mem0, verb)(id, **({"text": "x"} if verb == "update" else {}))
