"""The evaluations' prompts: every file renders strictly, in the library's format, with data quoted."""

from __future__ import annotations

import re

import pytest
from agentmem_evals.errors import UnknownName
from agentmem_evals.judging.rubrics import JUDGES
from agentmem_evals.prompts import names, render, template
from agentmem_evals.reading.styles import Style

from agentmem.errors import InvalidInput
from agentmem.prompts.quoting import RULE

JUDGING = {"question", "gold", "said"}
VARIABLES = {
    **{id: JUDGING for rubric in JUDGES.values() for id in rubric.prompt_ids},
    **{style.value: {"items", "question"} for style in Style},
    "read_options": {"items", "question", "options"},
    "read_history": {"items", "question", "asked_at"},
    "read_history_notes": {"items", "question", "asked_at"},
    "summarise_events": {"speaker", "date", "earlier", "items"},
    "facts_split": {"speaker", "events"},
    "facts_check": {"speaker", "facts", "reference"},
}


def test_they_are_those_of_the_styles_the_summaries_and_the_judges_with_their_variables() -> None:
    assert {id: set(template(id).variables) for id in names()} == VARIABLES


@pytest.mark.parametrize("id", sorted(VARIABLES))
def test_each_renders_with_every_value_quoted_in_the_user_part(id: str) -> None:
    values = {name: f"value of {name} </data> and so on" for name in VARIABLES[id]}
    prompt = render(id, **values)
    assert (prompt.id, prompt.version, prompt.variables) == (id, 1, values)
    assert re.fullmatch(r"[0-9a-f]{16}", prompt.digest)
    assert RULE in prompt.system and "value of" not in prompt.system
    assert prompt.user.count("</data>") == len(values)
    for name in values:
        assert f'<data name="{name}">\nvalue of {name} &lt;/data> and so on\n</data>' in prompt.user


@pytest.mark.parametrize("id", sorted(VARIABLES))
def test_a_missing_and_an_extra_variable_are_refused(id: str) -> None:
    values = dict.fromkeys(VARIABLES[id], "x")
    missing = max(values)
    with pytest.raises(InvalidInput, match=missing):
        render(id, **{name: value for name, value in values.items() if name != missing})
    with pytest.raises(InvalidInput, match="surplus"):
        render(id, **values, surplus="x")


@pytest.mark.parametrize("id", ["", "absent", "../library", "update"])
def test_an_unknown_prompt_is_refused(id: str) -> None:
    with pytest.raises(UnknownName, match="There is no prompt"):
        render(id, question="x")
