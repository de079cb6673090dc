"""Moving in from elsewhere: readers for what other systems keep, and one function that stores what they find.

    from agentmem.moving import move_in, read_mem0

    report = move_in(store, read_mem0("mem0-folder"), dry_run=True)

A reader yields :class:`Item` and :class:`Skipped`; anything else that yields these can be moved in as well.
"""

from agentmem.moving.chat_export import read_chat_export
from agentmem.moving.chroma import read_chroma
from agentmem.moving.item import Found, Item, Skipped, Wording
from agentmem.moving.jsonl import read_jsonl
from agentmem.moving.langgraph_store import read_langgraph_store
from agentmem.moving.mem0 import read_mem0
from agentmem.moving.origins import ORIGINS, Origin, read
from agentmem.moving.report import MoveReport, ScopeReport, SkippedReport
from agentmem.moving.writing import move_in

__all__ = [
    "ORIGINS",
    "Found",
    "Item",
    "MoveReport",
    "Origin",
    "ScopeReport",
    "Skipped",
    "SkippedReport",
    "Wording",
    "move_in",
    "read",
    "read_chat_export",
    "read_chroma",
    "read_jsonl",
    "read_langgraph_store",
    "read_mem0",
]
