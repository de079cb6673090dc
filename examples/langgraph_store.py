"""A LangGraph store that is found by words and meaning and keeps what was. Needs langchain-agentmem."""

from langchain_agentmem import AgentMemStore
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from agentmem import AgentMemory


class State(TypedDict):
    user: str
    question: str
    known: list[str]


def look_up(state: State, runtime: Runtime) -> dict[str, list[str]]:
    assert runtime.store is not None
    found = runtime.store.search(("users", state["user"]), query=state["question"], limit=1)
    return {"known": [item.value["text"] for item in found]}


builder = StateGraph(State)
builder.add_node("look_up", look_up)
builder.add_edge(START, "look_up")
builder.add_edge("look_up", END)

with AgentMemory.open("langgraph.db", embedder="none") as database:
    store = AgentMemStore(database.scope("acme", "assistant"))
    graph = builder.compile(store=store)

    store.put(("users", "ana"), "pet", {"text": "The cat of Ana is called Miso.", "kind": "pet"})
    store.put(("users", "ana"), "door", {"text": "The door code is 4711.", "kind": "code"}, ttl=60)  # minutes
    store.put(("users", "bo"), "pet", {"text": "The cat of Bo is called Taco.", "kind": "pet"})
    print(graph.invoke({"user": "ana", "question": "What is the cat called?", "known": []})["known"])
    print("pets:", [item.value["text"] for item in store.search(("users",), filter={"kind": "pet"})])

    store.put(("users", "ana"), "pet", {"text": "The dog of Ana is called Olga.", "kind": "pet"})
    print("was:", [item.value["text"] for item in store.versions(("users", "ana"), "pet")])

    store.delete(("users", "ana"), "pet")  # not found any more, but in its history, until:
    certificate = store.forget(("users", "ana"))
    print("forgotten:", certificate.memories, "memories; left:", store.list_namespaces())
