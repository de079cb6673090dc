"""mem0's configuration: what maps, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentmem import AgentMemory
from agentmem.compat.mem0 import AsyncMemory, Memory
from agentmem.compat.mem0.configuration import configuration
from agentmem.models.openai import OpenAIEmbedder
from agentmem.testing.chat_server import Messages, chat_server

WORDS = {"provider": "huggingface", "config": {"model": "none"}}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AGENTMEM_DB", "AGENTMEM_EMBEDDER", "AGENTMEM_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_configuration_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = configuration()
    assert (chosen.path, chosen.collection, chosen.embedder, chosen.llm) == (
        Path("agentmem.db"),
        "mem0",
        "default",
        "none",
    )
    monkeypatch.setenv("AGENTMEM_DB", str(tmp_path / "mine.db"))
    monkeypatch.setenv("AGENTMEM_EMBEDDER", "none")
    with Memory() as mem0:
        mem0.add("hello", user_id="ana")
    assert (tmp_path / "mine.db").is_file()


@pytest.mark.parametrize("provider", ["qdrant", "chroma", "faiss", "agentmem"])
def test_a_folder_of_a_vector_store_gets_the_database(tmp_path: Path, provider: str) -> None:
    stated = {"path": str(tmp_path / "qdrant"), "collection_name": "mine", "embedding_model_dims": 384, "on_disk": True}
    config = {"vector_store": {"provider": provider, "config": stated}, "embedder": WORDS, "version": "v1.1"}
    with Memory.from_config(config) as mem0:
        mem0.add("hello", user_id="ana")
        assert [scope.names for scope in mem0.store.scopes()] == [("mine", "user", "ana")]
    assert (tmp_path / "qdrant" / "agentmem.db").is_file()
    with Memory.from_config(config) as mem0:
        assert len(mem0.get_all(user_id="ana")["results"]) == 1


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    chosen = configuration({"vector_store": {"config": {"path": str(tmp_path / "x.sqlite")}}})
    assert chosen.path == tmp_path / "x.sqlite"


@pytest.mark.parametrize(
    ("provider", "stated", "url"),
    [
        ("openai", {"openai_base_url": "http://here/v1"}, "http://here/v1"),
        ("openai", {}, None),
        ("ollama", {}, "http://localhost:11434/v1"),
        ("ollama", {"ollama_base_url": "http://box:11434"}, "http://box:11434/v1"),
        ("lmstudio", {}, "http://localhost:1234/v1"),
        ("vllm", {"vllm_base_url": "http://box:8000/v1/"}, "http://box:8000/v1"),
    ],
)
def test_servers_of_openais_protocol_map(provider: str, stated: dict[str, Any], url: str | None) -> None:
    section = {"provider": provider, "config": {"model": "m", "api_key": "k", "temperature": 0.1, **stated}}
    chosen = configuration({"llm": section, "embedder": {"provider": provider, "config": {"model": "e", **stated}}})
    assert not isinstance(chosen.llm, str) and chosen.llm.name == "openai:m"
    assert isinstance(chosen.embedder, OpenAIEmbedder) and chosen.embedder.fingerprint == "openai:e"
    assert chosen.llm.chat._inner._base_url == chosen.embedder._base_url == url  # type: ignore[attr-defined]


def test_the_model_that_is_configured_draws_the_facts(tmp_path: Path) -> None:
    def extract(_messages: Messages) -> str:
        fact = '{"text": "Ana loves tea.", "speaker": "Ana", "keys": [], "source": [0]}'
        return f'{{"entities": [], "triples": [], "facts": [{fact}], "summary": "Tea."}}'

    with chat_server(answer=extract) as server:
        llm = {"provider": "openai", "config": {"model": "m", "openai_base_url": server.url, "api_key": "k"}}
        place = {"config": {"path": str(tmp_path / "x.db")}}
        with Memory.from_config({"llm": llm, "embedder": WORDS, "vector_store": place}) as mem0:
            talk = [{"role": "user", "name": "Ana", "content": "I, Ana, love tea."}]
            assert [one["memory"] for one in mem0.add(talk, user_id="ana")["results"]][1:] == ["Ana loves tea."]
        assert server.requests[0].headers["authorization"] == "Bearer k"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"vector_store": {"provider": "pgvector", "config": {}}}, "'pgvector' is a server"),
        ({"vector_store": {"provider": "qdrant", "config": {"host": "x", "port": 1}}}, "host, port in vector_store"),
        ({"llm": {"provider": "anthropic", "config": {"model": "x"}}}, "llm.provider 'anthropic'"),
        ({"llm": {"provider": "openai", "config": {}}}, "must name its model"),
        ({"llm": {"provider": "openai", "config": {"model": "x", "reasoning": 1}}}, "reasoning in llm.config"),
        ({"embedder": {"provider": "gemini", "config": {"model": "x"}}}, "embedder.provider 'gemini'"),
        ({"reranker": {"provider": "cohere"}}, "reranker in the configuration"),
        ({"custom_instructions": "Extract."}, "custom_instructions"),
        ({"graph_store": {}}, "graph_store"),
        ({"llm": "openai"}, "llm must be a mapping"),
        ({"llm": {"config": "x"}}, "llm.config must be a mapping"),
        ("memory.db", "must be a mapping"),
    ],
)
def test_what_means_nothing_here_is_refused(config: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Memory.from_config(config)


def test_a_store_and_a_configuration_are_one_too_many(store: AgentMemory) -> None:
    with pytest.raises(ValueError, match="not both"):
        Memory({}, store=store)


def test_a_store_of_ones_own_stays_open(store: AgentMemory) -> None:
    with Memory(store=store) as mem0:
        mem0.add("hello", user_id="ana")
    assert Memory(store=store).get_all(user_id="ana")["results"]


async def _all_calls(store: AgentMemory) -> None:
    async with AsyncMemory(store=store) as mem0:
        (entry,) = (await mem0.add("I love sci-fi.", user_id="ana"))["results"]
        assert (await mem0.search("sci-fi", user_id="ana"))["results"][0]["id"] == entry["id"]
        await mem0.update(entry["id"], "I love horror.")
        assert (await mem0.get(entry["id"]))["memory"] == "I love horror."
        assert len(await mem0.history(entry["id"])) == 2
        await mem0.delete(entry["id"])
        await mem0.delete_all(user_id="ana")
        await mem0.reset()
        assert (await mem0.get_all(user_id="ana")) == {"results": []}


def test_the_same_calls_can_be_awaited(store: AgentMemory) -> None:
    import asyncio
    import inspect

    asyncio.run(_all_calls(store))
    public = {name for name, value in vars(Memory).items() if inspect.isfunction(value) and not name.startswith("_")}
    assert public <= set(vars(AsyncMemory))
