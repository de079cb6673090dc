"""bAbI's questions: what was told before each, hand-written stories, and the real files where they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from agentmem_evals.datasets.babi import load_babi_questions
from agentmem_evals.environment import data_root
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Dataset, Level, Question

STORY = """\
1 Ann went to the garden.
2 Bo took the milk.
3 Where is Ann? \tgarden\t1
4 What has Bo? |milk|2
5 Ann went to the hall.
6 Where was Ann before the hall?\tgarden, hall\t5 1
1 Cy is in the attic.
2 Is Cy in the attic?\tyes\t1
"""


def load(folder: Path, text: str = STORY, name: str = "qa14_time-reasoning_train.txt") -> Dataset:
    (folder / name).write_text(text)
    return load_babi_questions(folder / name)


def told(dataset: Dataset, question: Question) -> list[str]:
    (body,) = (body for body in dataset.bodies if body.id == question.body)
    return [item.text for item in body.items]


def test_only_what_was_told_before_a_question_is_in_its_body(tmp_path: Path) -> None:
    dataset = load(tmp_path)
    assert [told(dataset, question) for question in dataset.questions] == [
        ["Ann went to the garden.", "Bo took the milk."],
        ["Ann went to the garden.", "Bo took the milk."],
        ["Ann went to the garden.", "Bo took the milk.", "Ann went to the hall."],
        ["Cy is in the attic."],
    ]
    assert [body.id for body in dataset.bodies] == ["qa14_1_2", "qa14_1_5", "qa14_2_1"]


def test_evidence_are_the_supporting_statements_and_lists_have_parts(tmp_path: Path) -> None:
    first, second, third, _ = load(tmp_path).questions
    assert (first.text, first.answer, first.evidence, first.parts) == ("Where is Ann?", "garden", ("1",), ())
    assert (second.answer, second.evidence) == ("milk", ("2",))  # the separator of one published copy
    assert (third.answer, third.evidence, third.category) == ("garden, hall", ("5", "1"), "14")
    assert load(tmp_path, "1 A.\n2 How?\ts,e\t1\n").questions[0].parts == ("s", "e")


def test_support_that_was_not_told_is_unresolved(tmp_path: Path) -> None:
    (question,) = load(tmp_path, "1 A.\n2 How?\tso\t1 2 9\n").questions
    assert (question.evidence, question.unresolved) == (("1",), ("2", "9"))


def test_times_rise_within_a_story(tmp_path: Path) -> None:
    for body in load(tmp_path).bodies:
        times = [turn.at for session in body.sessions for turn in session.turns]
        assert times == sorted(set(times))


def test_a_folder_is_read_for_its_test_half_and_in_order_of_the_tasks(tmp_path: Path) -> None:
    for name in ("qa10_x_train.txt", "qa2_x_train.txt"):
        load(tmp_path, name=name)
    assert load_babi_questions(tmp_path).file_name == "qa2_x_train.txt, qa10_x_train.txt"
    load(tmp_path, name="qa3_x_test.txt")
    assert load_babi_questions(tmp_path).file_name == "qa3_x_test.txt"


def test_the_data_changes_with_any_file(tmp_path: Path) -> None:
    load(tmp_path, name="qa1_x_train.txt")
    load(tmp_path, name="qa2_x_train.txt")
    before = load_babi_questions(tmp_path).sha256
    load(tmp_path, STORY.replace("milk", "soup"), name="qa2_x_train.txt")
    assert load_babi_questions(tmp_path).sha256 != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Ann went.\n", r"Line 1 of qa1_x_train\.txt .*number"),
        ("1 Ann went.\n3 Bo went.\n2 Cy went.\n", "Line 3 .* continue"),
        ("1 Ann went.\n2 Where is Ann?\n", "Line 2 .* lacks answer"),
        ("2 Ann went.\n2 Bo went.\n", "Line 2 .* continue"),
    ],
)
def test_another_format_is_refused_with_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataFormatError, match=says):
        load(tmp_path, text, "qa1_x_train.txt")


def test_other_files_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="tasks_1-20"):
        load_babi_questions(tmp_path)
    for name in ("qa21_x_train.txt", "stories.txt", "qa0_x_test.txt"):
        with pytest.raises(DataFormatError, match="not named as a task"):
            load(tmp_path, name=name)
    (tmp_path / "qa1_x_train.txt").write_bytes(b"1 \xff\n")
    with pytest.raises(DataFormatError, match="UTF-8"):
        load_babi_questions(tmp_path / "qa1_x_train.txt")
    (twice := tmp_path / "twice").mkdir()
    for name in ("qa1_a_test.txt", "qa1_b_test.txt"):
        (twice / name).write_text(STORY)
    with pytest.raises(DataNotFound, match="several files of one task"):
        load_babi_questions(twice)


def real(name: str) -> Path:
    for root in (data_root(), Path(__file__).parents[3] / "shared" / "data"):
        if root is not None and (root / name).is_dir():
            return root / name
    pytest.skip(f"{name} is neither in $AGENTMEM_DATA nor in ../shared/data")


@pytest.mark.data
def test_the_real_training_half() -> None:
    dataset = load_babi_questions(real("babi"))
    assert (len(dataset.questions), len(dataset.bodies), dataset.level) == (20_000, 17_577, Level.TURN)
    assert set(Counter(question.category for question in dataset.questions).values()) == {1000}
    assert all(question.evidence and not question.unresolved for question in dataset.questions)
    assert len({question.id for question in dataset.questions}) == 20_000
    first, last = dataset.questions[0], dataset.questions[-1]
    assert (first.id, first.text, first.answer, first.evidence) == (
        "babi_qa1_1_3",
        "Where is Mary?",
        "bathroom",
        ("1",),
    )
    assert (last.id, last.text, last.answer, last.evidence) == (
        "babi_qa20_94_14",
        "Why did antoine get the football?",
        "bored",
        ("1",),
    )
    assert told(dataset, first) == ["Mary moved to the bathroom.", "John went to the hallway."]
