"""Runs as one page that stands alone."""

from __future__ import annotations
