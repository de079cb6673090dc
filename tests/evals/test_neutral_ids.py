"""What systems are told: the data's texts and dates, under ids that say nothing; and what they find, named back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agentmem_evals.cli import app
from agentmem_evals.errors import UnknownName
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure, Prediction
from agentmem_evals.systems.full_context import FullContextSystem
from agentmem_evals.systems.neutral import neutral
from agentmem_evals.systems.protocol import AnsweringSystem
from agentmem_evals.types import Body, Conversation, Corpus, Hidden, Passage, Retrieved, Session, Turn
from typer.testing import CliRunner

AT = datetime(2024, 5, 1, tzinfo=UTC)
CHEAT = '''
import json
from pathlib import Path

class Cheat:
    """Ranks first what the data's ids give away, and writes down all ids that it sees."""

    def ingest(self, body):
        self.ids = sorted((turn.id for turn in body.items), key=lambda id: not id.startswith("answer"))
        seen = [body.id, *self.ids, *(turn.session for turn in body.items), *(one.id for one in body.sessions)]
        with Path(__file__).with_name("seen").open("a") as file:
            file.write(json.dumps(seen) + "\\n")

    def retrieve(self, question, k):
        return self.ids[:k]


class Guesser(Cheat):
    def retrieve(self, question, k):
        return ["D1:1"]
'''


class Listener(FullContextSystem):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Body] = []

    def ingest(self, body: Body) -> None:
        super().ingest(body)
        self.told.append(body)


def session(id: str, *texts: str) -> Session:
    turns = tuple(Turn(f"{id}_{place}", id, "Ada", text, AT) for place, text in enumerate(texts))
    return Session(id, AT, "May", turns)


def test_ids_say_nothing_and_are_mapped_back() -> None:
    system = Listener()
    body = Conversation("q1_abs", (session("noise", "Hello."), session("answer_1", "I moved.", "To Rome.")))
    told = neutral(system)
    told.ingest(body)
    (seen,) = system.told
    assert not {"answer", "abs", "noise"} & set(str(seen).replace("_", " ").replace("'", " ").split())
    assert [(one.text, one.at, one.speaker) for one in seen.items if isinstance(one, Turn)] == [
        (one.text, one.at, one.speaker) for one in body.turns
    ]
    assert isinstance(seen, Conversation) and set(seen.session_of().values()) == {one.id for one in seen.sessions}
    found = told.retrieve("Where?", 3)
    assert found == Retrieved(("noise_0", "answer_1_0", "answer_1_1"), ("noise", "answer_1"))
    assert (told.name, told.stored_bytes(), isinstance(told, AnsweringSystem)) == ("full-context", 22, False)


def test_passages_keep_their_places() -> None:
    system = Listener()
    told = neutral(system)
    told.ingest(Corpus("gold", (Passage("p-gold", "T", "a"), Passage("p-other", "U", "b"))))
    (seen,) = system.told
    assert [item.id for item in seen.items] == ["0", "1"] and seen.id == "body-0"
    assert told.retrieve("?", 1).items == ("p-gold", "p-other")


def test_what_two_hidden_bodies_have_in_common_keeps_its_ids() -> None:
    system = Listener()
    told = neutral(system)
    book = [session(f"book{number}", f"Page {number}.") for number in range(3)]
    told.ingest(Hidden("b1", (book[0], session("fact1", "Ada sails."), *book[1:]), "book"))
    told.ingest(Hidden("b2", (*book, session("fact2", "Ben runs.")), "book"))
    one, two = ({part.turns[0].text: part for part in body.sessions} for body in system.told)
    assert all(one[text] is two[text] for text in ("Page 0.", "Page 1.", "Page 2."))
    assert one["Ada sails."].id != two["Ben runs."].id
    assert told.retrieve("?", 9).items == ("book0_0", "book1_0", "book2_0", "fact2_0")
    told.ingest(Hidden("b3", (replace(book[0], turns=session("book0", "Another.").turns),), "another book"))
    assert [part.id for part in system.told[-1].sessions] == ["session-0"]


def test_an_id_that_was_not_told_is_refused() -> None:
    system = Listener()
    told = neutral(system)
    told.ingest(Conversation("c", (session("s", "Hello."),)))
    system._items = ("s_0",)  # the data's own
    with pytest.raises(UnknownName, match="A system must name items by the ids it was given"):
        told.retrieve("?", 1)


def test_no_system_sees_the_datas_ids_and_records_hold_them(
    small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cheating.py").write_text(CHEAT)
    monkeypatch.syspath_prepend(str(tmp_path))
    common = ["run", "--dataset", "locomo", "--data", str(small_path)]
    done = CliRunner().invoke(app, [*common, "--system", "cheating:Cheat", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    seen = [id for line in (tmp_path / "seen").read_text().splitlines() for id in json.loads(line)]
    assert seen and all(id.isdigit() or id.startswith(("session-", "body-")) for id in seen)
    records = RunFolder(tmp_path / "out").read_records()
    first = next(one for one in records if isinstance(one, Prediction) and one.body == "conv-1")
    assert first.found[:2] == ("D1:1", "D1:2") and first.sessions[0] == "session_1"
    guessed = CliRunner().invoke(app, [*common, "--system", "cheating:Guesser", "--out", str(tmp_path / "guessed")])
    assert guessed.exit_code == 1 and "Every question failed" in guessed.stderr
    failures = RunFolder(tmp_path / "guessed").read_records()
    assert {(one.stage, one.error) for one in failures if isinstance(one, Failure)} == {("retrieve", "UnknownName")}
