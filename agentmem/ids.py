"""Identifiers: 26 characters, sortable by time of creation, unique without coordination (the ULID layout)."""

from __future__ import annotations

import os
import time
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]

_TIME, _RANDOM = range(40, -1, -10), range(70, -1, -10)
"""Which bits each pair of characters stands for, of 48 and of 80."""

EPISODE = "epi_"
MEMORY = "mem_"
EDGE = "edg_"
RUN = "run_"


def new_id(prefix: str) -> str:
    """A fresh identifier: ``prefix`` + 48 bits of wall-clock milliseconds + 80 random bits, in Crockford base 32.

    The wall clock only makes identifiers roughly sortable; nothing depends on it, so it is not the injected clock.
    """
    random = int.from_bytes(os.urandom(10), "big")
    return (
        f"{prefix}{_moment(time.time_ns() // 1_000_000)}{''.join([_PAIRS[random >> bits & 1023] for bits in _RANDOM])}"
    )


@lru_cache(maxsize=1)  # many are made within one millisecond
def _moment(milliseconds: int) -> str:
    return "".join([_PAIRS[milliseconds >> bits & 1023] for bits in _TIME])
