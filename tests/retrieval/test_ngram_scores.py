"""SEAL's formulas on cases worked by hand, and against a scorer that looks at every text word by word."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.index.substrings import SubstringIndex
from agentmem.retrieval.ngrams import Identifier, Phrase, holding, identifiers, most, scores, weight
from agentmem.retrieval.substrings import own_words

WORDS = ("cat", "dog", "owl", "the")  # one of them a stop word
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=6)
PHRASES = st.lists(
    st.builds(
        Phrase,
        st.lists(st.sampled_from((*WORDS, "elk")), min_size=1, max_size=6).map(tuple),
        st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]),
    ),
    max_size=3,
)


def indexed(texts):
    index = SubstringIndex()
    index.add([[text] for text in texts])
    return index


def all_of(index):
    return np.ones(len(index), dtype=np.bool_)


def score(texts, *phrases, **parameters):
    index = indexed(texts)
    return scores(index, identifiers(index, phrases, all_of(index), all_of(index)), **parameters).tolist()


class TestWeights:
    def test_at_even_odds_by_hand(self):
        # P(n) = 2/10: odds of the rest 8/2 = 4
        assert weight(0.5, 2, 10) == pytest.approx(log(4))

    def test_with_a_probability_by_hand(self):
        # P(n|q) = 0.8: odds 4. P(n) = 1/5: odds 1/4. 4 / (1/4) = 16
        assert weight(0.8, 1, 5) == pytest.approx(log(16))

    def test_what_is_less_likely_than_by_chance_weighs_nothing(self):
        # P(n|q) = 0.1: odds 1/9. P(n) = 1/4: odds 1/3. 1/3 < 1
        assert weight(0.1, 1, 4) == 0.0
        assert weight(0.5, 10, 10) == 0.0

    def test_certainty_is_bounded(self):
        # at most 0.99: odds 99; P(n) = 1/2: odds 1
        assert weight(1.0, 1, 2) == pytest.approx(log(99))
        assert weight(0.0, 1, 1_000) == pytest.approx(log(999 / 99))

    @given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50))
    def test_the_likelier_and_the_rarer_the_heavier(self, one, other, few, many):
        low, high = sorted((one, other))
        rare, common = sorted((few, many))
        assert weight(low, rare, 60) <= weight(high, rare, 60)
        assert weight(low, common, 60) <= weight(low, rare, 60)


class TestIdentifiers:
    def test_they_are_the_parts_that_occur_but_for_stop_words_alone(self):
        index = indexed([["the", "cat", "sat"], ["a", "dog"], ["owl", "owl", "owl"]])
        found = identifiers(index, [Phrase(("the", "cat", "dog"), 0.5)], all_of(index), all_of(index))
        # 8 words: each of the three stands once, log(7 / 1); the longer first, then by the alphabet
        assert [one.words for one in found] == [("the", "cat"), ("cat",), ("dog",)]
        assert [one.weight for one in found] == pytest.approx([log(7)] * 3)
        assert [one.places.tolist() for one in found] == [[0], [1], [5]]

    def test_only_living_texts_count_and_only_wanted_ones_are_found(self):
        index = indexed([["cat", "sat"], ["cat", "ran"], ["cat", "ate"], ["dog", "ran"]])
        living, wanted = np.array([True, True, False, True]), np.array([True, False, True, False])
        (found,) = identifiers(index, [Phrase(("cat",), 0.5)], living, wanted)
        # 6 words live, of which 2 are cats: log(4 / 2); it is found in the first text and the third
        assert found.weight == pytest.approx(log(2))
        assert index.texts_of(found.places).tolist() == [0, 2]

    def test_of_two_probabilities_the_higher_counts(self):
        index = indexed([["cat", "a", "b", "c", "d"]])
        for phrases in ([Phrase(("cat",), 0.2), Phrase(("cat",), 0.8)], [Phrase(("cat",), 0.8), Phrase(("cat",), 0.2)]):
            (found,) = identifiers(index, phrases, all_of(index), all_of(index))
            assert found.weight == pytest.approx(log(16))


class TestTheQuestion:
    def test_its_n_grams_are_uniformly_probable_by_hand(self):
        index = indexed([["luis", "lives", "in", "porto"], ["porto", "is", "old"], ["misty", "sleeps", "here"]])
        phrases = own_words("Does Luis live in Porto?")
        # 5 words: odds 1 / 4; 10 words in all. luis: log(9 / 4); in porto: as much; porto: log((8 / 2) / 4) = 0
        found = identifiers(index, phrases, all_of(index), all_of(index))
        assert {one.words: one.weight for one in found} == pytest.approx(
            {("luis",): log(9 / 4), ("in", "porto"): log(9 / 4), ("porto",): 0.0}
        )
        assert scores(index, found).tolist() == pytest.approx([2 * log(9 / 4) ** 2, 0.0, 0.0])
        assert holding(index, found).tolist() == [0, 1]

    def test_names_are_among_its_words_without_what_is_hung_on_them(self):
        assert own_words("Is Zoe's-cat old?") == (Phrase(("is", "zoe", "cat", "old"), 1 / 4),)

    @pytest.mark.parametrize("question", ["", "?!"])
    def test_without_words_there_is_nothing_to_look_up(self, question):
        assert own_words(question) == ()


class TestScores:
    def found(self, index, *weighed):
        return [Identifier(words, heavy, index.prefixes(words)[-1]) for words, heavy in weighed]

    def test_overlapping_n_grams_and_known_words_by_hand(self):
        texts = [["old", "grey", "cat"], ["grey", "cat", "and", "old", "cat"], ["cat"]]
        index = indexed(texts)
        found = self.found(index, (("grey", "cat"), 3.0), (("old", "cat"), 2.0), (("cat",), 1.0))
        # text 0: grey cat: 3^2 = 9; "cat" overlaps it
        # text 1: grey cat: 9; old cat: one of two words is known, cover 0.2 + 0.8 / 2 = 0.6: 2^2 * 0.6 = 2.4
        # text 2: cat: 1
        assert scores(index, found).tolist() == pytest.approx([9.0, 11.4, 1.0])

    def test_a_word_that_is_known_counts_a_fifth_by_hand(self):
        index = indexed([["grey", "cat", "and", "cat"]])
        found = self.found(index, (("grey", "cat"), 3.0), (("cat",), 2.0))
        # the second cat overlaps nothing, but its word is known: 9 + 4 * (1 - 0.8)
        assert scores(index, found).tolist() == pytest.approx([9.8])
        assert scores(index, found, beta=0.0).tolist() == pytest.approx([13.0])
        assert scores(index, found, alpha=1.0, beta=1.0).tolist() == pytest.approx([3.0])

    def test_repeating_brings_nothing(self):
        index = indexed([["cat"], ["cat", "cat", "cat"]])
        assert scores(index, self.found(index, (("cat",), 2.0))).tolist() == [4.0, 4.0]

    def test_an_n_gram_that_overlaps_itself_is_taken_from_the_left(self):
        index = indexed([["cat", "dog", "cat", "dog", "cat"]])
        found = self.found(index, (("cat", "dog", "cat"), 3.0), (("dog", "cat"), 2.0))
        # cat dog cat from 0 to 2, its second place overlaps; so dog cat, from 3, is free, both words known: 9 + 4 * 0.2
        assert scores(index, found).tolist() == pytest.approx([9.8])

    def test_the_whole_way_by_hand(self):
        # 10 words; "luis lives" once: log(9); "porto" twice: log(8 / 2); "luis" and "lives" are parts of the first
        texts = [["luis", "lives", "in", "porto"], ["porto", "is", "old"], ["misty", "sleeps", "here"]]
        expected = [log(9) ** 2 + log(4) ** 2, log(4) ** 2, 0.0]
        assert score(texts, Phrase(("luis", "lives", "porto"), 0.5)) == pytest.approx(expected)


def naive(texts, phrases, alpha, beta):
    """The same by looking at every text: n-grams by counting, texts word by word."""
    total = sum(map(len, texts))
    probable: dict[tuple[str, ...], float] = {}
    for phrase in phrases:
        for start in range(len(phrase.words)):
            for end in range(start + 1, len(phrase.words) + 1):
                ngram = phrase.words[start:end]
                if set(ngram) != {"the"}:
                    probable[ngram] = max(probable.get(ngram, 0.0), phrase.probability)
    weighed = []
    for ngram, probability in probable.items():
        text_of_places = [
            (text, at) for text in texts for at in range(len(text)) if tuple(text[at : at + len(ngram)]) == ngram
        ]
        if text_of_places:
            weighed.append((-weight(probability, len(text_of_places), total), -len(ngram), ngram))
    found = []
    for text in texts:
        taken, known, reached = [False] * len(text), set(), 0.0
        for negative, _length, ngram in sorted(weighed):
            stands = False
            for at in range(len(text)):
                span = slice(at, at + len(ngram))
                if tuple(text[span]) == ngram and not any(taken[span]):
                    taken[span] = [True] * len(ngram)
                    stands = True
            if stands:
                fresh = len(set(ngram) - known) / len(set(ngram))
                reached += (-negative) ** alpha * (1 - beta + beta * fresh)
                known |= set(ngram)
        found.append(reached)
    return found


@given(texts=TEXTS, phrases=PHRASES, alpha=st.sampled_from([1.0, 2.0]), beta=st.sampled_from([0.0, 0.8, 1.0]))
def test_scores_are_those_of_a_naive_scorer(texts, phrases, alpha, beta):
    assert score(texts, *phrases, alpha=alpha, beta=beta) == pytest.approx(naive(texts, phrases, alpha, beta), rel=1e-5)


@given(texts=TEXTS, phrases=PHRASES, beta=st.sampled_from([0.0, 0.8, 1.0]))
def test_no_text_reaches_more_than_the_most(texts, phrases, beta):
    index = indexed(texts)
    found = identifiers(index, phrases, all_of(index), all_of(index))
    reached = scores(index, found, beta=beta)
    assert (reached <= most(found, beta=beta) * (1 + 1e-5)).all()
    assert (reached >= 0).all()


@given(texts=TEXTS, words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_at_even_odds_no_part_weighs_more_than_the_whole(texts, words):
    index = indexed(texts)
    weights = {
        one.words: one.weight for one in identifiers(index, [Phrase(tuple(words), 0.5)], all_of(index), all_of(index))
    }
    for whole, heavy in weights.items():
        for start in range(len(whole)):
            for end in range(start + 1, len(whole) + 1):
                assert weights.get(whole[start:end], 0.0) <= heavy
