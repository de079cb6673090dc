"""``graph`` and ``tree``: what consolidation built, as networkx graphs to look at, draw, or give to other programs."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentmem.engine import embed_worker
from agentmem.engine.follow import Mirror
from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput, StoreBusy, StoreFull, StoreReadOnly
from agentmem.index.graph.export import to_networkx
from agentmem.kinds import CHUNK, MEMTREE, MEMWALKER, RAPTOR, ROLLING, SUMMARISES
from agentmem.protocols import Reader
from agentmem.structures.hierarchy.layers import LAYERS
from agentmem.text.phrases import normalise
from agentmem.types import Edge, Memory, Scope

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

TREES: Mapping[str, tuple[str, ...]] = {
    **{kind: (kind,) for kind in (MEMTREE, RAPTOR, MEMWALKER, ROLLING)},
    "hierarchy": LAYERS,
}
"""The trees by name: the kinds of memory that stand above texts in each."""

_SNIPPET = 280
_LABEL = 60
_MOST_SAID = 5


def graph(parts: Parts, scope: Scope) -> networkx.Graph[str]:
    """See :meth:`agentmem.ScopeHandle.graph`."""
    import networkx

    mirror = _caught_up(parts, scope)
    if mirror is None:
        return networkx.Graph()
    with mirror.lock, parts.store.read(scope) as reader:
        mirror.follow(reader, reader.head())
        shape = to_networkx(mirror.follow_graph(reader, parts.model))
        named = _name_passages(shape, mirror, reader)
        _tell_entities(named, mirror.graph.triples.values())
    return named


def tree(parts: Parts, scope: Scope, kind: str) -> networkx.DiGraph[str]:
    """See :meth:`agentmem.ScopeHandle.tree`."""
    import networkx

    if kind not in TREES:
        raise InvalidInput(f"There is no tree {kind!r}. There are: {', '.join(TREES)}.")
    found: networkx.DiGraph[str] = networkx.DiGraph(kind=kind, alone=0)
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return found
        texts = {memory.id: memory for _, memory in reader.current(CHUNK)}
        above = {memory.id: memory for level in TREES[kind] for _, memory in reader.current(level)}
        edges = reader.edges_of(SUMMARISES) if above else ()
        if kind == ROLLING:
            above |= _former(reader, above, edges)
    members = {**texts, **above}
    drawn = [(edge.source, edge.target) for edge in edges if edge.source in above and edge.target in members]
    below = {child for _, child in drawn}
    for id, memory in members.items():
        if id in above or id in below:
            found.add_node(id, **_attributes(memory))
    found.add_edges_from(drawn)
    for id, depth in _depths(found).items():
        found.nodes[id]["depth"] = depth
    found.graph["alone"] = sum(id not in below for id in texts)
    return found


def _caught_up(parts: Parts, scope: Scope) -> Mirror | None:
    """The scope's mirror, after whatever lacks vectors got them: synonyms follow from them. ``None``: no such scope."""
    with parts.store.read(scope) as reader:
        if not reader.scope_id:
            return None
        mirror, head = parts.followers.mirror(reader.scope_id), reader.head()
    if parts.embedder is not None and mirror.embedded != head:
        try:
            caught = embed_worker.catch_up(parts, scope)
        except (StoreReadOnly, StoreFull, StoreBusy):
            return mirror  # nothing can be written now; what is there can be shown all the same
        if caught.upto is not None:
            mirror.embedded = caught.upto
    return mirror


def _name_passages(shape: networkx.Graph[str], mirror: Mirror, reader: Reader) -> networkx.Graph[str]:
    """The graph with passages named by their memories' ids, and with their texts."""
    import networkx

    rows = mirror.texts.catalog.columns["row"]
    passages = [name for name, kind in shape.nodes(data="kind") if kind == "passage"]
    row_of = {name: int(rows[int(name.partition(":")[2])]) for name in passages}
    known = reader.named(list(row_of.values()))
    names: dict[str, str] = {}
    for name, row in row_of.items():
        names[name], text = known[row]
        shape.nodes[name].update(label=_shortened(text, _LABEL), text=_shortened(text, _SNIPPET))
    found: networkx.Graph[str] = networkx.relabel_nodes(shape, names)
    return found


def _tell_entities(shape: networkx.Graph[str], triples: Iterable[tuple[str, str, str]]) -> None:
    """Entities as people wrote them, and relations with what was said."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for subject, predicate, object_ in triples:
        one, other = normalise(subject), normalise(object_)
        spellings[one][" ".join(subject.split())] += 1
        spellings[other][" ".join(object_.split())] += 1
        said[f"entity:{one}", f"entity:{other}"].add(" ".join(f"{subject} {predicate} {object_}".split()))
    for name, attributes in shape.nodes(data=True):
        written = spellings.get(name.removeprefix("entity:")) if attributes["kind"] == "entity" else None
        if written:
            attributes["label"] = min(written, key=lambda text: (-written[text], text))
    for one, other, attributes in shape.edges(data=True):
        sentences = sorted(said.get((one, other), set()) | said.get((other, one), set()))
        attributes["said"] = "; ".join(sentences[:_MOST_SAID])


def _former(reader: Reader, current: Mapping[str, Memory], edges: Sequence[Edge]) -> dict[str, Memory]:
    """The rolling summaries that the current one grew out of: each retired its predecessor."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        below[edge.source].append(edge.target)
    waiting, seen = deque(current), set(current)
    while waiting:
        for id in below.get(waiting.popleft(), ()):
            if id not in seen:
                seen.add(id)
                waiting.append(id)
    inner = [id for id in seen if id in below and id not in current]
    found = reader.hydrate(list(reader.rows_of(inner).values()))
    return {memory.id: memory for memory in found.values() if memory.kind == ROLLING}


def _attributes(memory: Memory) -> dict[str, Any]:
    return {
        "kind": memory.kind,
        "text": memory.text,
        "speaker": memory.speaker or "",
        "session": memory.session or "",
        "at": memory.at.isoformat(),
        "state": str(memory.state),
        "depth": 0,
    }


def _depths(shape: networkx.DiGraph[str]) -> dict[str, int]:
    """Steps from the nearest top; 0 for a top. What only a circle leads to (a damaged import) counts as a top."""
    depths: dict[str, int] = {}
    tops = [id for id, parents in shape.in_degree() if not parents]
    for starts in (tops, *([id] for id in shape)):
        waiting = deque(id for id in starts if id not in depths)
        depths.update(dict.fromkeys(waiting, 0))
        while waiting:
            id = waiting.popleft()
            for child in shape.successors(id):
                if child not in depths:
                    depths[child] = depths[id] + 1
                    waiting.append(child)
    return depths


def _shortened(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
