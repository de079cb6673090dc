"""A product keeps BLAS to its own thread, and leaves the setting as it was, however many run at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from agentmem.index import one_thread
from agentmem.index.one_thread import product


def allowed() -> list[int]:
    return [library.num_threads for library in one_thread._blas().lib_controllers]


def test_the_product_is_the_product():
    random = np.random.default_rng(0)
    vector, matrix = random.random(8, dtype=np.float32), random.random((8, 50), dtype=np.float32)
    assert product(vector, matrix) == pytest.approx(vector @ matrix)


def test_the_setting_is_the_callers_again_afterwards():
    before = allowed()
    product(np.ones(3, np.float32), np.ones((3, 4), np.float32))
    assert allowed() == before


def test_the_last_of_several_takes_it_back():
    before, inside, leave = allowed(), threading.Barrier(3), [threading.Event(), threading.Event()]

    def use(event: threading.Event) -> None:
        with one_thread._USERS.one_more():
            inside.wait(10)
            event.wait(10)

    threads = [threading.Thread(target=use, args=(event,)) for event in leave]
    for thread in threads:
        thread.start()
    inside.wait(10)
    assert set(allowed()) <= {1}
    leave[0].set()
    threads[0].join(10)
    assert set(allowed()) <= {1}
    leave[1].set()
    threads[1].join(10)
    assert allowed() == before


def test_a_failing_product_takes_it_back():
    before = allowed()
    with pytest.raises(ValueError, match="matmul"):
        product(np.ones(3, np.float32), np.ones((4, 4), np.float32))
    assert allowed() == before
