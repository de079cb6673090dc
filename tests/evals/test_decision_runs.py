"""A run that decides about pairs: what it writes, what it survives, and how the command shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.pairs import LabelledPairs, load_pairs, read_pairs
from agentmem_evals.datasets.sampling import chosen
from agentmem_evals.errors import ConfigurationMismatch, EvalError, NotARun, UnknownName
from agentmem_evals.runner.decision_records import DECIDED, Verdict
from agentmem_evals.runner.decisions import (
    PAIRS_AT_ONCE,
    DecisionConfiguration,
    decisions_manifest,
    memory_of,
    run_decisions,
)
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring import score_folder
from agentmem_evals.systems.deciders import make_decider
from typer.testing import CliRunner, Result

from agentmem.errors import BudgetExhausted, LLMError, LLMUnavailable
from agentmem.protocols import Embedder
from agentmem.testing.chat_server import chat_server
from agentmem.types import Usage
from agentmem.updating.decision import Decided, Decision, Pair, Relation


class Stub:
    """Repeats where the texts are equal, cancels where told, and fails or raises where told."""

    def __init__(self, failing: Sequence[str] = (), spent_after: int | None = None) -> None:
        self.failing = failing
        self.spent_after = spent_after
        self.asked: list[Pair] = []

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        if self.spent_after is not None and len(self.asked) >= self.spent_after:
            raise BudgetExhausted("The budget of 1 call is spent.")
        self.asked += pairs
        return Decided(
            tuple(self._decision(pair) for pair in pairs),
            prompts=({"id": "stub", "version": 1},),
            usage=Usage(llm_calls=1, prompt_tokens=len(pairs)),
        )

    def _decision(self, pair: Pair) -> Decision | LLMError:
        if pair.newer.id.removesuffix("-newer") in self.failing:
            return LLMUnavailable("The model is away. Try again.")
        same = pair.older.text.casefold() == pair.newer.text.casefold()
        return Decision(Relation.REPEATS if same else Relation.INDEPENDENT, reason="equal words" if same else "")


def manifest_of(labelled: LabelledPairs, system: str = "stub", **options: object):
    configuration = DecisionConfiguration("pairs", system, "development", **options)
    return decisions_manifest(configuration, labelled, labelled.pairs, None)


def run(decider: Stub, folder: RunFolder, embedder: Embedder | None = None, **options: object) -> None:
    labelled = load_pairs()
    run_decisions(decider, labelled.pairs, embedder, folder, manifest_of(labelled), **options)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_every_pair_is_decided_once_with_cosines_and_written_down(folder: RunFolder, word_embedder: Embedder) -> None:
    stub = Stub()
    run(stub, folder, word_embedder)
    pairs = load_pairs().pairs
    assert [pair.newer.text for pair in stub.asked] == [pair.newer.text for pair in pairs]
    assert all(pair.cosine is not None and -1.001 <= pair.cosine <= 1.001 for pair in stub.asked)
    assert len(word_embedder.documents) == len(set(word_embedder.documents))
    records = folder.read(DECIDED)
    assert [record.pair_id for record in records if isinstance(record, Verdict)] == [pair.id for pair in pairs]
    manifest = folder.read_manifest()
    assert manifest.finished_at is not None and manifest.data["pairs"] == len(pairs)
    assert str(folder.path) not in folder.manifest_path.read_text()
    scores = score_folder(folder)
    assert scores == folder.read_scores()
    assert (scores["n"], scores["failed"], scores["missing"]) == (len(pairs), 0, 0)
    assert scores["metrics"]["duplicate"]["precision"] == 1.0
    assert scores["by_kind"]["exact"]["duplicate"]["recall"] > 0
    assert scores["cost"]["decide"] == {"llm_calls": -(-len(pairs) // PAIRS_AT_ONCE), "prompt_tokens": len(pairs)}
    assert scores["cost"]["embed"]["embedded_texts"] == len(word_embedder.documents)


def test_a_memory_holds_what_the_statement_says() -> None:
    pair = load_pairs().pairs[0]
    memory = memory_of("m", pair.older)
    assert (memory.text, memory.kind, memory.speaker) == (pair.older.text, "fact", pair.older.speaker)
    assert memory.at == memory.valid_from == memory.recorded_at == pair.older.at and memory.valid_to is None
    assert memory.metadata == {"subject": pair.older.subject}


def test_failures_are_no_decisions_and_are_tried_again(folder: RunFolder) -> None:
    failing = [pair.id for pair in load_pairs().pairs[3:5]]
    run(Stub(failing), folder)
    failures = [record for record in folder.read(DECIDED) if isinstance(record, Failure)]
    assert [(one.question_id, one.error) for one in failures] == [(id, "LLMUnavailable") for id in failing]
    scores = score_folder(folder)
    assert (scores["n"], scores["failed"], scores["missing"]) == (230, 2, 0)
    again = Stub()
    run(again, folder)
    assert [pair.newer.id for pair in again.asked] == [f"{id}-newer" for id in failing]
    assert score_folder(folder)["n"] == 232


def test_a_run_whose_budget_is_spent_goes_on_where_it_stopped(folder: RunFolder) -> None:
    with pytest.raises(BudgetExhausted):
        run(Stub(spent_after=PAIRS_AT_ONCE), folder)
    assert score_folder(folder)["missing"] == 232 - PAIRS_AT_ONCE
    assert folder.read_manifest().finished_at is None
    rest = Stub()
    run(rest, folder)
    assert len(rest.asked) == 232 - PAIRS_AT_ONCE and score_folder(folder)["missing"] == 0
    idle = Stub()
    run(idle, folder)
    assert not idle.asked


def test_another_run_in_the_folder_is_refused_unless_thrown_away(folder: RunFolder) -> None:
    run(Stub(), folder)
    labelled = load_pairs()
    other = manifest_of(labelled, "other")
    with pytest.raises(ConfigurationMismatch, match=r"configuration\.system"):
        run_decisions(Stub(), labelled.pairs, None, folder, other)
    run_decisions(Stub(), labelled.pairs, None, folder, other, overwrite=True)
    assert folder.read_manifest().configuration["system"] == "other"
    folder.manifest_path.unlink()
    with pytest.raises(NotARun, match="without a manifest"):
        run(Stub(), folder)


def test_a_damaged_line_is_refused_and_a_cut_off_one_passed_over(folder: RunFolder) -> None:
    run(Stub(), folder)
    whole = folder.predictions_path.read_text()
    folder.predictions_path.write_text(whole + '{"kind": "verd')
    assert len(folder.read(DECIDED)) == 232
    folder.predictions_path.write_text("{}\n")
    with pytest.raises(NotARun, match="Line 1 of the predictions"):
        folder.read(DECIDED)
    folder.predictions_path.write_text("")
    with pytest.raises(NotARun, match="holds no decisions"):
        score_folder(folder)


def test_pairs_are_chosen_from_the_front_or_drawn() -> None:
    pairs = load_pairs().pairs
    assert chosen(pairs, None, None) == chosen(pairs, 999, 1) == pairs
    assert chosen(pairs, 3, None) == pairs[:3]
    drawn = chosen(pairs, 20, 7)
    assert drawn == chosen(pairs, 20, 7) != pairs[:20]
    assert [pairs.index(pair) for pair in drawn] == sorted(pairs.index(pair) for pair in drawn)


def test_a_decider_that_forgets_a_pair_is_a_defect_that_is_heard(folder: RunFolder) -> None:
    class Forgetful(Stub):
        def decide(self, pairs: Sequence[Pair]) -> Decided:
            return Decided(())

    with pytest.raises(EvalError, match="0 decisions about 50 pairs"):
        run(Forgetful(), folder)


def test_the_baselines() -> None:
    one, two = (memory_of(pair.id, pair.older) for pair in load_pairs().pairs[:2])
    pairs = [Pair(one, two, cosine) for cosine in (0.95, 0.8, None)]
    said = [decision.relation for decision in make_decider("cosine").decide(pairs).decisions]
    assert said == [Relation.REPEATS, Relation.INDEPENDENT, Relation.INDEPENDENT]
    looser = make_decider("cosine:0.8").decide(pairs).decisions
    assert looser[1] == Decision(Relation.REPEATS)
    assert set(make_decider("never").decide(pairs).decisions) == {Decision(Relation.INDEPENDENT)}


def test_the_librarys_deciders_are_made_by_name() -> None:
    from agentmem.updating.asking import AskingDecider

    exact = [pair for pair in load_pairs().pairs if pair.kind == "exact"]
    asked = [Pair(memory_of("a", pair.older), memory_of("b", pair.newer)) for pair in exact]
    said = make_decider("agentmem:rules").decide(asked).decisions
    assert all(isinstance(one, Decision) and one.relation is Relation.REPEATS for one in said)
    pytest.importorskip("openai")
    decider = make_decider("agentmem:asked", "openai:some-model")
    assert isinstance(decider, AskingDecider) and decider.llm.name == "openai:some-model"


def test_deciders_that_are_not_there_are_refused() -> None:
    with pytest.raises(UnknownName, match="no decider 'bm25'"):
        make_decider("bm25")
    with pytest.raises(EvalError, match="asks a language model: pass --llm"):
        make_decider("agentmem:asked")
    with pytest.raises(EvalError, match="leave --llm out"):
        make_decider("agentmem:rules", "openai:some-model")
    with pytest.raises(EvalError, match="A threshold is a cosine"):
        make_decider("cosine:high")


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


DECIDE = ("run", "--task", "decisions", "--embedder", "none")


def test_the_command_runs_scores_and_reports(tmp_path: Path) -> None:
    one, two = tmp_path / "dev", tmp_path / "held"
    result = invoke(*DECIDE, "--dataset", "pairs", "--system", "never", "--out", one)
    assert result.exit_code == 0, result.output
    written = ["manifest.json", "predictions.jsonl", "scores.json"]
    assert sorted(path.name for path in one.iterdir()) == [".lock", *written]
    assert invoke(*DECIDE, "--dataset", "pairs", "--half", "held_out", "--system", "never", "--out", two).exit_code == 0
    shown = invoke("report", one, two, "--markdown")
    assert "| data | pairs development | pairs held_out |" in shown.stdout
    assert "| contradiction recall | 0.0 | 0.0 |" in shown.stdout
    assert "| contradiction precision | – | – |" in shown.stdout
    assert "different are: data, half" in shown.stderr
    before = (one / "scores.json").read_text()
    (one / "scores.json").unlink()
    assert invoke("score", one).exit_code == 0 and (one / "scores.json").read_text() == before
    read = json.loads(invoke("report", one, "--json").stdout)
    assert read[0]["manifest"]["configuration"]["task"] == "decisions" and read[0]["scores"]["n"] == 232


def test_the_command_takes_other_pairs_and_part_of_them(tmp_path: Path) -> None:
    side = {"text": "Ada has a cat.", "at": "2023-05-08", "speaker": None, "subject": None}
    pair = {"kind": "own", "older": side, "newer": side, "relation": "repeats"}
    own = tmp_path / "own.jsonl"
    own.write_text("".join(json.dumps({"id": id, **pair}) + "\n" for id in "abc"))
    assert len(read_pairs(own).pairs) == 3
    common = (*DECIDE, "--dataset", "pairs", "--data", own, "--system", "never", "--out", tmp_path / "out")
    assert invoke(*common, "--limit", "2").exit_code == 0
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert scores["n"] == 2 and set(scores["by_kind"]) == {"own"}


def test_retrieval_and_decisions_are_reported_one_after_another(tmp_path: Path, small_path: Path) -> None:
    decided, retrieved = tmp_path / "decided", tmp_path / "retrieved"
    assert invoke(*DECIDE, "--dataset", "pairs", "--system", "never", "--out", decided).exit_code == 0
    asked = ("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", retrieved)
    assert invoke(*asked).exit_code == 0
    shown = invoke("report", decided, retrieved, "--markdown").stdout
    assert shown.index("turn recall@5") < shown.index("**Decisions about pairs (%)**")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dataset", "locomo", "--system", "never"), "no set of pairs 'locomo'"),
        (("--dataset", "pairs", "--system", "bm25"), "no decider 'bm25'"),
        (("--dataset", "pairs", "--system", "never", "--k", "5"), "no use for --k"),
        (("--dataset", "pairs", "--system", "never", "--no-captions"), "no use for --no-captions"),
        (("--dataset", "pairs", "--system", "never", "--llm", "openai:x"), "leave --llm out"),
        (("--dataset", "pairs", "--system", "agentmem:asked", "--llm", "x"), "no language model 'x'"),
        (("--dataset", "pairs", "--system", "never", "--limit", "0"), "positive numbers"),
        (("--dataset", "babi", "--half", "held_out", "--system", "never"), "leave --half out"),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke(*DECIDE, *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 1 and message in result.stderr
    assert "Traceback" not in result.output and not (tmp_path / "out").exists()


def test_options_of_decisions_are_refused_elsewhere(tmp_path: Path, small_path: Path) -> None:
    common = ("--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", tmp_path / "out")
    result = invoke("run", *common, "--half", "held_out")
    assert result.exit_code == 1 and "no use for --half" in result.stderr


def test_a_budget_stops_a_decider_that_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with chat_server() as server:
        common = (*DECIDE, "--dataset", "pairs", "--system", "agentmem:asked", "--llm", "openai:x", "--out", tmp_path)
        stopped = invoke(*common, "--base-url", server.url, "--max-calls", "3")
        assert stopped.exit_code == 3 and "budget of 3 calls is spent" in " ".join(stopped.stderr.split())
        assert len(server.requests) == 3
        manifest = RunFolder(tmp_path).read_manifest()
        assert manifest.finished_at is None and manifest.spent["llm_calls"] == 3
        assert invoke(*common, "--base-url", server.url, "--max-calls", "3").exit_code == 3
        assert len(server.requests) == 3
