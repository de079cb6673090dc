"""What judges are answered with. A reply that says neither yes nor no, or an unknown label, is malformed."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _yes_or_no(said: str) -> str:
    if "yes" not in said.lower() and not re.search(r"\bno\b", said.lower()):
        raise ValueError("must be 'yes' or 'no'")
    return said


def _upper(said: object) -> object:
    return said.strip().upper() if isinstance(said, str) else said


class YesNo(_Reply):
    """LongMemEval's: right if and only if ``yes`` occurs in it, whatever the case."""

    verdict: Annotated[str, AfterValidator(_yes_or_no)]


class Labelled(_Reply):
    """Mem0's: a sentence, then a label."""

    reasoning: str
    label: Annotated[Literal["CORRECT", "WRONG"], BeforeValidator(_upper)]


class Examined(_Reply):
    """The strict one's: what was found, then whether the answer is right."""

    reasoning: str
    correct: bool


JudgeReply = YesNo | Labelled | Examined


def outcome(reply: JudgeReply) -> tuple[bool, str]:
    """Whether the answer is right, and why, in the judge's words."""
    if isinstance(reply, YesNo):
        return "yes" in reply.verdict.lower(), ""
    if isinstance(reply, Labelled):
        return reply.label == "CORRECT", reply.reasoning
    return reply.correct, reply.reasoning
