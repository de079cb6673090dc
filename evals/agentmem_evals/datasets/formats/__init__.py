"""Formats that several data sets share: lines of JSON, tables, numbered stories, narratives told in order."""

from __future__ import annotations
