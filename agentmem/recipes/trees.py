"""Trees of summaries over the texts, and the summary that is rewritten after each session.

``memtree`` (Rezazadeh et al., arXiv 2410.14052): nodes are placed online by similarity under a threshold that rises
with depth, and summaries on the path absorb what is new; all nodes are searched at once. The threshold's exponent is
taken over the largest depth, because the published constants exceed 1 at depth 2 otherwise.

``raptor`` (Sarthi et al., arXiv 2401.18059): clusters of clusters, soft, at most five layers; all nodes are searched at
once, or from the top (``raptor-traversal``). Clusters come from a spectral layout and mixtures, not UMAP.

``memwalker`` (Chen et al., arXiv 2310.05029): consecutive segments under summaries; the model walks from the root, and
can go back. It leaves out the answer itself: the leaves read are the hits.

``recursive-summary`` (Wang et al., arXiv 2308.15022): one summary, rewritten after each session from the last one and
the session; a reader gets it with the turns of the present session. It leaves out demonstrations in the prompt.

Without a language model summaries are extracts, and the walk goes by similarity.
"""

from __future__ import annotations

from agentmem.kinds import MEMTREE, RAPTOR, TEXT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.retrieval.trees.ranking import rank_recursive, rank_traversal, walk_down
from agentmem.structures.rolling import RollingSummary
from agentmem.structures.trees.memtree import MemTree
from agentmem.structures.trees.memwalker import MemWalkerTree
from agentmem.structures.trees.raptor import RaptorTree

_PER_CLUSTER = Cost("1 per cluster and layer", "0")

RECIPES = (
    Recipe(
        name="memtree",
        summary="a tree grown online by similarity; texts and summaries by vector similarity",
        paper="arXiv 2410.14052",
        structures=(MemTree,),
        rank=rank_layers(MEMTREE, TEXT),
        cost=Cost("up to the tree's depth per text", "0"),
    ),
    Recipe(
        name="memwalker",
        summary="a tree over consecutive texts; the model walks down to what answers",
        paper="arXiv 2310.05029",
        structures=(MemWalkerTree,),
        strategy=walk_down,
        cost=Cost("1 per segment and group", "up to 24"),
    ),
    Recipe(
        name="raptor",
        summary="clusters of clusters; texts and summaries by vector similarity",
        paper="arXiv 2401.18059",
        structures=(RaptorTree,),
        rank=rank_layers(RAPTOR, TEXT),
        cost=_PER_CLUSTER,
    ),
    Recipe(
        name="raptor-traversal",
        summary="clusters of clusters, searched from the top down",
        paper="arXiv 2401.18059",
        structures=(RaptorTree,),
        rank=rank_traversal(RAPTOR),
        cost=_PER_CLUSTER,
    ),
    Recipe(
        name="recursive-summary",
        summary="one summary, rewritten after each session, with the last turns",
        paper="arXiv 2308.15022",
        structures=(RollingSummary,),
        rank=rank_recursive,
        cost=Cost("1 per session", "0"),
    ),
)
