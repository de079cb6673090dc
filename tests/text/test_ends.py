"""Both ends of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.ends import both_ends


def test_a_long_text_is_its_beginning_and_its_end():
    # 13 characters: 5 for the mark, 4 of the beginning, 4 of the end
    assert both_ends("abcdefghijklmnopqrst", 13) == "abcd\n...\nqrst"
    assert both_ends("abcdefghijklm", 13) == "abcdefghijklm"


@given(text=st.text(max_size=60), limit=st.integers(8, 50))
def test_it_is_as_long_as_it_may_be(text: str, limit: int) -> None:
    cut = both_ends(text, limit)
    assert len(cut) == min(len(text), limit) and cut[:2] == text[:2] and cut[-1:] == text[-1:]
