"""A story as long as one likes, with a memory of bounded size (RecurrentGPT); a script writes it."""

import json

from agentmem import AgentMemory
from agentmem.llm import ChatRequest
from agentmem.testing.chat import ScriptedChat
from agentmem.writing import RecurrentWriter

PLOT = ["Ada finds a brass key", "the key opens the tower", "a lamp burns in the tower", "Ada carries the lamp home"]


def paragraph(request: ChatRequest) -> str:
    """What a model might reply to ``recurrent_write``: the next paragraph, and three plans for the one after."""
    shown = request.prompt.variables
    print(f"  shown: {len(shown['memory'].split())} words of memory, {len(shown['related'].split())} of earlier text")
    plan = shown["instruction"]
    following = PLOT[(PLOT.index(plan) + 1) % len(PLOT)]
    return json.dumps({"paragraph": f"Then {plan}.", "plans": [following, "it rains", "everybody sleeps"]})


def memory_of(request: ChatRequest) -> str:
    """What it might reply to ``recurrent_memory``: what to keep in mind, and why."""
    lines = [*request.prompt.variables["memory"].splitlines(), *request.prompt.variables["text"].splitlines()]
    return json.dumps({"reasoning": "the two latest steps carry the story", "text": "\n".join(lines[-2:])})


# A real one: llm = "openai:gpt-4o-mini".
llm = ScriptedChat({"recurrent_write": paragraph, "recurrent_memory": memory_of})

with AgentMemory.open("story.db", embedder="none", llm=llm, recipe="recurrentgpt") as store:
    author = store.scope("acme", "author")
    # A person's choice among the plans; without ``choose=`` the model makes it.
    writer = RecurrentWriter(author, llm, work="lamp", brief=PLOT[0], choose=lambda last, _memory: last.plans[0])
    for _ in range(4):
        written = writer.step()
        print(f"{written.step}. {written.text}")
    print(f"in mind: {writer.short_term!r}, because {writer.reason}")
    print(f"in memory: {len(writer.paragraphs)} paragraphs; who goes on with this work goes on at the fifth")
