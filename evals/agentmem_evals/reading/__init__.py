"""Answering questions from what was found: packing items to a budget, asking a chat model, keeping its citations."""

from __future__ import annotations
