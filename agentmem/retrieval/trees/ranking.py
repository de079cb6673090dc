"""Ranks and strategies over a scope's trees of summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentmem.errors import LLMError
from agentmem.kinds import MEMWALKER, ROLLING, SUMMARISES, TEXT
from agentmem.protocols import IntArray
from agentmem.retrieval.layer_view import similarity
from agentmem.retrieval.navigate import navigate
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search
from agentmem.retrieval.trees.tree import Tree, traverse
from agentmem.retrieval.trees.walks import Walk, walk_by_likeness


@dataclass(frozen=True, slots=True)
class _Stored:
    """A tree, with the version number, the text and, by id, the likeness to the query and the cosine of every node."""

    tree: Tree
    rows: IntArray
    texts: Sequence[str]
    similar: dict[str, float]
    dense: dict[str, float]

    def scored(self, ids: Sequence[str]) -> list[Scored]:
        """These nodes, best first as given; their scores fall evenly, for a walk tells an order only."""
        place = {id: number for number, id in enumerate(self.tree.ids)}
        count = max(len(ids), 1)
        return [
            Scored(int(self.rows[place[id]]), 1.0 - number / count, {"dense": self.dense[id]})
            for number, id in enumerate(ids)
        ]


def _stored(moment: Moment, kind: str) -> _Stored:
    """The tree of a kind over the texts, of what may be returned."""
    rows, similar, dense = [], [], []
    for name in (kind, TEXT):
        view = moment.layer(name)
        passing = np.flatnonzero(view.passing)
        rows.append(view.columns["row"][passing].astype(np.int64))
        similar.append(similarity(view)[passing])
        dense.append(view.dense()[passing])
    all_rows, all_similar = np.concatenate(rows), np.concatenate(similar)
    ids = moment.ids(all_rows)
    edges = [(edge.source, edge.target) for edge in moment.edges(SUMMARISES)]
    # Likeness stands in for the vectors: the walks only ever compare nodes with the query.
    tree = Tree.of(ids, edges, all_similar.reshape(-1, 1).astype(np.float32))
    by_id = [dict(zip(ids, values.tolist(), strict=True)) for values in (all_similar, np.concatenate(dense))]
    return _Stored(tree, all_rows, moment.texts(all_rows), *by_id)


def rank_traversal(kind: str, per_layer: int = 5) -> Rank:
    """RAPTOR's traversal: the best of the top layer, the best of their children, and so on; all that were kept."""

    def rank(moment: Moment, k: int) -> list[Scored]:
        stored = _stored(moment, kind)
        ranked = traverse(stored.tree, np.ones(1, dtype=np.float32), per_layer)[:k]
        row_of = dict(zip(stored.tree.ids, stored.rows.tolist(), strict=True))
        return [Scored(row_of[one.id], one.score, {"dense": stored.dense[one.id]}) for one in ranked]

    return rank


def walk_down(search: Search, rank: Rank, k: int) -> list[Found]:
    """MemWalker: the texts read on a walk down the tree, what answered first; by likeness without a language model."""
    del rank  # the walk is the ranking
    stored = search.look(lambda moment: _stored(moment, MEMWALKER))
    leaves = _leaves(search, stored, k)
    scored = stored.scored(leaves[:k])
    return search.look(lambda moment: moment.hydrate(scored))


def _leaves(search: Search, stored: _Stored, k: int) -> list[str]:
    tree = stored.tree
    place = {id: number for number, id in enumerate(tree.ids)}

    def children(id: str) -> Sequence[str]:
        return [tree.ids[child] for child in tree.children(place[id]).tolist()]

    def scores(ids: Sequence[str]) -> Sequence[float]:
        return [stored.similar[id] for id in ids]

    roots = [tree.ids[root] for root in tree.roots.tolist()]
    likely = walk_by_likeness(roots, children, scores, leaves=k, most_steps=20 * k + 200)
    if search.llm is None or not roots:
        return list(likely.leaves)
    try:
        walk: Walk = navigate(
            search.text,
            roots,
            lambda node: stored.texts[place[node]],
            children,
            search.llm,
            count_tokens=search.count_tokens,
        )
    except LLMError:  # the walk by likeness answers too
        return list(likely.leaves)
    read = list(walk.leaves)
    if walk.answer is not None and read:
        read = [read[-1], *read[:-1]]  # the leaf it answered from was read last
    return list(dict.fromkeys([*read, *likely.leaves]))


def rank_recursive(moment: Moment, k: int) -> list[Scored]:
    """What a recursive summary gives a reader: the summary so far, then the last turns, newest first."""
    found: list[Scored] = []
    for name in (ROLLING, TEXT):
        view = moment.layer(name)
        slots = np.flatnonzero(view.passing)
        newest = slots[np.lexsort((slots, view.columns["at"][slots]))][::-1][: k - len(found)]
        dense = view.dense()
        found += [
            Scored(int(view.columns["row"][slot]), 1.0 / (len(found) + place + 1), {"dense": float(dense[slot])})
            for place, slot in enumerate(newest.tolist())
        ]
    return found
