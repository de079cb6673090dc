"""One thread for a product of a vector and a matrix.

BLAS splits it over all processors. That gains nothing, since memory is what it waits for; and where one of them is busy
with something else, the others spin until it has done its share: 10,000 cosines then take 10 ms instead of 0.3.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

from agentmem.protocols import FloatArray


@cache
def _blas() -> Any:
    """The BLAS libraries in this process; looking for them takes a millisecond."""
    return ThreadpoolController().select(user_api="blas")


class _Users:
    """The setting is the process's: who comes first makes it, who leaves last takes it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._limited: Any = None

    @contextmanager
    def one_more(self) -> Iterator[None]:
        with self._lock:
            if not self._count:
                self._limited = _blas().limit(limits=1)
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                if not self._count:
                    self._limited.restore_original_limits()


_USERS = _Users()


def product(vector: FloatArray, matrix: FloatArray) -> FloatArray:
    """``vector @ matrix`` on the calling thread; shapes ``(d,)`` and ``(d, n)``, result ``(n,)``."""
    with _USERS.one_more():
        found: FloatArray = vector @ matrix
    return found
