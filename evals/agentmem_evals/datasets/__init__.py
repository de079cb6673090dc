"""Loaders: one file for each data set. They take a path; none of the data is part of this project."""

from __future__ import annotations
