"""The demo's scenes: each does something with the memory, and shows what came of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from agentmem.cli import tables
from agentmem.cli.output import counted, progress_bar
from agentmem.cli.printing import printable
from agentmem.handle import ScopeHandle

QUESTIONS = (
    "What did the allergist find out?",
    "When does she get the keys to the flat?",
    "Why did she want the job in Ghent?",
    "What did the assistant suggest for the car ride with the dog?",
    "Where are Mira and Paula going on holiday?",
    "How was work in May 2026?",
)
CONTEXT_QUESTION = "Which food must Mira avoid, and what does she carry for emergencies?"
CONTEXT_TOKENS = 220
DOSE = "half a tablet every morning"
DOSE_QUESTION = "How much of the thyroid medicine does Umbra get?"
NEW_DOSE = "Umbra's thyroid medicine: she gets a whole tablet every morning now, in a bit of liver sausage."
NEW_DOSE_SINCE = datetime(2026, 4, 20, tzinfo=UTC)
EARLIER = datetime(2026, 2, 1, tzinfo=UTC)
CONFIDENTIAL = "Ruben"
CONFIDENTIAL_QUESTION = "What did Ruben tell Mira in confidence?"
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """One step: its name and value for programs, and what a person sees of it."""

    name: str
    value: Any
    shown: RenderableType


def conversation() -> list[dict[str, Any]]:
    """The messages that are remembered."""
    text = resources.files(__package__).joinpath("conversation.json").read_text(encoding="utf-8")
    return [{**message, "at": datetime.fromisoformat(message["at"])} for message in json.loads(text)]


def play(memory: ScopeHandle) -> Iterator[Scene]:
    """The scenes in their order; each is played when it is asked for."""
    yield _remember(memory)
    yield from (_ask(memory, number, question) for number, question in enumerate(QUESTIONS))
    yield _context(memory)
    yield _correct(memory)
    yield _forget(memory)


def closing(path: Path | None, scope: str, *, words_only: bool) -> Iterator[RenderableType]:
    """What to do next; the commands as plain text, so that they can be copied whole."""
    yield _heading("Now you")
    embedder = "--embedder none " if words_only else ""
    if path is None:
        yield "  agentmem demo --keep demo.db"
    yield f'  agentmem --db {path or "demo.db"} --scope {scope} {embedder}retrieve "Who looks after the dog?" --explain'
    yield f"  agentmem --db {path or 'demo.db'} --scope {scope} list"
    yield f'  agentmem --db my.db --scope me {embedder}add "I moved to Ghent." --speaker Mira'


def _remember(memory: ScopeHandle) -> Scene:
    messages = conversation()
    started = time.perf_counter()
    with progress_bar("Remembering", len(messages)) as progress:
        receipt = memory.add(messages, ref="demo", progress=progress)
    seconds = time.perf_counter() - started
    turns = Counter(message["session"] for message in messages)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("Session", no_wrap=True)
    table.add_column("Date", no_wrap=True)
    table.add_column("Turns", no_wrap=True, justify="right")
    table.add_column("Begins", no_wrap=True, ratio=1)
    for session, count in turns.items():
        first = next(message for message in messages if message["session"] == session)
        table.add_row(session, f"{first['at']:%d %b %Y}", str(count), Text(first["content"], style="dim"))
    model = f"{receipt.usage.embedded_texts} embedded" if receipt.usage.embedded_texts else "no embedding model"
    said = (
        f"Mira's talks with her assistant: {len(receipt.episodes)} turns, {len(turns)} sessions, nine months. "
        f"Stored, indexed and searchable after {seconds:.1f} s ({model}, no LLM)."
    )
    return Scene("add", receipt, Group(_heading("Remember"), Text(said), table))


def _ask(memory: ScopeHandle, number: int, question: str) -> Scene:
    hits = memory.retrieve(question, k=_SHOWN, explain=True)
    shown = Group(*([_heading("Ask")] if number == 0 else []), _question(question), tables.hits(hits), Text())
    return Scene(f"question_{number + 1}", {"query": question, "hits": hits}, shown)


def _context(memory: ScopeHandle) -> Scene:
    block = memory.context(CONTEXT_QUESTION, tokens=CONTEXT_TOKENS)
    title = f"{block.tokens} of {CONTEXT_TOKENS} tokens, ready for a prompt"
    shown = Group(
        _heading("Hand it to a model"),
        _question(CONTEXT_QUESTION),
        Panel(Text(printable(block)), title=title, title_align="left", border_style="dim"),
    )
    value = {"query": CONTEXT_QUESTION, "text": str(block), "tokens": block.tokens, "hits": block.hits}
    return Scene("context", value, shown)


def _correct(memory: ScopeHandle) -> Scene:
    dose = next(found for found in memory.list(session="allergy") if DOSE in found.text)
    updated = memory.update(dose.id, text=NEW_DOSE, valid_from=NEW_DOSE_SINCE)
    now = memory.retrieve(DOSE_QUESTION, k=1)
    then = memory.retrieve(DOSE_QUESTION, k=1, as_of=EARLIER)
    shown = Group(
        _heading("Correct it, and keep the past"),
        Text(f"The dose changed on {NEW_DOSE_SINCE:%d %B %Y}: a new version, and both stay true in their time."),
        Text(),
        _question(DOSE_QUESTION),
        _label("now"),
        tables.hits(now),
        _label(f"as of {EARLIER:%d %B %Y}"),
        tables.hits(then),
    )
    return Scene("update", {"memory": updated, "now": now, "then": then, "as_of": EARLIER}, shown)


def _forget(memory: ScopeHandle) -> Scene:
    before = memory.retrieve(CONFIDENTIAL_QUESTION, k=1)
    certificate = memory.forget(about=CONFIDENTIAL)
    after = memory.retrieve(CONFIDENTIAL_QUESTION, k=3)
    left = sum(CONFIDENTIAL in hit.text for hit in after)
    shown = Group(
        _heading("Forget, with proof"),
        _question(CONFIDENTIAL_QUESTION),
        tables.hits(before),
        Text(f"\nForget everything about {CONFIDENTIAL}:\n"),
        Padding(tables.certificate(certificate), (0, 0, 0, 2), expand=False),
        Text(f"\nAsked again: {counted(left, 'answer mentions', 'answers mention')} {CONFIDENTIAL}."),
    )
    return Scene("forget", certificate, shown)


def _heading(text: str) -> RenderableType:
    return Padding(Rule(Text(text, style="bold"), align="left", style="cyan"), (1, 0, 1, 0))


def _question(text: str) -> RenderableType:
    return Text.assemble(("? ", "bold yellow"), (text, "yellow"))


def _label(text: str) -> RenderableType:
    return Text(f"  {text}:", style="dim")
