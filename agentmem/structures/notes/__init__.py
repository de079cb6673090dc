"""A-MEM's notes (Xu et al. 2025, arXiv 2502.12110): written, linked, and changed by those that come after them.

:mod:`~agentmem.structures.notes.note` is what a note says, :mod:`~agentmem.structures.notes.wording` how its keywords,
tags and context are found, :mod:`~agentmem.structures.notes.evolution` what a new note does to those beside it,
:mod:`~agentmem.structures.notes.slip_box` the notes that are there, :mod:`~agentmem.structures.notes.agentic` the
structure.
"""
