"""One thread for a product of a vector and a matrix.

BLAS splits it over all processors. That gains little, since memory is what it waits for; and where one of them is busy
with something else, the others spin until it has done its share: 10,000 cosines then take 10 ms instead of 0.3.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

from agentmem.protocols import FloatArray

_TURN = threading.Lock()


@cache
def _blas() -> Any:
    """The BLAS libraries in this process; looking for them takes a millisecond."""
    return ThreadpoolController().select(user_api="blas")


def product(vector: FloatArray, matrix: FloatArray) -> FloatArray:
    """``vector @ matrix`` on the calling thread; shapes ``(d,)`` and ``(d, n)``, result ``(n,)``.

    The setting is the whole process's, so the thread that makes it is the one that takes it back. Another that comes
    meanwhile neither waits nor touches it: it computes under what holds.
    """
    found: FloatArray
    if not _TURN.acquire(blocking=False):
        found = vector @ matrix
        return found
    try:
        with _blas().limit(limits=1):
            found = vector @ matrix
    finally:
        _TURN.release()
    return found
