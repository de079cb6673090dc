"""The same calls to mem0 itself (``infer=False``, without a model) and to the drop-in: the same shapes come back.

Needs mem0ai 2.x; it is compared as it was read, at 2.2.1.
"""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentmem import AgentMemory
from agentmem.compat.mem0 import Memory
from agentmem.testing import FakeEmbedder

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mem0") is None, reason="needs mem0: pip install mem0ai==2.2.1"
)

TALK = [
    {"role": "system", "content": "You are a film critic."},
    {"role": "user", "name": "ana", "content": "I love sci-fi movies."},
    {"role": "assistant", "content": "Then watch the one about the robot."},
    {"role": "tool", "content": "Robot film, 1982."},
    {"role": "assistant", "content": None, "tool_calls": []},
]
EVERY_WORD = (
    "I love sci-fi movies, I watch the one about the robot, a film of 1982; the ferry leaves at noon, a new rule"
)
"""Something of everything: mem0 leaves out what has a cosine below 0."""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("MEM0_TELEMETRY", "False")
    monkeypatch.setenv("MEM0_DIR", str(tmp_path / "home"))
    mem0 = pytest.importorskip("mem0")
    place = {"path": str(tmp_path / "qdrant"), "embedding_model_dims": 64, "on_disk": True}
    unused = {"provider": "openai", "config": {"api_key": "unused"}}
    memory = mem0.Memory.from_config(
        {
            "vector_store": {"provider": "qdrant", "config": place},
            "llm": unused,
            "embedder": unused,
            "history_db_path": str(tmp_path / "history.db"),
        }
    )
    memory.embedding_model = _Embedding()
    yield memory
    memory.vector_store.client.close()
    memory.close()


@pytest.fixture
def ours() -> Iterator[Memory]:
    with AgentMemory.open(":memory:", embedder=FakeEmbedder()) as store:
        yield Memory(store=store)


class _Embedding:
    """The embedder of the tests, with mem0's methods."""

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        return [float(number) for number in FakeEmbedder().embed_query(text)]

    def embed_batch(self, texts: list[str], memory_action: str = "add") -> list[list[float]]:
        return [self.embed(text) for text in texts]


def _script(memory: Any) -> dict[str, Any]:
    """What each call returned, by name."""
    said: dict[str, Any] = {}
    said["add"] = memory.add(
        TALK, user_id="ana", agent_id="critic", run_id="r1", metadata={"topic": "films", "year": 2026}, infer=False
    )
    said["add text"] = memory.add("The ferry leaves at noon.", user_id="ana", metadata={"topic": "travel"}, infer=False)
    said["add for another"] = memory.add("I hate sci-fi movies.", user_id=7, infer=False)
    said["add for an agent"] = memory.add("Be brief.", agent_id="critic", infer=False)
    said["add expired"] = memory.add("Old news.", user_id="ana", infer=False, expiration_date="2020-01-01")
    said["add lasting"] = memory.add("New rule.", user_id="ana", infer=False, expiration_date="2999-01-01")
    said["add nothing"] = memory.add([{"role": "system", "content": "x"}], user_id="ana", infer=False)
    ana: dict[str, Any] = {"user_id": "ana"}
    said["search"] = memory.search(EVERY_WORD, filters={**ana, "topic": "films"}, threshold=0.0)
    said["search one"] = memory.search("sci-fi movies", filters=ana, top_k=1)
    said["search none"] = memory.search("sci-fi movies", filters=ana, top_k=0)
    said["search expired"] = memory.search("old news", filters=ana, show_expired=True, top_k=1)
    said["search agent"] = memory.search(EVERY_WORD, filters={**ana, "agent_id": "critic"}, threshold=0.0)
    said["search topic"] = memory.search(EVERY_WORD, filters={**ana, "topic": "travel"}, threshold=0.0)
    said["search and"] = memory.search(
        EVERY_WORD, filters={**ana, "AND": [{"topic": "films"}, {"year": {"gte": 2026}}]}, threshold=0.0
    )
    said["search or"] = memory.search(
        EVERY_WORD, filters={**ana, "OR": [{"topic": "travel"}, {"topic": {"eq": "films"}}]}, threshold=0.0
    )
    said["search not"] = memory.search(EVERY_WORD, filters={**ana, "NOT": [{"topic": "films"}]}, threshold=0.0)
    said["search in"] = memory.search(EVERY_WORD, filters={**ana, "topic": {"in": ["travel"]}}, threshold=0.0)
    said["search role"] = memory.search(EVERY_WORD, filters={**ana, "role": "tool"}, threshold=0.0)
    said["search nobody"] = memory.search("film", filters={"user_id": "nobody"})
    said["all"] = memory.get_all(filters=ana)
    said["all expired"] = memory.get_all(filters=ana, show_expired=True)
    said["all of the other"] = memory.get_all(filters={"user_id": "7"})
    id = said["add"]["results"][0]["id"]
    said["get"] = memory.get(id)
    said["get nothing"] = memory.get(str(uuid.uuid4()))
    said["update"] = memory.update(id, text="I love horror movies.", metadata={"year": 2027})
    said["updated"] = memory.get(id)
    said["update expiry"] = memory.update(id, expiration_date="2020-01-01")
    said["all but expired"] = memory.get_all(filters={**ana, "agent_id": "critic"})
    said["history"] = memory.history(id)[:2]
    said["history of nothing"] = memory.history(str(uuid.uuid4()))
    said["delete"] = memory.delete(id)
    said["deleted"] = memory.get(id)
    said["delete all"] = memory.delete_all(user_id="ana")
    said["all gone"] = memory.get_all(filters=ana)
    said["others stay"] = memory.get_all(filters={"user_id": "7"})
    said["delete all of nobody"] = memory.delete_all(user_id="nobody")
    said["reset"] = memory.reset()
    said["all gone for all"] = memory.get_all(filters={"user_id": "7"})
    return said


TIMES = {"created_at", "updated_at"}


def _shape(value: Any, key: str | None = None) -> Any:
    """The value with what must differ (ids, times, scores) replaced by its type."""
    if isinstance(value, dict):
        return {name: _shape(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    if key in {"id", "memory_id", "score", *TIMES} and value is not None:
        return type(value).__name__
    return value


def _unordered(said: Any) -> Any:
    """Results without their order, which differs."""
    if isinstance(said, dict) and "results" in said:
        return sorted((_shape(one) for one in said["results"]), key=lambda one: one["memory"])
    return _shape(said)


@pytest.fixture
def both(theirs: Any, ours: Memory) -> tuple[dict[str, Any], dict[str, Any]]:
    return _script(theirs), _script(ours)


def test_the_same_calls_give_the_same_shapes_and_texts(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, given = both
    for name, said in expected.items():
        assert _unordered(given[name]) == _unordered(said), name


def test_keys_come_in_the_same_order_and_times_are_written_alike(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    expected, given = both
    for name in ("get", "updated"):
        assert list(given[name]) == list(expected[name])
    for name in ("search", "all", "add"):
        keys = {tuple(one) for one in expected[name]["results"]}
        assert {tuple(one) for one in given[name]["results"]} == keys
    for one in (expected["get"], given["get"]):
        assert one["created_at"] == one["updated_at"] and one["created_at"].endswith("+00:00")
    for said in (expected, given):
        scores = [one["score"] for one in said["search"]["results"]]
        assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
        assert len(scores) == 3
        assert said["search one"]["results"][0]["memory"] == "I love sci-fi movies."


REFUSED: dict[str, Callable[[Any], Any]] = {
    "add for nobody": lambda memory: memory.add("x", infer=False),
    "add a number": lambda memory: memory.add(3, user_id="ana", infer=False),
    "add with another memory_type": lambda memory: memory.add("x", user_id="ana", memory_type="x", infer=False),
    "add for two words": lambda memory: memory.add("x", user_id="a b", infer=False),
    "add with an expiry that is none": lambda memory: memory.add("x", user_id="a", expiration_date="soon", infer=False),
    "search nobody": lambda memory: memory.search("x"),
    "search nothing": lambda memory: memory.search(" ", filters={"user_id": "ana"}),
    "search below nothing": lambda memory: memory.search("x", filters={"user_id": "ana"}, top_k=-1),
    "search too well": lambda memory: memory.search("x", filters={"user_id": "ana"}, threshold=2),
    "search strangely": lambda memory: memory.search("x", filters={"user_id": "ana", "x": {"like": 1, "eq": 1}}),
    "search empty or": lambda memory: memory.search("x", filters={"user_id": "ana", "OR": []}),
    "list nobody": lambda memory: memory.get_all(),
    "update nothing": lambda memory: memory.update(str(uuid.uuid4())),
    "update nobody": lambda memory: memory.update(str(uuid.uuid4()), text="x"),
    "delete nobody": lambda memory: memory.delete(str(uuid.uuid4())),
    "delete all of nobody": lambda memory: memory.delete_all(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_mem0_refuses_is_refused(name: str, theirs: Any, ours: Memory) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - mem0's are of several families
        REFUSED[name](theirs)
    with pytest.raises(ValueError) as mine:  # noqa: PT011
        REFUSED[name](ours)
    if not isinstance(caught.value, ValueError):  # mem0's own ValidationError
        assert mine.value.error_code == caught.value.error_code
        assert mine.value.details == caught.value.details or name == "add with another memory_type"


def test_the_drop_in_accepts_what_mem0_refuses(theirs: Any, ours: Memory) -> None:
    for memory in (theirs, ours):
        memory.add("I love sci-fi movies.", user_id="ana", infer=False)
    for call in (
        lambda memory: memory.search("movies", user_id="ana"),
        lambda memory: memory.get_all(user_id="ana"),
        lambda memory: memory.search("movies", filters={"AND": [{"user_id": "ana"}]}),
        lambda memory: memory.add("I like tea.", user_id="ana", timestamp=1_700_000_000, infer=False),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            call(theirs)
        assert len(call(ours)["results"]) == 1
