"""LoCoMo's references for event summarisation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.events import SessionEvents, load_events
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError

REPOSITORY = Path(__file__).resolve().parents[2]


def written(folder: Path, small_path: Path, events: Any) -> Path:
    samples = json.loads(small_path.read_text())[:1]
    samples[0]["event_summary"] = events
    path = folder / "locomo10.json"
    path.write_text(json.dumps(samples))
    return path


def test_events_are_read_by_session_in_order_and_by_speaker(tmp_path: Path, small_path: Path) -> None:
    path = written(
        tmp_path,
        small_path,
        {
            "events_session_10": {"Ada": ["Ada adopts a dog."], "Ben": [], "date": "1 January, 2024"},
            "events_session_2": {"Ada": [], "Ben": [" Ben runs a marathon. ", ""]},
            "events_session_11": {"Ada": ["of a session that is not there"], "date": "2 January, 2024"},
        },
    )
    events = load_events(path).of("conv-1")
    assert [(one.session, one.speaker, len(one.events)) for one in events.sessions] == [
        ("session_2", "Ada", 0),
        ("session_2", "Ben", 1),
        ("session_10", "Ada", 1),
        ("session_10", "Ben", 0),
    ]
    assert events.speakers == ("Ada", "Ben")
    assert events.about("Ada") == (SessionEvents("session_10", "Ada", "1 January, 2024", ("Ada adopts a dog.",)),)
    assert events.about("Ben")[0].events == ("Ben runs a marathon.",)
    assert "2023" in events.about("Ben")[0].date_text  # the session's, where the events have none
    with pytest.raises(KeyError):
        load_events(path).of("conv-9")


def test_a_file_without_events_is_refused(tmp_path: Path, small_path: Path) -> None:
    with pytest.raises(DataFormatError, match="official format"):
        load_events(written(tmp_path, small_path, None))


@pytest.mark.data
def test_the_development_file_has_its_count_first_and_last_event() -> None:
    path = (data_root() or REPOSITORY.parent / "shared" / "data") / "locomo" / "locomo_dev.json"
    if not path.is_file():
        pytest.skip(f"the LoCoMo development file is neither in ${DATA_VARIABLE}/locomo nor in ../shared/data/locomo")
    summaries = load_events(path)
    counts = [sum(len(one.events) for one in conversation.sessions) for conversation in summaries.conversations]
    assert counts == [25, 29, 94, 78, 76]  # one of conv-41's 95 is blank
    first = summaries.conversations[0].about("Caroline")[0]
    assert first.events == ("Caroline attends an LGBTQ support group for the first time.",)
    assert (first.session, first.date_text) == ("session_1", "8 May, 2023")
    assert summaries.conversations[-1].speakers == ("Tim", "John")
    raw = json.loads(path.read_text())[-1]["event_summary"]["events_session_29"]
    last = summaries.conversations[-1].sessions[-1]
    assert last.session == "session_29" and list(last.events) == raw[last.speaker]
