"""The judge ``facts``: summaries taken apart into atomic facts, each held against the other side (FactScore)."""

from __future__ import annotations
