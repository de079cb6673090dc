"""CareCall-memory's and MSC's schemas, in words of our own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.multi_session_chat import (
    CARECALL,
    MSC,
    SessionMemory,
    load_carecall,
    load_msc,
    session_memories,
)
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Conversation

EPISODE: list[dict[str, Any]] = [
    {
        "guid": "interactive-3-S1",
        "dialogue": [{"role": "system", "text": "How are you?"}, {"role": "user", "text": "My knee hurts."}],
        "memory": [],
        "summary": ["has a sore knee"],
    },
    {
        "guid": "interactive-3-S2",
        "dialogue": [{"role": "system", "text": "And the knee?"}, {"role": "user", "text": "It is well again."}],
        "memory": ["has a sore knee"],
        "summary": ["the knee is well"],
    },
]
CHAT: dict[str, Any] = {
    "metadata": {"initial_data_id": "pair_1"},
    "personas": [["I sail."], ["I bake.", "I have a cat."]],
    "previous_dialogs": [
        {
            "dialog": [{"text": "I sail a lot."}, {"text": "I bake."}],
            "time_num": 12,
            "time_unit": "days",
            "time_back": "12 days 1 hour ago",
        },
        {"dialog": [{"text": "Back from the sea."}], "time_num": 1, "time_unit": "hour", "time_back": "1 hour ago"},
    ],
    "dialog": [{"text": "Hello again.", "id": "Speaker 2"}, {"text": "Hello.", "id": "Speaker 1"}],
}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "chat.json"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def conversations(path: Path, name: str) -> list[Conversation]:
    dataset = (load_carecall if name == CARECALL else load_msc)(path)
    assert dataset.name == name
    return [body for body in dataset.bodies if isinstance(body, Conversation)]


def test_an_episode_of_carecall_is_a_conversation(tmp_path: Path) -> None:
    path = write(tmp_path, [EPISODE])
    (body,) = conversations(path, CARECALL)
    assert (body.id, [session.id for session in body.sessions]) == ("interactive-3", ["S1", "S2"])
    assert [(turn.id, turn.speaker, turn.text) for turn in body.turns][-1] == ("S2:2", "user", "It is well again.")
    assert body.sessions[1].at - body.sessions[0].at == timedelta(weeks=1)
    assert load_carecall(path).questions == ()
    assert session_memories(CARECALL, path) == (
        SessionMemory("interactive-3", "S1", "user", (), ("has a sore knee",)),
        SessionMemory("interactive-3", "S2", "user", ("has a sore knee",), ("the knee is well",)),
    )


def test_a_line_of_msc_is_a_conversation_with_the_times_it_tells(tmp_path: Path) -> None:
    path = write(tmp_path, CHAT)
    (body,) = conversations(path, MSC)
    first, second, third = body.sessions
    assert (second.at - first.at, third.at - second.at) == (timedelta(days=12), timedelta(hours=1))
    assert [turn.speaker for turn in body.turns] == ["Speaker 1", "Speaker 2", "Speaker 1", "Speaker 2", "Speaker 1"]
    assert session_memories(MSC, path)[1] == SessionMemory(
        "pair_1", "session_3", "Speaker 2", ("I bake.", "I have a cat."), ()
    )
    assert load_msc(path).questions == ()


def test_a_question_is_there_only_where_the_data_has_one(tmp_path: Path) -> None:
    asked = {**CHAT, "metadata": {}, "self_instruct": {"B": "What do I do at sea?", "A": "You sail."}}
    dataset = load_msc(write(tmp_path, CHAT, asked))
    (question,) = dataset.questions
    assert (question.body, question.answer, question.evidence) == ("msc_2", "You sail.", ())
    assert question.category in dataset.category_names
    assert question.asked_at is not None and question.asked_at > dataset.bodies[1].sessions[-1].at


def test_empty_sessions_are_left_out(tmp_path: Path) -> None:
    (body,) = conversations(write(tmp_path, {**CHAT, "dialog": []}), MSC)
    assert [session.id for session in body.sessions] == ["session_1", "session_2"]


@pytest.mark.parametrize(
    "content", ["no json", "{}", "[[]]", '[[{"guid": "a-S1"}]]', '[[{"guid": "a-S1", "dialogue": {}}]]', "[1]"]
)
def test_another_format_than_carecalls_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "carecall.json"
    path.write_text(content)
    with pytest.raises(DataFormatError, match=r"carecall\.json is not CareCall-memory"):
        load_carecall(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"previous_dialogs": 1},
        {"dialog": [1]},
        {"previous_dialogs": [{**CHAT["previous_dialogs"][0], "time_unit": "x"}]},
    ],
)
def test_another_format_than_mscs_is_refused_with_the_record(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DataFormatError, match=r"chat\.json"):
        load_msc(write(tmp_path, CHAT, {**CHAT, "metadata": {}, **changes}))


def test_no_conversation_comes_twice(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="pair_1 twice"):
        load_msc(write(tmp_path, CHAT, CHAT))
    with pytest.raises(DataFormatError, match="interactive-3 twice"):
        load_carecall(write(tmp_path, [EPISODE, EPISODE]))
