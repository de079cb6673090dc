"""From a short name to an embedder: what ``embedder=`` and ``--embedder`` accept."""

from __future__ import annotations

from agentmem.errors import InvalidInput
from agentmem.protocols import Embedder

DEFAULT = "default"
NONE = "none"


def load_embedder(name: str = DEFAULT) -> Embedder | None:
    """The embedder of a name; nothing is loaded before its first use.

    * ``"default"``: all-MiniLM-L6-v2, locally (needs the extra ``local``);
    * ``"none"``: none at all, retrieval by words only;
    * ``"openai:MODEL"``: an OpenAI-compatible endpoint (needs the extra ``openai``; see
      :class:`agentmem.models.openai.OpenAIEmbedder` for the settings);
    * anything else: the name or path of a sentence-transformers model.

    Raises:
        MissingExtra: the package behind the name is not installed.
        InvalidInput: an empty name.
    """
    if not name:
        raise InvalidInput(
            "An embedder's name may not be empty: use 'default', 'none', 'openai:MODEL' or a model's name."
        )
    if name == NONE:
        return None
    if name.startswith("openai:"):
        from agentmem.models.openai import OpenAIEmbedder

        return OpenAIEmbedder(name.removeprefix("openai:"))
    from agentmem.models.sentence_transformers import MINILM, SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(MINILM if name == DEFAULT else name)
