"""What of a model's words its own sources do not support. No model is asked but the embedder.

Facts and triples that fail are to be quarantined: kept, not found, and restored by whoever knows better. A text that
stands for others (:func:`standing`) loses the sentences that fail: quarantining all of it for one would leave a hole.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from agentmem.protocols import FloatArray
from agentmem.structures.attribution import likely_lines
from agentmem.structures.findings import Fact, Relation
from agentmem.structures.structure import Models, Unit
from agentmem.text.sentences import sentences
from agentmem.text.statements import dates_meant
from agentmem.text.support import supported, triple_supported
from agentmem.types import Memory

logger = logging.getLogger(__name__)

Embed = Callable[[Sequence[str]], FloatArray]
"""Unit vectors of texts, shape ``(n, dimension)``."""

_BESIDE = 1
"""How many lines around its own may support a fact: an answer is often understood by the question before it."""
_ANYBODY = "speaker user assistant author narrator writer"
"""What a model calls whoever says "I" and is not named."""
_RETOLD = (
    "conversation converse talk chat speak spoke catch caught meet met exchange greet goodbye bye am pm discuss topic "
    "ask answer reply respond tell told praise compliment congratulate congratulations thank gratitude grateful "
    "appreciation agree encourage encouragement reassure assure comment offer support inquire inform update end begin "
    "wish hope enthusiasm excitement interest admire admiration both other together text group"
)
"""Words by which a summary tells that something was said, and how: sources do not say so of themselves."""
_MONTHS = {
    name: number
    for number, name in enumerate(
        """January February March April May June July August September October November December""".split(), start=1
    )
}
_PART_OF_DATE = re.compile(r"\d+|[A-Z]\w+")

_Passes = Callable[[int, float | None], bool]
"""Whether the claim of a number passes, given the cosine with its sources, if there is one."""


def unsupported(unit: Unit, facts: Sequence[Fact], models: Models) -> set[int]:
    """The numbers of the facts to be quarantined."""
    sources = [_sources(unit, fact.lines) for fact in facts]
    known = [_known(unit, fact.lines) for fact in facts]
    texts = [fact.text for fact in facts]
    return _failing(
        texts,
        sources,
        lambda number, cosine: supported(texts[number], sources[number], cosine, known[number]),
        models.embed,
    )


def unsupported_triples(unit: Unit, triples: Sequence[Relation], models: Models) -> set[int]:
    """The numbers of the triples to be quarantined: their lines do not name what they relate, or say the opposite."""
    sources = [_sources(unit, triple.lines) for triple in triples]
    known = [_known(unit, triple.lines) for triple in triples]

    def passes(number: int, cosine: float | None) -> bool:
        triple = triples[number]
        return triple_supported(triple.subject, triple.predicate, triple.object, sources[number], cosine, known[number])

    return _failing(
        [f"{triple.subject} {triple.predicate} {triple.object}" for triple in triples], sources, passes, models.embed
    )


def standing(text: str, sources: Sequence[str], known: Sequence[str], embed: Embed | None) -> str:
    """A model's text about its sources without the sentences that they do not support; empty when none is left.

    Each sentence is held against all sources; where words do not decide, its cosine is taken with the one or two that
    share most words with it. Lines stay lines. A text that passes whole comes back as it is.

    Args:
        text: what a model wrote.
        sources: what it was shown, each with who said it.
        known: what may be used besides, see :func:`agentmem.text.support.lexical_support`.
        embed: the embedding model, if any.
    """
    lines = [[line[start:end] for start, end in sentences(line)] for line in text.splitlines()]
    claims = [claim for line in lines for claim in line]
    failing = _failing(
        claims,
        [sources] * len(claims),
        lambda number, cosine: supported(claims[number], sources, cosine, (*known, _RETOLD)),
        embed,
    )
    if not failing:
        return text
    logger.info("%d of %d sentences that a model wrote were dropped: unsupported", len(failing), len(claims))
    numbers = iter(range(len(claims)))
    kept = (" ".join(claim for claim in line if next(numbers) not in failing) for line in lines)
    return "\n".join(line for line in kept if line)


def told_besides(chunks: Sequence[Memory]) -> list[str]:
    """What may be said of chunks without their saying it: who takes part, when it was said, and which dates it means.

    "Yesterday" is the day before the chunk's, as a model is asked to write it.
    """
    days = {chunk.at.date(): chunk.at for chunk in chunks}.values()
    speakers = {name for chunk in chunks for name in (chunk.speaker, chunk.role) if name}
    meant = {date for chunk in chunks for date in dates_meant(chunk.text, chunk.at)}
    written = [f"{day:%A} {day.day} {day:%d %m %B %b %Y}" for day in days]
    return [*written, *sorted(_in_figures(date) for date in meant), *sorted(speakers), _ANYBODY]


def _failing(claims: Sequence[str], sources: Sequence[Sequence[str]], passes: _Passes, embed: Embed | None) -> set[int]:
    """The numbers of the claims that pass neither by their words nor, where there is an embedder, by their meaning."""
    doubtful = [number for number in range(len(claims)) if not passes(number, None)]
    if embed is None:
        return set(doubtful)
    doubtful_still = [number for number in doubtful if passes(number, 1.0)]  # the others no cosine can save
    if not doubtful_still:
        return set(doubtful)
    vectors = embed([claims[number] for number in doubtful_still])
    texts = embed([_closest(claims[number], sources[number]) for number in doubtful_still])
    cosines = (vectors * texts).sum(axis=1).tolist()
    saved = {number for number, cosine in zip(doubtful_still, cosines, strict=True) if passes(number, cosine)}
    return set(doubtful) - saved


def _closest(claim: str, sources: Sequence[str]) -> str:
    """What a claim is compared with: all of its few sources, or the likeliest of many."""
    few = 2 * (1 + 2 * _BESIDE)
    if len(sources) <= few:
        return "\n".join(sources)
    return "\n".join(sources[line] for line in likely_lines(claim, sources))


def _sources(unit: Unit, lines: Sequence[int]) -> list[str]:
    return [_line(unit.chunks[line]) for line in _near(unit, lines)]


def _near(unit: Unit, lines: Sequence[int]) -> list[int]:
    near = sorted({line + step for line in lines for step in range(-_BESIDE, _BESIDE + 1)})
    return [line for line in near if 0 <= line < len(unit.chunks)]


def _line(chunk: Memory) -> str:
    named = [part for part in (chunk.title, chunk.speaker) if part]
    return ": ".join([*named, chunk.text])


def _known(unit: Unit, lines: Sequence[int]) -> list[str]:
    """What a fact may say without its lines saying it; everybody who takes part may be meant by "you"."""
    speakers = {chunk.speaker for chunk in unit.chunks if chunk.speaker}
    return [*told_besides([unit.chunks[line] for line in _near(unit, lines)]), *sorted(speakers)]


def _in_figures(date: str) -> str:
    """A date written out, with its numbers as they stand in an ISO date too: "7 May 2023 07 05 2023"."""
    figures = []
    for part in _PART_OF_DATE.findall(date):
        number = _MONTHS.get(part, part if part.isdigit() else None)
        if number is not None:
            figures.append(f"{int(number):02}")
    return " ".join([date, *figures])
