"""A language model that answers with what another one once extracted, through the library's real path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agentmem.llm import ChatModel
from agentmem.text.budget import estimate_tokens
from agentmem_evals.datasets.recorded import Recorded
from agentmem_evals.datasets.replies import Extracted, as_reply, part_of
from agentmem_evals.systems.units import units
from agentmem_evals.types import Body

if TYPE_CHECKING:
    from agentmem.models.chat.replaying import Recording
    from agentmem.structures.structure import Unit

PROMPT = "extract"
TEXT = "text"
"""The variable by which the prompt for a session or passage is told from the others."""


def replaying(recorded: Recorded, bodies: Iterable[Body]) -> ChatModel:
    """A model that knows what was extracted from these bodies, and refuses to be asked anything else.

    Raises:
        EvalError: the file does not cover a body.
    """
    from agentmem.models.chat.replaying import ReplayChat

    return ReplayChat(recordings(recorded, bodies))


def recordings(recorded: Recorded, bodies: Iterable[Body]) -> list[Recording]:
    """A reply for every prompt that extraction asks when these bodies are added whole.

    Raises:
        EvalError: the file does not cover a body.
    """
    return [recording for body in bodies for recording in _about(recorded, body)]


def _about(recorded: Recorded, body: Body) -> Iterator[Recording]:
    from agentmem.models.chat.replaying import Recording

    extracted = recorded.about(body)
    for key, unit in units(body):
        for text, reply in replies(unit, extracted[key]):
            yield Recording(PROMPT, {TEXT: text}, reply)


def replies(unit: Unit, extracted: Extracted) -> Iterator[tuple[str, str]]:
    """The prompts' texts for a unit, and the replies as JSON: one pair, or several for a unit that is read in parts."""
    from agentmem.structures.extraction import numbered, windows
    from agentmem.structures.structure import Models

    parts = windows(unit, Models(llm=None, embed=None, count_tokens=estimate_tokens))
    for number, part in enumerate(parts):
        lines = _lines(part)
        mine = extracted if len(parts) == 1 else part_of(extracted, lines, first=number == 0)
        yield numbered(part), json.dumps(as_reply(mine, lines), ensure_ascii=False)


def _lines(unit: Unit) -> dict[str, list[int]]:
    """The numbers of the lines that each item fills; a long one is cut into several."""
    found: dict[str, list[int]] = {}
    for number, chunk in enumerate(unit.chunks):
        found.setdefault(chunk.sources[0].episode, []).append(number)
    return found
