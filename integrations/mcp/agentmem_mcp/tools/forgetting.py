"""``forget``: destroys, in two steps. The first only looks, and gives a code; the second needs it.

The code stands for what was selected and how much of it there was. If more (or less) would go when the second step
comes, it does not fit any more: a model cannot destroy what it has not been told of.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import AwareDatetime, Field, model_validator

from agentmem import ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.ids import MEMORY
from agentmem.types import Certificate
from agentmem_mcp.quoting import quoted_line
from agentmem_mcp.tool import Allowed, Answer, Arguments, Result, Tool

_QUOTED = 5
"""How many of the memories that were named are shown before they are destroyed."""


class ForgetArguments(Arguments):
    """What ``forget`` takes."""

    ids: list[str] | None = Field(
        default=None, min_length=1, max_length=1_000, description="These memories, with what they come from."
    )
    about: str | None = Field(
        default=None, min_length=2, description="Everything that mentions this phrase, as whole words, e.g. a name."
    )
    session: str | None = Field(default=None, min_length=1, description="Everything of this conversation.")
    before: AwareDatetime | None = Field(default=None, description="Everything that happened before this moment.")
    confirm: str | None = Field(
        default=None,
        description="The code that the same call without it has given. Only with it is anything destroyed.",
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not any([self.ids, self.about, self.session, self.before]):
            raise ValueError("say what: ids, about, session or before")
        if self.before is not None and self.before > datetime.now(UTC):
            raise ValueError("before lies in the future: that would be everything, which a person forgets elsewhere")
        return self


class Forgotten(Result):
    """What was, or would be, destroyed."""

    destroyed: bool = Field(description="False: nothing was touched yet.")
    memories: int
    episodes: int = Field(description="Texts as they were added.")
    versions: int
    confirm: str | None = Field(description="The code that destroys this; void when what would go has changed.")
    pending: list[str] = Field(description="What could not be finished yet: 'compact' until no other process reads.")


def forget(handle: ScopeHandle, arguments: ForgetArguments, allowed: Allowed) -> Answer:
    """Look, or destroy what was looked at."""
    selection: dict[str, Any] = arguments.model_dump(exclude={"confirm"}, exclude_none=True)
    looked = handle.forget(**selection, dry_run=True)
    code = _code(handle, arguments, looked, allowed.key)
    if arguments.confirm is None:
        return _preview(handle, arguments, looked, code, allowed)
    if not hmac.compare_digest(arguments.confirm.encode(), code.encode()):
        raise InvalidInput(
            "Nothing was forgotten: this code does not fit what would be destroyed now. Call forget without confirm, "
            "look at what it says, and use the code that it gives."
        )
    done = handle.forget(**selection)
    return Answer(f"Forgotten for good: {_counted(done)}.", _result(done, None))


def _preview(
    handle: ScopeHandle, arguments: ForgetArguments, looked: Certificate, code: str, allowed: Allowed
) -> Answer:
    if not looked.memories and not looked.episodes:
        return Answer("Nothing is remembered that this selects; nothing was forgotten.", _result(looked, None))
    named = [id for id in arguments.ids or () if id.startswith(MEMORY)][:_QUOTED]
    lines = [
        f"Nothing was destroyed yet. This would destroy, for good: {_counted(looked)}.",
        *(quoted_line(handle.get(id), allowed.hooks) for id in named),
        f'If the user wants that, call forget again with the same arguments and confirm="{code}".',
    ]
    return Answer("\n".join(lines), _result(looked, code))


def _result(certificate: Certificate, code: str | None) -> Forgotten:
    return Forgotten(
        destroyed=not certificate.dry_run,
        memories=certificate.memories,
        episodes=certificate.episodes,
        versions=certificate.versions,
        confirm=code,
        pending=list(certificate.pending),
    )


def _counted(certificate: Certificate) -> str:
    memories = "1 memory" if certificate.memories == 1 else f"{certificate.memories} memories"
    versions = "1 version" if certificate.versions == 1 else f"{certificate.versions} versions"
    sources = "1 source text" if certificate.episodes == 1 else f"{certificate.episodes} source texts"
    return f"{memories} ({versions}) and {sources}"


def _code(handle: ScopeHandle, arguments: ForgetArguments, looked: Certificate, key: bytes) -> str:
    said = arguments.model_dump(mode="json", exclude={"confirm"}, exclude_none=True)
    said["ids"] = sorted(said.get("ids", []))
    counts = [looked.episodes, looked.memories, looked.versions, looked.sources]
    message = json.dumps([handle.scope.path, said, counts], sort_keys=True)
    return hmac.new(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


FORGET = Tool(
    name="forget",
    title="Forget for good",
    description=(
        "Destroy memories, their sources, all versions and everything derived from them; this cannot be undone. Only "
        "when the user asks for it. It takes two calls: the first, without confirm, destroys nothing; it tells what "
        "would go and gives a code. Tell the user what would go; then call again with the same arguments and that "
        "code as confirm. For something that has merely changed, use update."
    ),
    arguments=ForgetArguments,
    result=Forgotten,
    run=forget,
    destroys=True,
    repeatable=True,
)
