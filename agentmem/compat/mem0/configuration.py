"""mem0's configuration: what of it maps onto an agentmem store, and a refusal of what does not."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem.config import settings
from agentmem.errors import InvalidInput
from agentmem.llm import LLM
from agentmem.models.chat.openai_chat import OpenAIChat
from agentmem.models.chat.retrying import RetryingChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.models.openai import OpenAIEmbedder
from agentmem.protocols import Embedder

logger = logging.getLogger(__name__)

COLLECTION = "mem0"
"""mem0's own default name of a collection."""
DATABASE = "agentmem.db"
"""The file in a folder that ``path`` names."""
_FILES = frozenset({".db", ".sqlite", ".sqlite3"})
_LOCAL = frozenset({"agentmem", "qdrant", "chroma", "faiss"})
_SERVERS = {"ollama": "http://localhost:11434/v1", "lmstudio": "http://localhost:1234/v1"}
"""Providers that speak OpenAI's protocol, with where they are found if nothing else is said."""
_SPEAKING_OPENAI = frozenset({"openai", "vllm", *_SERVERS})
_ADDRESS = {"openai": "openai_base_url", "ollama": "ollama_base_url", "vllm": "vllm_base_url"}
_ADDRESS["lmstudio"] = "lmstudio_base_url"
_SAMPLING = frozenset({"temperature", "max_tokens", "top_p", "top_k", "enable_vision", "vision_details"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a store is opened with, and the name of the collection, with which its scopes begin."""

    path: Path
    collection: str
    embedder: Embedder | str
    llm: LLM | str


def configuration(config: Mapping[str, Any] | None = None) -> Configuration:
    """The configuration; what it leaves out comes from the environment (``AGENTMEM_DB``, ``AGENTMEM_EMBEDDER``, ...).

    Raises:
        InvalidInput: a provider or a setting that has no meaning here; it says what to write instead.
        MissingExtra: the package behind a model is not installed.
    """
    config = {} if config is None else config
    if not isinstance(config, Mapping):
        raise InvalidInput(f"The configuration must be a mapping, as for Memory.from_config, not {config!r}.")
    _refuse_others(config, {"vector_store", "llm", "embedder", "history_db_path", "version"}, "the configuration")
    if config.get("history_db_path"):
        logger.info("history_db_path is not used: history is in the same file as everything else")
    path, collection = _place(_section(config, "vector_store"))
    return Configuration(
        path, collection, _embedder(_section(config, "embedder")), _language_model(_section(config, "llm"))
    )


def _section(config: Mapping[str, Any], name: str) -> tuple[str | None, dict[str, Any]]:
    """The provider and the settings of a part; ``None`` where it is left out."""
    section = config.get(name)
    if section is None:
        return None, {}
    if not isinstance(section, Mapping):
        raise InvalidInput(f"{name} must be a mapping with 'provider' and 'config', not {section!r}.")
    _refuse_others(section, {"provider", "config"}, name)
    stated = section.get("config") or {}
    if not isinstance(stated, Mapping):
        raise InvalidInput(f"{name}.config must be a mapping, not {stated!r}.")
    return section.get("provider"), dict(stated)


def _place(section: tuple[str | None, dict[str, Any]]) -> tuple[Path, str]:
    provider, stated = section
    if provider is not None and provider not in _LOCAL:
        raise InvalidInput(
            f"vector_store.provider {provider!r} is a server; agentmem keeps everything in one file. Write "
            "{'provider': 'agentmem', 'config': {'path': 'memory.db'}}."
        )
    _refuse_others(stated, {"path", "collection_name", "embedding_model_dims", "on_disk"}, "vector_store.config")
    path = Path(stated["path"]) if stated.get("path") else settings().database
    if stated.get("path") and path.suffix not in _FILES:  # mem0's stores are folders
        path.mkdir(parents=True, exist_ok=True)
        path /= DATABASE
    return path, str(stated.get("collection_name") or COLLECTION)


def _embedder(section: tuple[str | None, dict[str, Any]]) -> Embedder | str:
    provider, stated = section
    if provider is None:
        return settings().embedder
    if provider in ("agentmem", "huggingface"):
        _refuse_others(stated, {"model", "embedding_dims"}, "embedder.config")
        return str(stated.get("model") or "default")
    address = _server("embedder", provider, stated, ("embedding_dims",))
    dimension = stated.get("embedding_dims")
    return OpenAIEmbedder(
        _model("embedder", stated),
        base_url=address,
        api_key=stated.get("api_key"),
        dimension=None if dimension is None else int(dimension),
    )


def _language_model(section: tuple[str | None, dict[str, Any]]) -> LLM | str:
    provider, stated = section
    if provider is None:
        return settings().llm
    if provider == "none":
        return "none"
    address = _server("llm", provider, stated, sorted(_SAMPLING))
    if ignored := sorted(_SAMPLING & stated.keys()):
        logger.info("llm.config: %s not used: agentmem's prompts bring their own", ", ".join(ignored))
    return StructuredLLM(
        RetryingChat(OpenAIChat(_model("llm", stated), base_url=address, api_key=stated.get("api_key")))
    )


def _server(part: str, provider: str, stated: Mapping[str, Any], others: Sequence[str]) -> str | None:
    """Where a model's server is; ``None`` where the environment says it.

    Raises:
        InvalidInput: it does not speak OpenAI's protocol, or has settings that are not known.
    """
    if provider not in _SPEAKING_OPENAI:
        raise InvalidInput(
            f"{part}.provider {provider!r} is not known here. A server that speaks OpenAI's protocol is provider "
            f"'openai' with {_ADDRESS['openai']!r}; any other model is given to a store of your own: "
            f"Memory(store=AgentMemory.open(path, {part}=...))."
        )
    key = _ADDRESS[provider]
    _refuse_others(stated, {"model", "api_key", key, *others}, f"{part}.config")
    given = stated.get(key)
    if given is None:
        return _SERVERS.get(provider)
    address = str(given).rstrip("/")
    return f"{address}/v1" if provider == "ollama" and not address.endswith("/v1") else address


def _model(part: str, stated: Mapping[str, Any]) -> str:
    if not stated.get("model"):
        raise InvalidInput(f"{part}.config must name its model: {{'model': '...'}}.")
    return str(stated["model"])


def _refuse_others(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """Raises InvalidInput for settings that would be taken for granted and do nothing."""
    if others := sorted(str(key) for key in given.keys() - known if given[key] is not None):
        raise InvalidInput(
            f"{', '.join(others)} in {where} has no meaning in agentmem. Leave it out (known: "
            f"{', '.join(sorted(known))}), or open a store as you like it: Memory(store=AgentMemory.open(...))."
        )
