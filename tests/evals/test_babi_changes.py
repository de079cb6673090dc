"""Pairs from bAbI's stories: hand-written ones in its wording, and the real files where they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from agentmem_evals.datasets.babi_changes import KINDS, TASKS, find_babi, load_babi
from agentmem_evals.datasets.babi_statements import Verb, read_stories
from agentmem_evals.datasets.pairs import LabelledPair
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.errors import DataFormatError, DataNotFound
from hypothesis import given
from hypothesis import strategies as st

from agentmem.updating.decision import Relation


def pairs_of(folder: Path, *sentences: str) -> list[LabelledPair]:
    path = folder / "qa1_small_train.txt"
    path.write_text("".join(f"{number} {text}\n" for number, text in enumerate(sentences, start=1)))
    return list(load_babi([path]).pairs)


def changes(pairs: list[LabelledPair]) -> set[tuple[str, str, str]]:
    return {
        (*pair.id.split("-")[2:], pair.relation.value) for pair in pairs if pair.relation is not Relation.INDEPENDENT
    }


def test_a_place_is_superseded_by_the_next_one_only(tmp_path: Path) -> None:
    pairs = pairs_of(
        tmp_path,
        "Ann went to the garden.",
        "Bob moved to the office.",
        "Ann travelled to the kitchen.",
        "Where is Ann? \tkitchen\t3",
        "Is Ann in the kitchen? \tyes\t3",
        "Ann went back to the hallway.",
    )
    assert changes(pairs) == {("1", "3", "supersedes"), ("3", "6", "supersedes")}
    assert all(pair.kind == "place" for pair in pairs if pair.relation is Relation.SUPERSEDES)


def test_a_thing_changes_hands(tmp_path: Path) -> None:
    pairs = pairs_of(
        tmp_path,
        "Ann picked up the milk there.",
        "Ann grabbed the apple.",
        "Ann handed the milk to Bob.",
        "Bob put down the milk there.",
        "Bob got the milk.",
    )
    assert changes(pairs) == {("1", "3", "supersedes"), ("3", "4", "cancels"), ("4", "5", "supersedes")}
    assert {pair.kind for pair in pairs} == {"thing", "other-thing"}


def test_no_longer_cancels_a_denial_supersedes_and_what_can_be_argued_about_is_left_out(tmp_path: Path) -> None:
    pairs = pairs_of(
        tmp_path,
        "Ann went to the garden.",
        "Ann is no longer in the garden.",
        "Ann is in the office.",  # after a denial of another place: no more than compatible
        "Ann is not in the office.",
        "Ann is in the office.",
        "Ann is no longer in the kitchen.",  # another place than the last
        "Bob is in the park.",
        "Bob went to the park.",  # where he is already
    )
    assert changes(pairs) == {("1", "2", "cancels"), ("3", "4", "supersedes"), ("4", "5", "supersedes")}


def test_people_together_change_together_or_not_at_all(tmp_path: Path) -> None:
    pairs = pairs_of(
        tmp_path,
        "Ann and Bob went to the garden.",
        "Then they moved to the office.",
        "Ann and Cy went to the park.",  # overlaps in part
        "Bob and Ann travelled to the hallway.",  # last known apart
    )
    assert changes(pairs) == {("1", "2", "supersedes")}
    assert "Then Ann and Bob moved to the office." in {pair.newer.text for pair in pairs}


def test_pronouns_become_names_and_subjects(tmp_path: Path) -> None:
    (pair,) = pairs_of(tmp_path, "Ann went to the garden.", "After that she went back to the office.")
    assert pair.newer.text == "After that Ann went back to the office."
    assert (pair.older.subject, pair.newer.subject, pair.newer.speaker) == ("Ann", "Ann", None)
    assert pair.older.at < pair.newer.at


def test_unrelated_statements_share_neither_person_nor_thing(tmp_path: Path) -> None:
    pairs = pairs_of(
        tmp_path,
        "Ann went to the garden.",
        "Ann took the milk there.",
        "Bob moved to the garden.",
        "Bob got the apple there.",
    )
    found = {(*pair.id.split("-")[2:], pair.kind) for pair in pairs if pair.relation is Relation.INDEPENDENT}
    assert found == {
        ("1", "2", "other-slot"),
        ("1", "3", "other-person"),
        ("3", "4", "other-slot"),
        ("2", "4", "other-thing"),
    }


def test_stories_end_where_numbers_begin_again() -> None:
    stories = list(read_stories("1 Ann went to the park.\n2 Ann is in the park.\n1 Bob took the milk.\n", "qa"))
    assert [[told.verb for told in story] for story in stories] == [[Verb.WENT, Verb.IS], [Verb.TOOK]]
    assert stories[1][0].slots == ("thing milk",) and stories[0][0].slots == ("place of Ann",)


@pytest.mark.parametrize("text", ["1 Ann flew to the moon.\n", "Ann went to the park.\n"])
def test_other_wordings_are_refused(text: str) -> None:
    with pytest.raises(DataFormatError, match=r"qa77\.txt"):
        list(read_stories(text, "qa77.txt"))


people = st.sampled_from(("Ann", "Bob", "Cy"))
statements = st.one_of(
    st.builds("{} went to the {}.".format, people, st.sampled_from(("park", "hall", "cellar"))),
    st.builds("{} took the {}.".format, people, st.sampled_from(("milk", "lamp"))),
    st.builds("{} dropped the {} there.".format, people, st.sampled_from(("milk", "lamp"))),
)


@given(st.lists(statements, min_size=1, max_size=15))
def test_changes_are_the_neighbours_within_a_slot(sentences: list[str]) -> None:
    """Against a naive reading: walk back from each statement to the last one on the same slot."""
    from agentmem_evals.datasets.babi_changes import _changes

    text = "".join(f"{number} {sentence}\n" for number, sentence in enumerate(sentences, start=1))
    (story,) = read_stories(text, "qa")
    expected = set()
    for later, one in enumerate(story):
        for earlier in reversed(range(later)):
            other = story[earlier]
            if one.slots == other.slots:
                if one.handles or one.what != other.what:
                    expected.add((other.line, one.line))
                break
    assert {(older.line, newer.line) for _, older, newer, _ in _changes(story)} == expected


def test_missing_files_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match=f"neither --data nor \\${DATA_VARIABLE} is given"):
        find_babi(None, None)
    with pytest.raises(DataNotFound, match="holds none"):
        find_babi(tmp_path, None)
    (tmp_path / "babi").mkdir()
    (tmp_path / "babi" / "qa1_x_train.txt").touch()
    with pytest.raises(DataNotFound, match="lacks the training files"):
        find_babi(None, tmp_path)
    assert find_babi(tmp_path / "babi" / "qa1_x_train.txt", None) == (tmp_path / "babi" / "qa1_x_train.txt",)


@pytest.mark.data
def test_the_real_stories_give_the_same_pairs_of_every_kind(data_dir: Path) -> None:
    if not (data_dir / "babi").is_dir():
        pytest.skip("no babi/ in the evaluation data")
    paths = find_babi(None, data_dir)
    assert len(paths) == len(TASKS)
    made = load_babi(paths)
    assert made == load_babi(paths)
    pairs = made.pairs
    assert len({pair.id for pair in pairs}) == len(pairs) == 1600
    assert len({(pair.older.text, pair.newer.text) for pair in pairs}) == len(pairs)
    assert Counter(pair.kind for pair in pairs).keys() == set(KINDS)
    assert Counter(pair.relation for pair in pairs)[Relation.SUPERSEDES] > 500
    assert all(pair.older.at < pair.newer.at for pair in pairs)
