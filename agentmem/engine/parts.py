"""What the verbs are given to work with: the store, the model, the index, the clock. Wired in the client."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agentmem.engine.follow import Followers
from agentmem.engine.hooks import Hooks
from agentmem.engine.uses import Uses
from agentmem.forgetting.policy import Forgetting
from agentmem.llm import LLM
from agentmem.models.checked import CheckedEmbedder
from agentmem.observing import OFF
from agentmem.protocols import Clock, Observer, Store, TokenCounter
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.settings import Retrieval
from agentmem.structures.structure import Structure

EMBEDDER_META = "embedder"
"""Under which the database keeps the identity of the model (and views) its vectors were made with."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Collaborators of the verbs. ``embedder`` is ``None`` when retrieval goes by words only, ``llm`` where rules do.

    ``owner`` names this process and store in the leases it takes.
    """

    store: Store
    followers: Followers
    embedder: CheckedEmbedder | None
    views: tuple[str, ...]
    clock: Clock
    count_tokens: TokenCounter
    retrieval: Retrieval
    owner: str
    recipe: Recipe
    structures: tuple[Structure, ...]
    llm: LLM | None
    forgetting: Forgetting
    uses: Uses
    hooks: Hooks
    observer: Observer = OFF

    @property
    def identity(self) -> str:
        """The model and the views, in one string: vectors with the same identity can be compared."""
        return "" if self.embedder is None else identity(self.embedder.fingerprint, self.views)

    @property
    def model(self) -> str | None:
        """The short name under which vectors of this identity are stored: 16 hex digits."""
        return None if self.embedder is None else model_key(self.identity)


def identity(fingerprint: str, views: tuple[str, ...]) -> str:
    """See :attr:`Parts.identity`."""
    return f"{fingerprint}|{','.join(views)}"


def model_key(identity: str) -> str:
    """See :attr:`Parts.model`."""
    return hashlib.sha256(identity.encode()).hexdigest()[:16]
