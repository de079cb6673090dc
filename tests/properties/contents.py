"""Contents to try things with: plain words, odd characters, any text at all, metadata, sessions."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.sampled_from(["otter", "walrus", "seal", "swims", "sleeps", "Rome", "Lisbon", "Ana's", "7", "the", "?"])
PLAIN = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ODD = st.sampled_from(
    [
        "\x00",
        "NUL\x00in",
        "\U0001f9a6",
        "שלום \u202eabc",
        "e\u0301",
        "\u00e9",
        "東京タワー",
        "\u200b",
        "\x01\x02",
        "?!",
        "a\u2028b",
    ]
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda text: not text.isspace())
TEXTS = st.one_of(PLAIN, PLAIN, ODD, ANY)
METADATA = st.dictionaries(
    st.sampled_from("ab"), st.one_of(st.integers(-3, 3), st.none(), st.text(max_size=3)), max_size=2
)
SESSIONS = st.sampled_from([None, "s1", "s2"])
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)
