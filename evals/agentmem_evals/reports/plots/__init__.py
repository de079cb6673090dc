"""Plots of runs as inline SVG: drawn with matplotlib, coloured by the page they stand in, each with its numbers."""

from __future__ import annotations
