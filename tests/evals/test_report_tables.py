"""Tables and notes of finished runs, of every task, and the facts about them."""

from __future__ import annotations

import dataclasses
import shlex

import pytest
from agentmem_evals.errors import NotARun
from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import JUDGED, Judgement
from agentmem_evals.reports.comparing.comparison import compare_runs
from agentmem_evals.reports.comparing.tables import comparison_notes
from agentmem_evals.reports.examined import read_all, read_examined
from agentmem_evals.reports.facts import all_facts, command, facts_table
from agentmem_evals.reports.html_table import to_html
from agentmem_evals.reports.measures import headline, shared_measures, told
from agentmem_evals.reports.outcomes import column
from agentmem_evals.reports.table import Table, to_markdown
from agentmem_evals.reports.tasks import tables, warnings
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring.totals import by_category
from report_runs import answer, answered, manifest, prediction, retrieved


def verdict(one, correct: bool, **made: str) -> str:
    judgement = Judgement(one.question_id, one.category, False, one.said, correct, "so it is", "", "strict")
    return JUDGED.to_line(dataclasses.replace(judgement, judged=judged(one).digest, **made)) + "\n"


def cells(found: Table, name: str) -> list[str]:
    return next(list(row[1:]) for row in found.rows if row[0] == name)


def test_outcomes_have_the_means_that_the_scores_have(tmp_path):
    run = retrieved(tmp_path / "bm25", [prediction(1, ["x"]), prediction(2, ["a", "x"]), prediction(3, ["a", "b"])])
    # The evidence is first, second, and missing.
    assert column(run.outcomes, "turn recall@1") == [1, 0, 0] and column(run.outcomes, "turn recall@2") == [1, 1, 0]
    assert column(run.outcomes, "turn mrr") == [1, 0.5, 0]
    scores = run.scored.scores["metrics"]
    for level, measures in scores.items():
        for name, mean in measures.items():
            values = column(run.outcomes, f"{level} {name}")
            assert sum(values) / len(values) == pytest.approx(mean)
    assert [len(part) for part in by_category(run.outcomes).values()] == [2, 1]
    assert run.outcomes[1].rank("x") == 2 and run.outcomes[2].rank("x") is None


def test_failures_are_no_outcomes(tmp_path):
    run = retrieved(tmp_path / "bm25", [prediction(1, ["x"]), Failure("q2", "b0", "1", "retrieve", "OSError", "gone")])
    assert len(run.outcomes) == 1 and run.failures[0].error == "OSError"


def test_answers_are_worth_what_metrics_and_judges_say(tmp_path):
    first, second = answer(1, "blue car"), answer(2, "a boat", found=("y",))
    run = answered(tmp_path / "a", [first, second], {"strict": verdict(first, True) + verdict(second, False)})
    assert column(run.outcomes, "locomo_f1") == [1.0, 0.0] and column(run.outcomes, "judge strict") == [1.0, 0.0]
    assert column(run.outcomes, "context recall") == [1.0, 0.0]
    assert run.outcomes[0].reasons == {"strict": "so it is"}
    assert headline([run]) == "judge strict" and told("judge strict") == "right answers (judge strict)"


def test_a_verdict_on_another_answer_is_stale(tmp_path):
    one = answer(1, "blue car")
    run = answered(tmp_path / "a", [one], {"strict": verdict(dataclasses.replace(one, said="a boat"), False)})
    assert column(run.outcomes, "judge strict") == [] and headline([run]) == "locomo_f1"


def test_the_measure_that_stands_for_a_run_is_recall_at_the_usual_depth(tmp_path):
    run = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    assert headline([run]) == "turn recall@5"  # of 1, 2 and 5 the nearest to 10
    other = retrieved(tmp_path / "b", [prediction(1, ["x"])], ks=[2])
    assert headline([run, other]) == "turn recall@2"
    assert "turn recall@5" not in shared_measures([run, other])


def test_many_runs_are_rows(tmp_path):
    runs = [retrieved(tmp_path / f"r{number}", [prediction(1, ["x"])]).scored for number in range(9)]
    beside, turned = tables(runs[:8]), tables(runs)
    _overview, quality, categories, cost = turned
    assert len(beside[1].header) == 9 and len(quality.rows) == len(categories.rows) == len(cost.rows) == 9
    assert quality.header[1:3] == ["turn recall@5", "turn all@5"]  # of 1, 2 and 5 the nearest to 10
    assert [row[0] for row in quality.rows] == [f"r{number}" for number in range(9)]
    assert quality.rows[0][1] == cells(beside[1], "turn recall@5")[0]
    assert categories.header[1].startswith("multi-hop")


def test_tables_of_answers(tmp_path):
    one, other = answer(1, "blue car"), answer(2, "a boat")
    judges = {"strict": verdict(one, True) + verdict(other, False)}
    runs = [answered(tmp_path / "a", [one, other], judges), answered(tmp_path / "b", [one])]
    overview, overall, categories, cost = tables([run.scored for run in runs])
    assert overview.rows[0][:4] == ["a", "50.0", "50.0", "100.0"] and overview.rows[1][:3] == ["b", "100.0", "–"]
    assert cells(overall, "locomo_f1") == ["50.0", "100.0"] and cells(overall, "judge strict answers judged") == [
        "2",
        "–",
    ]
    assert cells(categories, "multi-hop (1-2) judge strict") == ["50.0", "–"]
    assert cells(cost, "context p50 (tokens)") == ["102", "101"]  # 101.5 and 101


def test_what_is_in_no_figure_stands_beside_the_figures(tmp_path):
    failures = [Failure(f"q{n}", "b0", "1", "retrieve", "RuntimeError", "not sure") for n in (2, 4)]
    bold = retrieved(tmp_path / "bold", [prediction(1, ["x"]), prediction(2, ["a"]), prediction(3, ["x"])]).scored
    coward = retrieved(tmp_path / "coward", [prediction(1, ["x"]), *failures], data={"questions": 5}).scored
    overview, _quality, categories, _cost = tables([bold, coward])
    assert overview.header[:3] == ["system", "failed", "R@1"]
    assert [row[:3] for row in overview.rows] == [["bold", "0/3", "66.7"], ["coward", "4/5", "100.0"]]
    assert cells(categories, "multi-hop (1-2) recall@1") == ["50.0", "100.0"]  # questions 1 and 2, and 1 alone
    assert cells(categories, "temporal (0-1) recall@1") == ["100.0", "–"]
    assert "failed" not in tables([bold])[0].header
    read = Failure("q2", "b0", "1", "read", "LLMRefused", "no")
    one, other = (
        answered(tmp_path / "a", [answer(1, "x")]).scored,
        answered(tmp_path / "b", [answer(1, "x"), read]).scored,
    )
    overview = tables([one, other])[0]
    assert overview.header[:3] == ["run", "failed", "locomo_f1"] and [row[1] for row in overview.rows] == ["0/1", "1/2"]
    assert "failed" not in tables([one])[0].header


def test_who_judged_is_told_and_judges_are_not_mixed(tmp_path):
    one = answer(1, "blue car")

    def judged_run(name, model, digest="d1"):
        made = {"model": model, "prompt_id": "judge_strict", "prompt_digest": digest}
        return answered(tmp_path / name, [one], {"strict": verdict(one, True, **made)})

    unjudged = answered(tmp_path / "plain", [one])
    first, same = judged_run("a", "openai:large"), judged_run("b", "openai:large")
    other, reworded = judged_run("c", "openai:small"), judged_run("d", "openai:large", "d2")
    assert first.scored.scores["judged"]["strict"]["model"] == "openai:large"
    assert first.scored.scores["judged"]["strict"]["prompts"] == {"judge_strict": "d1"}
    overall = tables([run.scored for run in (unjudged, first, other)])[1]
    assert cells(overall, "judge strict judged by") == ["–", "openai:large", "openai:small"]
    assert warnings([run.scored for run in (unjudged, first, same)]) == []
    notes = warnings([run.scored for run in (unjudged, first, other, reworded)])
    assert [note.partition(";")[0] for note in notes] == [
        f"a and {name} are not comparable by the judge strict" for name in "cd"
    ]
    assert "the model (openai:large, openai:small)" in notes[0] and "the wording of judge_strict" in notes[1]
    compared = comparison_notes(compare_runs(first, other, samples=20))
    assert compared[0] == notes[0] and comparison_notes(compare_runs(first, same, samples=20))[0] != notes[0]


def test_a_task_without_tables_of_its_own_shows_its_numbers(tmp_path):
    run = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    configuration = {**run.scored.manifest.configuration, "task": "drawings"}
    scored = dataclasses.replace(
        run.scored,
        manifest=dataclasses.replace(run.scored.manifest, configuration=configuration),
        scores={"task": "drawings", "n": 1234, "failed": 0, "missing": 0, "metrics": {"rouge": {"f1": 0.25}}},
    )
    (table,) = tables([scored])
    assert cells(table, "metrics.rouge.f1") == ["0.25"] and cells(table, "n") == ["1,234"]


def test_notes_say_each_thing_once_for_all_runs_it_is_true_of(tmp_path):
    runs = [retrieved(tmp_path / name, [prediction(1, ["x"])], cached=True) for name in ("a", "b")]
    assert warnings([run.scored for run in runs]) == [
        "a, b: vectors came from a cache, so times are smaller than they would be."
    ]


def test_notes_tell_what_is_missing_and_what_cannot_be_compared(tmp_path):
    failure = Failure("q2", "b0", "1", "retrieve", "OSError", "gone")
    one = retrieved(tmp_path / "a", [prediction(1, ["x"]), failure], data={"questions": 5}, concurrency=4)
    other = retrieved(tmp_path / "b", [prediction(1, ["x"])], limit=1)
    notes = "\n".join(warnings([one.scored, other.scored]))
    assert "a: 1 questions failed" in notes and "a: 3 questions were not asked" in notes
    assert "a: 4 questions were dealt with at once" in notes
    assert "a and b are not comparable; different are: limit." in notes


def test_notes_tell_of_other_readers(tmp_path):
    one, other = (answered(tmp_path / name, [answer(1, "x")], reader_llm=name) for name in ("a", "b"))
    assert "not read in the same way; different are: reader_llm." in " ".join(warnings([one.scored, other.scored]))


def test_runs_of_one_name_are_told_apart_by_the_folder_above(tmp_path):
    for place in ("one", "two"):
        retrieved(tmp_path / place / "bm25", [prediction(1, ["x"])])
    retrieved(tmp_path / "dense", [prediction(1, ["x"])])
    folders = [RunFolder(tmp_path / place) for place in ("one/bm25", "two/bm25", "dense")]
    assert [run.label for run in read_all(folders)] == ["one/bm25", "two/bm25", "dense"]


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(NotARun):
        read_examined(RunFolder(tmp_path))


def test_the_command_of_a_run():
    made = manifest(
        "retrieval", "agentmem:hipporag2", 3, conversations=["conv-1", "conv-2"], captions=False, cached=True
    )
    assert command(made) == (
        "agentmem-evals run --dataset locomo --system agentmem:hipporag2 --k 1,2,5 "
        "--conversations conv-1,conv-2 --no-captions --cache FOLDER --out FOLDER"
    )
    reading = manifest("qa", "bm25", 3, ks=[10], reader_llm="openai:a model", context_tokens=1000)
    assert "--task qa" in command(reading) and "--reader-llm 'openai:a model'" in command(reading)
    for kind, option in (
        ("facts", "--facts facts.json"),
        ("openie", "--openie facts.json"),
        ("observations", "--facts observations"),
    ):
        replayed = dataclasses.replace(made, recordings={"kind": kind, "file": "facts.json"})
        assert command(replayed).endswith(f"{option} --out FOLDER")


def test_the_command_tells_flags_without_values_and_numbers_that_are_none():
    made = manifest("qa", "bm25", 3, user_side_only=True, notes=True, context_tokens=0, seed=0, errata="e.json")
    words = shlex.split(command(made))
    assert "True" not in words and {"--user-side-only", "--notes"} < set(words)
    assert words[words.index("--context-tokens") + 1] == "0" == words[words.index("--seed") + 1]
    assert words[words.index("--errata") + 1] == "e.json"
    plain = manifest("qa", "bm25", 3, user_side_only=False, notes=False, errata=None)
    assert not {"--user-side-only", "--notes", "--errata", "--seed"} & set(shlex.split(command(plain)))


def test_facts_of_runs(tmp_path):
    run = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    table = facts_table([run.scored])
    assert cells(table, "data sha256") == ["5a5a5a5a5a5a"] and cells(table, "git revision") == ["1234567890ab"]
    assert cells(table, "started (UTC)") == ["2026-01-02 03:04"]
    assert not any(row[0] == "reader" for row in table.rows)  # nobody has one
    facts = dict(all_facts(run.scored))
    assert facts["data.sha256"] == "5a" * 32 and facts["environment.packages.numpy"] == "2.0"


def test_tables_are_set_as_they_say():
    table = Table("a <title>", ["one", "two", "|"], [["x", "<b>", "1"]], left=(0, 1))
    assert "| :-- | :-- | --: |" in to_markdown(table) and "\\|" in to_markdown(table)
    html = to_html(table)
    assert '<th scope="col" class="left">two</th><th scope="col">|</th>' in html
    assert '<th scope="row" class="left">x</th><td class="left">&lt;b&gt;</td><td>1</td>' in html
    assert "<caption><span>a &lt;title&gt;</span></caption>" in html
