"""Typed replies: schemas, repairs, and many prompts at once."""

from __future__ import annotations

import contextvars
import json
import threading
from enum import StrEnum
from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from agentmem.errors import BudgetExhausted, InvalidInput, LLMRefused, LLMUnavailable, MalformedReply
from agentmem.llm import LLM, ChatReply
from agentmem.models.chat import load_llm, wrap
from agentmem.models.chat.dialect import Dialect, Format, next_dialect
from agentmem.models.chat.fitting import fits
from agentmem.models.chat.metering import MeteredChat
from agentmem.models.chat.schemas import constraining, name_of, schema_of
from agentmem.models.chat.structured import StructuredLLM
from agentmem.prompts import replies
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import Relevance
from agentmem.prompts.replies.extraction import ExtractedFact, Extraction
from agentmem.prompts.replies.reply import Reply
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat import ScriptedChat
from agentmem.testing.conformance.chat import TEXTS, request_about

GOOD = '{"text": "Ana has cats."}'
PROMPT = request_about(TEXTS[0]).prompt
CUT = ChatReply('{"text": "Ana has ' + "many " * 1_000, truncated=True)
MODULES = [import_module(f"{replies.__name__}.{found.name}") for found in iter_modules(replies.__path__)]
REPLIES = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Reply) and kind is not Reply and kind.__module__ == module.__name__
]


def test_every_reply_is_looked_at():
    assert {kind.__name__ for kind in REPLIES} >= {"Extraction", "Relevance", "Summary", "NoteEvolutions", "FiledLines"}
    assert len(REPLIES) > 40


def script(*lines) -> ScriptedChat:
    return ScriptedChat({"summarise": list(lines)})


class Colour(StrEnum):
    RED = "red"


class Leaf(BaseModel):
    title: str | None = None
    size: int = Field(default=3, ge=1, le=9)


class Tree(BaseModel):
    """Has properties that are called like words of JSON Schema."""

    format: Colour
    default: list[Leaf]
    children: list[Tree]


class TestRepairing:
    def test_the_model_is_told_what_was_wrong_and_the_schema(self) -> None:
        chat = script('{"txt": 1}', GOOD)
        StructuredLLM(chat).complete(PROMPT, Summary)
        ((reply, complaint),) = chat.requests[1].repairs
        assert reply == '{"txt": 1}'
        assert "text: Field required" in complaint
        assert json.dumps(schema_of(Summary)) in complaint

    def test_it_is_told_where_in_the_reply(self) -> None:
        chat = ScriptedChat({"rerank": '{"scores": [{"number": 1, "score": 11}]}'})
        with pytest.raises(MalformedReply):
            StructuredLLM(chat).complete(render("rerank", question="q", documents="d"), Relevance)
        assert "scores.0.score: Input should be less than or equal to 10" in chat.requests[1].repairs[0][1]

    def test_very_many_problems_are_told_in_part(self) -> None:
        chat = ScriptedChat({"rerank": json.dumps({"scores": [{}] * 500})})
        with pytest.raises(MalformedReply):
            StructuredLLM(chat).complete(render("rerank", question="q", documents="d"), Relevance)
        complaint = chat.requests[1].repairs[0][1]
        assert complaint.count("Field required") == 10 and "and 990 more" in complaint

    def test_a_cut_reply_is_asked_for_again_shorter_and_not_sent_back_whole(self) -> None:
        chat = script(CUT, GOOD)
        assert StructuredLLM(chat).complete(PROMPT, Summary).value.text == "Ana has cats."
        ((reply, complaint),) = chat.requests[1].repairs
        assert len(reply) == 1_000 and "shorter" in complaint

    @pytest.mark.parametrize("lines", [(CUT, CUT), ("?", CUT), (CUT, "?")])
    def test_there_is_one_repair_only(self, lines) -> None:
        chat = script(*lines, GOOD)
        with pytest.raises(MalformedReply, match="summarise"):
            StructuredLLM(chat).complete(PROMPT, Summary)
        assert len(chat.requests) == 2

    def test_the_first_object_that_fits_is_taken(self) -> None:
        chat = script('As in {"example": 1}: {"text": "this"} {"text": "not this"}')
        assert StructuredLLM(chat).complete(PROMPT, Summary).value.text == "this"

    def test_temperature_and_length_are_asked_for(self) -> None:
        chat = script(GOOD, GOOD)
        llm = StructuredLLM(chat, temperature=0.7, max_tokens=99)
        llm.complete(PROMPT, Summary)
        llm.over(MeteredChat(chat)).complete(PROMPT, Summary)
        assert [(sent.temperature, sent.max_tokens) for sent in chat.requests] == [(0.7, 99)] * 2
        assert llm.chat is chat


class TestMany:
    def test_budgets_and_refusals_stand_in_their_places(self) -> None:
        chat = script(GOOD, BudgetExhausted("spent"), LLMRefused("no"), LLMUnavailable("down"), GOOD)
        found = StructuredLLM(chat, concurrency=1).complete_many([PROMPT] * 5, Summary)
        kinds = [type(each).__name__ for each in found]
        assert kinds == ["Completion", "BudgetExhausted", "LLMRefused", "LLMUnavailable", "Completion"]

    @pytest.mark.parametrize("concurrency", [1, 4])
    def test_other_errors_are_raised(self, concurrency: int) -> None:
        chat = ScriptedChat({"summarise": ZeroDivisionError("a bug")})
        with pytest.raises(ZeroDivisionError):
            StructuredLLM(chat, concurrency).complete_many([PROMPT] * 9, Summary)

    def test_as_many_are_asked_at_once_as_allowed_and_no_more(self) -> None:
        together, now, most = threading.Barrier(4), 0, 0
        lock = threading.Lock()

        def answer(_request):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            together.wait(20)
            with lock:
                now -= 1
            return GOOD

        StructuredLLM(ScriptedChat({"summarise": answer}), concurrency=4).complete_many([PROMPT] * 12, Summary)
        assert most == 4

    def test_threads_see_the_callers_context(self) -> None:
        who = contextvars.ContextVar("who", default="nobody")
        who.set("ana")
        seen: list[str] = []
        chat = ScriptedChat({"summarise": lambda _request: (seen.append(who.get()), GOOD)[1]})
        StructuredLLM(chat).complete_many([PROMPT] * 3, Summary)
        assert seen == ["ana"] * 3

    def test_a_concurrency_of_none_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            StructuredLLM(script(), concurrency=0)


class TestSchemas:
    @pytest.mark.parametrize("kind", [*REPLIES, Tree])
    def test_every_object_is_closed_and_every_property_required(self, kind) -> None:
        def check(part) -> int:
            if isinstance(part, list):
                return sum(map(check, part))
            if not isinstance(part, dict):
                return 0
            found = 0
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
                found = 1
            return found + sum(map(check, part.values()))

        assert check(schema_of(kind)) == check(constraining(schema_of(kind))) >= 1

    def test_properties_keep_their_names_and_ranges_go(self) -> None:
        schema = constraining(schema_of(Tree))
        assert set(schema["$defs"]["Tree"]["properties"]) == {"format", "default", "children"}
        assert set(schema["$defs"]["Leaf"]["properties"]) == {"title", "size"}
        assert schema["$defs"]["Leaf"]["properties"]["size"] == {"type": "integer"}
        assert schema["$defs"]["Colour"]["enum"] == ["red"]

    def test_names_are_made_of_plain_letters(self) -> None:
        odd = type("Odd[Name, ü]" + "x" * 99, (BaseModel,), {})
        assert name_of(Summary) == "Summary"
        assert name_of(odd).startswith("Odd_Name_x") and len(name_of(odd)) == 64

    @given(
        st.fixed_dictionaries(
            {},
            optional={
                "scores": st.lists(
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "number": st.integers() | st.text() | st.booleans(),
                            "score": st.integers(-1, 12) | st.floats() | st.none(),
                        },
                    )
                )
                | st.none()
            },
        )
    )
    def test_what_fits_is_accepted_by_pydantic(self, value) -> None:
        if fits(value, schema_of(Relevance)):
            Relevance.model_validate(value)

    @pytest.mark.parametrize(
        ("value", "kind", "good"),
        [
            ({"text": "a"}, Summary, True),
            ({"text": " "}, Summary, False),
            ({"text": None}, Summary, False),
            ({}, Extraction, False),
            ({"entities": [], "triples": [], "facts": [], "summary": ""}, Extraction, True),
            ({"entities": [1], "triples": [], "facts": [], "summary": ""}, Extraction, False),
            ({"entities": [], "triples": [{"subject": "a"}], "facts": [], "summary": ""}, Extraction, False),
            ({"format": "red", "default": [], "children": []}, Tree, True),
            ({"format": "blue", "default": [], "children": []}, Tree, False),
            ({"format": "red", "default": [{"title": None, "size": 3}], "children": []}, Tree, True),
            ({"format": "red", "default": [{"title": None, "size": True}], "children": []}, Tree, False),
            ({"format": "red", "default": [{"title": None, "size": 10}], "children": []}, Tree, False),
            ({"format": "red", "default": [], "children": [{"format": "red"}]}, Tree, False),
        ],
    )
    def test_what_fits(self, value, kind, good: bool) -> None:
        assert fits(value, schema_of(kind)) == good

    @pytest.mark.parametrize(
        ("schema", "good", "bad"),
        [
            ({"exclusiveMinimum": 0, "exclusiveMaximum": 9}, [1, 8.9], [0, 9, -1, 10]),
            ({"type": ["integer", "null"]}, [1, None], [True, "1", 1.5]),
            ({"const": 3}, [3], [4]),
            ({"type": "array", "minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3]]),
            ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1, 2], [0, 3]),
            ({"oneOf": [{"type": "string"}, {"type": "null"}]}, ["a", None], [1]),
        ],
    )
    def test_words_of_json_schema(self, schema, good, bad) -> None:
        assert all(fits(value, schema) for value in good)
        assert not any(fits(value, schema) for value in bad)


class TestReplyModels:
    @pytest.mark.parametrize("kind", REPLIES)
    def test_an_empty_object_is_no_reply(self, kind) -> None:
        with pytest.raises(ValidationError):
            kind.model_validate({})

    @pytest.mark.parametrize("kind", [kind for kind in REPLIES if "reasoning" in kind.model_fields])
    def test_reasoning_comes_before_what_it_is_about(self, kind) -> None:
        """Only a number that says which item is judged may stand in front of it."""
        first, second = list(schema_of(kind)["properties"].items())[:2]
        assert first[0] == "reasoning" or (first[1]["type"], second[0]) == ("integer", "reasoning")

    def test_a_year_written_as_a_number_is_a_time(self) -> None:
        fact = {"text": "Ana moved in 2022.", "time": 2022, "keys": [], "source": [0]}
        assert ExtractedFact.model_validate(fact).time == "2022"


class TestLoading:
    def test_names(self) -> None:
        assert load_llm("none") is None
        llm = load_llm("openai:gpt-4o-mini")
        assert llm is not None and llm.name == "openai:gpt-4o-mini"

    @pytest.mark.parametrize("name", ["", "gpt-4o", "openai:", "openai: ", "None"])
    def test_an_unknown_name_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput, match="openai:MODEL"):
            load_llm(name)

    def test_whatever_is_given_becomes_an_llm(self) -> None:
        chat = script()
        llm = StructuredLLM(chat)
        assert wrap(None) is None and wrap("none") is None
        assert wrap(llm) is llm
        wrapped = wrap(chat)
        assert isinstance(wrapped, StructuredLLM) and wrapped.chat is chat
        assert isinstance(wrap("openai:m"), LLM)

    @pytest.mark.parametrize("other", [3, object(), []])
    def test_what_is_no_model_is_refused(self, other) -> None:
        with pytest.raises(InvalidInput, match="no language model"):
            wrap(other)


class TestDialects:
    @given(st.text())
    def test_simplifying_comes_to_an_end(self, said: str) -> None:
        dialect, steps = Dialect(), 0
        words = "temperature max_tokens max_completion_tokens response_format"
        while (simpler := next_dialect(dialect, f"{words} {said}")) is not None:
            dialect, steps = simpler, steps + 1
        assert steps == 4
        assert dialect == Dialect(Format.TEXT, temperature=False, length="max_completion_tokens")

    @pytest.mark.parametrize("said", ["", "context length exceeded", "invalid model", "max_tokens is too large"])
    def test_other_refusals_are_final(self, said: str) -> None:
        assert next_dialect(Dialect(), said) is None
