"""Whose memory a call means: mem0's ``user_id``, ``agent_id`` and ``run_id``, as one scope and conditions on metadata.

The scope is the user's; the agent's where no user is named; the run's where neither is. The other identifiers are
metadata. So a search for a user finds what was added with any agent, as in mem0, and no call reaches the memory of a
user whom it does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from agentmem.compat.mem0.errors import ValidationError
from agentmem.errors import InvalidInput
from agentmem.redaction.addresses import address_of, shown_name, stored_name
from agentmem.types import Scope

KEYS = ("user_id", "agent_id", "run_id")
DIGESTS = {key: f"{key}_digest" for key in KEYS}
"""Beside an identifier in metadata, what it is compared by: a hook before writing may change the identifier."""
_LEVELS = {"user_id": "user", "agent_id": "agent", "run_id": "run"}


class Whose(TypedDict, total=False):
    """Identifiers as keyword arguments."""

    user_id: Any
    agent_id: Any
    run_id: Any


@dataclass(frozen=True, slots=True)
class Identity:
    """Identifiers, at least one of them."""

    user_id: str | None = None
    agent_id: str | None = None
    run_id: str | None = None

    @property
    def key(self) -> str:
        """The identifier whose scope it is: ``"user_id"``, ``"agent_id"`` or ``"run_id"``."""
        return next(key for key in KEYS if getattr(self, key) is not None)

    def scope(self, collection: str) -> Scope:
        """The scope: ``("mem0", "user", "ana")``."""
        return Scope(collection, _LEVELS[self.key], getattr(self, self.key))

    def labels(self) -> dict[str, str]:
        """The identifiers that the scope does not say, as metadata."""
        return {key: value for key in KEYS if key != self.key and (value := getattr(self, key)) is not None}

    def given(self) -> dict[str, str]:
        """All identifiers."""
        return {key: value for key in KEYS if (value := getattr(self, key)) is not None}


def stamped(labels: Mapping[str, str]) -> dict[str, str]:
    """Identifiers as metadata."""
    named = {key: stored_name(value) for key, value in labels.items()}
    return named | {DIGESTS[key]: address_of(value) for key, value in labels.items()}


def unstamped(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with its identifiers as they are shown."""
    found = {key: value for key, value in metadata.items() if key not in DIGESTS.values()}
    for key, digest in DIGESTS.items():
        if digest in metadata and isinstance(found.get(key), str):
            found[key] = shown_name(found[key], metadata[digest])
    return found


def labelled(key: str, value: str) -> dict[str, Any]:
    """The condition that metadata has an identifier; of memories that were stored by another way, as it stands."""
    digest = DIGESTS[key]
    return {"or": [{digest: {"eq": address_of(value)}}, {digest: {"exists": False}, key: {"eq": value}}]}


def with_labels(labels: Mapping[str, str]) -> dict[str, Any]:
    """The conditions that metadata has all of these identifiers."""
    return {"and": [labelled(key, value) for key, value in labels.items()]}


def identity(*, user_id: Any = None, agent_id: Any = None, run_id: Any = None) -> Identity | None:
    """The identity of a call; ``None`` where nothing was given.

    Raises:
        InvalidInput: an identifier is empty or holds white space.
    """
    given = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
    named = {key: _identifier(value, key) for key, value in given.items() if value is not None}
    return Identity(**named) if named else None


def required(whose: Identity | None) -> Identity:
    """The identity that ``add`` cannot do without.

    Raises:
        ValidationError: there is none.
    """
    if whose is None:
        raise ValidationError(
            "add() must be told whose memory it is.",
            error_code="VALIDATION_001",
            details={"provided_ids": dict.fromkeys(KEYS)},
            suggestion="Give at least one of user_id, agent_id and run_id.",
        )
    return whose


def searched(given: Mapping[str, Any], filters: Mapping[str, Any] | None) -> tuple[Identity, dict[str, Any]]:
    """Whose memory a search means, and the conditions that are left.

    Identifiers may be given as arguments, in ``filters``, or in an ``AND`` of it.

    Raises:
        InvalidInput: none is given, two are given that differ, or one is given as anything but a plain value.
        TypeError: an argument that there is not; mem0 leaves such ones unread.
    """
    if unknown := sorted(given.keys() - set(KEYS)):
        raise TypeError(f"There is no argument {unknown[0]!r} here. How many is said by top_k.")
    if filters is not None and not isinstance(filters, Mapping):
        raise InvalidInput(f"filters must be a mapping such as {{'user_id': 'ana'}}, not {type(filters).__name__}.")
    named = {key: _identifier(value, key) for key, value in given.items() if value is not None}
    left = _taken(filters or {}, named)
    if not named:
        raise InvalidInput(
            "Say whose memory is meant: filters must hold at least one of user_id, agent_id and run_id, for instance "
            "filters={'user_id': 'ana'}."
        )
    return Identity(**named), left


def _taken(filters: Mapping[str, Any], named: dict[str, str]) -> dict[str, Any]:
    """The filters without plain identifiers, which go into ``named``."""
    left: dict[str, Any] = {}
    for key, value in filters.items():
        if key == "AND" and isinstance(value, list | tuple):
            left[key] = [_taken(part, named) if isinstance(part, Mapping) else part for part in value]
        elif key not in KEYS:
            left[key] = value
        elif key != "user_id" and (isinstance(value, Mapping | list) or value == "*"):
            left[key] = value  # a condition on metadata: the agents, or runs, of one user
        else:
            id = _identifier(value, key)
            if named.setdefault(key, id) != id:
                raise InvalidInput(f"Two different values for {key}: {named[key]!r} and {id!r}. Give one.")
    return left


def _identifier(value: Any, key: str) -> str:
    """An identifier as mem0 accepts it: numbers as text, white space at the ends removed."""
    if value is None or isinstance(value, Mapping | list | tuple | set | bool) or value == "*":
        raise InvalidInput(f"{key} must be one identifier, not {value!r}: leave it out, or make a call for each.")
    text = str(value).strip()
    if not text or any(letter.isspace() for letter in text):
        raise InvalidInput(f"{key} must be an identifier without white space, not {value!r}.")
    return text


def of_scope(scope: Scope | None, collection: str) -> dict[str, str]:
    """The identifier that a scope stands for; empty for a scope of another making."""
    names = () if scope is None else scope.names
    if len(names) != 3 or names[0] != collection:
        return {}
    return {key: names[2] for key, level in _LEVELS.items() if level == names[1]}
