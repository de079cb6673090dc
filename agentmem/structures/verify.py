"""Which of a model's facts their own sources do not support. No model is asked but the embedder."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.structures.findings import Fact
from agentmem.structures.structure import Models, Unit
from agentmem.text.support import supported

_BESIDE = 1
"""How many lines around its own may support a fact: an answer is often understood by the question before it."""


def unsupported(unit: Unit, facts: Sequence[Fact], models: Models) -> set[int]:
    """The numbers of the facts to be quarantined."""
    sources = [_sources(unit, fact) for fact in facts]
    known = [_known(unit, fact) for fact in facts]
    doubtful = [
        number for number, fact in enumerate(facts) if not supported(fact.text, sources[number], None, known[number])
    ]
    if not doubtful or models.embed is None:
        return set(doubtful)
    claims = models.embed([facts[number].text for number in doubtful])
    texts = models.embed(["\n".join(sources[number]) for number in doubtful])
    cosines = (claims * texts).sum(axis=1)
    return {
        number
        for number, cosine in zip(doubtful, cosines.tolist(), strict=True)
        if not supported(facts[number].text, sources[number], cosine, known[number])
    }


def _sources(unit: Unit, fact: Fact) -> list[str]:
    near = sorted({line + step for line in fact.lines for step in range(-_BESIDE, _BESIDE + 1)})
    return [_line(unit, line) for line in near if 0 <= line < len(unit.chunks)]


def _line(unit: Unit, line: int) -> str:
    chunk = unit.chunks[line]
    named = [part for part in (chunk.title, chunk.speaker) if part]
    return ": ".join([*named, chunk.text])


def _known(unit: Unit, fact: Fact) -> list[str]:
    """What a fact may say without its lines saying it: when it was said, and who takes part."""
    days = {unit.chunks[line].at for line in fact.lines}
    speakers = {chunk.speaker for chunk in unit.chunks if chunk.speaker}
    return [f"{day:%A} {day.day} {day:%d %m %B %b %Y}" for day in days] + sorted(speakers)
