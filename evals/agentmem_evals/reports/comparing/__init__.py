"""One run against another on the same questions."""

from __future__ import annotations
