"""No word of anybody's leaves through spans or metrics, nor through the log: not even when everything fails."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from watching import Watched

from agentmem import AgentMemory, Document, Message
from agentmem.errors import AgentMemError, LLMRefused
from agentmem.testing import BrokenEmbedder, ScriptedChat

WORDS = st.text(alphabet="bcdfgjkqvwxz", min_size=7, max_size=12)
"""Names and texts of ours do not hold such a word by chance."""


class Kept(logging.Handler):
    """Keeps every record of the library, as it would be written, fields included."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.levelname} {record.getMessage()} {vars(record)}")


@contextlib.contextmanager
def all_logged():
    library, handler = logging.getLogger("agentmem"), Kept()
    level = library.level
    library.addHandler(handler)
    library.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        library.removeHandler(handler)
        library.setLevel(level)


def use_everything(path, observer, words):
    """Every verb that is given words, with models that work, and with models that quote them and fail."""
    text, other, speaker, session, ref, key, value, scope, title, query = words

    def quote(request):
        raise LLMRefused(request.prompt.user)

    def fail(_vectors):
        raise TimeoutError(f"{text} {query}")

    embedder = BrokenEmbedder(None)
    llm = ScriptedChat({"extract": ["no JSON", text]})
    with AgentMemory.open(path, embedder=embedder, llm=llm, recipe="default", observer=observer) as store:
        memory = store.scope("acme", scope)
        said = [Message(f"I like {text}.", speaker=speaker, session=session, ref=ref, metadata={key: value})]
        (id,) = memory.add(said).ids
        memory.add(Document(f"All about {other}.", title=title))
        memory.retrieve(query, where={key: value}, explain=True)
        memory.context(query, session=session)
        memory.consolidate()
        memory.update(id, text=f"I like {other}.")
        embedder.mode = fail
        memory.add(f"{text} again")
        memory.retrieve(query)
        memory.get(memory.list().items[0].id)
        memory.forget(about=text, dry_run=True)
        for wrong in (
            lambda: memory.get(f"mem_{query}"),
            lambda: memory.retrieve(text, recipe=query),
            lambda: memory.retrieve(text, kinds=[query]),
            lambda: memory.add([Message(other, ref=ref, session=session)]),
            lambda: memory.tree(query),
            lambda: memory.undo(query),
        ):
            with contextlib.suppress(AgentMemError):
                wrong()
    with AgentMemory.open(path, embedder=embedder, llm=ScriptedChat({"extract": quote}), observer=observer) as store:
        store.work()
        store.scope("acme", scope).forget(about=other)


def told_in(told, words):
    return {word for word in words if word in told}


@settings(max_examples=3)
@given(words=st.lists(WORDS, min_size=10, max_size=10, unique=True))
def test_spans_and_metrics_hold_no_word(words):
    watched = Watched()
    with tempfile.TemporaryDirectory() as folder:
        use_everything(Path(folder) / "memory.db", watched.observer, words)
    exported = watched.exported()
    watched.close()
    assert {"agentmem.add", "agentmem.turn"} <= {span.name for span in watched.spans}
    assert told_in(exported, words) == set()


@settings(max_examples=3)
@given(words=st.lists(WORDS, min_size=10, max_size=10, unique=True))
def test_the_log_holds_no_word_but_the_names_of_scopes(words):
    with tempfile.TemporaryDirectory() as folder, all_logged() as lines:
        use_everything(Path(folder) / "memory.db", "log", words)
    scope = words[7]
    assert any("agentmem.add: " in line for line in lines)
    for line in lines:
        told = told_in(line, words)
        assert told <= ({scope} if not line.startswith("DEBUG") else set()), line


def test_names_of_scopes_are_told_to_those_who_want_them(tmp_path):
    watched = Watched(scope_names=True)
    with AgentMemory.open(tmp_path / "a.db", embedder="none", observer=watched.observer) as store:
        store.scope("acme", "ana").add("otter")
    watched.close()
    assert watched.one("agentmem.add").attributes["agentmem.scope"] == "acme/ana"
    assert all("agentmem.scope" not in labels for labels, _sum, _count in watched.metric("agentmem.verb.duration"))
