"""What building costs in calls and tokens: policy, not luck. A model that replays what another said tells it exactly.

The data set's own observations and session summaries stand in for the replies; the prompts are the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentmem_evals.datasets.catalog import find_data
from agentmem_evals.datasets.locomo import NAME, load_locomo
from agentmem_evals.datasets.recorded import OBSERVATIONS, read_recorded
from agentmem_evals.environment import data_root
from agentmem_evals.errors import DataNotFound
from agentmem_evals.systems.item_text import told
from agentmem_evals.systems.replay import replaying
from agentmem_evals.systems.units import as_input
from agentmem_evals.types import Conversation

from agentmem import AgentMemory
from agentmem.llm import ChatModel
from agentmem.models.chat.metering import MeteredChat
from agentmem.testing import FakeEmbedder
from evals.benchmarks.output import Figure, Result, command

RECIPE = "mixed"
FIRST = "conv-26"
GOALS = {FIRST: "24 calls, 60,000 tokens", "all": "150 calls, 350,000 tokens"}


def build(conversations: Sequence[Conversation], chat: ChatModel) -> Figure:
    """Build facts, triples and session summaries of conversations, each in a scope of its own."""
    meter = MeteredChat(chat)
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), recipe=RECIPE, llm=meter) as store:
        for conversation in conversations:
            handle = store.scope(conversation.id)
            handle.add([as_input(turn) for turn in told(conversation.items)])
            built = handle.consolidate()
            if not built.done:
                raise RuntimeError(f"{conversation.id} was not built: {built}")
    used = meter.usage
    return {
        "conversations": len(conversations),
        "turns": sum(len(list(told(conversation.items))) for conversation in conversations),
        "calls": used.llm_calls,
        "prompt tokens": used.prompt_tokens,
        "completion tokens": used.completion_tokens,
    }


def measure() -> Result:
    """Measure what building costs."""
    try:
        path = find_data(NAME, None, data_root())
    except DataNotFound as error:
        return Result("cost", "Cost of building", [], str(error))
    dataset = load_locomo(path)
    recorded = read_recorded(dataset, path, None, OBSERVATIONS)
    assert recorded is not None
    conversations = [body for body in dataset.bodies if isinstance(body, Conversation)]
    chosen = {FIRST: [one for one in conversations if one.id == FIRST], "all": conversations}
    rows = [
        {"what": name, **build(bodies, replaying(recorded, bodies)), "goal": GOALS[name]}
        for name, bodies in chosen.items()
    ]
    note = "Facts, triples and session summaries by one call for each session. Tokens are estimated, as budgets are."
    return Result("cost", "Cost of building", rows, note)


if __name__ == "__main__":
    command(measure)
