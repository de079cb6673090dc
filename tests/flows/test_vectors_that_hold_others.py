"""A vector of the view ``spoken`` holds the words of the turns before: what is forgotten goes out of it, too."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.models.checked import CheckedEmbedder
from agentmem.testing import FakeEmbedder

SECRET = "the password is quibbleflux zorblax"
MANY = 70
"""More turns at once than are embedded without a lease."""


class Interrupted(FakeEmbedder):
    """Does something when it was given texts to embed, once, before it answers."""

    meanwhile = None

    def embed_documents(self, texts):
        vectors = super().embed_documents(texts)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return vectors


@pytest.fixture
def open_store(database, clock):
    stores = []

    def opened(embedder=None, views=("bare", "spoken")):
        stores.append(AgentMemory.open(database, embedder=embedder or FakeEmbedder(), clock=clock, views=views))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def turns(clock, *texts):
    start = clock() - timedelta(days=1)
    return [Message(text, speaker="Ana", session="s", at=start + timedelta(minutes=n)) for n, text in enumerate(texts)]


def spoken(store):
    """The vectors of the view, by the memory's text."""
    with store.parts.store.read(store.scopes()[0]) as reader:
        found = {}
        for batch in reader.vectors_since(store.parts.model, 0):
            if batch.view == "spoken":
                named = reader.named(batch.rows.tolist())
                found.update((named[row].text, vector) for row, vector in zip(batch.rows, batch.vectors, strict=True))
    return found


def fresh(database, clock, messages):
    """The vectors that these turns have where they alone were ever told."""
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock, views=["bare", "spoken"]) as store:
        store.scope("acme").add(messages)
        return spoken(store)


def same(found, expected):
    return found.keys() == expected.keys() and all(np.allclose(found[text], expected[text]) for text in found)


@pytest.mark.parametrize("more", [1, MANY])
def test_what_another_forgets_while_vectors_are_made_is_in_none_of_them(open_store, database, clock, more):
    embedder = Interrupted()
    mine, theirs = open_store(embedder), open_store()
    messages = turns(clock, SECRET, *(f"Otter {n} swims." for n in range(more)))
    mine.scope("acme").add(messages[0])
    embedder.meanwhile = lambda: theirs.scope("acme").forget(about="quibbleflux")
    receipt = mine.scope("acme").add(messages[1:])
    assert embedder.meanwhile is None and receipt.pending == ()
    assert same(spoken(mine), fresh(database, clock, messages[1:]))
    lost = CheckedEmbedder(FakeEmbedder()).embed_query("quibbleflux")
    assert all(abs(float(vector @ lost)) < 0.35 for vector in spoken(mine).values())


def test_the_same_where_the_model_is_changed_meanwhile(open_store, database, clock):
    embedder = Interrupted()
    mine, theirs = open_store(views=["bare"]), open_store(views=["bare"])
    messages = turns(clock, SECRET, "Otter 1 swims.", "Otter 2 swims.")
    mine.scope("acme").add(messages)
    embedder.meanwhile = lambda: theirs.scope("acme").forget(about="quibbleflux")
    mine.reindex(embedder, views=["bare", "spoken"])
    assert same(spoken(mine), fresh(database, clock, messages[1:]))


def test_and_where_it_is_forgotten_between_two_steps_of_that(open_store, database, clock, monkeypatch):
    """The database is still named after the old views; that there are vectors of the new one already, tells."""
    mine, theirs = open_store(views=["bare"]), open_store(views=["bare"])
    messages = turns(clock, SECRET, "Otter 1 swims.", "Otter 2 swims.")
    mine.scope("acme").add(messages)
    store, switch = mine.parts.store, mine.parts.store.switch_model

    def forget_first(*arguments):
        monkeypatch.setattr(store, "switch_model", switch)
        theirs.scope("acme").forget(about="quibbleflux")
        return switch(*arguments)

    monkeypatch.setattr(store, "switch_model", forget_first)
    mine.reindex(FakeEmbedder(), views=["bare", "spoken"])
    assert same(spoken(mine), fresh(database, clock, messages[1:]))


def test_whoever_forgets_may_have_opened_the_database_without_a_model(open_store, database, clock):
    mine = open_store()
    messages = turns(clock, SECRET, "Otter 1 swims.", "Otter 2 swims.")
    mine.scope("acme").add(messages)
    with AgentMemory.open(database, embedder="none", views=["bare"], clock=clock) as other:
        other.scope("acme").forget(about="quibbleflux")
    assert spoken(mine).keys() <= {messages[0].text}
    mine.scope("acme").retrieve("otter")
    assert same(spoken(mine), fresh(database, clock, messages[1:]))


def test_without_that_view_no_neighbour_is_embedded_again(open_store, clock):
    embedder = FakeEmbedder()
    store = open_store(embedder, views=["bare"])
    store.scope("acme").add(turns(clock, SECRET, "Otter 1 swims.", "Otter 2 swims."))
    before = store.parts.embedder.texts
    store.scope("acme").forget(about="quibbleflux")
    assert store.parts.embedder.texts == before
