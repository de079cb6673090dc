"""Book-SORT: options, answers by position, and the sentences that hold the segments."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from agentmem_evals.datasets.sort import load_sort
from agentmem_evals.environment import data_root
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Dataset, Level

TEXT = "The boat left at dawn. It was cold on deck. Nobody sang. The captain slept. At noon land was seen."
# words:   0   1    2    3    4    5  6   7   8   9     10    11   12     13     14  15   16   17  18
PAIR = {
    "book_idx": "7",
    "excerpt_idx": "0",
    "segment_idx": "0",
    "segment_1": "*on deck. Nobody*",  # words 8-10: sentences 2 and 3
    "segment_2": "*At noon*",  # words 15-16: sentence 5
    "seg1_pos": "8",
    "seg2_pos": "15",
    "distance_bin": "62",
    "present_seg1_first": "0",
}


def write(folder: Path, pairs: list[dict[str, str]], texts: dict[str, str] | None = None) -> Path:
    excerpts = [
        {"book_idx": "7", "excerpt_idx": number, "excerpt_pos": "0.5", "excerpt_text": f"*{text}*\n\n"}
        for number, text in (texts or {"0": TEXT}).items()
    ]
    for name, rows in (("segments_20-s2.csv", pairs), ("excerpts_20-s2.csv", excerpts)):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder / "segments_20-s2.csv"


def load(folder: Path, **changes: str) -> Dataset:
    return load_sort(write(folder, [PAIR | changes]))


def test_evidence_are_the_sentences_that_hold_a_segment(tmp_path: Path) -> None:
    dataset = load(tmp_path)
    (question,) = dataset.questions
    assert [item.text for item in dataset.bodies[0].items][1:3] == ["It was cold on deck.", "Nobody sang."]
    assert (question.evidence, question.unresolved) == (("2", "3", "5"), ())


def test_a_segment_that_ends_with_a_sentence_takes_no_more(tmp_path: Path) -> None:
    (question,) = load(tmp_path, segment_1="*It was cold on deck.*", seg1_pos="5").questions
    assert question.evidence == ("2", "5")


def test_the_answer_is_the_earlier_segment_whatever_the_order_of_the_options(tmp_path: Path) -> None:
    swapped = {"segment_1": PAIR["segment_2"], "segment_2": PAIR["segment_1"], "seg1_pos": "15", "seg2_pos": "8"}
    for first, changes in (("0", {}), ("1", {}), ("0", swapped), ("1", swapped)):
        (question,) = load(tmp_path, present_seg1_first=first, **changes).questions
        assert question.answer == "on deck. Nobody"
        starts_with_first = question.options[0] == (PAIR | changes)["segment_1"].strip("*")
        assert starts_with_first == (first == "1")
        assert all(option in question.text for option in question.options)


def test_a_seed_draws_the_order_the_same_every_time(tmp_path: Path) -> None:
    path = write(tmp_path, [PAIR | {"segment_idx": str(number)} for number in range(40)])
    drawn = [[question.options for question in load_sort(path, seed=seed).questions] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 8 < sum(options[0] == "At noon" for options in drawn[0]) < 32


def test_only_the_first_excerpts_of_a_book_are_evaluated(tmp_path: Path) -> None:
    texts = {"99": TEXT, "100": TEXT}
    path = write(tmp_path, [PAIR | {"excerpt_idx": number} for number in texts], texts)
    assert [question.body for question in load_sort(path).questions] == ["7_99"]
    assert len(load_sort(path, excerpts=101).questions) == 2


def test_words_that_are_not_where_they_should_be_are_unresolved(tmp_path: Path) -> None:
    (question,) = load(tmp_path, seg2_pos="14").questions
    assert (question.evidence, question.unresolved) == (("2", "3"), ("At noon",))


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="not Book-SORT's"):
        load(tmp_path, seg1_pos="x")
    with pytest.raises(DataFormatError, match="one position"):
        load(tmp_path, seg1_pos="15")
    with pytest.raises(DataFormatError, match="not Book-SORT's"):
        load(tmp_path, book_idx="8")
    path = write(tmp_path, [PAIR])
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataFormatError, match="lacks the column 'book_idx'"):
        load_sort(path)
    path.write_text(",".join(PAIR) + "\n7,0\n")
    with pytest.raises(DataFormatError, match=r"Row 1 .* cut short"):
        load_sort(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataFormatError, match="comma-separated"):
        load_sort(path)
    (tmp_path / "excerpts_20-s2.csv").unlink()
    with pytest.raises(DataNotFound, match=r"excerpts_20-s2\.csv"):
        load_sort(path)


@pytest.mark.data
def test_the_real_pairs() -> None:
    for root in (data_root(), Path(__file__).parents[3] / "shared" / "data"):
        if root is not None and (root / "sort" / "segments_250.csv").is_file():
            break
    else:
        pytest.skip("sort/segments_250.csv is neither in $AGENTMEM_DATA nor in ../shared/data")
    dataset = load_sort(root / "sort" / "segments_250.csv")
    assert (len(dataset.bodies), len(dataset.questions), dataset.level) == (900, 3600, Level.TURN)
    assert not [question for question in dataset.questions if question.unresolved or not question.evidence]
    assert Counter(question.category for question in dataset.questions) == dict.fromkeys(
        ("62", "83", "125", "200"), 900
    )
    assert 1700 < sum(question.answer == question.options[0] for question in dataset.questions) < 1900
    assert len({question.id for question in dataset.questions}) == 3600
    first, last = dataset.questions[0], dataset.questions[-1]
    assert (first.id, last.id) == ("sort_69087_0_0_62", "sort_73042_99_0_200")
    assert first.answer is not None and first.answer.startswith("“What I like about you,” said Flora")
    assert last.answer is not None and last.answer.startswith("He must not breed Norwich canaries")
    assert len(load_sort(root / "sort" / "segments_250.csv", excerpts=110).questions) == 3960
