"""Moving in from elsewhere: a chat export and lines of JSON, first as a dry run; a second import changes nothing."""

import json
from pathlib import Path

from agentmem import AgentMemory, Scope
from agentmem.moving import move_in, read_chat_export, read_jsonl

# A conversation as Claude's data export holds it. ChatGPT's is recognised too, and the zip file as it was downloaded.
messages = [
    {"uuid": "m1", "sender": "human", "text": "My flight to Graz is on 12 May.", "created_at": "2025-04-02T18:05:00Z"},
    {"uuid": "m2", "sender": "assistant", "text": "Shall I find a hotel?", "created_at": "2025-04-02T18:05:09Z"},
]
conversation = {"uuid": "c1", "name": "Graz", "created_at": "2025-04-02T18:05:00Z", "chat_messages": messages}
Path("conversations.json").write_text(json.dumps([conversation]))
Path("notes.jsonl").write_text(
    '{"body": "Ana cannot eat peanuts.", "made": "2024-11-05T10:00:00+01:00", "user": "ana"}\n'
    '{"body": "Bo is learning Portuguese.", "made": "2025-01-20T10:00:00+01:00", "user": "bo"}\n'
    '{"body": "\n'
)

with AgentMemory.open("moved.db", embedder="none") as store:
    told = move_in(store, read_chat_export("conversations.json", scope=Scope("ana")), dry_run=True)
    print("a dry run: ", told.new, "items,", store.scopes(), "written")

    for _ in range(2):
        report = move_in(store, read_chat_export("conversations.json", scope=Scope("ana")))
        print("chats:     ", report.new, "new,", report.known, "known already")

    notes = read_jsonl("notes.jsonl", scope_by=["user"], fields={"text": "body", "at": "made"})
    report = move_in(store, notes)
    for scope in report.scopes:
        print(f"notes:      {scope.scope}: {scope.new} new, from {scope.first_at:%d %b %Y}")
    for skipped in report.skipped:
        print("left out:  ", *skipped.examples)

    hit = store.scope("ana").retrieve("When is the flight?", k=1)[0]
    print(f"found:      {hit.at:%d %b %Y}, {hit.role}: {hit.text}")
