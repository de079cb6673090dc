"""What the verbs are given to work with: the store, the model, the index, the clock. Wired in the client."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from agentmem.engine.exchange import Exchange
from agentmem.engine.follow import Followers
from agentmem.engine.hooks import Hooks
from agentmem.engine.outage import Outage
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

    ``owner`` names this process and store in the leases it takes. ``exchange`` knows what comes after them,
    ``outage`` whether the embedding model is to be left alone for now.
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
    exchange: Exchange = field(default_factory=Exchange)
    outage: Outage = field(default_factory=Outage)

    def __post_init__(self) -> None:
        self.exchange.begin(self)

    def renewed(self) -> Parts | None:
        """The same with the model that ``reindex`` has given the store meanwhile; ``None``: it is still this one.

        A verb that failed with :class:`~agentmem.errors.EmbedderMismatch` before it wrote anything can begin again
        with them. Waits for an exchange that is under way.
        """
        newest = self.exchange.settled()
        if newest.followers is self.followers:
            return None
        return replace(
            self,
            embedder=newest.embedder,
            views=newest.views,
            followers=newest.followers,
            outage=newest.outage,
        )

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
