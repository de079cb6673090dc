"""The labelled answers: that they are what their README says; and how judges are measured on them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from agentmem_evals.errors import DataFormatError, UnknownName
from agentmem_evals.judging.agreement import Strictness, measure_agreement
from agentmem_evals.judging.asked import AskedJudge
from agentmem_evals.judging.judged import Judged, Verdict
from agentmem_evals.judging.labelled import LabelledAnswer, load_labelled_answers, read_labelled_answers
from agentmem_evals.judging.references import REFERENCES, reference
from agentmem_evals.judging.rubrics import LONGMEMEVAL, MEM0, STRICT

from agentmem.models.chat.openai_chat import OpenAIChat
from agentmem.testing.chat_server import ChatServer, Messages, chat_server

ANSWERS = load_labelled_answers().answers
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d+) \| (yes|no) \| (yes|no) \|", re.MULTILINE)
LINE = {
    "id": "a",
    "kind": "exact",
    "category": "multi-session",
    "question": "Who?",
    "gold": "Ada",
    "unanswerable": False,
    "answer": "Ada",
    "strict": True,
    "generous": True,
}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def connect() -> Callable[[ChatServer], OpenAIChat]:
    """The real client on a server."""
    return lambda server: OpenAIChat("some-judge", base_url=server.url, api_key="k")


class Told:
    """A judge that looks verdicts up by what was said."""

    name = "told"

    def __init__(self, verdicts: dict[str, bool]) -> None:
        self.verdicts = verdicts

    def applies(self, item: Judged) -> bool:
        return not item.unanswerable

    def judge(self, item: Judged) -> Verdict:
        return Verdict(self.verdicts[item.said], "", "")


def labelled(said: str, kind: str, strict: bool, generous: bool) -> LabelledAnswer:
    return LabelledAnswer(said, kind, Judged("Who?", "Ada", said), strict, generous)


class TestTheFixture:
    def test_it_holds_the_kinds_and_labels_that_its_readme_states(self) -> None:
        readme = files("agentmem_evals").joinpath("data", "agreement", "README.md").read_text(encoding="utf-8")
        stated = {
            kind: (int(n), strict == "yes", generous == "yes") for kind, n, strict, generous in ROW.findall(readme)
        }
        counts = Counter(answer.kind for answer in ANSWERS)
        labels = {answer.kind: (counts[answer.kind], answer.strict, answer.generous) for answer in ANSWERS}
        assert labels == stated
        assert all((one.strict, one.generous) == labels[one.kind][1:] for one in ANSWERS)
        strict, generous = sum(one.strict for one in ANSWERS), sum(one.generous for one in ANSWERS)
        assert f"| all | {len(ANSWERS)} | {strict} yes | {generous} yes |" in readme
        assert len(ANSWERS) >= 120

    def test_no_two_are_the_same_and_every_type_of_longmemeval_occurs(self) -> None:
        assert len({(one.item.question, one.item.gold, one.item.said) for one in ANSWERS}) == len(ANSWERS)
        assert {one.item.category for one in ANSWERS} == {
            "single-session-user",
            "single-session-assistant",
            "single-session-preference",
            "multi-session",
            "knowledge-update",
            "temporal-reasoning",
        }

    def test_the_example_in_the_readme_is_one_of_them(self) -> None:
        readme = files("agentmem_evals").joinpath("data", "agreement", "README.md").read_text(encoding="utf-8")
        example = json.loads(readme.partition("```json\n")[2].partition("```")[0])
        lines = files("agentmem_evals").joinpath("data", "agreement", "answers.jsonl").read_text(encoding="utf-8")
        assert example in [json.loads(line) for line in lines.splitlines()]

    @pytest.mark.parametrize(
        "change",
        [
            {"strict": "yes"},
            {"generous": False},  # right for the strict reader alone
            {"gold": None},
            {"answer": " "},
            {"kind": 3},
            {"surplus": 1},
        ],
    )
    def test_what_is_no_labelled_answer_is_refused_with_its_line(self, change: dict, tmp_path: Path) -> None:
        path = write(tmp_path / "mine.jsonl", LINE, {**LINE, "id": "b", **change})
        with pytest.raises(DataFormatError, match=r"Line 2 of mine\.jsonl"):
            read_labelled_answers(path)

    def test_an_id_that_comes_twice_and_an_empty_file_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataFormatError, match="comes twice"):
            read_labelled_answers(write(tmp_path / "twice.jsonl", LINE, LINE))
        with pytest.raises(DataFormatError, match="no labelled answers"):
            read_labelled_answers(write(tmp_path / "empty.jsonl"))
        own = read_labelled_answers(write(tmp_path / "own.jsonl", LINE, {**LINE, "id": "b", "kind": "mine"}))
        assert [one.kind for one in own.answers] == ["exact", "mine"] and len(own.sha256) == 64


class TestMeasuring:
    def test_a_hand_worked_case(self) -> None:
        answers = [
            labelled("a", "x", True, True),
            labelled("b", "x", True, True),
            labelled("c", "y", False, True),
            labelled("d", "y", False, False),
            replace(labelled("e", "z", True, True), item=Judged("Who?", None, "e", unanswerable=True)),
        ]
        found = measure_agreement(Told({"a": True, "b": False, "c": True, "d": False}), answers, 1)
        assert (found.skipped, found.failed, found.kinds) == (1, 0, ("x", "y"))
        # Strict labels are yes yes no no, verdicts yes no yes no: 2 of 4 agree; chance gives .5 * .5 + .5 * .5 = .5,
        # so kappa is (.5 - .5) / (1 - .5) = 0. One of two wrong answers is accepted, one of two right ones rejected.
        strict = found.as_json()["strict"]
        assert (strict["n"], strict["accuracy"], strict["kappa"]) == (4, 0.5, 0.0)
        assert (strict["false_accept_rate"], strict["false_reject_rate"]) == (0.5, 0.5)
        assert strict["by_kind"] == {"x": {"n": 2, "accuracy": 0.5}, "y": {"n": 2, "accuracy": 0.5}}
        # Generous labels are yes yes yes no: 3 of 4 agree; chance gives .75 * .5 + .25 * .5 = .5, kappa .25 / .5.
        generous = found.beside(Strictness.GENEROUS)
        assert (generous.accuracy, generous.kappa, generous.false_accept_rate) == (0.75, 0.5, 0.0)

    def test_a_judge_that_fails_is_counted_and_in_no_measure(self, connect) -> None:
        def reply(messages: Messages) -> str:
            return "nothing" if "Toffee" in messages[1]["content"] else json.dumps({"verdict": "no"})

        with chat_server(answer=reply) as server:
            found = measure_agreement(AskedJudge(LONGMEMEVAL, connect(server)), ANSWERS)
        assert (found.failed, found.skipped) == (1, 0)
        assert found.beside(Strictness.STRICT).n == len(ANSWERS) - 1

    @pytest.mark.parametrize("level", Strictness)
    def test_a_model_that_knows_the_labels_agrees_throughout_over_http(self, connect, level: Strictness) -> None:
        labels = {(one.item.question, one.item.said): getattr(one, level.value) for one in ANSWERS}

        def reply(messages: Messages) -> str:
            parts = re.findall(r'<data name="(\w+)">\n(.*?)\n</data>', messages[1]["content"], re.DOTALL)
            told = {name: text.replace("&lt;", "<") for name, text in parts}
            return json.dumps({"reasoning": "known", "correct": labels[told["question"], told["said"]]})

        with chat_server(answer=reply) as server:
            found = measure_agreement(AskedJudge(STRICT, connect(server)), ANSWERS)
            assert len(server.requests) == len(ANSWERS)
        assert (found.beside(level).accuracy, found.beside(level).kappa, found.failed) == (1.0, 1.0, 0)

    def test_a_model_that_always_agrees_has_no_kappa_worth_the_name(self, connect) -> None:
        with chat_server(answer=lambda _messages: '{"reasoning": "fine", "label": "CORRECT"}') as server:
            found = measure_agreement(AskedJudge(MEM0, connect(server)), ANSWERS)
        assert found.skipped == sum(one.item.unanswerable for one in ANSWERS)
        beside = found.beside(Strictness.STRICT)
        assert (beside.kappa, beside.false_accept_rate, beside.false_reject_rate) == (0.0, 1.0, 0.0)


class TestReferencePoints:
    def test_what_each_takes_for_right(self) -> None:
        item = Judged("When?", "7 May 2023", "7 May 2023")
        assert all(judge.judge(item).correct for judge in REFERENCES.values())
        # 2 of 3 words, no others: F1 is 2 * 1 * (2/3) / (1 + 2/3) = .8.
        shorter = {name: judge.judge(replace(item, said="May 2023")).correct for name, judge in REFERENCES.items()}
        assert shorter == {"exact": False, "hipporag_em": False, "locomo_f1>=0.5": True, "mem0_f1>=0.5": True}

    def test_the_unanswerable_is_right_if_the_reply_says_so_as_locomo_reads_it(self) -> None:
        item = Judged("When?", None, "Not mentioned in the conversation", unanswerable=True)
        judge = reference("exact")
        assert judge.applies(item) and judge.judge(item).correct
        assert not judge.judge(replace(item, said="7 May")).correct
        assert not judge.applies(Judged("When?", None, "7 May"))

    def test_their_agreement_is_what_the_readme_publishes(self) -> None:
        found = {name: measure_agreement(judge, ANSWERS, 1) for name, judge in REFERENCES.items()}
        readme = files("agentmem_evals").joinpath("data", "agreement", "README.md").read_text(encoding="utf-8")
        for name, one in found.items():
            cells = [f"| `{name}`"]
            for level in Strictness:
                counts = one.beside(level)
                rates = (counts.accuracy, counts.kappa, counts.false_accept_rate, counts.false_reject_rate)
                cells.append(" | ".join(f"{rate:.2f}" for rate in rates if rate is not None))
            assert " | ".join(cells) + " |" in readme

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(UnknownName, match="exact"):
            reference("gpt")
