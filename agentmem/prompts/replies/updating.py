"""What becomes of memories when new ones come."""

from __future__ import annotations

from pydantic import Field

from agentmem.prompts.replies.reply import Reply


class PairVerdict(Reply):
    """What one newer memory is to one older one: ``relation`` as in :class:`agentmem.updating.decision.Relation`.

    A word that is none of them makes this verdict invalid, not the whole reply; so it is any text here.
    """

    pair: int
    reasoning: str
    relation: str = Field(
        json_schema_extra={"enum": ["independent", "repeats", "refines", "supersedes", "cancels"]},
    )
    text: str | None = None


class Update(Reply):
    """The reply to ``update``: one verdict for each pair, thought through before it is given."""

    verdicts: list[PairVerdict]


class PairOperation(Reply):
    """Which of two sentences to keep, in the words of Keep-Me-Updated; any text as in :class:`PairVerdict`."""

    pair: int
    reasoning: str
    operation: str = Field(json_schema_extra={"enum": ["PASS", "REPLACE", "APPEND", "DELETE"]})


class PairOperations(Reply):
    """The reply to ``keep_me_updated``."""

    verdicts: list[PairOperation]


class EntryDecision(Reply):
    """What is to be done with an earlier entry because of a later one; any text as in :class:`PairVerdict`."""

    entry: int
    reasoning: str
    action: str = Field(json_schema_extra={"enum": ["update", "delete", "ignore"]})
    later: int | None = None
    text: str | None = None


class EntryDecisions(Reply):
    """The reply to ``lightmem_update``."""

    decisions: list[EntryDecision]
