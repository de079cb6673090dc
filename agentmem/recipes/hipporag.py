"""HippoRAG (NeurIPS 2024) and HippoRAG 2 (ICML 2025): open information extraction, and a walk on the graph.

What they do of the papers: triples and entities of every passage; nodes for entities (and, in 2, passages); relation,
passage and synonymy edges (cosine 0.8 and more); personalised PageRank with damping 0.5; in 2, the query linked to the
five nearest triples, node specificity, 0.05 of weight for passages, and the recognition filter when there is a
language model; in 1, the query's entities linked to their nearest nodes, and the ensemble with dense scores. Without a
language model the walk of 2 also starts, at half weight, from what the query names: it stands in for the filter.

What they leave out: entities and triples come from one call for each passage, not two; the filter is not tuned on
examples; in 1, the query's entities are found by rules, so that no call is made for a query; question answering in a
loop of thoughts (``-iterative`` of the structural recipes shows that part). Relation and synonymy weights of a pair
add up, where the published code lets one overwrite the other.
"""

from __future__ import annotations

from functools import partial

from agentmem.kinds import ENTITY, TRIPLE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.graph import link_entities, rank_walk, recognise
from agentmem.structures.extraction import ExtractionStructure

_TRIPLES = (partial(ExtractionStructure, (TRIPLE, ENTITY), (TRIPLE, ENTITY)),)

RECIPES = (
    Recipe(
        name="hipporag",
        summary="passages by a walk from the query's entities, with vectors where the link is weak",
        paper="arXiv 2405.14831",
        structures=_TRIPLES,
        strategy=link_entities,
        cost=Cost("1 per session or document", "0"),
    ),
    Recipe(
        name="hipporag2",
        summary="passages by a walk from the triples that resemble the query, and from similar passages",
        paper="arXiv 2502.14802",
        structures=_TRIPLES,
        rank=rank_walk(),
        strategy=recognise,
        cost=Cost("1 per session or document", "1"),
    ),
)
