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
from agentmem.prompts.replies.asking import RecognisedFacts
from agentmem.protocols import FloatArray
from agentmem.retrieval.layer_view import similarity
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search
from agentmem.text.entities import entities
from agentmem.text.phrases import normalise

DAMPING = 0.5
LINKED_FACTS = 5
NAMED = 0.5
"""What something the query names weighs as a start of the walk, where the best triple's parts weigh 1."""
_REPEATED = 8
"""How often a triple may be told by several passages before it crowds out others."""
_Triple = tuple[str, str, str]
Linked = tuple[_Triple, float]


def walk(moment: Moment, facts: Sequence[Linked] | None = None) -> FloatArray:
    """The share of the walk's time at every text, shape ``(slots,)``; zeros where nothing could be linked.

    Args:
        moment: what is there.
        facts: triples to start from with their scores, as a model recognised them. Without one, the walk starts from
            the five that resemble the query most and, in place of a model's judgement, from what the query names.
    """
    graph = moment.graph()
    texts = moment.layer(TEXT)
    shares = np.zeros(len(texts.columns), dtype=np.float32)
    chosen = linked_facts(moment) if facts is None else facts
    weights = phrase_weights([score for _fact, score in chosen], [fact for fact, _score in chosen], graph.passage_count)
    if facts is None:
        for name in _names(moment.query.text):
            if passages := graph.passage_count(name):
                weights[name] = max(weights.get(name, 0.0), NAMED / passages)
    keys, nodes = graph.passages()
    if not weights or not len(keys):
        return shares
    reset = reset_vector(len(graph.adjacency()), _nodes(graph, weights), nodes, similarity(texts)[keys])
    shares[keys] = personalised_pagerank(graph.adjacency(), reset, DAMPING)[nodes]
    return shares


def linked_facts(moment: Moment, count: int = LINKED_FACTS) -> list[Linked]:
    """The triples that resemble the query most, normalised, each once, with scores stretched to [0, 1] over all."""
    triples = moment.triples()
    scores = min_max(triples.similar)
    found: dict[_Triple, float] = {}
    for place in top(scores.astype(np.float32), _REPEATED * count).tolist():
        found.setdefault(_normalised(triples.parts[place]), float(scores[place]))
    return list(found.items())[:count]


def _names(question: str) -> list[str]:
    """What the question names, as the graph would."""
    return list(dict.fromkeys(normalise(one.name) for one in entities(question) if one.kind == "name"))


def rank_walk(facts: Sequence[Linked] | None = None) -> Rank:
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
    chosen = rank if kept is None else rank_walk(kept)
    return search.look(lambda moment: moment.hydrate(chosen(moment, k)))


def _kept(llm: LLM, question: str, facts: Sequence[Linked]) -> list[Linked] | None:
    """Those that help; ``None`` if the model cannot say: then it is as if there were none."""
    shown = "\n".join(f"[{number}] {' | '.join(fact)}" for number, (fact, _score) in enumerate(facts))
    try:
        reply = llm.complete(render("recognise", question=question, facts=shown), RecognisedFacts).value
    except LLMError:
        return None
    return [fact for number, fact in enumerate(facts) if number in reply.facts]


def link_entities(search: Search, rank: Rank, k: int) -> list[Found]:
    """HippoRAG 1: the walk starts at the query's entities, found by rules; by vectors when it names none.

    Each entity is linked to the graph's own phrase of the same words, or else to the nearest by its vector.
    """
    del rank  # it needs the entities
    names = list(dict.fromkeys(name for one in entities(search.text) if (name := normalise(one.name))))
    known = search.look(lambda moment: {name for name in names if name in moment.graph()})
    linked = [(name, 1.0) for name in names if name in known]
    others = [name for name in names if name not in known]
    vectors = search.embed(others) if others else None
    for vector in () if vectors is None else vectors:
        nearest = search.look(_nearest_entity, vector=vector)
        linked += [] if nearest is None else [nearest]
    return search.look(lambda moment: moment.hydrate(_by_entities(moment, linked, k)))


def _nearest_entity(moment: Moment) -> tuple[str, float] | None:
    """The phrase whose vector is nearest, and its cosine; ``None`` when there is none."""
    known = moment.layer(ENTITY)
    cosines = known.known()
    best = top(cosines, 1)
    if not len(best) or not np.isfinite(cosines[best[0]]):
        return None
    (phrase,) = moment.texts(known.columns["row"][best].astype(np.int64))
    return normalise(phrase), float(cosines[best[0]])


def _by_entities(moment: Moment, linked: Sequence[tuple[str, float]], k: int) -> list[Scored]:
    graph, texts = moment.graph(), moment.layer(TEXT)
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
    weakest = min(cosine for _name, cosine in linked)
    shares[keys] = with_dense(shares[keys], similarity(texts)[keys], weakest)
    return _texts(moment, shares, k)


def _texts(moment: Moment, shares: FloatArray | None, k: int) -> list[Scored]:
    """Texts that may be returned: by share of the walk, or by cosine where there is none."""
    view = moment.layer(TEXT)
    similar = similarity(view)
    connected = np.zeros_like(similar) if shares is None else shares / max(float(shares.max(initial=0.0)), 1e-12)
    score = similar if shares is None else connected
    ranking = np.where(view.passing, score, np.float32(-np.inf)).astype(np.float32)
    best = top(ranking, k)
    return [
        Scored(
            int(view.columns["row"][slot]),
            float(score[slot]),
            {"dense": float(np.nan_to_num(view.cosines[slot])), "pagerank": float(connected[slot])},
        )
        for slot in best[np.isfinite(ranking[best])].tolist()
    ]


def _nodes(graph: MemoryGraph, weights: dict[str, float]) -> dict[int, float]:
    found = {graph.node(phrase): weight for phrase, weight in weights.items()}
    return {node: weight for node, weight in found.items() if node is not None}


def _normalised(parts: _Triple) -> _Triple:
    subject, predicate, object_ = parts
    return normalise(subject), normalise(predicate), normalise(object_)
