"""Arguments of the verbs, looked at before anything is done: what is of another kind is refused in words."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.models.chat.budget import Budget


def whole(value: Any, name: str, least: int = 1) -> int:
    """A whole number that is not below ``least``; raises InvalidInput."""
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise InvalidInput(f"{name} must be a whole number, not {value!r}.")
    if number < least:
        raise InvalidInput(f"{name} must be at least {least}, not {number}.")
    return number


def flag(value: Any, name: str) -> bool:
    """``True`` or ``False``; raises InvalidInput: any text would count as true."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {value!r}.")
    return value


def named(value: Any, name: str) -> str:
    """A string that can be looked up, such as an identifier or a session's name; raises InvalidInput."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string, not {value!r}.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{name} holds half of a surrogate pair, which nothing is named by: {value!r}.") from error
    return value


def names(values: Any, name: str) -> tuple[str, ...]:
    """Several such strings, from a list or anything to go through; raises InvalidInput."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InvalidInput(f"{name} is a list: {name}=[{values!r}].")
    return tuple(named(value, f"Each of {name}") for value in values)


def turns(conversation: Any) -> tuple[str, ...]:
    """The turns of a conversation; raises InvalidInput."""
    if isinstance(conversation, str | bytes) or not isinstance(conversation, Iterable):
        raise InvalidInput(
            f"conversation is a list of turns, the oldest first, such as ['Where is Ana?', 'In Graz.'], "
            f"not {type(conversation).__name__}."
        )
    found = tuple(conversation)
    if wrong := [turn for turn in found if not isinstance(turn, str)]:
        raise InvalidInput(
            f"Each turn of a conversation is text, not {type(wrong[0]).__name__}. Of message dicts give the words: "
            "[message['content'] for message in messages]."
        )
    return found


def spending(budget: Any) -> Budget | None:
    """A budget, or none; raises InvalidInput."""
    if budget is not None and not isinstance(budget, Budget):
        raise InvalidInput(f"budget must be a Budget, such as Budget(calls=10), not {budget!r}.")
    return budget
