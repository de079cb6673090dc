"""Files of text that are memories: every edit a version, nothing lost, no file system anywhere.

Usable without the server: ``MemoryFiles(store.scope("acme", "ana")).create("/memories/notes.md", "...")``.
"""

from agentmem_mcp.files.commands import MemoryFiles
from agentmem_mcp.files.entries import Entry, File, FileVersion
from agentmem_mcp.files.errors import FileRefused
from agentmem_mcp.files.paths import ROOT, MemoryPath

__all__ = ["ROOT", "Entry", "File", "FileRefused", "FileVersion", "MemoryFiles", "MemoryPath"]
