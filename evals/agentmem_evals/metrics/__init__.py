"""Measures over rankings, as pure functions."""

from __future__ import annotations
