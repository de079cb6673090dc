"""The judge facts over real HTTP: summaries and gold taken apart, each fact held against the other side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from agentmem_evals.cli.models import open_chat
from agentmem_evals.judging.facts.asked import NO_EVENTS, FactJudge
from agentmem_evals.judging.facts.folder import FactFile
from agentmem_evals.judging.facts.records import FACT_JUDGED, CheckedFact, FactJudgement
from agentmem_evals.judging.facts.replies import FactList, verdicts_on
from agentmem_evals.judging.facts.sides import Sides, sides_of
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure
from agentmem_evals.runner.summary_records import SUMMARISED, Summary, SummaryRecord
from agentmem_evals.scoring.summaries import rouge_of
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import ValidationError
from summary_runs import Messages, given, invoke, reply, scores_of, summarise, with_events

from agentmem.errors import BudgetExhausted
from agentmem.testing.chat_server import ChatServer, chat_server

pytest.importorskip("openai")
CALLS = 20
"""Four for each of four summaries with events on both sides, two for each of two with events on one, none for two."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with chat_server(answer=reply) as serving:
        yield serving


@pytest.fixture
def out(server: ChatServer, small_path: Path, tmp_path: Path) -> Path:
    """A finished run of the task summaries."""
    result = summarise(server.url, with_events(tmp_path, small_path), tmp_path / "out")
    assert result.exit_code == 0, result.output
    return tmp_path / "out"


def judge(server: ChatServer, *arguments: str | Path, name: str = "facts") -> int:
    common = ("judge", "--judge", name, "--llm", "openai:judge", "--base-url", server.url)
    return invoke(*common, *arguments).exit_code


def judgements(out: Path) -> dict[str, FactJudgement]:
    records = FactFile(RunFolder(out).judgements_path("facts")).read()
    return {one.question_id.rpartition("conv-")[2]: one for one in records if isinstance(one, FactJudgement)}


def asked(server: ChatServer, variable: str) -> list[dict[str, str]]:
    prompts = [given(request.body["messages"]) for request in server.requests]
    return [one for one in prompts if variable in one]


def test_facts_of_both_sides_are_judged_scored_and_shown(server: ChatServer, out: Path) -> None:
    assert judge(server, out) == 0 and len(server.requests) == 8 + CALLS
    found = judgements(out)
    assert len(found) == 8
    ada = found["1_session_10_Ada"]
    assert ada.said == (
        CheckedFact("Ada adopts a dog.", supported=True, reason="so it is"),
        CheckedFact("Ada's dog is called Comet.", supported=True, reason="so it is"),
    )
    assert [fact.supported for fact in ada.gold] == [False, False] and ada.model == "openai:judge"
    assert ada.usage["llm_calls"] == 4 and set(ada.prompts) == {"facts_split", "facts_check"}
    facts = scores_of(out)["judged"]["facts"]
    # Ada: 3 of 3 said facts, 1 of 3 gold ones: P 1, R 1/3, F1 1/2. Ben: the marathon of marathon and beach, and of boat
    # and marathon: 1/2 each. Cleo: 1 each. Dan has no facts.
    assert (facts["n"], facts["sessions"], facts["failed"]) == (3, 8, 0)
    assert facts["precision"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert facts["recall"] == pytest.approx((1 / 3 + 1 / 2 + 1) / 3)
    assert facts["f1"] == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert (facts["facts_said"], facts["facts_gold"]) == (6, 6) and facts["usage"]["llm_calls"] == CALLS
    shown = invoke("report", out, "--markdown")
    assert facts["model"] == "openai:judge" and set(facts["prompts"]) == {"facts_split", "facts_check"}
    assert "| facts: judged by | openai:judge |" in shown.stdout
    assert "| facts precision | 83.3 |" in shown.stdout and "| facts f1 | 66.7 |" in shown.stdout
    before = scores_of(out)
    assert invoke("score", out).exit_code == 0 and scores_of(out) == before


def test_a_fact_is_held_against_all_that_the_other_side_has_of_the_speaker(server: ChatServer, out: Path) -> None:
    assert judge(server, out) == 0
    checked = {(one["facts"], one["reference"]) for one in asked(server, "reference") if one["speaker"] == "Ben"}
    listed = "Ben runs a marathon in Lisbon.\nBen likes the beach."
    gold = "Ben repairs his sailing boat.\nBen runs a marathon in Lisbon."
    assert checked == {
        ("1. Ben repairs his sailing boat.", listed),
        ("1. Ben runs a marathon in Lisbon.", gold),
        ("1. Ben runs a marathon in Lisbon.", listed),
        ("1. Ben likes the beach.", gold),
    }


def test_what_is_judged_is_not_judged_again_and_runs_share_their_gold_facts(
    server: ChatServer, out: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert summarise(server.url, tmp_path / "locomo10.json", other, system="bm25").exit_code == 0
    begun = len(server.requests)
    assert judge(server, out, other) == 0
    # Gold facts of five summaries are known when the second run is judged.
    assert len(server.requests) == begun + CALLS + CALLS - 5
    assert judge(server, out, other) == 0 and len(server.requests) == begun + 2 * CALLS - 5
    assert judgements(out)["1_session_1_Ada"].gold == judgements(other)["1_session_1_Ada"].gold
    (other / "judgements-facts.jsonl").unlink()
    assert judge(server, out, other) == 0  # known from the file of the first
    assert len(server.requests) == begun + 3 * CALLS - 10


def test_a_budget_stops_judging_and_a_larger_one_goes_on(server: ChatServer, out: Path) -> None:
    common = (out, "--concurrency", "1")
    assert judge(server, *common, "--max-calls", "9") == 3 and len(server.requests) == 8 + 9
    kept = len(judgements(out))
    assert 0 < kept < 8 and scores_of(out)["judged"]["facts"]["sessions"] == kept
    spent = scores_of(out)["judged"]["facts"]["usage"]["llm_calls"]
    assert judge(server, *common, "--max-calls", str(CALLS)) == 0
    # Calls about a summary that was not finished are lost.
    assert len(judgements(out)) == 8 and len(server.requests) == 8 + 9 + CALLS - spent


def test_a_broken_judge_is_no_verdict(server: ChatServer, out: Path) -> None:
    broken = {"now": True}

    def one_short(messages: Messages) -> str:
        said = json.loads(reply(messages))
        if broken["now"] and "reference" in given(messages):
            said["verdicts"] = said["verdicts"][1:]
        return json.dumps(said)

    server.answer = one_short
    assert judge(server, out) == 0
    failed = [one for one in FactFile(out / "judgements-facts.jsonl").read() if isinstance(one, Failure)]
    assert len(failed) == 6 and {(one.stage, one.error) for one in failed} == {("judge", "MalformedReply")}
    facts = scores_of(out)["judged"]["facts"]
    assert (facts["n"], facts["sessions"], facts["failed"]) == (0, 2, 6) and "f1" not in facts
    assert all(one.usage["llm_calls"] >= 2 for one in failed)
    assert facts["usage"]["llm_calls"] == sum(one.usage["llm_calls"] for one in failed)
    broken["now"] = False
    assert judge(server, out) == 0
    assert scores_of(out)["judged"]["facts"]["failed"] == 0 and len(judgements(out)) == 8


def test_verdicts_on_other_lists_are_stale_and_other_judges_are_not_mixed(server: ChatServer, out: Path) -> None:
    assert judge(server, out) == 0
    common = ("judge", out, "--judge", "facts", "--base-url", server.url, "--llm", "openai:other")
    refused = invoke(*common)
    assert refused.exit_code == 1 and "made by openai:judge" in " ".join(refused.stderr.split())
    lines = (out / "predictions.jsonl").read_text().replace("Ben likes the beach.", "Ben likes the sea.")
    (out / "predictions.jsonl").write_text(lines)
    assert invoke("score", out).exit_code == 0
    assert scores_of(out)["judged"]["facts"]["sessions"] == 5  # all three of Ben's were held against another list
    assert judge(server, out) == 0 and scores_of(out)["judged"]["facts"]["sessions"] == 8
    assert invoke(*common, "--overwrite").exit_code == 0
    assert {one.model for one in judgements(out).values()} == {"openai:other"}


def test_judges_are_for_their_own_tasks(server: ChatServer, out: Path, small_path: Path, tmp_path: Path) -> None:
    common = ("--llm", "openai:x", "--base-url", server.url)
    refused = invoke("judge", out, "--judge", "strict", *common)
    assert refused.exit_code == 1 and "with the judge 'facts'" in " ".join(refused.stderr.split())
    plain = tmp_path / "plain"
    command = ("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", plain)
    assert invoke(*command).exit_code == 0
    refused = invoke("judge", plain, "--judge", "facts", *common)
    assert refused.exit_code == 1 and "of the task 'retrieval'" in " ".join(refused.stderr.split())


def test_nothing_is_asked_about_an_empty_list(server: ChatServer) -> None:
    fact_judge = FactJudge(open_chat("openai:x", server.url))
    empty = Sides("q", "b", "Ada", (), (), (), ())
    found = fact_judge.judge(empty)
    assert isinstance(found, FactJudgement) and (found.said, found.gold) == ((), ()) and not server.requests
    found = fact_judge.judge(replace(empty, said=("Ada sails.",), said_in_all=("Ada sails.",)))
    assert isinstance(found, FactJudgement)
    assert found.said == (CheckedFact("Ada sails.", supported=False, reason=NO_EVENTS),) and len(server.requests) == 1


def summary(speaker: str, place: int, said: Sequence[str], events: Sequence[str]) -> Summary:
    return Summary(
        question_id=f"locomo_c_session_{place + 1}_{speaker}",
        body="c",
        speaker=speaker,
        session=f"session_{place + 1}",
        place=place,
        date="",
        question="",
        events=tuple(events),
        said=tuple(said),
    )


@drawn(data=st.data())
def test_sides_do_not_depend_on_the_order_of_the_file(data: st.DataObject) -> None:
    lists = st.lists(st.text(min_size=1), max_size=3)
    records: list[SummaryRecord] = [
        summary(speaker, place, data.draw(lists), data.draw(lists)) for place in range(11) for speaker in ("Ada", "Ben")
    ]
    sides = sides_of(records)
    assert sides_of(data.draw(st.permutations(records))) == sides
    ada = [one for one in sides if one.speaker == "Ada"]
    assert ada[0].said_in_all == tuple(event for one in ada for event in one.said)  # session 2 before session 10
    assert SUMMARISED.from_text(SUMMARISED.to_text(records)) == records
    whole = rouge_of([one for one in records if isinstance(one, Summary)])
    assert whole is None or 0 <= whole.rouge2 <= 1


@drawn(order=st.permutations(range(1, 6)), dropped=st.integers(0, 4))
def test_a_reply_has_one_verdict_for_each_fact(order: Sequence[int], dropped: int) -> None:
    verdicts = [{"number": number, "reason": "", "supported": number % 2 == 0} for number in order]
    found = verdicts_on(5).model_validate({"verdicts": verdicts})
    assert [(one.number, one.supported) for one in found.verdicts] == [(n, n % 2 == 0) for n in range(1, 6)]
    for wrong in (verdicts[:dropped] + verdicts[dropped + 1 :], [*verdicts, verdicts[dropped]]):
        with pytest.raises(ValidationError, match="one verdict for each"):
            verdicts_on(5).model_validate({"verdicts": wrong})


@pytest.mark.parametrize("facts", [[], [" "]])
def test_events_without_facts_are_malformed(facts: list[str]) -> None:
    with pytest.raises(ValidationError):
        FactList.model_validate({"facts": facts})


def test_judgements_are_read_back_as_they_were_written() -> None:
    record = FactJudgement(
        "q", "b", "Ada", (CheckedFact("Ada sails.", supported=True, reason="é"),), (), "m", "d", {"p": "1"}, {"x": 1}
    )
    assert FACT_JUDGED.from_text(FACT_JUDGED.to_text([record])) == [record]


def test_a_spent_budget_is_no_failure_of_the_judge(server: ChatServer) -> None:
    class Spent:
        name = "spent"

        def reply(self, _request: object) -> object:
            raise BudgetExhausted("spent")

    with pytest.raises(BudgetExhausted):
        FactJudge(Spent()).judge(Sides("q", "b", "Ada", ("x",), (), ("x",), ()))  # type: ignore[arg-type]
    assert not server.requests
