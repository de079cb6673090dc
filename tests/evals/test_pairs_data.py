"""The project's labelled pairs: that they are what their README says, and that the loader refuses what they are not."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from agentmem_evals.datasets.pair_sets import load_labelled
from agentmem_evals.datasets.pairs import Half, LabelledPair, load_pairs, read_pairs
from agentmem_evals.errors import DataFormatError, DataNotFound, EvalError, UnknownName

from agentmem.updating.decision import Relation

REPEATS, REFINES, SUPERSEDES = Relation.REPEATS, Relation.REFINES, Relation.SUPERSEDES
CANCELS, INDEPENDENT = Relation.CANCELS, Relation.INDEPENDENT
LABELS = {
    "paraphrase": {REPEATS},
    "exact": {REPEATS},
    "similar-but-distinct": {INDEPENDENT},
    "number": {INDEPENDENT, SUPERSEDES},
    "negation": {INDEPENDENT, SUPERSEDES, CANCELS},
    "time": {INDEPENDENT},
    "state-change": {SUPERSEDES},
    "multi-valued": {INDEPENDENT},
    "more-detail": {REFINES},
    "entity": {INDEPENDENT},
    "ended": {CANCELS},
}
PAIR = {
    "id": "a",
    "kind": "number",
    "older": {"text": "Ada has 2 cats.", "at": "2023-05-08", "speaker": "Ada", "subject": None},
    "newer": {"text": "Ada has 3 cats.", "at": "2023-05-08", "speaker": None, "subject": "Ada"},
    "relation": "supersedes",
}


def both_halves() -> list[LabelledPair]:
    return [pair for half in Half for pair in load_pairs(half).pairs]


def words(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def write(path: Path, *pairs: object) -> Path:
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    return path


@pytest.mark.parametrize("half", Half)
def test_each_half_has_every_kind_with_the_labels_it_may_have(half: Half) -> None:
    pairs = load_pairs(half).pairs
    counts = Counter(pair.kind for pair in pairs)
    assert counts.keys() == LABELS.keys() and len(pairs) == 232
    assert all(count >= 20 for kind, count in counts.items() if kind != "exact")
    assert {kind: {pair.relation for pair in pairs if pair.kind == kind} for kind in counts} == LABELS


def test_no_pair_comes_twice_and_no_text_is_in_both_halves() -> None:
    pairs = both_halves()
    assert len({pair.id for pair in pairs}) == len(pairs)
    assert len({(words(pair.older.text), words(pair.newer.text)) for pair in pairs}) == len(pairs)
    one, other = ({words(text) for pair in load_pairs(half).pairs for text in _texts(pair)} for half in Half)
    assert not one & other


def _texts(pair: LabelledPair) -> tuple[str, str]:
    return pair.older.text, pair.newer.text


def test_texts_are_clean_and_speakers_and_subjects_are_sometimes_unknown() -> None:
    pairs = both_halves()
    for text in (text for pair in pairs for text in _texts(pair)):
        assert text == text.strip() and "\n" not in text and 10 < len(text) < 200
    for name in ("speaker", "subject"):
        known = sum(getattr(pair.older, name) is not None for pair in pairs) / len(pairs)
        assert 0.2 < known < 0.9, name


def test_a_named_subject_stands_in_the_text() -> None:
    for side in (side for pair in both_halves() for side in (pair.older, pair.newer)):
        assert side.subject is None or words(side.subject) in words(side.text), side


def test_exact_pairs_have_the_same_words_and_others_have_not() -> None:
    for pair in both_halves():
        same = words(pair.older.text) == words(pair.newer.text)
        assert pair.kind == "exact" or not same, pair.id


def test_the_readme_counts_what_is_there() -> None:
    readme = files("agentmem_evals").joinpath("data", "pairs", "README.md").read_text(encoding="utf-8")
    for kind, count in Counter(pair.kind for pair in load_pairs(Half.HELD_OUT).pairs).items():
        assert f"| `{kind}` | {count} |" in readme


def test_pairs_of_one_day_keep_their_order(tmp_path: Path) -> None:
    (pair,) = read_pairs(write(tmp_path / "own.jsonl", PAIR)).pairs
    assert pair.older.at < pair.newer.at and pair.older.at.date() == pair.newer.at.date()
    assert (pair.older.speaker, pair.older.subject, pair.newer.subject) == ("Ada", None, "Ada")
    assert pair.relation is Relation.SUPERSEDES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relation": "replaces"}, "'replaces' is not a valid Relation"),
        ({"kind": ""}, "is not a text"),
        ({"older": {**PAIR["older"], "text": 7}}, "is not a text"),
        ({"older": {**PAIR["older"], "at": "May"}}, "Invalid isoformat"),
        ({"older": {**PAIR["older"], "at": "2023-05-09"}}, "newer statement is older"),
        ({"older": {"text": "Ada has 2 cats."}}, "a side has text"),
        ({"newer": "Ada has 3 cats."}, "has no attribute"),
    ],
)
def test_what_is_no_pair_is_refused_with_its_line(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = write(tmp_path / "own.jsonl", PAIR, {**PAIR, "id": "b", **change})
    with pytest.raises(DataFormatError, match=r"Line 2 of own\.jsonl: .*A labelled pair is") as caught:
        read_pairs(path)
    assert message in str(caught.value)


def test_repeated_ids_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="the id a comes twice"):
        read_pairs(write(tmp_path / "twice.jsonl", PAIR, PAIR))
    with pytest.raises(DataFormatError, match="holds no pairs"):
        read_pairs(write(tmp_path / "none.jsonl"))


def test_sets_are_named_and_halves_are_the_projects(tmp_path: Path) -> None:
    assert load_labelled("pairs", None, None, None) == load_pairs(Half.DEVELOPMENT)
    assert load_labelled("pairs", Half.HELD_OUT, None, None).file_name == "held_out.jsonl"
    own = write(tmp_path / "own.jsonl", PAIR)
    assert load_labelled("pairs", None, own, None).pairs[0].id == "a"
    with pytest.raises(UnknownName, match="no set of pairs 'nope'"):
        load_labelled("nope", None, None, None)
    with pytest.raises(EvalError, match="leave --half out"):
        load_labelled("pairs", Half.HELD_OUT, own, None)
    with pytest.raises(DataNotFound, match="is no file of pairs"):
        load_labelled("pairs", None, tmp_path, None)
