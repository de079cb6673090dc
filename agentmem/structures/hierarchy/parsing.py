"""A model's words for the layers: one call reads the texts of a session, and files each of them.

H-MEM (arXiv 2507.22925) asks once for each interaction, for four fields: domain, category, memory trace (keywords) and
episode. Here the episode is the text itself, and one call files all texts of a session, shown the domains and
categories that there are. What the model says is held against the text it is about: a name that brings in a name, a
number or a "not" which the text does not have is not used, and key words must stand in the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import FiledLine, FiledLines
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Unit
from agentmem.structures.trees.nodes import told
from agentmem.structures.verify import told_besides
from agentmem.text.phrases import normalise
from agentmem.text.support import supported
from agentmem.text.words import terms
from agentmem.types import Memory

PROMPT = "file_lines"
MOST_KEYWORDS = 8
_MOST_DOMAINS = 40
_MOST_CATEGORIES = 12  # shown of each domain


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a text belongs, in a model's words, and the key words of its trace."""

    domain: str
    category: str
    keywords: tuple[str, ...]


def filed(unit: Unit, places: Mapping[str, Sequence[str]], models: Models, asking: Questions) -> dict[str, Filed]:
    """By text, where the model files it; texts that it leaves out, or files under what they do not say, are missing.

    Args:
        unit: the texts.
        places: the categories of each domain that there is, by name, the largest first.
        models: what may be asked.
        asking: asks, and remembers what it cost.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    parts = windows(unit, models)
    shown = "\n".join(
        f"{domain}: {', '.join(categories[:_MOST_CATEGORIES])}"
        for domain, categories in list(places.items())[:_MOST_DOMAINS]
    )
    prompts = [
        render(PROMPT, text=numbered(part), places=shown, date=f"{part.chunks[0].at:%A, %d %B %Y, %H:%M}")
        for part in parts
    ]
    known = {normalise(domain): {normalise(category) for category in below} for domain, below in places.items()}
    found: dict[str, Filed] = {}
    for part, reply in zip(parts, asking.ask(prompts, FiledLines), strict=True):
        for line in reply.lines:
            if 0 <= line.line < len(part.chunks):
                chunk = part.chunks[line.line]
                if checked := _checked(line, chunk, known):
                    found.setdefault(chunk.id, checked)
    return found


def _checked(line: FiledLine, chunk: Memory, known: Mapping[str, set[str]]) -> Filed | None:
    domain, category = " ".join(line.domain.split()), " ".join(line.category.split())
    source, besides = told(chunk), told_besides([chunk])
    there = known.get(normalise(domain))
    if there is None and not supported(domain, [source], 1.0, besides):
        return None
    if normalise(category) not in (there or ()) and not supported(category, [source], 1.0, besides):
        return None
    held = set(terms(f"{chunk.title or ''} {source}"))
    words = dict.fromkeys(" ".join(word.split()) for word in line.keywords)
    kept = [word for word in words if (wanted := set(terms(word))) and wanted <= held]
    return Filed(domain, category, tuple(kept[:MOST_KEYWORDS]))
