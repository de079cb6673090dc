"""Judging answers: protocols that ask a chat model, reference points that do not, and how far to trust either."""

from __future__ import annotations
