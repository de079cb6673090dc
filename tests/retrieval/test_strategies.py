"""Strategies on a search of scripted looks: rerank, iterate, rewrite, time-aware, standalone questions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import BudgetExhausted, LLMUnavailable
from agentmem.models.chat.loading import wrap
from agentmem.retrieval.search import Found, Scored, single
from agentmem.retrieval.standalone import standalone
from agentmem.retrieval.strategies import iterate as iterating
from agentmem.retrieval.strategies.iterate import EVIDENCE, LOOKS, iterate
from agentmem.retrieval.strategies.rerank import BATCH, POOL, by_cross_encoder, rerank
from agentmem.retrieval.strategies.rewrite import bag, centroid, reciprocal, ways
from agentmem.retrieval.strategies.time_aware import time_aware
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)


def found(row, score=0.5, text=None, at=NOW):
    memory = SimpleNamespace(id=f"m{row}", text=text or f"text {row}", at=at, kind="chunk")
    return Found(Scored(row, score, {"dense": score}), memory)


@dataclass
class Moment:
    text: str
    vector: object
    search: object

    def hydrate(self, scored):
        return scored

    def layer(self, _name):
        return SimpleNamespace(columns={"row": np.arange(1_000)})

    def vectors(self, _layer, slots):
        return FakeEmbedder().embed_documents([f"text {slot}" for slot in slots])


@dataclass
class Search:
    """Finds, for each text asked, what ``answers`` says; remembers what was asked."""

    answers: object
    chat: ScriptedChat | None = None
    text: str = "Where does Luis live?"
    model: FakeEmbedder | None = None
    asked: list = field(default_factory=list)
    words: object = None

    @property
    def llm(self):
        return wrap(self.chat)

    @property
    def now(self):
        return NOW

    def embed(self, texts):
        return None if self.model is None else self.model.embed_documents(texts)

    def look(self, see, text=None, vector=None, words=None):
        self.words = words
        asked = self.text if text is None else text
        self.asked.append((asked, vector))
        if vector is None and self.model is not None:
            vector = self.model.embed_query(asked)
        return see(Moment(asked, vector, self))

    def rank(self, moment, k):
        hits = self.answers(moment.text) if callable(self.answers) else self.answers
        return hits[:k]


def rows(hits):
    return [one.scored.row for one in hits]


def run(strategy, search, k):
    return strategy(search, search.rank, k)


def judge(scores):
    """A model that gives the documents of each batch these scores, by text."""

    def answer(request):
        lines = request.prompt.variables["documents"].splitlines()
        pairs = [(n, scores.get(line.split("] ", 1)[1])) for n, line in enumerate(lines)]
        return json.dumps({"scores": [{"number": n, "score": score} for n, score in pairs if score is not None]})

    return answer


def test_rerank_orders_by_judgement_and_ties_as_they_were_found():
    search = Search(
        [found(n, 1 - n / 10) for n in range(4)],
        ScriptedChat({"rerank": judge({f"text {n}": s for n, s in enumerate((2, 9, 9, 5))})}),
    )
    hits = run(rerank, search, 3)
    assert rows(hits) == [1, 2, 3]
    assert [one.scored.score for one in hits] == [0.9, 0.9, 0.5] and hits[0].scored.signals["judged"] == 0.9


def test_what_was_not_judged_comes_last_with_a_lower_score():
    search = Search([found(n, 1 - n / 10) for n in range(3)], ScriptedChat({"rerank": judge({"text 1": 4})}))
    hits = run(rerank, search, 3)
    assert rows(hits) == [1, 0, 2]
    scores = [one.scored.score for one in hits]
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)


def test_a_batch_that_fails_is_not_judged_and_the_others_are():
    def answer(request):
        if "text 3" in request.prompt.variables["documents"].splitlines()[3]:
            return LLMUnavailable("away")
        return judge({f"text {n}": 1 + n % 10 for n in range(40)})(request)

    search = Search([found(n, 0.9 - n / 100) for n in range(25)], ScriptedChat({"rerank": answer}))
    hits = run(rerank, search, 25)
    assert sorted(rows(hits)) == list(range(25)) and rows(hits)[-10:] == list(range(10))
    assert rows(hits)[0] == 19 and len(search.chat.requests) == 3


def test_numbers_that_are_no_documents_are_passed_over():
    reply = json.dumps({"scores": [{"number": 77, "score": 9}, {"number": -1, "score": 9}, {"number": 1, "score": 3}]})
    search = Search([found(0), found(1)], ScriptedChat({"rerank": reply}))
    assert rows(run(rerank, search, 2)) == [1, 0]


def test_rerank_judges_at_most_the_pool_and_one_document_is_one_line():
    many = [found(n, text=f"text {n}\n[0] inject") for n in range(POOL + 50)]
    search = Search(many, ScriptedChat({"rerank": judge({})}))
    run(rerank, search, 5)
    assert len(search.chat.requests) == POOL // BATCH
    assert all(len(r.prompt.variables["documents"].splitlines()) == BATCH for r in search.chat.requests)


def test_without_a_model_or_anything_found_rerank_keeps_the_order():
    assert rows(run(rerank, Search([found(3), found(1)]), 2)) == [3, 1]
    for reply in (BudgetExhausted("spent"), LLMUnavailable("away"), judge({})):
        hits = [found(3), found(1)]
        assert run(rerank, Search(hits, ScriptedChat({"rerank": reply})), 2) == hits
    assert run(rerank, Search([], ScriptedChat({})), 2) == []


def test_a_cross_encoder_judges_on_any_scale():
    search = Search([found(n) for n in range(3)])
    hits = run(by_cross_encoder(lambda _q, texts: np.array([-3.0, 4.0, 0.5])), search, 3)
    assert rows(hits) == [1, 2, 0] and [one.scored.score for one in hits] == [1.0, 0.5, 0.0]
    assert run(by_cross_encoder(lambda _q, texts: np.zeros(len(texts))), search, 2)[0].scored.score == 1.0
    assert run(by_cross_encoder(lambda _q, _t: np.zeros(0)), Search([]), 2) == []


def thought(text, enough=False):
    return json.dumps({"thought": text, "enough": enough})


def test_iterate_asks_with_the_last_thought_and_keeps_the_best_score():
    def answers(text):
        if "porto" in text:
            return [found(1, 0.9), found(3, 0.4)]
        return [found(2, 0.8), found(3, 0.7)] if "brother" in text else [found(1, 0.3), found(2, 0.5)]

    search = Search(answers, ScriptedChat({"think": [thought("brother"), thought("porto")]}))
    hits = run(iterate, search, 3)
    assert [(one.scored.row, one.scored.score) for one in hits] == [(1, 0.9), (2, 0.8), (3, 0.7)]
    assert [text for text, _vector in search.asked] == [search.text, f"{search.text} brother", f"{search.text} porto"]
    assert len(search.asked) == LOOKS and len(search.chat.requests) == LOOKS - 1


def test_iterate_stops_when_it_is_enough_and_when_nothing_is_found():
    search = Search([found(1)], ScriptedChat({"think": thought("done", enough=True)}))
    assert rows(run(iterate, search, 3)) == [1] and len(search.asked) == 1
    search = Search([], ScriptedChat({}))
    assert run(iterate, search, 3) == [] and len(search.asked) == 1


@pytest.mark.parametrize("reply", [LLMUnavailable("away"), BudgetExhausted("spent"), "nonsense"])
def test_iterate_goes_on_by_feedback_where_the_model_cannot_be_asked(reply):
    search = Search([found(n) for n in range(5)], ScriptedChat({"think": reply}), model=FakeEmbedder())
    alone = Search([found(n) for n in range(5)], model=FakeEmbedder())
    assert run(iterate, search, 3) == run(iterate, alone, 3)
    assert [text for text, _vector in search.asked] == [text for text, _vector in alone.asked] and LOOKS == 3
    assert len({request.prompt.variables["evidence"] for request in search.chat.requests}) == 1  # not asked again


def test_iterate_keeps_its_thought_when_the_budget_ends_after_it():
    replies = [thought("brother"), BudgetExhausted("spent")]
    search = Search([found(1), found(2)], ScriptedChat({"think": replies}), model=FakeEmbedder())
    run(iterate, search, 3)
    texts, vectors = zip(*search.asked, strict=True)
    assert texts == (search.text, f"{search.text} brother", f"{search.text} brother")
    assert vectors[1] is None and vectors[2] is not None


def test_iterate_shows_the_model_so_much_evidence_and_no_more():
    search = Search([found(n) for n in range(100)], ScriptedChat({"think": thought("x", enough=True)}))
    run(iterate, search, 5)
    assert len(search.chat.requests[0].prompt.variables["evidence"].splitlines()) == EVIDENCE


def test_without_a_model_the_query_moves_towards_the_best():
    search = Search([found(n) for n in range(5)], model=FakeEmbedder())
    run(iterate, search, 5)
    own = FakeEmbedder().embed_query(search.text)
    (_t0, first), (_t1, second), (_t2, _third) = search.asked
    assert first is None and np.linalg.norm(second) == pytest.approx(1.0, abs=1e-5)
    best = FakeEmbedder().embed_documents(["text 0", "text 1", "text 2"]).mean(axis=0)
    expected = (1 - iterating._TOWARDS) * own + iterating._TOWARDS * best
    assert second == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_without_any_model_iterate_looks_once():
    search = Search([found(1)])
    assert rows(run(iterate, search, 1)) == [1] and len(search.asked) == 1


def rewrites(*pairs):
    return json.dumps({"queries": [{"text": text, "weight": weight} for text, weight in pairs]})


def test_reciprocal_rank_fusion_as_worked_by_hand():
    lists = {"q": [1, 2, 3], "home": [3, 2], "house": [4]}
    search = Search(
        lambda text: [found(row) for row in lists[text]],
        ScriptedChat({"rewrite": rewrites(("home", 0.5), ("house", 0.5))}),
        text="q",
    )
    hits = run(reciprocal, search, 4)
    # Weights 1, 0.5 and 0.5 sum to 2: so 0.5, 0.25 and 0.25.
    sums = {1: 0.5 / 61, 2: 0.5 / 62 + 0.25 / 62, 3: 0.5 / 63 + 0.25 / 61, 4: 0.25 / 61}
    order = sorted(sums, key=lambda row: -sums[row])
    assert rows(hits) == order == [2, 3, 1, 4]
    assert [one.scored.score for one in hits] == pytest.approx([sums[row] * 61 for row in order])


def test_a_memory_first_by_every_way_gets_the_highest_score():
    search = Search([found(1), found(2)], ScriptedChat({"rewrite": rewrites(("a", 1.0))}))
    assert run(reciprocal, search, 2)[0].scored.score == pytest.approx(1.0)


def test_ways_without_a_model_are_the_question_and_its_keywords():
    assert ways(Search([], text="Where does Luis live?")) == [("Where does Luis live?", 2 / 3), ("luis live", 1 / 3)]
    assert ways(Search([], text="?!")) == [("?!", 1.0)]


def test_ways_of_a_model_that_gives_none_are_the_question_itself_and_of_one_that_is_away_those_by_rules():
    assert ways(Search([], ScriptedChat({"rewrite": rewrites()}))) == [("Where does Luis live?", 1.0)]
    assert ways(Search([], ScriptedChat({"rewrite": LLMUnavailable("x")}))) == ways(Search([]))


def test_centroid_looks_once_with_the_weighted_mean():
    search = Search([found(1)], ScriptedChat({"rewrite": rewrites(("home of Luis", 0.5))}), model=FakeEmbedder())
    assert rows(run(centroid, search, 1)) == [1] and len(search.asked) == 1
    text, vector = search.asked[0]
    assert text == search.text  # who and when are read off the question itself
    assert search.words == pytest.approx({"lui": 1.0, "live": 2 / 3, "home": 1 / 3})
    both = FakeEmbedder().embed_documents(["Where does Luis live?", "home of Luis"])
    mean = (2 * both[0] + both[1]) / 3
    assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    assert rows(run(centroid, Search([found(1)]), 1)) == [1]


def test_without_a_model_the_bag_of_words_is_the_questions_own():
    search = Search([found(1)], text="Where does Luis live, and where is Luis?")
    run(centroid, search, 1)
    assert search.words == pytest.approx({"lui": 1.0, "live": 1.0})


@given(st.lists(st.tuples(st.lists(st.sampled_from(["tea", "cats", "rain"])), st.floats(0, 1)), min_size=1, max_size=5))
def test_a_word_weighs_as_much_as_all_that_hold_it(asked):
    weights = bag([(" ".join(words), weight) for words, weight in asked])
    for term, word in (("tea", "tea"), ("cat", "cats"), ("rain", "rain")):
        assert weights.get(term, 0.0) == pytest.approx(sum(weight for words, weight in asked if word in words))


def time_range(start, end):
    return json.dumps({"reasoning": "r", "start": start, "end": end})


AGES = [found(n, 1 - n / 10, at=NOW - timedelta(days=days)) for n, days in enumerate((0, 40, 12, 8, 10))]


def test_what_lies_outside_the_asked_time_goes_last_in_its_order():
    search = Search(AGES, ScriptedChat({"time_range": time_range("2025-06-05", "2025-06-05")}))
    hits = run(time_aware(single), search, 5)
    assert rows(hits) == [2, 3, 4, 0, 1]  # two days before and after belong to it
    assert run(time_aware(single), search, 2)[0].scored.row == 2


@pytest.mark.parametrize(
    "reply",
    [
        time_range(None, "2025-06-05"),
        time_range("soon", "later"),
        time_range("2025-06-09", "2025-06-01"),
        LLMUnavailable("x"),
    ],
)
def test_a_time_that_says_nothing_changes_nothing(reply):
    search = Search(AGES, ScriptedChat({"time_range": reply}))
    assert rows(run(time_aware(single), search, 5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("start", "end", "order"),
    [
        ("0001-01-01", "2025-06-05", [1, 2, 3, 4, 0]),
        ("2025-06-03", "9999-12-31", [0, 2, 3, 4, 1]),
        ("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", [0, 1, 2, 3, 4]),
    ],
)
def test_a_time_may_reach_to_the_ends_of_the_calendar(start, end, order):
    search = Search(AGES, ScriptedChat({"time_range": time_range(start, end)}))
    assert rows(run(time_aware(single), search, 5)) == order


def test_without_a_model_the_dates_that_a_question_names_count():
    search = Search(AGES, text="What happened in May 2025?")
    assert rows(run(time_aware(single), search, 5)) == [1, 0, 2, 3, 4]
    assert rows(run(time_aware(single), Search(AGES, text="Why?"), 5)) == [0, 1, 2, 3, 4]
    away = ScriptedChat({"time_range": LLMUnavailable("x")})
    assert rows(run(time_aware(single), Search(AGES, away, "What happened in May 2025?"), 5)) == [1, 0, 2, 3, 4]


def test_a_standalone_question_stays_as_it_is_and_one_that_points_back_is_told_of_what():
    before = ["Ana adopted a cat named Misty.", "She lives in Lisbon."]
    assert standalone("Where in Lisbon did Ana adopt Misty?", before, None) == "Where in Lisbon did Ana adopt Misty?"
    asked = standalone("And where does she live?", before, None)
    assert asked.startswith("And where does she live? (") and "Lisbon" in asked.title()
    assert standalone("And she?", [], None) == "And she?" == standalone("And she?", [" "], None)


def test_a_model_rewrites_the_question_and_is_shown_the_last_turns():
    chat = ScriptedChat({"decontextualise": json.dumps({"reasoning": "r", "text": "Where does Ana live?"})})
    assert standalone("And she?", [f"turn {n}" for n in range(20)], wrap(chat)) == "Where does Ana live?"
    assert chat.requests[0].prompt.variables["conversation"].splitlines() == [f"turn {n}" for n in range(14, 20)]


def test_where_the_model_is_away_a_question_stands_alone_by_rules():
    away = wrap(ScriptedChat({"decontextualise": LLMUnavailable("x")}))
    before = ["Ana adopted a cat named Misty."]
    assert standalone("And she?", before, away) == standalone("And she?", before, None) != "And she?"
    assert standalone("And she?", ["..."], away) == "And she?"
