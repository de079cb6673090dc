"""Ranking by a walk on the graph of triples: personalised PageRank, seeded by what resembles the query.

HippoRAG 2 (Gutiérrez et al., ICML 2025, section 3): the query is linked to triples, whose subjects and objects are
where the walk starts over, and to passages, which get a little. HippoRAG 1 (NeurIPS 2024, section 2): the entities
named in the query are linked to the nearest entities of the graph, and passages are ranked through what they mention.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.errors import LLMError
from agentmem.index.exact import top
from agentmem.index.graph.linking import (
    entity_seeds,
    min_max,
    nearest_phrases,
    phrase_weights,
    rank_by_mentions,
    reset_vector,
    with_dense,
)
from agentmem.index.graph.memory_graph import MemoryGraph
from agentmem.index.graph.pagerank import personalised_pagerank
from agentmem.kinds import ENTITY, TEXT
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies import RecognisedFacts
from agentmem.protocols import FloatArray
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search
from agentmem.text.entities import entities
from agentmem.text.phrases import normalise

DAMPING = 0.5
LINKED_FACTS = 5
_Triple = tuple[str, str, str]


def walk(moment: Moment, facts: Sequence[tuple[_Triple, float]] | None = None) -> FloatArray:
    """The share of the walk's time at every text, shape ``(slots,)``; zeros where nothing could be linked.

    Args:
        moment: what is there.
        facts: triples to start from with their scores; by default the five that resemble the query most.
    """
    graph = moment.graph()
    texts = moment.layer(TEXT)
    shares = np.zeros(len(texts.columns), dtype=np.float32)
    chosen = linked_facts(moment) if facts is None else facts
    weights = phrase_weights([score for _fact, score in chosen], [fact for fact, _score in chosen], graph.passage_count)
    keys, nodes = graph.passages()
    if not weights or not len(keys):
        return shares
    reset = reset_vector(len(graph.adjacency()), _nodes(graph, weights), nodes, texts.cosines[keys])
    shares[keys] = personalised_pagerank(graph.adjacency(), reset, DAMPING)[nodes]
    return shares


def linked_facts(moment: Moment, count: int = LINKED_FACTS) -> list[tuple[_Triple, float]]:
    """The triples that resemble the query most, normalised, with scores stretched to [0, 1] over all triples."""
    triples = moment.triples()
    scores = min_max(triples.cosines)
    known = np.flatnonzero(~np.isnan(triples.cosines))
    best = known[top(scores[known].astype(np.float32), count)]
    return [(_normalised(triples.parts[place]), float(scores[place])) for place in best.tolist()]


def rank_walk(facts: Sequence[tuple[_Triple, float]] | None = None) -> Rank:
    """HippoRAG 2's ranking of passages: by their share of the walk; by their vectors when no triple fits."""

    def rank(moment: Moment, k: int) -> list[Scored]:
        shares = walk(moment, facts)
        return _texts(moment, shares if shares.any() else None, k)

    return rank


def recognise(search: Search, rank: Rank, k: int) -> list[Found]:
    """HippoRAG 2's recognition memory: of the linked triples, the model keeps those that help; without one, all stay.

    A model that keeps none means that the graph cannot help: passages are ranked by their vectors.
    """
    if search.llm is None:
        return search.look(lambda moment: moment.hydrate(rank(moment, k)))
    facts = search.look(linked_facts)
    kept = _kept(search.llm, search.text, facts) if facts else []
    return search.look(lambda moment: moment.hydrate(rank_walk(kept)(moment, k)))


def _kept(llm: LLM, question: str, facts: Sequence[tuple[_Triple, float]]) -> list[tuple[_Triple, float]]:
    shown = "\n".join(f"[{number}] {' | '.join(fact)}" for number, (fact, _score) in enumerate(facts))
    try:
        reply = llm.complete(render("recognise", question=question, facts=shown), RecognisedFacts).value
    except LLMError:  # the filter is a refinement: without it, all linked triples count
        return list(facts)
    return [fact for number, fact in enumerate(facts) if number in reply.facts]


def link_entities(search: Search, rank: Rank, k: int) -> list[Found]:
    """HippoRAG 1: the walk starts at the query's entities, found by rules; by vectors when it names none.

    Entities are embedded before the look, so that no model runs while a snapshot is held.
    """
    del rank  # it needs the entities
    names = list(dict.fromkeys(name for one in entities(search.text) if (name := normalise(one.name))))
    vectors = search.embed(names) if names else None
    return search.look(lambda moment: moment.hydrate(_by_entities(moment, names, vectors, k)))


def _by_entities(moment: Moment, names: Sequence[str], vectors: FloatArray | None, k: int) -> list[Scored]:
    graph, texts = moment.graph(), moment.layer(TEXT)
    linked = _linked(moment, names, vectors)
    nodes = _nodes(graph, entity_seeds(linked, graph.passage_count))
    if not nodes:
        return _texts(moment, None, k)
    reset = np.zeros(len(graph.adjacency()))
    reset[list(nodes)] = list(nodes.values())
    shares = np.zeros(len(texts.columns), dtype=np.float32)
    ranked = rank_by_mentions(personalised_pagerank(graph.adjacency(), reset, DAMPING), graph.mentions(), len(shares))
    for passage, share in ranked:
        shares[passage] = share
    keys, _passages = graph.passages()
    shares[keys] = with_dense(shares[keys], texts.cosines[keys], min(cosine for _name, cosine in linked))
    return _texts(moment, shares, k)


def _linked(moment: Moment, names: Sequence[str], vectors: FloatArray | None) -> list[tuple[str, float]]:
    """For each entity of the query the graph's own phrase: the same words, or else the nearest vector."""
    graph = moment.graph()
    linked = [(name, 1.0) for name in names if name in graph]
    unknown = [place for place, name in enumerate(names) if name not in graph]
    known = moment.layer(ENTITY)
    if vectors is None or not unknown or not len(known.columns):
        return linked
    slots = np.flatnonzero(known.passing)
    phrases = [normalise(text) for text in moment.texts(known.columns["row"][slots])]
    return linked + nearest_phrases(vectors[unknown], moment.vectors(ENTITY, slots), phrases)


def _texts(moment: Moment, shares: FloatArray | None, k: int) -> list[Scored]:
    """Texts that may be returned: by share of the walk, or by cosine where there is none."""
    view = moment.layer(TEXT)
    cosines = np.nan_to_num(view.cosines)
    connected = np.zeros_like(cosines) if shares is None else shares / max(float(shares.max(initial=0.0)), 1e-12)
    score = (1.0 + cosines) / 2.0 if shares is None else connected
    ranking = np.where(view.passing, score, np.float32(-np.inf)).astype(np.float32)
    best = top(ranking, k)
    return [
        Scored(
            int(view.columns["row"][slot]),
            float(score[slot]),
            {"dense": float(cosines[slot]), "pagerank": float(connected[slot])},
        )
        for slot in best[np.isfinite(ranking[best])].tolist()
    ]


def _nodes(graph: MemoryGraph, weights: dict[str, float]) -> dict[int, float]:
    found = {graph.node(phrase): weight for phrase, weight in weights.items()}
    return {node: weight for node, weight in found.items() if node is not None}


def _normalised(parts: _Triple) -> _Triple:
    subject, predicate, object_ = parts
    return normalise(subject), normalise(predicate), normalise(object_)
