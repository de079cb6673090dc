"""Identifiers: 26 characters, sortable by time of creation, unique without coordination (the ULID layout)."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]

EPISODE = "epi_"
MEMORY = "mem_"
EDGE = "edg_"
RUN = "run_"


def new_id(prefix: str) -> str:
    """A fresh identifier: ``prefix`` + 48 bits of wall-clock milliseconds + 80 random bits, in Crockford base 32.

    The wall clock only makes identifiers roughly sortable; nothing depends on it, so it is not the injected clock.
    """
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return prefix + "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])
