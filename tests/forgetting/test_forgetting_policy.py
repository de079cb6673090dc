"""The policy a user passes: harmless by default, and refused with advice where it makes no sense."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from agentmem.errors import InvalidInput
from agentmem.forgetting.policy import Forgetting


def test_by_default_it_does_nothing() -> None:
    policy = Forgetting()
    assert not policy.active
    assert policy.max_memories is None and policy.max_bytes is None and policy.decay is None
    assert policy.grace == timedelta(days=30)


@pytest.mark.parametrize(
    "given", [{"max_memories": 1}, {"max_bytes": 1}, {"decay": "ebbinghaus"}, {"decay": "memoria"}, {"expire": True}]
)
def test_any_of_these_makes_it_active(given) -> None:
    assert Forgetting(**given).active


@pytest.mark.parametrize(
    "given", [{"floor": 0}, {"floor": 0.999}, {"grace": None}, {"grace": timedelta(0)}, {"min_age": timedelta.max}]
)
def test_these_can_be_chosen_without_making_it_active(given) -> None:
    assert not Forgetting(**given).active


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"max_memories": 0}, "None for no limit"),
        ({"max_memories": -5}, "None for no limit"),
        ({"max_memories": 2.5}, "whole number"),
        ({"max_memories": True}, "whole number"),
        ({"max_bytes": "1 GB"}, "whole number"),
        ({"max_bytes": 0}, "at least 1"),
        ({"decay": "ebinghaus"}, "'ebbinghaus', 'memoria'"),
        ({"floor": 1.0}, "below 1"),
        ({"floor": -0.1}, "from 0"),
        ({"floor": float("nan")}, "from 0"),
        ({"floor": "low"}, "from 0"),
        ({"floor": True}, "from 0"),
        ({"grace": timedelta(-1)}, "None never purges"),
        ({"grace": 30}, "timedelta"),
        ({"min_age": None}, "timedelta"),
        ({"min_age": timedelta(seconds=-1)}, "protects nothing"),
        ({"expire": 1}, "True or False"),
    ],
)
def test_what_makes_no_sense_is_refused_with_advice(wrong, advice) -> None:
    with pytest.raises(InvalidInput, match=advice):
        Forgetting(**wrong)


def test_it_is_a_light_import() -> None:
    code = "import sys, agentmem.forgetting.policy; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
