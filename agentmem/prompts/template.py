"""A prompt's file: its parts, and how slots are filled.

A file is Markdown: a front matter with ``version`` and ``variables``, then ``# System`` (what to do, the same for every
text) and ``# User`` (what to do it with), where ``{{variable}}`` is a slot::

    ---
    version: 1
    variables: question, texts
    ---
    # System
    ...
    # User
    {{question}}

    {{texts}}

Strict on purpose: a prompt that lacks a text, or has one that nobody put there, would go unnoticed for long.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from agentmem.errors import InvalidInput
from agentmem.llm import Prompt
from agentmem.prompts.quoting import RULE, quote

_FILE = re.compile(
    r"\A---\n(?P<matter>.*?)^---\n\s*^# System\n(?P<system>.*?)^# User\n(?P<user>.*)\Z", re.DOTALL | re.MULTILINE
)
_SLOT = re.compile(r"\{\{([^{}]*)\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt with its slots open. ``variables`` are the names that must be given, each in a slot of ``user``."""

    id: str
    version: int
    digest: str
    variables: frozenset[str]
    system: str
    user: str

    def render(self, variables: Mapping[str, str]) -> Prompt:
        """The prompt with each variable quoted in its slot; what looks like a slot in a value is only text.

        Raises:
            InvalidInput: a variable is missing, not declared, or not a text.
        """
        if missing := sorted(self.variables - variables.keys()):
            raise InvalidInput(f"The prompt {self.id!r} needs the variables {missing} as well.")
        if extra := sorted(variables.keys() - self.variables):
            raise InvalidInput(f"The prompt {self.id!r} has no variables {extra}: it takes {sorted(self.variables)}.")
        if wrong := sorted(name for name, value in variables.items() if not isinstance(value, str)):
            raise InvalidInput(f"The prompt {self.id!r} takes texts only: make strings of the variables {wrong}.")
        user = _SLOT.sub(lambda slot: quote(slot[1], variables[slot[1]]), self.user)
        return Prompt(self.id, self.version, self.digest, self.system, user, dict(variables))


def parse(id: str, text: str) -> Template:
    """A prompt's file as a template.

    Raises:
        InvalidInput: the file is broken; the message says where.
    """
    parts = _FILE.match(text)
    if parts is None:
        raise _broken(id, "it must have a front matter between lines of ---, then '# System', then '# User'")
    matter = _matter(id, parts["matter"])
    system, user = parts["system"].strip(), parts["user"].strip()
    variables = _variables(id, matter["variables"])
    if not matter["version"].isdecimal() or int(matter["version"]) < 1:
        raise _broken(id, "'version' must be a whole number from 1 on")
    if RULE not in system:
        raise _broken(id, f"its system part must say: {RULE}")
    if "{{" in system:
        raise _broken(id, "its system part may have no slot: data belongs into the user part")
    slots = _SLOT.findall(user)
    if re.search(r"[{}]", _SLOT.sub("", user)):
        raise _broken(id, "its user part has a brace that belongs to no slot")
    if undeclared := sorted(set(slots) - variables):
        raise _broken(id, f"the slots {undeclared} are not among its variables")
    if unused := sorted(variables - set(slots)):
        raise _broken(id, f"the variables {unused} have no slot")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Template(id, int(matter["version"]), digest, variables, system, user)


def _matter(id: str, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key in found:
            raise _broken(id, f"{line!r} in its front matter is not 'key: value', or comes twice")
        found[key] = value
    if found.keys() != {"version", "variables"}:
        raise _broken(id, "its front matter must have 'version' and 'variables', and nothing else")
    return found


def _variables(id: str, text: str) -> frozenset[str]:
    names = [name.strip() for name in text.split(",")]
    if wrong := [name for name in names if not _NAME.fullmatch(name)]:
        raise _broken(id, f"{wrong} cannot be variables: use lower-case letters, digits and _")
    if len(set(names)) != len(names):
        raise _broken(id, "a variable is named twice")
    return frozenset(names)


def _broken(id: str, why: str) -> InvalidInput:
    return InvalidInput(f"The file of the prompt {id!r} is broken: {why}.")
