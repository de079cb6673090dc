"""What a user of the store puts before writing, and before prompts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import CONVERSATION, scripted

from agentmem import AgentMemory, Document, Message, Redaction
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder

SECRET = "ana@example.org"


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(**arguments):
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def shout(episode):
    return replace(episode, text=episode.text.upper())


def test_redaction_before_writing_leaves_nothing_in_the_files(opened, database):
    handle = opened(before_write=Redaction())
    handle.add(
        [
            Message(f"My address is {SECRET}.", speaker=SECRET, metadata={"mail": [SECRET], SECRET: 1}, ref=SECRET),
            Document(f"Address: {SECRET}", title=f"Card of {SECRET}"),
        ]
    )
    memory = handle.retrieve("address").pop()
    handle.update(memory.id, text=f"It is {SECRET} now.", metadata={"was": SECRET})
    handle.consolidate()
    assert handle.get(memory.id).text == "It is [EMAIL] now."
    assert handle.get(memory.id).metadata == {"was": "[EMAIL]"}
    for file in database.parent.iterdir():
        assert SECRET.encode() not in file.read_bytes()


def test_hooks_run_in_their_order(opened):
    handle = opened(before_write=[shout, lambda episode: replace(episode, text=f"{episode.text} she said")])
    handle.add("hello there")
    assert [memory.text for memory in handle.list()] == ["HELLO THERE she said"]


def test_what_a_hook_keeps_out_is_counted_and_not_stored(opened):
    handle = opened(before_write=lambda episode: None if "secret" in episode.text else episode)
    receipt = handle.add(["One.", "A secret.", "Three."])
    assert (receipt.skipped, len(receipt.episodes), len(receipt.ids)) == (1, 2, 2)
    assert [memory.text for memory in handle.list()] == ["One.", "Three."]


def test_a_scope_of_which_all_was_kept_out_does_not_come_into_being(opened):
    handle = opened(before_write=lambda episode: None)
    assert handle.add(["One.", "Two."]).skipped == 2
    assert handle.stats().episodes == 0


def test_progress_counts_what_was_kept_out(opened):
    seen = []
    handle = opened(before_write=lambda episode: None if "2" in episode.text else episode)
    handle.add(["1", "2", "3"], batch_size=1, progress=lambda progress: seen.append((progress.done, progress.total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_adding_twice_through_a_hook_is_adding_once(opened):
    handle = opened(before_write=Redaction())
    message = Message(f"My address is {SECRET}.", role="user", ref="m1")
    handle.add(message)
    assert handle.add(message).duplicates == 1


def test_what_a_hook_raises_comes_out_and_nothing_is_stored(opened):
    def refuse(episode):
        if "bad" in episode.text:
            raise PermissionError("not this")
        return episode

    handle = opened(before_write=refuse)
    with pytest.raises(PermissionError, match="not this"):
        handle.add(["good", "bad"])
    assert handle.stats().episodes == 0


def test_an_update_that_a_hook_keeps_out_is_refused_and_changes_nothing(opened):
    handle = opened(before_write=lambda episode: None if "secret" in episode.text else episode)
    (id,) = handle.add("Open.").ids
    with pytest.raises(InvalidInput, match="kept this update out"):
        handle.update(id, text="A secret.")
    assert handle.get(id).text == "Open."
    assert handle.update(id, metadata={"seen": True}).metadata == {"seen": True}


@pytest.mark.parametrize(
    ("hook", "complaint"),
    [
        (lambda episode: episode.text, "must return an Episode or None, not str"),
        (lambda episode: replace(episode, text=" "), "empty"),
        (lambda episode: replace(episode, id="epi_other"), "changed id"),
        (lambda episode: replace(episode, session="other"), "changed session"),
        (lambda episode: replace(episode, metadata={"a": {1}}), "metadata must be JSON"),
    ],
)
def test_what_a_hook_may_not_do_is_refused(opened, hook, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        opened(before_write=hook).add("Hello.", session="s")


def test_what_is_no_hook_is_refused(database):
    with pytest.raises(InvalidInput, match="something to call"):
        AgentMemory.open(database, embedder=FakeEmbedder(), before_write=["redact"])


def test_a_block_for_a_prompt_is_shown_through_the_hook_and_the_store_keeps_the_truth(opened):
    handle = opened(before_prompt=Redaction())
    handle.add(Message(f"My address is {SECRET}.", speaker=f"Ana {SECRET}"))
    block = handle.context("address")
    assert SECRET not in block and "[EMAIL]" in block
    assert SECRET not in block.hits[0].text
    assert SECRET in handle.retrieve("address")[0].text


def test_a_language_model_is_shown_data_through_the_hook(opened):
    chat = scripted()
    handle = opened(recipe="mixed", llm=chat, before_prompt=lambda text: text.replace("Misty", "the cat"))
    handle.add(CONVERSATION)
    handle.consolidate()
    shown = [message["content"] for request in chat.requests for message in request.messages()]
    assert any("the cat" in content for content in shown)
    assert not any("Misty" in content for content in shown)


def test_a_language_model_of_its_own_kind_cannot_be_shown_through_a_hook(database):
    class Own:
        name = "own"

        def complete(self, prompt, schema): ...

        def complete_many(self, prompts, schema): ...

    with pytest.raises(InvalidInput, match="ChatModel"):
        AgentMemory.open(database, embedder=FakeEmbedder(), llm=Own(), before_prompt=str.upper)
