"""The graph of entities and texts that the recipe hipporag2 walks on, for networkx and for Gephi, yEd or Cytoscape."""

import networkx

from agentmem import AgentMemory, Document

PAGES = {
    "Lena Voss": "Lena Voss is a marine biologist. Lena Voss works at the Lisbon Aquarium.",
    "Lisbon Aquarium": "The Lisbon Aquarium was founded by Duarte Pinto. It stands beside the Tagus.",
    "Duarte Pinto": "Duarte Pinto was born in Coimbra. He collected shells.",
}

with AgentMemory.open("graph.db", embedder="none", recipe="hipporag2") as store:
    memory = store.scope("acme", "library")
    memory.add([Document(text, title=title) for title, text in PAGES.items()])
    memory.consolidate()

    graph = memory.graph()
    kinds = [kind for _, kind in graph.nodes(data="kind")]
    print(f"{kinds.count('entity')} entities, {kinds.count('passage')} texts, {graph.number_of_edges()} edges")
    path = networkx.shortest_path(graph, "entity:lena voss", "entity:coimbra")
    print(" - ".join(graph.nodes[node]["label"] for node in path))

    question = "Where was the founder of the place where Lena Voss works born?"
    for hit in memory.retrieve(question, k=3):
        print(f"{hit.signals['pagerank']:.2f}  {hit.title}")  # the share of the walk, over the largest

# All of it in a file: agentmem --db graph.db --scope acme/library graph --out graph.graphml (or graph.html, to look at)
