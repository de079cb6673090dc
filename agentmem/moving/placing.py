"""Which scope an item goes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.types import Scope

NOTHING = "-"
"""The name in the place of a field that an item lacks, so that a user without an agent and an agent without a user
never share a scope."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A fixed scope, or names taken from an item's fields, or the latter below the former.

    Attributes:
        under: the scope everything goes to, or below.
        by: the fields whose values are the names, in order. A field that is missing gives the name ``"-"``; at the end
            of the path it gives none.
    """

    under: Scope | None
    by: tuple[str, ...] = ()

    def scope(self, values: Mapping[str, Any]) -> Scope:
        """The scope of an item with these fields. A field that is a list gives several names.

        Raises:
            InvalidInput: none of the fields is there and there is no scope to be under, or a value is no name.
        """
        names: list[str] = []
        for field in self.by:
            names += _names(field, values.get(field))
        while names and names[-1] == NOTHING:
            names.pop()
        above = () if self.under is None else self.under.names
        if not above and not names:
            raise InvalidInput(f"it has no {' or '.join(self.by)} to make a scope of")
        return Scope(*above, *names)


def placing(scope: Scope | None, by: Sequence[str], default: Sequence[str] = ()) -> Placing:
    """How items find their scope: ``by`` these fields, else all in ``scope``, else by the origin's default fields.

    Raises:
        InvalidInput: nothing says where they go.
    """
    if isinstance(by, str):
        raise InvalidInput(f"scope_by is a list of fields: scope_by=[{by!r}].")
    fields = tuple(by) or (() if scope is not None else tuple(default))
    if scope is None and not fields:
        raise InvalidInput(
            "Whose memory? This origin does not say. Give scope=Scope('acme', 'ana') (--scope acme/ana), or the fields "
            "that name it: scope_by=['user_id'] (--scope-by user_id)."
        )
    return Placing(scope, fields)


def _names(field: str, value: Any) -> list[str]:
    if value is None or value in ("", []):
        return [NOTHING]
    found = list(value) if isinstance(value, list | tuple) else [value]
    for name in found:
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise InvalidInput(f"its {field} is {value!r}, which is no name for a scope")
        if name == NOTHING:
            raise InvalidInput(f"its {field} is {NOTHING!r}, which stands for a field that is missing")
    return [str(name) for name in found]
