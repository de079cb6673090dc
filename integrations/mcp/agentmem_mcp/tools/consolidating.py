"""``consolidate``: think about what is new."""

from __future__ import annotations

from pydantic import Field

from agentmem import ScopeHandle
from agentmem.types import Consolidation
from agentmem_mcp.tool import Allowed, Answer, Arguments, Result, Tool


class ConsolidateArguments(Arguments):
    """What ``consolidate`` takes."""

    dry_run: bool = Field(default=False, description="Only tell what would be made; models are asked all the same.")
    max_calls: int | None = Field(
        default=None, ge=0, description="How often the language model may be asked; never more than the server allows."
    )


class BuiltPart(Result):
    """What one structure of the recipe did."""

    structure: str
    units: int = Field(description="Sessions, documents or memories that were worked on.")
    added: dict[str, int] = Field(description="New memories, by kind.")
    changed: dict[str, int] = Field(description="Memories that were revised, retired or closed.")
    waiting: int = Field(description="What is left for the next time.")
    failed: int = Field(description="What could not be done, and is tried again.")
    stopped: str | None = Field(description="Why it stopped early; null: it did not.")


class Consolidated(Result):
    """What was made of what is new."""

    done: bool = Field(description="Whether nothing is left to do.")
    run: str | None = Field(description="What can be taken back as a whole; null: nothing was written.")
    built: list[BuiltPart]
    llm_calls: int


def consolidate(handle: ScopeHandle, arguments: ConsolidateArguments, allowed: Allowed) -> Answer:
    """Work through all that is new."""
    made = handle.consolidate(budget=allowed.budget(arguments.max_calls), dry_run=arguments.dry_run)
    return Answer(_told(made, arguments.dry_run), _result(made))


def _result(made: Consolidation) -> Consolidated:
    built = [
        BuiltPart(
            structure=part.structure,
            units=part.units,
            added=dict(part.added),
            changed=dict(part.changed),
            waiting=part.waiting,
            failed=len(part.failed),
            stopped=part.stopped,
        )
        for part in made.built
    ]
    return Consolidated(done=made.done, run=made.run, built=built, llm_calls=made.usage.llm_calls)


def _told(made: Consolidation, dry_run: bool) -> str:
    added: dict[str, int] = {}
    for part in made.built:
        for kind, count in part.added.items():
            added[kind] = added.get(kind, 0) + count
    news = ", ".join(f"{count} {kind}" for kind, count in sorted(added.items())) or "nothing new"
    said = f"{'Would make' if dry_run else 'Made'}: {news}."
    if made.failures:
        said += f" {len(made.failures)} could not be done and are tried again."
    stops = sorted({part.stopped for part in made.built if part.stopped is not None})
    if stops:
        said += f" It stopped early: {'; '.join(stops)}."
    if not made.done and not dry_run:
        said += " Something is left: call consolidate again."
    return said


CONSOLIDATE = Tool(
    name="consolidate",
    title="Think over what is new",
    description=(
        "Build facts, entities and summaries, or whatever this server's recipe is made of, from everything added since "
        "the last time. It may take long and ask a language model; it reports its progress, and what a cancelled call "
        "has done stands. Call it at the end of a long conversation, not after each message: what was added can be "
        "found without it."
    ),
    arguments=ConsolidateArguments,
    result=Consolidated,
    run=consolidate,
    repeatable=True,
)
