"""Search results and their bounds, updates, deletion, history, reset."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.compat.mem0 import Memory, MemoryNotFound
from agentmem.testing import FakeClock, FakeEmbedder, ScriptedChat


def _ids(added: dict[str, list[dict[str, str]]]) -> list[str]:
    return [entry["id"] for entry in added["results"]]


def test_results_are_best_first_with_scores_from_0_to_1(mem0: Memory) -> None:
    for text in ("The ferry leaves at noon.", "Rita has a bakery in Porto.", "The bakery closes at six."):
        mem0.add(text, user_id="ana")
    found = mem0.search("When does the bakery close?", user_id="ana")["results"]
    scores = [one["score"] for one in found]
    assert found[0]["memory"] == "The bakery closes at six."
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
    assert len(mem0.search("bakery", user_id="ana", top_k=1)["results"]) == 1
    assert mem0.search("bakery", user_id="ana", top_k=0) == {"results": []}
    least = scores[1]
    above = mem0.search("When does the bakery close?", user_id="ana", threshold=least)["results"]
    assert [one["score"] for one in above] == [score for score in scores if score >= least]


def test_without_vectors_the_only_match_is_found_however_low_its_score() -> None:
    with AgentMemory.open(":memory:", embedder="none") as store:
        mem0 = Memory(store=store)
        mem0.add("The ferry leaves at noon.", user_id="ana", infer=False)
        assert len(mem0.search("ferry", user_id="ana")["results"]) == 1
        assert mem0.search("ferry", user_id="ana", threshold=0.1)["results"] == []


@pytest.mark.parametrize(
    "given", [{"top_k": -1}, {"top_k": 1.5}, {"top_k": True}, {"threshold": 1.1}, {"threshold": "x"}, {"query": " "}]
)
def test_bounds_are_checked(mem0: Memory, given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"top_k|threshold|query"):
        mem0.search(**{"query": "x", "user_id": "ana", **given})  # type: ignore[arg-type]


def test_an_argument_of_older_versions_is_not_left_unread(mem0: Memory) -> None:
    for call in (mem0.get_all, lambda **given: mem0.search("x", **given)):
        with pytest.raises(TypeError, match="top_k"):
            call(user_id="ana", limit=5)


def test_explain_tells_what_a_score_is_made_of(mem0: Memory) -> None:
    mem0.add("The bakery closes at six.", user_id="ana")
    (found,) = mem0.search("bakery", user_id="ana", explain=True)["results"]
    assert found["score_details"]["signals"]["bm25"] > 0 and found["score_details"]["reasons"]
    assert "score_details" not in mem0.search("bakery", user_id="ana")["results"][0]


def test_a_reference_date_asks_what_was_true_then(mem0: Memory, clock: FakeClock) -> None:
    (id,) = _ids(mem0.add("Ana lives in Lisbon.", user_id="ana", timestamp="2025-03-01"))
    mem0.update(id, "Ana lives in Porto.")

    def answer(**given: object) -> list[str]:
        return [one["memory"] for one in mem0.search("Where does Ana live?", user_id="ana", **given)["results"]]

    assert answer() == ["Ana lives in Porto."]
    assert answer(reference_date="2025-06-01") == ["Ana lives in Lisbon."]
    assert answer(reference_date=1_700_000_000) == []


def test_rerank_without_a_model_changes_nothing_and_says_so_once(
    mem0: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    mem0.add("The bakery closes at six.", user_id="ana", infer=False)
    for _ in range(2):
        assert mem0.search("bakery", user_id="ana", rerank=True) == mem0.search("bakery", user_id="ana")
    assert caplog.text.count("rerank=True") == 1


def test_rerank_lets_the_model_judge(database: Path) -> None:
    llm = ScriptedChat({"rerank": '{"scores": [{"index": 0, "score": 0.1}, {"index": 1, "score": 0.9}]}'})
    with AgentMemory.open(database, embedder=FakeEmbedder(), llm=llm) as store:
        mem0 = Memory(store=store)
        mem0.add([{"role": "user", "content": f"bakery {name}"} for name in ("one", "two")], user_id="ana", infer=False)
        mem0.search("bakery", user_id="ana", rerank=True)
        assert llm.requests


def test_update_makes_a_version_and_keeps_what_is_not_named(mem0: Memory, clock: FakeClock) -> None:
    (id,) = _ids(mem0.add("I love sci-fi.", user_id="ana", metadata={"topic": "films", "year": 2025}))
    before = mem0.get(id)
    clock.advance(hours=1)
    assert mem0.update(id, "I love horror.", metadata={"year": 2026}) == {"message": "Memory updated successfully!"}
    after = mem0.get(id)
    assert after["memory"] == "I love horror." and after["metadata"] == {"topic": "films", "year": 2026}
    assert after["created_at"] == before["created_at"] < after["updated_at"]
    assert after["hash"] != before["hash"]
    rows = mem0.history(id)
    assert [(row["event"], row["old_memory"], row["new_memory"]) for row in rows] == [
        ("ADD", None, "I love sci-fi."),
        ("UPDATE", "I love sci-fi.", "I love horror."),
    ]
    assert not any(row["is_deleted"] for row in rows)
    mem0.update(id, data="I love westerns.")
    assert mem0.search("westerns", user_id="ana")["results"][0]["updated_at"] == mem0.get(id)["updated_at"]


def test_update_cannot_move_a_memory_to_another_user(mem0: Memory, caplog: pytest.LogCaptureFixture) -> None:
    (id,) = _ids(mem0.add("hello", user_id="ana", agent_id="guide"))
    mem0.update(id, metadata={"user_id": "bo", "agent_id": "cook", "topic": "x"})
    found = mem0.get(id)
    assert (found["user_id"], found["agent_id"], found["metadata"]) == ("ana", "guide", {"topic": "x"})
    assert "metadata['agent_id'] is not used" in caplog.text


def test_an_expiry_is_set_and_lifted_by_update(mem0: Memory) -> None:
    (id,) = _ids(mem0.add("hello", user_id="ana"))
    mem0.update(id, expiration_date="2020-01-01")
    assert mem0.get_all(user_id="ana")["results"] == []
    mem0.update(id, "hello again")  # leaves the expiry alone
    assert mem0.get(id)["expiration_date"] == "2020-01-01" and mem0.get_all(user_id="ana")["results"] == []
    mem0.update(id, expiration_date=None)
    assert "expiration_date" not in mem0.get(id) and len(mem0.get_all(user_id="ana")["results"]) == 1
    mem0.update(id, metadata={"expiration_date": "2020-01-01"})
    assert mem0.get_all(user_id="ana")["results"] == []


def test_update_refuses_nothing_and_nobody(mem0: Memory) -> None:
    (id,) = _ids(mem0.add("hello", user_id="ana"))
    with pytest.raises(ValueError, match="needs a text"):
        mem0.update(id)
    for call in (lambda: mem0.update("nobody", "x"), lambda: mem0.delete("nobody")):
        with pytest.raises(MemoryNotFound, match="nobody"):
            call()
    assert issubclass(MemoryNotFound, ValueError) and issubclass(MemoryNotFound, LookupError)


def test_delete_leaves_nothing_in_the_file(database: Path) -> None:
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        mem0 = Memory(store=store)
        first, second = _ids(
            mem0.add(
                [{"role": "user", "content": "I have rosacea."}, {"role": "user", "content": "Hello."}], user_id="ana"
            )
        )
        mem0.update(first, "I had rosacea once.")
        assert mem0.delete(first) == {"message": "Memory deleted successfully!"}
        assert mem0.get(first) is None and mem0.history(first) == [] and mem0.get(second) is not None
        with pytest.raises(MemoryNotFound):
            mem0.delete(first)
    assert b"rosacea" not in database.read_bytes()


def test_a_long_message_is_several_memories_that_are_deleted_together(mem0: Memory) -> None:
    long = " ".join(f"Sentence number {number} says something." for number in range(100))
    ids = _ids(mem0.add(long, user_id="ana"))
    assert len(ids) > 1
    mem0.delete(ids[1])
    assert mem0.get_all(user_id="ana")["results"] == []


def test_reset_leaves_nothing(mem0: Memory) -> None:
    mem0.add("hello", user_id="ana")
    mem0.add("hello", agent_id="guide")
    mem0.reset()
    assert mem0.get_all(user_id="ana") == mem0.get_all(agent_id="guide") == {"results": []}
    assert mem0.delete_all(user_id="nobody") == {"message": "Memories deleted successfully!"}


def test_get_all_is_in_order_of_time(mem0: Memory) -> None:
    for day in (3, 1, 2):
        mem0.add(f"Day {day}.", user_id="ana", timestamp=f"2024-06-0{day}")
    listed = mem0.get_all(user_id="ana", top_k=2)["results"]
    assert [one["memory"] for one in listed] == ["Day 1.", "Day 2."]
    assert all("score" not in one for one in listed)
    with pytest.raises(ValueError, match="top_k"):
        mem0.get_all(user_id="ana", top_k=-1)
