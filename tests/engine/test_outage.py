"""A model that failed is left alone for a while, by the clock."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from agentmem.engine.outage import Outage
from agentmem.errors import EmbedderError


def fail(outage, clock):
    with pytest.raises(EmbedderError), outage.watched(clock):
        raise EmbedderError("no answer")


def test_the_rest_doubles_with_every_failure_and_ends_with_a_success(clock):
    outage = Outage()
    assert not outage.lasts(clock())
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        fail(outage, clock)
        assert outage.lasts(clock() + timedelta(seconds=seconds - 0.1))
        assert not outage.lasts(clock.advance(seconds=seconds))
    with outage.watched(clock):
        pass
    fail(outage, clock)
    assert not outage.lasts(clock.advance(seconds=1))


def test_threads_that_fail_together_count_as_one_failure(clock):
    outage, together = Outage(), threading.Barrier(8)

    def ask(_number):
        with outage.watched(clock):
            together.wait(10)
            raise EmbedderError("no answer")

    with ThreadPoolExecutor(8) as pool:
        errors = [asked.exception() for asked in [pool.submit(ask, number) for number in range(8)]]
    assert all(isinstance(error, EmbedderError) for error in errors)
    assert outage.lasts(clock()) and not outage.lasts(clock.advance(seconds=1))


def test_another_error_says_nothing_about_the_model(clock):
    outage = Outage()
    with pytest.raises(ZeroDivisionError), outage.watched(clock):
        1 / 0  # noqa: B018
    assert not outage.lasts(clock())
