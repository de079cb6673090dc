"""A small conversation, small documents, and a language model whose words about them are written in advance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agentmem import Document, Message
from agentmem.llm import ChatRequest
from agentmem.testing.chat import ScriptedChat

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
_LINE = re.compile(r"\[(\d+)\] (?:(\w+): )?(.*)")


def said(text: str, speaker: str, session: str, minute: int = 0, **more: Any) -> Message:
    """A turn, dated by session and minute."""
    day = int(re.sub(r"\D", "", session) or 0)
    return Message(text, speaker=speaker, session=session, at=MAY + timedelta(days=day, minutes=minute), **more)


CONVERSATION = (
    said("I adopted a grey cat named Misty in Lisbon.", "Ana", "s1", 0, ref="t1"),
    said("My brother Luis lives in Porto with his two dogs.", "Ben", "s1", 1, ref="t2"),
    said("Misty likes to sleep on my piano.", "Ana", "s1", 2, ref="t3"),
    said("I started to learn pottery at the studio in Porto.", "Ben", "s2", 0, ref="t4"),
    said("I play the piano in a jazz trio on Fridays.", "Ana", "s2", 1, ref="t5"),
)
DOCUMENTS = (
    Document("The Tagus flows through Lisbon. Lisbon is the capital of Portugal.", title="Tagus", ref="d1", at=MAY),
    Document("Porto lies on the Douro. The Douro rises in Spain.", title="Porto", ref="d2", at=MAY),
)
QUESTION = "Where does Luis live?"


def lines_of(request: ChatRequest) -> list[tuple[int, str | None, str]]:
    """The numbered lines that were asked about: number, speaker, text."""
    found = (_LINE.fullmatch(line) for line in request.prompt.variables["text"].splitlines())
    return [(int(line[1]), line[2], line[3]) for line in found if line is not None]


def extraction(request: ChatRequest) -> str:
    """A fact and a triple from every line, and a summary."""
    lines = lines_of(request)
    return json.dumps(
        {
            "entities": [speaker for _n, speaker, _text in lines if speaker],
            "facts": [
                {
                    "text": f"{who or 'It says'}: {text}",
                    "speaker": who,
                    "subject": who,
                    "time": None,
                    "keys": [],
                    "source": [n],
                }
                for n, who, text in lines
            ],
            "triples": [
                {"subject": who or text.split()[0], "predicate": "mentions", "object": name, "source": [n]}
                for n, who, text in lines
                for name in re.findall(r"\b(?!I\b|My\b|The\b)[A-Z]\w+", text)[:1]
            ],
            "summary": f"gist of {len(lines)} lines: {lines[0][2]}",
        }
    )


def decomposition(request: ChatRequest) -> str:
    """A pair from every line."""
    pairs = [{"entity": who or "text", "description": text, "source": [n]} for n, who, text in lines_of(request)]
    return json.dumps({"questions": ["what?"], "pairs": pairs})


def told_facts(request: ChatRequest) -> str:
    """A fact from every line."""
    lines = lines_of(request)
    return json.dumps(
        {"facts": [{"text": f"{who or 'It says'}: {text}", "subject": who, "source": [n]} for n, who, text in lines]}
    )


def fact_events(request: ChatRequest) -> str:
    """Every fact is new, but for one that is there word for word."""
    known = _shown(request.prompt.variables["memories"])
    decisions = []
    for number, fact in enumerate(_shown(request.prompt.variables["facts"])):
        memory = known.index(fact) if fact in known else None
        event = "ADD" if memory is None else "NONE"
        decisions.append({"fact": number, "reasoning": "r", "event": event, "memory": memory, "text": None})
    return json.dumps({"decisions": decisions})


def _shown(lines: str) -> list[str]:
    return [line.partition(") ")[2] for line in lines.splitlines()]


def pair_operations(request: ChatRequest) -> str:
    """All pairs are kept."""
    numbers = re.findall(r"^  \[(\d+)\]", request.prompt.variables["pairs"], re.MULTILINE)
    verdicts = [{"pair": int(number), "reasoning": "r", "operation": "APPEND"} for number in numbers]
    return json.dumps({"verdicts": verdicts})


def pair_verdicts(request: ChatRequest) -> str:
    """All pairs are independent."""
    numbers = re.findall(r"^ *\[(\d+)\]", request.prompt.variables["pairs"], re.MULTILINE)
    verdicts = [{"pair": int(n), "reasoning": "r", "relation": "independent", "text": None} for n in numbers]
    return json.dumps({"verdicts": verdicts})


def entry_decisions(request: ChatRequest) -> str:
    """All entries stay as they are."""
    numbers = re.findall(r"^entry (\d+):", request.prompt.variables["entries"], re.MULTILINE)
    decisions = [{"entry": int(number), "reasoning": "r", "action": "ignore"} for number in numbers]
    return json.dumps({"decisions": decisions})


def day_told(request: ChatRequest) -> str:
    """A day in the words of its first and last line."""
    lines = lines_of(request)
    return json.dumps({"summary": f"{lines[0][1]}: {lines[0][2]}", "portrait": f"{lines[-1][1]}: {lines[-1][2]}"})


def facts_shown(request: ChatRequest) -> list[str]:
    """The facts that were shown, without their dates."""
    return _shown(request.prompt.variables["facts"])


def profile(request: ChatRequest) -> str:
    """A line from every fact, in its words, and one that no fact supports."""
    lines = [{"group": "also", "text": text, "facts": [n]} for n, text in enumerate(facts_shown(request))]
    return json.dumps({"lines": [*lines, {"group": "home", "text": "Zoe owns 77 castles in Peru.", "facts": [0]}]})


def conclusions(request: ChatRequest) -> str:
    """The first two facts together."""
    shown = facts_shown(request)
    told = [{"facts": [0, 1], "text": " and ".join(text.rstrip(".") for text in shown[:2])}]
    return json.dumps({"insights": told if len(shown) > 1 else []})


def answers(request: ChatRequest) -> str:
    """A question for the last fact, answered in its words."""
    shown = facts_shown(request)
    answer = {"question": f"What about {shown[-1][:24]}?", "facts": [len(shown) - 1], "answer": shown[-1]}
    return json.dumps({"answers": [answer]})


def _judgement(request: ChatRequest) -> str:
    count = len(request.prompt.variables["documents"].splitlines())
    return json.dumps({"scores": [{"number": n, "score": 1 + n % 10} for n in range(count)]})


def importances(request: ChatRequest) -> str:
    """Every line matters as much as its number says."""
    return json.dumps({"marks": [{"line": n, "importance": 1 + n % 10} for n, _who, _text in lines_of(request)]})


def worded_notes(request: ChatRequest) -> str:
    """The first words of every line, and the line itself."""
    notes = [
        {"line": n, "keywords": text.split()[-2:], "context": f"{who or 'It says'}: {text}", "tags": ["daily life"]}
        for n, who, text in lines_of(request)
    ]
    return json.dumps({"notes": notes})


def filed_lines(request: ChatRequest) -> str:
    """Every line in the same drawer, under its last words."""
    lines = [
        {"line": n, "domain": "daily life", "category": "home", "keywords": text.rstrip(".").split()[-2:]}
        for n, _who, text in lines_of(request)
    ]
    return json.dumps({"lines": lines})


def note_evolutions(request: ChatRequest) -> str:
    """Every note belongs with its nearest one, which is filed under one tag more."""
    numbers = re.findall(r"^note (\d+):", request.prompt.variables["notes"], re.MULTILINE)
    change = {"neighbour": 0, "context": None, "tags": ["daily life", "linked"]}
    told = {"reasoning": "r", "links": [0], "tags": [], "neighbours": [change]}
    return json.dumps({"notes": [{"note": int(number), **told} for number in numbers]})


def induced(request: ChatRequest) -> str:
    """An insight from every line."""
    lines = lines_of(request)
    told = [{"text": f"{who or 'It says'}: {text}", "subject": who, "source": [n]} for n, who, text in lines]
    return json.dumps({"insights": told})


def revised_notes(request: ChatRequest) -> str:
    """All notes stay, and every insight becomes one."""
    notes, insights = (
        [line.partition("] ")[2] for line in request.prompt.variables[name].splitlines()]
        for name in ("notes", "insights")
    )
    entries = [{"text": text, "notes": [n], "insights": []} for n, text in enumerate(notes)]
    entries += [{"text": text, "notes": [], "insights": [n]} for n, text in enumerate(insights)]
    return json.dumps({"reasoning": "r", "notes": entries})


def line_notes(request: ChatRequest) -> str:
    """A note beside every line, in its words."""
    notes = [
        {"line": n, "question": "What is told?", "answer": text, "source": [n]} for n, _who, text in lines_of(request)
    ]
    return json.dumps({"notes": notes})


def short_term(request: ChatRequest) -> str:
    """The memory so far, and the first new line."""
    memory, text = request.prompt.variables["memory"], request.prompt.variables["text"].splitlines()[0]
    return json.dumps({"reasoning": "nothing goes", "text": f"{memory}\n{text}".strip()})


WORDS: Mapping[str, str | Callable[[ChatRequest], str]] = {
    "extract": extraction,
    "update": pair_verdicts,
    "decompose": decomposition,
    "mem0_facts": told_facts,
    "mem0_update": fact_events,
    "session_sentences": told_facts,
    "keep_me_updated": pair_operations,
    "lightmem_facts": told_facts,
    "lightmem_update": entry_decisions,
    "day": day_told,
    "portrait": json.dumps({"text": "Ana and Ben are friends"}),
    "merge_summary": json.dumps({"text": "merged gist"}),
    "summarise": json.dumps({"text": "gist of several"}),
    "rolling_summary": json.dumps({"reasoning": "r", "text": "rolling gist"}),
    "segment": json.dumps(
        {"segments": [{"first": 0, "last": 0, "topic": "a cat"}, {"first": 1, "last": 9, "topic": "music"}]}
    ),
    "importance": importances,
    "notes": worded_notes,
    "evolve_notes": note_evolutions,
    "file_lines": filed_lines,
    "navigate": json.dumps({"reasoning": "r", "action": 0}),
    "read_leaf": json.dumps({"reasoning": "r", "action": -2, "answer": "in Porto"}),
    "rerank": _judgement,
    "think": json.dumps({"thought": "Luis is the brother of Ben", "enough": False}),
    "rewrite": json.dumps({"queries": [{"text": "home of Luis", "weight": 0.5}]}),
    "likely_words": json.dumps({"phrases": [{"text": "brother Luis lives in Porto", "probability": 0.6}]}),
    "decontextualise": json.dumps({"reasoning": "r", "text": QUESTION}),
    "time_range": json.dumps({"reasoning": "r", "start": None, "end": None}),
    "recognise": json.dumps({"facts": [0, 1]}),
    "profile": profile,
    "reflect_questions": json.dumps({"questions": ["What does Ana like?", "What does Ben do?", "Who knows whom?"]}),
    "reflect": conclusions,
    "foresee": answers,
    "induce": induced,
    "revise_notes": revised_notes,
    "self_notes": line_notes,
    "recurrent_memory": short_term,
}


def scripted(**other: Any) -> ScriptedChat:
    """A model with an answer to every prompt."""
    return ScriptedChat({**WORDS, **other})


def calls(chat: ScriptedChat, prompt: str = "extract") -> int:
    """How often a prompt was asked."""
    return sum(request.prompt.id == prompt for request in chat.requests)


def in_all(handle: Any, *kinds: str, state: str | None = "active") -> list[Any]:
    """Every memory of some kinds."""
    return list(handle.list(kinds=kinds, state=state, limit=1_000))
