"""Measures of rankings, answers, summaries and decisions, and how sure they are: pure functions without I/O."""

from __future__ import annotations
