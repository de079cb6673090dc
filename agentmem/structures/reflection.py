"""Looking back as Generative Agents do: focal questions, what speaks to each of them, and what follows from it.

Park et al. 2023, arXiv 2304.03442, section 4.2. Writes nothing; see :mod:`agentmem.structures.insights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentmem.prompts.library import render
from agentmem.prompts.replies.reflection import Conclusions, FocalQuestions
from agentmem.protocols import FloatArray
from agentmem.retrieval.memory_stream import CODE, weighed
from agentmem.structures.evidence import cited, numbered
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, View
from agentmem.structures.verify import told_besides
from agentmem.text.entities import entities
from agentmem.text.phrases import normalise
from agentmem.text.support import supported
from agentmem.text.words import terms
from agentmem.types import Memory

LEAST_EVIDENCE = 2
"""The fewest facts that an insight follows from: one alone says no more than itself."""


@dataclass(frozen=True, slots=True)
class Insight:
    """A conclusion and the facts it follows from; ``doubtful`` if they do not bear it out."""

    text: str
    facts: tuple[Memory, ...]
    doubtful: bool


def importance(fact: Memory, repeated: int = 0) -> float:
    """How much a fact matters, from 1 to 10, by what it says: content words, names, a date, and who repeats it.

    It stands in for the model's mark of 1 to 10 on every memory, which would be a call for each.
    """
    named = {(entity.kind, entity.name) for entity in entities(fact.text)}
    names = sum(kind == "name" for kind, _name in named)
    dated = any(kind == "date" for kind, _name in named)
    return min(10.0, 1.0 + min(4.0, len(set(terms(fact.text))) / 3.0) + min(2, names) + dated + min(2, repeated))


def reflected(
    recent: Sequence[Memory],
    facts: Sequence[Memory],
    marks: Sequence[float],
    view: View,
    models: Models,
    asking: Questions,
    *,
    questions: int,
    insights: int,
    looked: int,
) -> list[Insight]:
    """What follows from facts, at most ``insights`` for each of at most ``questions`` focal questions.

    Args:
        recent: what the questions are drawn from.
        facts: what they are answered from, oldest first.
        marks: the importance of each of them.
        view: gives their vectors.
        models: gives the vectors of questions.
        asking: asks the model.
        questions: see above.
        insights: see above.
        looked: how many facts each question is put to.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked, or gave nothing that can be used.
    """
    [focal] = asking.ask([render("reflect_questions", facts=numbered(recent), count=str(questions))], FocalQuestions)
    texts = list(dict.fromkeys(focal.questions))[:questions]
    if not texts:
        return []
    relevant = _relevance(texts, facts, view, models)
    shown = [[facts[place] for place in sorted(_best(row, marks, looked))] for row in relevant]
    prompts = [
        render("reflect", question=text, facts=numbered(seen), count=str(insights))
        for text, seen in zip(texts, shown, strict=True)
    ]
    found: dict[str, Insight] = {}
    for seen, reply in zip(shown, asking.ask(prompts, Conclusions), strict=True):
        for said in reply.insights[:insights]:
            evidence = tuple(cited(said.facts, seen))
            text = " ".join(said.text.split())
            if len(evidence) >= LEAST_EVIDENCE and normalise(text) not in found:
                found[normalise(text)] = Insight(text, evidence, not _borne_out(text, evidence, models))
    return list(found.values())


def _relevance(questions: Sequence[str], facts: Sequence[Memory], view: View, models: Models) -> FloatArray:
    """Cosines, shape ``(questions, facts)``; without an embedding model the share of a question's words."""
    if models.embed is not None:
        asked = models.embed(questions)
        return asked @ vectors_of(facts, view, models.embed).T
    words = [set(terms(fact.text)) for fact in facts]
    wanted = [set(terms(question)) for question in questions]
    shares = [[len(own & terms_of) / max(len(own), 1) for terms_of in words] for own in wanted]
    return np.array(shares, dtype=np.float32).reshape(len(questions), len(facts))


def vectors_of(facts: Sequence[Memory], view: View, embed: Any) -> FloatArray:
    """The facts' vectors, shape ``(n, dimension)``; what has none stored yet gets one."""
    found = view.vectors(facts)
    missing = np.flatnonzero(~found.any(axis=1)).tolist() if found.shape[1] else list(range(len(facts)))
    if not missing:
        return found
    made: FloatArray = embed([facts[place].text for place in missing])
    if len(missing) == len(facts):
        return made
    found = found.copy()
    found[missing] = made
    return found


def _best(relevance: FloatArray, marks: Sequence[float], most: int) -> list[int]:
    """The places of the facts with the best score, as a memory stream is ranked; the last place is the newest."""
    total = weighed(np.arange(len(marks)), relevance, np.array(marks), CODE)
    return [int(place) for place in np.argsort(-total, kind="stable")[:most]]


def _borne_out(text: str, evidence: Sequence[Memory], models: Models) -> bool:
    """Whether the facts say enough of it, and it names nothing that they do not."""
    sources = [fact.text for fact in evidence]
    known = told_besides(evidence)
    if supported(text, sources, None, known):
        return True
    if models.embed is None or not supported(text, sources, 1.0, known):  # no cosine could save it
        return False
    vectors = models.embed([text, "\n".join(sources)])
    return supported(text, sources, float(vectors[0] @ vectors[1]), known)
