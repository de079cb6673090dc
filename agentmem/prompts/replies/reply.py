"""What all replies have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Some text, not only white space."""


class Reply(BaseModel):
    """Frozen; what a model adds of its own is left out, and a number stands where a text should."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)
