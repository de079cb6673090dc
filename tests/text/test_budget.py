from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.budget import estimate_tokens


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("Hello, world!", 4, 4),
        ("internationalization", 2, 4),
        ("今天下雨", 2, 6),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
    ],
)
def test_estimates_are_near_what_tokenizers_give(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


@given(st.text(max_size=60), st.text(max_size=60))
def test_more_text_never_costs_less(first: str, second: str) -> None:
    assert estimate_tokens(f"{first} {second}") >= max(estimate_tokens(first), estimate_tokens(second))
    assert estimate_tokens(f"{first} {second}") == estimate_tokens(first) + estimate_tokens(second)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_no_visible_text_is_free(text: str) -> None:
    assert estimate_tokens(text) >= 1
