"""Scopes are separate to the letter; reading several at once is a deliberate act, and writing goes to one."""

from agentmem import AgentMemory, Scope

with AgentMemory.open("scopes.db", embedder="none") as store:
    ana, team = store.scope("acme", "ana"), store.scope("acme", "team")
    ana.add("My review is on Friday.", speaker="Ana")
    team.add("The review room is on the third floor.", speaker="Bo")

    print("Ana alone: ", [hit.text for hit in ana.retrieve("review")])
    print("the parent:", [hit.text for hit in store.scope("acme").retrieve("review")])  # no scope holds another's

    both = ana.reading(Scope("acme", "team"))
    for hit in both.retrieve("Where is the review on Friday?"):
        print(f"both: {hit.scope}  {hit.text}")

    both.add("I found the room.", speaker="Ana")  # a reading handle writes to its own scope
    print("episodes:  ", {str(scope): store.scope(scope).stats().episodes for scope in store.scopes()})
