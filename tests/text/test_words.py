from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.words import STOP_WORDS, stem, terms, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cats were running", ["cat", "run"]),
        ("Don't, can't, won't, isn't!", []),
        ("She'll say they've gone; I'm sure we'd go", ["say", "gone", "sure", "go"]),
        ("Ana's violin and the dogs’ bowls", ["ana", "violin", "dog", "bowl"]),
        ("O'Brien drank d’Artagnan's wine", ["obrien", "drank", "dartagnan", "wine"]),
        ("café CAFÉ cafe\u0301 cafe", ["cafe"] * 4),
        ("ＡＢＣ ﬁne", ["abc", "fine"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("snake_case and e-mail", ["snake", "case", "e", "mail"]),
        ("3.14 2023-05-01", ["3", "14", "2023", "05", "01"]),
        ("", []),
        ("?! …", []),
    ],
)
def test_texts_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == [stem(term) for term in expected]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我昨天在北京看了电影", "电影"),
        ("東京タワーに行きました", "東京"),
        ("ฉันชอบกินข้าวผัด", "ข้าวผัด"),
        ("Я вчера купил книгу", "книгу"),
        ("Το βιβλίο είναι στο τραπέζι", "βιβλίο"),
        ("मैंने कल किताब खरीदी", "किताब"),
        ("اشتريت كتابا أمس", "كتابا"),
        ("나는 어제 책을 샀다", "책을"),
        ("הספר על השולחן", "הספר"),
        ("நான் புத்தகம் வாங்கினேன்", "புத்தகம்"),
        ("ငါ စာအုပ် ဝယ်ခဲ့တယ်", "စာအုပ်"),
    ],
    ids=["chinese", "japanese", "thai", "russian", "greek", "hindi", "arabic", "korean", "hebrew", "tamil", "burmese"],
)
def test_words_of_every_script_are_found_in_a_text(text: str, query: str) -> None:
    wanted = terms(query)
    assert wanted and set(wanted) <= set(terms(text))


def test_unspaced_scripts_are_cut_into_pairs() -> None:
    assert tokens("北京大学") == ["北京", "京大", "大学"]
    assert tokens("山") == ["山"]


@given(st.text())
def test_any_text_has_terms_without_stop_words_or_empty_ones(text: str) -> None:
    found = terms(text)
    assert all(found)
    assert terms(text) == found
    assert all(tokens(text))


@given(st.lists(st.sampled_from(["violin", "Lisbon", "storm", "soup"]), max_size=8))
def test_case_and_punctuation_do_not_matter(words: list[str]) -> None:
    assert terms(", ".join(words).upper() + "!") == terms(" ".join(words))


def test_stop_words_are_case_folded_words() -> None:
    assert all(word == word.casefold() and word.isalpha() for word in STOP_WORDS)
