"""Systems of others, driven through the packages that are installed: each imported late, and never part of this one."""

from __future__ import annotations
