"""Asking a system: what a run is, what it writes, and how an interrupted one goes on."""

from __future__ import annotations
