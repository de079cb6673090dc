"""The database: tables, the journal, and the only code that writes them.

A message's way to disk: :mod:`~agentmem.store.apply` turns operations into rows inside a
:class:`~agentmem.store.writing.ScopeWriter`; its way back: :class:`~agentmem.store.reading.ScopeReader`.
What is particular to SQLite stands in :mod:`~agentmem.store.sqlite` and nowhere else.
"""
