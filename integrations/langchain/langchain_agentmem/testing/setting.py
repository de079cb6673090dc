"""What the chapters of the suite share: how a store is made, and where one may deviate."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import pytest
from langgraph.store.base import BaseStore, IndexConfig, TTLConfig

DIMENSIONS = 64


class MakeStore(Protocol):
    """Makes an empty store, with the settings a test needs."""

    def __call__(self, index: IndexConfig | None, ttl: TTLConfig | None) -> BaseStore: ...


def word_vectors(texts: Sequence[str]) -> list[list[float]]:
    """An embedding function: texts that share words get similar vectors; the same in every process."""
    return [_vector(text) for text in texts]


def _vector(text: str) -> list[float]:
    words = [_direction(word) for word in re.findall(r"\w+", text.lower())] or [_direction("\x00" + text)]
    total = [sum(parts) for parts in zip(*words, strict=True)]
    length = math.hypot(*total)
    return [part / length for part in total]


def _direction(word: str) -> list[float]:
    chance = random.Random(hashlib.blake2b(word.encode(), digest_size=8).digest())  # noqa: S311 - no secret
    return [chance.gauss() for _ in range(DIMENSIONS)]


class StoreSetting:
    """Override the fixture ``make_store``, and ``advance`` for a store whose clock can be moved.

    Attributes:
        supports_ttl: whether items can expire.
        finds_by_meaning: whether a query ranks items.
        keeps_created_at: whether an item that is put again keeps the time of its creation.
        omits_emptied_namespaces: whether a namespace is no longer listed when its last item is gone.
        batches_what_is_alike: whether several items of one batch may have equal values.
        returns_copies: whether changing a returned value leaves the stored one as it is.
        filters_missing_fields: whether ``$ne`` lets items pass that lack the field.
        filters_nested: whether lists and objects can be filtered by.
        orders_strings: whether ``$gt`` and its like order strings that are no numbers.
        tolerates_unordered: whether such a condition just fails for what has no order, instead of raising.
        refuses_bad_labels_in_batches: whether ``batch`` refuses namespaces with an empty label.
    """

    supports_ttl: bool = True
    finds_by_meaning: bool = True
    keeps_created_at: bool = True
    omits_emptied_namespaces: bool = True
    batches_what_is_alike: bool = True
    returns_copies: bool = True
    filters_missing_fields: bool = True
    filters_nested: bool = True
    orders_strings: bool = True
    tolerates_unordered: bool = True
    refuses_bad_labels_in_batches: bool = True

    @pytest.fixture
    def make_store(self) -> MakeStore:
        """Override me."""
        raise NotImplementedError("Override the fixture make_store: a function of index and ttl that makes your store.")

    @pytest.fixture
    def advance(self) -> Callable[[float], Any]:
        """Override me where time can be moved: a function that moves the store's clock forward by so many minutes."""
        return pytest.skip("the store's clock cannot be moved")

    @pytest.fixture
    def opened(self, make_store: MakeStore) -> Callable[..., Any] | Iterator[Callable[..., Any]]:
        """Makes the store under test as the tests call it."""
        return lambda index=None, ttl=None: make_store(index, ttl)

    @pytest.fixture
    def subject(self, opened: Callable[..., Any]) -> Any:
        """The store under test: by default everything about an item is searched."""
        return opened(self.index() if self.finds_by_meaning else None)

    def index(self, *fields: str) -> IndexConfig:
        """How items are searched. Override it where a store takes its vectors from elsewhere."""
        found: IndexConfig = {"dims": DIMENSIONS, "embed": word_vectors}
        return {**found, "fields": list(fields)} if fields else found

    def needs(self, name: str) -> None:
        """Skip a test of something that the store does not do."""
        if not getattr(self, name):
            pytest.skip(f"{name} = False")
