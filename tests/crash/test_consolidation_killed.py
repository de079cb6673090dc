"""kill -9 in the middle of ``consolidate``, and several processes at it at once: nothing is lost, or built twice."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from dying import check_invariants, outcomes, reopened

from agentmem import AgentMemory
from agentmem.testing import FakeClock, FakeEmbedder

FLOWS = str(Path(__file__).parents[1] / "flows")
sys.path.insert(0, FLOWS)
from small_world import said, scripted  # noqa: E402

KINDS = ["fact", "triple", "entity", "summary"]
WORLD = f"sys.path.insert(0, {FLOWS!r})\n" + textwrap.dedent(
    """
    from small_world import CONVERSATION, DOCUMENTS, calls, scripted

    def open_with(chat, **arguments):
        return opened(recipe="mixed", llm=chat, **arguments)
    """
)

UNITS = """
def prepare():
    with open_with(scripted()) as store:
        store.scope("a").add([*CONVERSATION[1:4], DOCUMENTS[0]])

def begin():
    return open_with(scripted() if MODEL else None)

def act(store):
    return store.scope("a").consolidate().done
"""


def memories(handle):
    found = []
    for kind in KINDS:
        page = handle.list(kinds=[kind], state=None, limit=1000)
        found += [(memory.kind, memory.text) for memory in page]
    return Counter(found)


@pytest.mark.parametrize("model", [False, True], ids=["rules", "model"])
@pytest.mark.timeout(300)
def test_killed_anywhere_the_next_consolidation_does_exactly_the_rest(child, model):
    found = outcomes(child, f"{WORLD}\nMODEL = {model}\n{UNITS}", every=3)
    wanted = None
    for one in reversed(found):
        check_invariants(one["copy"])
        with reopened(
            one["copy"], after=timedelta(minutes=20), recipe="mixed", llm=scripted() if model else None
        ) as store:
            handle = store.scope("a")
            done = handle.consolidate()
            assert done.done and not done.failures
            built = memories(handle)
            wanted = built if wanted is None else wanted
            assert built == wanted
            assert handle.stats().pending_vectors == 0
            assert handle.retrieve("Luis", recipe="facts") and handle.retrieve("Luis", recipe="hipporag2")
            assert handle.consolidate().run is None
        check_invariants(one["copy"])


def test_while_the_lease_of_the_dead_runs_others_wait_and_then_go_on(child, database):
    status, _output = child.run(
        WORLD
        + textwrap.dedent(
            """
            store = open_with(scripted(extract=lambda request: die()))
            store.scope("a").add(CONVERSATION)
            store.scope("a").consolidate()
            """
        )
    )
    assert status == -9
    clock = FakeClock()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="mixed", llm=scripted()) as store:
        handle = store.scope("a")
        waiting = handle.consolidate()
        assert waiting.built[0].stopped == "another process is at it" and not memories(handle)
        assert not waiting.done
        clock.advance(minutes=11)
        assert handle.consolidate().done and sum(memories(handle).values())


@pytest.mark.timeout(120)
def test_several_processes_at_once_build_each_unit_once(child, database):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        store.scope("a").add([said(f"I have {n} cats named Tom{n}.", "Ana", f"s{n}") for n in range(40)])
    code = WORLD + textwrap.dedent(
        """
        chat = scripted()
        with open_with(chat) as store:
            for _ in range(20):
                store.scope("a").consolidate()
        print(calls(chat))
        """
    )
    children = [child.start(code) for _ in range(3)]
    outputs = [process.communicate(timeout=100) for process in children]
    assert [process.returncode for process in children] == [0, 0, 0], outputs
    assert sum(int(output) for output, _errors in outputs) == 40
    with AgentMemory.open(
        database, embedder=FakeEmbedder(), clock=FakeClock(), recipe="mixed", llm=scripted()
    ) as store:
        handle = store.scope("a")
        assert handle.consolidate().done
        built = memories(handle)
        assert set(built.values()) == {1} and sum(kind == "fact" for kind, _text in built) == 40
