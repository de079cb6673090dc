"""A second look at single questions of a run: what was asked, where the answer is, what was found and why."""

from __future__ import annotations
