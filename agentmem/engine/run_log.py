"""What a consolidation did and cost so far, for the journal: every proposal that is written adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agentmem.errors import Unsound
from agentmem.operations import Run
from agentmem.protocols import Writer
from agentmem.structures.structure import Proposal
from agentmem.types import Usage


@dataclass(slots=True)
class RunLog:
    """One run that several structures write to. ``wrote`` tells whether any of them did."""

    run: Run
    wrote: bool = False
    _prompts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _usage: Usage = field(default_factory=Usage)

    def apply(self, writer: Writer, proposal: Proposal) -> None:
        """Apply a proposal as part of the run, once it is seen that no invariant breaks by it.

        Raises:
            Unsound: one would; nothing of the transaction is to be kept.
        """
        if not proposal.operations:
            return
        before = writer.head()
        writer.apply(self._with(proposal), proposal.operations)
        writer.note_run(self._with(proposal))
        if broken := writer.broken(self.run.id, before):
            raise Unsound(
                f"A proposal would leave the memory unsound ({'; '.join(broken)}), so nothing of it was written. "
                "Please report it; what it was made from is worked on again next time."
            )

    def written(self, proposal: Proposal) -> None:
        """The transaction was committed."""
        if proposal.operations:
            self.wrote = True
            self._prompts |= _by_digest(proposal)
            self._usage += proposal.usage

    def _with(self, proposal: Proposal) -> Run:
        prompts = [dict(prompt) for prompt in (self._prompts | _by_digest(proposal)).values()]
        cause = {**self.run.cause, "prompts": prompts} if prompts else self.run.cause
        return replace(self.run, cause=cause, usage=self._usage + proposal.usage)


def _by_digest(proposal: Proposal) -> dict[str, Mapping[str, Any]]:
    return {f"{prompt.get('prompt')} {prompt.get('digest')}": prompt for prompt in proposal.prompts}
