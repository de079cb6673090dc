"""Runs side by side, for people and for programs."""

from __future__ import annotations
