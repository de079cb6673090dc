"""kill -9 at any moment, two hundred times, and in the end everything is as if nothing had happened."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from dying import STEPS, check_invariants

from agentmem import AgentMemory
from agentmem.kinds import ABSORBS, SUMMARISES, SUPERSEDES
from agentmem.testing import FakeClock, FakeEmbedder

EDGES = (ABSORBS, SUPERSEDES, SUMMARISES)
WORLD = """
import json, random, re, shutil
from pathlib import Path

HOMES = ("Rome", "Ghent", "Porto", "Oslo")

def conversation():
    for session in range(10):
        at = datetime(2025, 1, 1 + session, 9, tzinfo=UTC)
        who = ("Ana", "Ben")[session % 2]
        lines = (
            f"I moved to {HOMES[session % 4]} last week with my cat.",
            f"I bought a red bicycle with number {session}.",
            "I have a piano at home.",
            f"My sister Clara works at the harbour of {HOMES[(session + 1) % 4]}.",
        )
        for minute, text in enumerate(lines):
            yield Message(text, speaker=who, session=f"s{session}", at=at + timedelta(minutes=minute))

def extracted(request):
    facts = [
        {"text": f"{line.split(': ', 1)[1]}", "speaker": None, "subject": None, "time": None, "keys": [], "source": [n]}
        for n, line in enumerate(request.prompt.variables["text"].splitlines())
    ]
    return json.dumps({"entities": [], "facts": facts, "triples": [], "summary": "They talked."})

def judged(request):
    pairs = re.findall(r"^ *\\[(\\d+)\\] (.*)", request.prompt.variables["pairs"], re.MULTILINE)
    relations = [(int(n), "supersedes" if "moved" in older else "independent") for n, older in pairs]
    verdicts = [{"pair": n, "reasoning": "", "relation": relation, "text": None} for n, relation in relations]
    return json.dumps({"verdicts": verdicts})

def opened_at(path, clock):
    from agentmem.testing import ScriptedChat
    llm = ScriptedChat({"extract": extracted, "update": judged}) if WITH_MODEL else None
    return AgentMemory.open(path, embedder=FakeEmbedder(), clock=clock, recipe=RECIPE, llm=llm)

def work(path, clock):
    # One process's life: consolidate a little at a time, until nothing is left.
    with opened_at(path, clock) as store:
        while not store.scope("a").consolidate(max_retired=1.0).done:
            pass
"""

KILLER = """
random.seed(SEED)
clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=RECIPE) as store:
    store.scope("a").add(list(conversation()))
undisturbed, folder = database + ".undisturbed", Path(database).parent
shutil.copy(database, undisturbed)
steps["left"] = MANY = 10**9
work(undisturbed, FakeClock(clock()))
span = MANY - steps["left"]
steps["left"] = None
killed, finished = 0, []

while killed < KILLS:
    path = str(folder / f"{len(finished)}.db")
    shutil.copy(database, path)
    time = FakeClock(clock())
    while True:  # one process after the other, until one lives to the end
        steps["left"] = random.randrange(span) if killed < KILLS else None
        pid = os.fork()
        if pid == 0:
            work(path, time)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        steps["left"] = None
        time.advance(minutes=3)  # the lease of the dead has run out
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        killed += 1
    finished.append(path)
print(json.dumps({"killed": killed, "undisturbed": undisturbed, "finished": finished}))
"""


def state(path):
    """Everything that is known, with times but without identifiers, which are random."""
    with AgentMemory.open(path, embedder=FakeEmbedder(), clock=FakeClock(), recipe="texts") as store:
        handle = store.scope("a")
        memories = list(handle.list(state=None, limit=1000))
        names = {memory.id: (memory.kind, memory.text, memory.at) for memory in memories}
        with store.parts.store.read(handle.scope) as reader:
            edges = Counter(
                (edge.kind, names[edge.source], names[edge.target]) for kind in EDGES for edge in reader.edges_of(kind)
            )
        return Counter(described(memory) for memory in memories), edges


def described(memory):
    return (
        *(memory.kind, memory.text, memory.at, memory.valid_from, memory.valid_to, memory.state),
        json.dumps(dict(memory.metadata), sort_keys=True),
        tuple((source.session, source.at, source.start, source.end) for source in memory.sources),
    )


@pytest.mark.parametrize(("with_model", "recipe", "kills"), [(False, "default", 130), (True, "default-judged", 70)])
def test_two_hundred_deaths_leave_no_trace(child, with_model, recipe, kills):
    settings = f"WITH_MODEL = {with_model}\nRECIPE = {recipe!r}\nKILLS = {kills}\nSEED = 11\n"
    status, output = child.run(settings + WORLD + STEPS + KILLER)
    told = json.loads(output)
    assert (status, told["killed"]) == (0, kills)
    expected = state(told["undisturbed"])
    assert sum(expected[0].values()) > 60
    for path in told["finished"]:
        check_invariants(path)
        assert state(path) == expected
