"""Embedders of the evaluations: wrappers that count and remember, around the models of the library."""

from __future__ import annotations
