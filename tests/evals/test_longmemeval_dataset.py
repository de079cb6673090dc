"""LongMemEval's loader: both sides and the user's alone, abstention, and haystacks that are read when they are used."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.longmemeval import ORACLE, S, load_longmemeval, parse_date
from agentmem_evals.datasets.longmemeval_pool import load_pool
from agentmem_evals.datasets.selection import has_answer, select
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Conversation, Level

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = (data_root() or REPOSITORY.parent / "shared" / "data") / "longmemeval"
Write = Callable[..., Path]


def turn(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def record(**changes: Any) -> dict[str, Any]:
    """Three sessions out of order, one of them twice; the user and the assistant both say what answers."""
    return {
        "question_id": "q1",
        "question_type": "single-session-user",
        "question": "Which car do I drive?",
        "answer": 3,
        "question_date": "2023/06/01 (Thu) 10:00",
        "haystack_session_ids": ["answer_a_1", "b", "b", "empty"],
        "haystack_dates": [
            "2023/05/30 (Tue) 23:40",
            "2023/05/20 (Sat) 02:21",
            "2023/05/31 (Wed) 02:21",
            "2023/05/01 (Mon) 00:00",
        ],
        "haystack_sessions": [
            [
                turn("user", "I drive a Model 3.", has_answer=True),
                turn("assistant", "A Model 3 is electric.", has_answer=True),
                turn("user", "I know.", has_answer=False),
            ],
            [turn("user", "Hello."), turn("assistant", "Hi.")],
            [turn("user", "Hello.")],
            [],
        ],
        "answer_session_ids": ["answer_a_1", "answer_gone"],
    } | changes


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*records: Any, name: str = "longmemeval_oracle.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(records, indent=1))
        return path

    return write


def test_each_question_has_a_history_of_its_own_in_order_of_time(write: Write) -> None:
    dataset = load_longmemeval(write(record(), record(question_id="q2")), name=ORACLE)
    assert dataset.level is Level.TURN and dataset.name == ORACLE
    assert [body.id for body in dataset.bodies] == ["q1", "q2"] == [question.body for question in dataset.questions]
    body = dataset.bodies[0]
    assert isinstance(body, Conversation)
    assert [session.id for session in body.sessions] == ["b", "answer_a_1", "b#2"]
    assert [one.id for one in body.turns] == ["b_1", "b_2", "answer_a_1_1", "answer_a_1_2", "answer_a_1_3", "b#2_1"]
    second = list(body.turns)[1]
    assert (second.speaker, second.text, second.session) == ("assistant", "Hi.", "b")
    assert second.at == datetime(2023, 5, 20, 2, 21, 1, tzinfo=UTC)


def test_evidence_are_the_turns_with_the_answer_of_both_sides(write: Write) -> None:
    (question,) = load_longmemeval(write(record()), name=ORACLE).questions
    assert question.evidence == ("answer_a_1_1", "answer_a_1_2")
    assert question.unresolved == ("answer_gone",)
    assert (question.id, question.category, question.answer) == ("q1", "single-session-user", "3")
    assert question.asked_at == datetime(2023, 6, 1, 10, tzinfo=UTC) and not question.unanswerable


def test_the_official_protocol_of_retrieval_knows_the_users_side_alone(write: Write) -> None:
    dataset = load_longmemeval(write(record()), name=ORACLE, user_side_only=True)
    assert [one.id for one in dataset.bodies[0].items] == ["b_1", "answer_a_1_1", "answer_a_1_3", "b#2_1"]
    assert dataset.questions[0].evidence == ("answer_a_1_1",)
    sessions = record()["haystack_sessions"]
    sessions[0][0]["has_answer"] = False
    skipped = load_longmemeval(write(record(haystack_sessions=sessions)), name=ORACLE, user_side_only=True)
    assert select(skipped).skipped == 1  # the 51 questions that only the assistant's side answers


def test_a_question_about_what_is_not_told_has_no_evidence_and_is_left_out_of_retrieval(write: Write) -> None:
    dataset = load_longmemeval(write(record(question_id="q1_abs", answer="Not enough is told.")), name=ORACLE)
    (question,) = dataset.questions
    assert question.unanswerable and question.evidence == () == question.unresolved
    assert question.answer == "Not enough is told."
    assert select(dataset).skipped == 1 and select(dataset, measurable=has_answer).questions == (question,)


def test_histories_are_read_when_they_are_used_and_one_is_kept(write: Write) -> None:
    path = write(record(), record(question_id="q2"))
    dataset = load_longmemeval(path, name=ORACLE)
    first, second = dataset.bodies
    assert first.sessions is first.sessions  # kept
    read = first.sessions
    assert second.sessions[0].id == "b"
    assert first.sessions == read and first.sessions is not read  # read again
    assert repr(first) == "LazyConversation('q1')"
    path.unlink()
    with pytest.raises(DataNotFound, match="gone while it was being used"):
        _ = second.sessions


def test_a_file_that_changes_while_it_is_used_is_noticed(write: Write) -> None:
    dataset = load_longmemeval(write(record(), record(question_id="q2")), name=ORACLE)
    write(record(question_id="q3"), record(question_id="q4"))
    with pytest.raises(DataFormatError, match="no longer where it was"):
        _ = dataset.bodies[1].sessions


def test_the_hash_is_of_the_whole_file(write: Write) -> None:
    path = write(record())
    path.write_bytes(path.read_bytes() + b"\n" * 2_000_000)
    assert load_longmemeval(path, name=ORACLE).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "records",
    [
        [1],
        [{}],
        [record(haystack_dates=["2023/05/30 (Tue) 23:40"])],
        [record(question_date="yesterday")],
        [record(), record()],
    ],
)
def test_another_schema_is_a_typed_refusal(write: Write, records: list[Any]) -> None:
    with pytest.raises(DataFormatError, match="official schema"):
        load_longmemeval(write(*records), name=ORACLE)


def test_dates_are_read_in_any_locale() -> None:
    assert parse_date("2023/05/30 (Tue) 23:40") == datetime(2023, 5, 30, 23, 40, tzinfo=UTC)
    with pytest.raises(ValueError, match="not a date"):
        parse_date("30 May 2023")


def test_a_pool_tells_each_turn_once(tmp_path: Path) -> None:
    def line(id: str, date: str, *turns: dict[str, Any]) -> str:
        sessions = [{"date": date, "turns": list(turns)}]
        keys = {"question_type": "multi-session", "question": "?", "question_date": "2023/06/01 (Thu) 10:00"}
        return json.dumps({"question_id": id, "answer": "yes", "evidence_sessions": sessions, **keys})

    path = tmp_path / "evidence_turns_dev.jsonl"
    path.write_text(
        "\n".join(
            [
                line("late", "2023/05/02 (Tue) 10:00", turn("user", "one"), turn("assistant", "two")),
                line("early", "2023/05/01 (Mon) 10:00", turn("user", "three"), turn("user", "one")),
                line("same_abs", "2023/05/01 (Mon) 10:00", turn("user", "one")),
            ]
        )
        + "\n"
    )
    pool = load_pool(path)
    assert [one.id for one in pool.bodies[0].items] == ["early_1_1", "late_1_1", "late_1_2"]
    assert [question.evidence for question in pool.questions] == [
        ("late_1_1", "late_1_2"),
        ("early_1_1", "late_1_1"),
        (),
    ]
    path.write_text("{}")
    with pytest.raises(DataFormatError, match="evidence turns"):
        load_pool(path)


def real(name: str) -> Path:
    if not (FOLDER / name).is_file():
        pytest.skip(f"{name} is neither in ${DATA_VARIABLE}/longmemeval nor in ../shared/data/longmemeval")
    return FOLDER / name


@pytest.mark.data
def test_a_record_of_s_has_its_counts_first_and_last_turn() -> None:
    dataset = load_longmemeval(real("s_single_e47becba.json"), name=S)
    (question,), (body,) = dataset.questions, dataset.bodies
    assert (question.id, question.category) == ("e47becba", "single-session-user")
    assert (question.text, question.answer) == ("What degree did I graduate with?", "Business Administration")
    assert question.asked_at == datetime(2023, 5, 30, 23, 40, tzinfo=UTC)
    assert question.evidence == ("answer_280352e9_5", "answer_280352e9_6")
    turns = list(body.items)
    assert (len(body.sessions), len(turns)) == (53, 550)
    assert (turns[0].id, body.sessions[-1].id) == ("sharegpt_yywfIrx_0_1", "84503ce4_1")
    assert body.sessions[-1].at == datetime(2023, 5, 30, 21, 40, tzinfo=UTC)
    users = load_longmemeval(real("s_single_e47becba.json"), name=S, user_side_only=True)
    assert users.questions[0].evidence == ("answer_280352e9_5",) and users.sha256 == dataset.sha256
    assert len(list(users.bodies[0].items)) < 300


@pytest.mark.data
def test_two_records_of_oracle_have_their_counts_first_and_last_item() -> None:
    dataset = load_longmemeval(real("oracle_sample2.json"), name=ORACLE)
    first, last = dataset.questions
    assert (first.id, first.category) == ("6a1eabeb", "knowledge-update")
    assert first.evidence == ("answer_a25d4a91_1_5", "answer_a25d4a91_2_1")
    assert last.id == "gpt4_70e84552_abs" and last.unanswerable and last.evidence == ()
    assert last.answer is not None and last.answer.startswith("The information provided is not enough.")
    assert [len(list(body.items)) for body in dataset.bodies] == [24, 24]


@pytest.mark.data
def test_the_pool_has_its_count_first_and_last_question() -> None:
    pool = load_pool(real("evidence_turns_dev.jsonl"))
    assert (len(pool.questions), sum(1 for _ in pool.bodies[0].items)) == (240, 436)
    assert Counter(question.category for question in pool.questions)["temporal-reasoning"] == 68
    assert (pool.questions[0].id, pool.questions[-1].id) == ("gpt4_2487a7cb", "f0e564bc")
    assert pool.questions[-1].answer == "$1,300" and len(pool.questions[-1].evidence) == 2
    selection = select(pool)
    assert (len(selection.questions), selection.skipped) == (235, 5)
