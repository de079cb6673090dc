"""The library behind the evaluations' protocol: what goes in as turns or passages comes out as such."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.datasets.recorded import read_recorded
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.protocol import System
from agentmem_evals.systems.replay import replaying
from agentmem_evals.types import Dataset
from typer.testing import CliRunner

from agentmem.llm import ChatModel
from agentmem.recipes import RECIPES
from agentmem.testing.chat import ScriptedChat

if TYPE_CHECKING:
    from conftest import WordEmbedder

DATA = Path(__file__).parent / "data"
OPENIE = DATA / "musique" / "openie_small.json"
Make = Callable[..., System]


@pytest.fixture
def made(word_embedder: WordEmbedder) -> Iterator[Make]:
    """Makes systems over the embedder without a model, and closes them."""
    systems: list[System] = []

    def make(spec: str = "agentmem", chat: ChatModel | None = None, *, with_model: bool = True) -> System:
        system = make_system(spec, lambda: MeteredEmbedder(word_embedder) if with_model else None, 3, chat)
        systems.append(system)
        return system

    yield make
    for system in systems:
        system.close()


@pytest.fixture
def musique() -> Dataset:
    return load_dataset("musique", find_data("musique", None, DATA), captions=True)


def replay(dataset: Dataset, openie: Path | None = None, facts: str | None = None) -> ChatModel:
    recorded = read_recorded(dataset, DATA / "locomo_small.json", openie, facts)
    assert recorded is not None
    return replaying(recorded, dataset.bodies)


@pytest.mark.parametrize("with_model", [False, True])
def test_agentmem_finds_turns_and_sessions_of_the_last_conversation_only(
    made: Make, small: Dataset, word_embedder: WordEmbedder, with_model: bool
) -> None:
    system = made(with_model=with_model)
    system.ingest(small.bodies[1])
    system.ingest(small.bodies[0])
    stored = system.stored_bytes()
    retrieved = system.retrieve("What is the name of Ada's greyhound?", 3)
    assert retrieved.items[0] == "D10:1"
    assert len(retrieved.items) <= 3
    assert retrieved.sessions is not None
    assert retrieved.sessions[0] == "session_10"
    assert set(retrieved.items) <= {item.id for item in small.bodies[0].items}
    assert len(retrieved.why) == len(retrieved.items) and retrieved.why[0]["bm25"] > 0
    assert ("dense" in retrieved.why[0] and retrieved.why[0]["dense"] != 0) is with_model
    assert stored > 0
    assert (system.usage().embedded_texts > 0) is with_model
    assert system.usage().llm_calls == 0
    assert system.describe()["embedder"] == (word_embedder.fingerprint if with_model else "none")
    assert system.describe()["llm_to_build"] == "none"


def test_passages_are_found_by_their_place_in_the_corpus_and_have_no_sessions(made: Make, musique: Dataset) -> None:
    system = made()
    system.ingest(musique.bodies[0])
    retrieved = system.retrieve("harbour town mayor Pieter Roos", 2)
    assert retrieved.items[0] == "2" and len(retrieved.items) == 2 and not retrieved.sessions


def test_saved_triples_are_asked_once_a_passage_to_build_and_never_for_a_question(made: Make, musique: Dataset) -> None:
    system = made("agentmem:hipporag2", replay(musique, openie=OPENIE))
    system.ingest(musique.bodies[0])
    built = system.usage()
    assert built.llm_calls == 5 and built.prompt_tokens > 0 and built.completion_tokens > 0
    retrieved = system.retrieve("Where was the designer of Tern Island Light born?", 3)
    assert {"0", "1"} < set(retrieved.items)
    assert system.usage().llm_calls == 5
    assert system.describe()["llm_to_build"].startswith("replay:")


def test_observations_are_asked_once_a_session(made: Make, small: Dataset) -> None:
    system = made("agentmem:facts", replay(small, facts="observations"))
    system.ingest(small.bodies[0])
    assert system.usage().llm_calls == 3
    # What the observation says of this turn is not in its own words.
    assert system.retrieve("red boat repairing week", 1).items == ("D1:2",)
    assert "D2:1" in system.retrieve("marathon in Lisbon", 2).items


def test_a_memory_that_could_not_be_built_whole_is_a_failure(made: Make, small: Dataset) -> None:
    system = made("agentmem:facts", ScriptedChat({}))
    with pytest.raises(EvalError, match=r"memory of conv-1 is incomplete: 3 parts failed\. The first"):
        system.ingest(small.bodies[0])


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_every_recipe_runs_without_a_language_model(made: Make, small: Dataset, musique: Dataset, recipe: str) -> None:
    system = made(f"agentmem:{recipe}")
    for body, question in ((musique.bodies[0], "the mayor of Oostmeer"), (small.bodies[0], "Ben's sailing boat")):
        system.ingest(body)
        found = system.retrieve(question, 5).items
        assert set(found) <= {item.id for item in body.items}
    assert found and system.usage().llm_calls == 0


def run(out: Path, *arguments: str | Path) -> dict[str, Any]:
    common = ("run", "--embedder", "none", "--out", str(out))
    result = CliRunner().invoke(app, [*common, *(str(argument) for argument in arguments)])
    assert result.exit_code == 0, result.output
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return {"manifest": manifest, "scores": json.loads((out / "scores.json").read_text())}


def test_the_command_replays_saved_triples(tmp_path: Path) -> None:
    told = run(tmp_path, "--dataset", "musique", "--data", DATA, "--system", "agentmem:hipporag2", "--openie", OPENIE)
    recordings = told["manifest"]["recordings"]
    assert (recordings["kind"], recordings["file"], recordings["replies"]) == ("openie", "openie_small.json", 5)
    assert len(recordings["sha256"]) == 64
    assert told["scores"]["metrics"]["passage"]["recall@5"] == 1.0
    assert told["scores"]["cost"]["ingest"]["llm_calls"] == 5
    assert "llm_calls" not in told["scores"]["cost"]["retrieve"]


def test_the_command_replays_observations_and_files_of_facts(tmp_path: Path, small_path: Path) -> None:
    common = ("--dataset", "locomo", "--data", small_path, "--system", "agentmem:facts")
    told = run(tmp_path / "own", *common, "--facts", "observations")
    assert told["manifest"]["recordings"]["file"] == "locomo_small.json"
    assert (told["scores"]["failed"], told["scores"]["cost"]["ingest"]["llm_calls"]) == (0, 4)
    assert set(told["scores"]["metrics"]) == {"turn", "session"}
    told = run(tmp_path / "file", *common, "--facts", DATA / "facts_small.jsonl", "--conversations", "conv-1")
    assert told["manifest"]["recordings"]["kind"] == "facts"
    assert told["scores"]["cost"]["ingest"]["llm_calls"] == 3


def test_the_command_refuses_facts_that_do_not_cover_a_conversation(tmp_path: Path, small_path: Path) -> None:
    arguments = ("--dataset", "locomo", "--data", small_path, "--system", "agentmem", "--out", tmp_path / "out")
    result = CliRunner().invoke(app, ["run", *map(str, arguments), "--facts", str(DATA / "facts_small.jsonl")])
    assert result.exit_code == 1 and "no facts about conv-2" in result.stderr and "Traceback" not in result.output
