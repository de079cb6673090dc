"""Keywords, tags and context of texts: from one call for a session, or by rules.

A-MEM asks for them once for each text (section 3.1, equation 2). What a model says is held against the text: a keyword
must stand in it, a tag may bring in no name and no number, and a context that the text does not bear out gives way to
the one by rules. Tags name what a text belongs to, which it need not say itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentmem.prompts.library import render
from agentmem.prompts.replies.notes import NoteWording, NoteWordings
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.notes.note import MOST_KEYWORDS, Wording, united
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Unit
from agentmem.structures.trees.nodes import told
from agentmem.structures.verify import standing, told_besides
from agentmem.text.entities import entities
from agentmem.text.salience import keywords, summarise
from agentmem.text.support import supported
from agentmem.text.words import terms
from agentmem.types import Memory

PROMPT = "notes"
_CONTEXT_WORDS = 30
_OWN_TAGS = 5  # by rules; what is left of a note's tags is for those of others
_TOPICS = 20  # key phrases of a session, of which a text is filed under those that it holds


def by_rules(chunks: Sequence[Memory]) -> list[Wording]:
    """Key phrases of each text; as tags its names, and what else of it marks all of them; its most telling sentence."""
    topics = keywords([told(chunk) for chunk in chunks], _TOPICS)
    return [_by_rules(chunk, topics) for chunk in chunks]


def by_model(unit: Unit, models: Models, asking: Questions) -> list[Wording]:
    """As the model words them; by rules what it leaves out.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    parts = windows(unit, models)
    ruled = iter(by_rules(unit.chunks))
    prompts = [render(PROMPT, text=numbered(part), date=f"{part.chunks[0].at:%A, %d %B %Y, %H:%M}") for part in parts]
    found = []
    for part, reply in zip(parts, asking.ask(prompts, NoteWordings), strict=True):
        said: Mapping[int, NoteWording] = {note.line: note for note in reply.notes}
        for line, chunk in enumerate(part.chunks):
            rule = next(ruled)
            found.append(_checked(said[line], chunk, rule, models) if line in said else rule)
    return found


def sound_tags(tags: Sequence[str], texts: Sequence[str], known: Sequence[str] = ()) -> tuple[str, ...]:
    """Those that hold no name, number or "not" which the texts do not have, at most :data:`MOST_TAGS`."""
    return united(tag for tag in tags if supported(tag, texts, 1.0, known))


def _by_rules(chunk: Memory, topics: Sequence[str]) -> Wording:
    held = set(terms(chunk.text))
    names = [entity.name for entity in entities(chunk.text) if entity.kind == "name"]
    shared = [topic for topic in topics if (wanted := set(terms(topic))) and wanted <= held]
    return Wording(
        united(keywords([chunk.text], MOST_KEYWORDS), most=MOST_KEYWORDS),
        united(names, shared, most=_OWN_TAGS),
        _sentence(chunk.text),
    )


def _sentence(text: str) -> str:
    """The most telling sentence; nothing where the text is hardly longer."""
    whole = " ".join(text.split())
    picked = " ".join(summarise([text], _CONTEXT_WORDS).split())
    return picked if len(picked.split()) < len(whole.split()) else ""


def _checked(said: NoteWording, chunk: Memory, rule: Wording, models: Models) -> Wording:
    source, known = told(chunk), told_besides([chunk])
    held = set(terms(f"{chunk.title or ''} {source}"))
    kept = united(
        (word for word in said.keywords if (wanted := set(terms(word))) and wanted <= held), most=MOST_KEYWORDS
    )
    context = standing(" ".join(said.context.split()), [source], known, models.embed)
    tags = sound_tags(said.tags, [source], known)
    return replace(rule, keywords=kept or rule.keywords, tags=tags or rule.tags, context=context or rule.context)
