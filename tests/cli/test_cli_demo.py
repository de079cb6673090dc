"""The demo: its conversation, and what it shows."""

from __future__ import annotations

from collections import Counter

import pytest

from agentmem.cli.demo.scenes import QUESTIONS, conversation


def test_the_conversation_is_long_and_in_order() -> None:
    messages = conversation()
    assert len(messages) == 59 and len({message["session"] for message in messages}) == 6
    times = [message["at"] for message in messages]
    assert times == sorted(times) and len(set(times)) == len(times)
    assert (times[0].year, times[-1].year) == (2025, 2026)
    assert Counter(message["speaker"] for message in messages) == {"Mira": 32, "Assistant": 27}
    assert messages[0]["content"].startswith("I need to think out loud.")
    assert messages[-1]["content"].endswith("terrible road music.")


def test_the_demo_leaves_nothing_behind_and_needs_no_model(cli) -> None:
    output = cli("demo").stdout
    for words in (*QUESTIONS, "59 turns, 6 sessions", "<memories", "as of 01 February 2026", "Destroyed for good"):
        assert words in output
    assert "Nothing found" not in output and "0 answers mention Ruben" in output
    assert not list(cli.folder.iterdir())


def test_the_demo_as_json(cli) -> None:
    story = cli.json("demo")
    assert list(story) == ["add", *(f"question_{n}" for n in range(1, 7)), "context", "update", "forget"]
    assert "sesame" in story["question_1"]["hits"][0]["text"]
    assert story["update"]["now"][0]["version"] == 2 and "half a tablet" in story["update"]["then"][0]["text"]
    assert story["forget"]["memories"] == 3


def test_the_demo_can_be_kept_for_trying_commands_on(cli) -> None:
    commands = cli("demo", "--keep", "kept.db").stdout.partition("Now you")[2]
    assert "agentmem --db kept.db --scope demo/mira" in commands
    assert cli.json("--db", "kept.db", "--scope", "demo/mira", "stats")["sessions"] == 6
    assert cli.error("demo", "--keep", "kept.db", code=5)["type"] == "StoreError"


def test_without_the_local_extra_the_demo_goes_by_words(cli, monkeypatch) -> None:
    monkeypatch.setattr("agentmem.models.sentence_transformers.importlib.util.find_spec", lambda _name: None)
    result = cli("demo", "--embedder", "default")
    assert "pip install" in result.stderr and "by words only" in result.stderr and "Now you" in result.stdout


@pytest.mark.model
def test_the_demo_with_the_real_model(cli) -> None:
    story = cli.json("demo", "--embedder", "default")
    assert story["add"]["usage"]["embedded_texts"] == 59 and story["add"]["pending"] == []
    expected = ["sesame", "keys", "museum", "blanket", "Paula", "exhibition"]
    for number, word in enumerate(expected, 1):
        assert any(word in hit["text"] for hit in story[f"question_{number}"]["hits"]), story[f"question_{number}"]
    assert story["forget"]["vectors"] == 3
