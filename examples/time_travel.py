"""A fact changes: the new version is found now, the old one with ``as_of``, and the change can be taken back."""

from datetime import UTC, datetime

from agentmem import AgentMemory

MARCH, APRIL, JUNE = (datetime(2025, month, 1, tzinfo=UTC) for month in (3, 4, 6))

with AgentMemory.open("time.db", embedder="none") as store:
    memory = store.scope("acme", "ana")
    (id,) = memory.add("Ana lives in Lisbon.", at=MARCH).ids

    memory.update(id, text="Ana lives in Porto.", valid_from=JUNE)
    print("now:     ", memory.retrieve("Where does Ana live?")[0].text)
    print("in April:", memory.retrieve("Where does Ana live?", as_of=APRIL)[0].text)

    print("history:")
    for entry in memory.history(id):
        ended = entry.memory.valid_to and entry.memory.valid_to.date()
        change = entry.changes[0]
        print(f"  {entry.version}. {entry.text}  true from {entry.memory.valid_from.date()} to {ended or 'now'}")
        print(f"     {change.op} by {change.run}")

    run = memory.history(id)[-1].changes[0].run
    undoing = memory.undo(run)
    print("undone:  ", memory.get(id).text)
    memory.undo(undoing)  # an undo is a run like any other
    print("redone:  ", memory.get(id).text)
