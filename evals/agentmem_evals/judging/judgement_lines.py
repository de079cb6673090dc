"""The lines of ``judgements-NAME.jsonl``, whatever the judge says: read, added to, and kept when judging goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from agentmem_evals.errors import ConfigurationMismatch
from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.folder import append_text, one_each, replace_text, whole_lines
from agentmem_evals.runner.records import Failure


class Made(Protocol):
    """What every judgement says of how it was made."""

    @property
    def question_id(self) -> str:
        """Whose answer it is about."""
        ...

    @property
    def model(self) -> str:
        """The name of the model that judged."""
        ...

    @property
    def usage(self) -> Mapping[str, float]:
        """What that cost."""
        ...


J = TypeVar("J", bound=Made)


class JudgementLines(Generic[J]):
    """Reads and writes the judgements of one judge; ``path`` is what ``RunFolder.judgements_path`` gives."""

    def __init__(self, path: Path, codec: Codec[J | Failure]) -> None:
        self.path = path
        self._codec = codec

    def read(self) -> list[J | Failure]:
        """Every record, one a question, in the order of writing; none if nothing was judged yet.

        Raises:
            NotARun: the file is damaged.
        """
        return one_each(self._codec.from_text(whole_lines(self.path), self.path.name)) if self.path.exists() else []

    def judgements(self) -> list[J]:
        """The records that are no failures.

        Raises:
            NotARun: the file is damaged.
        """
        return [record for record in self.read() if not isinstance(record, Failure)]

    def append(self, record: J | Failure) -> None:
        """Add one record; it is on its way to disk when this returns."""
        append_text(self.path, self._codec.to_text([record]))

    def discard(self) -> None:
        """Throw away whatever is here."""
        self.path.unlink(missing_ok=True)

    def keep(self, kept: Sequence[J], model: str, same_prompts: Callable[[J], bool]) -> None:
        """Leave only these, all of them made by ``model`` with the prompts of today. A file is not made for none.

        Raises:
            ConfigurationMismatch: one was made by another model, or with other prompts; nothing is changed then.
        """
        for one in kept:
            if one.model != model or not same_prompts(one):
                what = f"by {one.model}" if one.model != model else "with other prompts"
                raise ConfigurationMismatch(
                    f"{self.path} holds judgements made {what}, which must not be mixed with new ones. Move the file "
                    "away, or pass --overwrite to throw it away."
                )
        if self.path.exists():
            replace_text(self.path, self._codec.to_text(kept))
