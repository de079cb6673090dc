"""The hand-written conversations with events, and a model that lists, splits and checks them, behind real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmem_evals.cli import app
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.summary_records import SUMMARISED, Summary
from typer.testing import CliRunner, Result

MAY, AUGUST, NEW_YEAR = "1:56 pm on 8 May, 2023", "12:30 pm on 17 August, 2023", "12:05 am on 1 January, 2024"
JUNE = "6:07 pm on 30 June, 2022"
EVENTS: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]] = {
    "conv-1": {
        "session_1": {"Ada": ["Ada joins a pottery class."], "Ben": ["Ben repairs his sailing boat."]},
        "session_2": {"Ada": [], "Ben": ["Ben runs a marathon in Lisbon."]},
        "session_10": {"Ada": ["Ada adopts a greyhound called Comet."], "Ben": []},
    },
    "conv-2": {"session_1": {"Cleo": ["Cleo begins to work as a nurse."], "Dan": []}},
}
"""What people wrote down."""
SAID: Mapping[tuple[str, str], Sequence[str]] = {
    ("Ada", MAY): ["Ada joins a pottery class."],
    ("Ben", AUGUST): ["Ben runs a marathon in Lisbon."],
    ("Ada", NEW_YEAR): ["Ada adopts a dog called Comet."],
    ("Ben", NEW_YEAR): ["Ben likes the beach."],
    ("Cleo", JUNE): ["Cleo starts as a nurse."],
}
"""What the model lists; of others nothing."""
FACTS: Mapping[str, Sequence[str]] = {
    "Ada adopts a dog called Comet.": ["Ada adopts a dog.", "Ada's dog is called Comet."],
    "Ada adopts a greyhound called Comet.": ["Ada adopts a greyhound.", "Ada's greyhound is called Comet."],
}
"""What an event is taken apart into; others are a fact each."""
SUPPORTED = {
    "Ada adopts a dog.",
    "Ada's dog is called Comet.",
    "Cleo starts as a nurse.",
    "Cleo begins to work as a nurse.",
}
"""What is supported although the other side does not have it word for word."""
_DATA = re.compile(r'<data name="(\w+)">\n(.*?)\n</data>', re.DOTALL)
Messages = Sequence[Mapping[str, str]]


def given(messages: Messages) -> dict[str, str]:
    """The variables of the prompt that a conversation with the model begins with."""
    return dict(_DATA.findall(next(one["content"] for one in messages if one["role"] == "user")))


def reply(messages: Messages) -> str:
    """What the model says."""
    data = given(messages)
    if "items" in data:
        said = SAID.get((data["speaker"], data["date"]), ())
        return json.dumps({"events": [f"  {event}" for event in said], "cited": [1, 99] if said else []})
    if "events" in data:
        events = data["events"].split("\n")
        return json.dumps({"facts": [fact for event in events for fact in FACTS.get(event, [event])]})
    facts = [line.split(". ", 1)[1] for line in data["facts"].split("\n")]
    reference = data["reference"].split("\n")
    verdicts = [
        {"number": number, "reason": "so it is", "supported": fact in SUPPORTED or fact in reference}
        for number, fact in enumerate(facts, start=1)
    ]
    return json.dumps({"verdicts": verdicts[::-1]})


def with_events(folder: Path, small_path: Path) -> Path:
    """A file of the small data set with what people wrote down."""
    samples = json.loads(small_path.read_text())
    for sample in samples:
        sessions = EVENTS[sample["sample_id"]]
        sample["event_summary"] = {f"events_{session}": {**lists} for session, lists in sessions.items()}
    path = folder / "locomo10.json"
    path.write_text(json.dumps(samples))
    return path


def invoke(*arguments: str | Path) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def summarise(url: str, data: Path, out: Path, *more: str | Path, system: str = "full-context") -> Result:
    """A run of the task."""
    command = ("run", "--task", "summaries", "--dataset", "locomo", "--data", data, "--system", system, "--out", out)
    return invoke(*command, "--reader-llm", "openai:scripted", "--base-url", url, *more)


def summaries_of(out: Path) -> dict[tuple[str, str], Summary]:
    """By speaker and date."""
    records = RunFolder(out).read(SUMMARISED)
    return {(record.speaker, record.date): record for record in records if isinstance(record, Summary)}


def scores_of(out: Path) -> dict[str, Any]:
    """What ``scores.json`` holds."""
    scores: dict[str, Any] = json.loads((out / "scores.json").read_text())
    return scores
