"""A product keeps BLAS to its own thread, and leaves the setting as it was, however many run at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from agentmem.index import one_thread
from agentmem.index.one_thread import product


def allowed() -> list[int]:
    return [library.num_threads for library in one_thread._blas().lib_controllers]


class Watching(np.ndarray):
    """A matrix that notes how many threads BLAS may use while it is multiplied."""

    seen: list[list[int]]

    def __rmatmul__(self, other):
        type(self).seen.append(allowed())
        return other @ np.asarray(self)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        type(self).seen.append(allowed())
        return getattr(ufunc, method)(*(np.asarray(one) for one in inputs), **kwargs)


def test_the_product_is_the_product():
    random = np.random.default_rng(0)
    vector, matrix = random.random(8, dtype=np.float32), random.random((8, 50), dtype=np.float32)
    assert product(vector, matrix) == pytest.approx(vector @ matrix)


def test_blas_has_one_thread_meanwhile_and_the_callers_number_afterwards():
    before, Watching.seen = allowed(), []
    product(np.ones(3, np.float32), np.ones((3, 4), np.float32).view(Watching))
    assert Watching.seen
    assert all(number == 1 for numbers in Watching.seen for number in numbers)
    assert allowed() == before


def test_many_threads_at_once_leave_the_setting_as_it_was():
    before, start = allowed(), threading.Barrier(8)
    matrix, results = np.ones((64, 5_000), np.float32), []

    def use() -> None:
        start.wait(10)
        results.extend(float(product(np.ones(64, np.float32), matrix).sum()) for _ in range(50))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [64 * 5_000.0] * 400
    assert allowed() == before


def test_a_failing_product_takes_it_back():
    before = allowed()
    with pytest.raises(ValueError, match="matmul"):
        product(np.ones(3, np.float32), np.ones((4, 4), np.float32))
    assert allowed() == before
    assert not one_thread._TURN.locked()
