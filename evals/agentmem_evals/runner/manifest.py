"""What a run was: enough to repeat it, to refuse to mix it with another, and to score it from its files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from agentmem_evals.datasets.selection import Selection
from agentmem_evals.errors import NotARun
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.provenance import code_provenance, environment_provenance
from agentmem_evals.types import Dataset

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of ``manifest.json``.

    ``recordings`` says what stood in for the language model: kind, file name, SHA-256, how many replies; ``None`` if
    nothing did. ``reader`` says what read and answered: its model, and the hashes of its prompts. ``prompts`` are the
    hashes of the library's prompts, where a language model was asked to build. ``ingests`` maps a body to what taking
    it in cost; ``spent`` is what language models were paid for, in all starts of the run together, and ``prices`` the
    US dollars for a million tokens (``prompt``, ``completion``), where they were told.
    """

    configuration: Mapping[str, Any]
    data: Mapping[str, Any]
    system: Mapping[str, Any]
    code: Mapping[str, Any]
    environment: Mapping[str, Any]
    started_at: str
    recordings: Mapping[str, Any] | None = None
    reader: Mapping[str, Any] | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    finished_at: str | None = None
    ingests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    spent: Mapping[str, float] = field(default_factory=dict)
    prices: Mapping[str, float] = field(default_factory=dict)
    format: int = FORMAT

    def identity(self) -> dict[str, Any]:
        """What must be equal for predictions to belong to one run."""
        return {
            "configuration": self.configuration,
            "data": self.data,
            "system": self.system,
            "recordings": self.recordings,
            "reader": self.reader,
            "prompts": self.prompts,
            "code": self.code.get("sha256"),
        }

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """The manifest that :meth:`as_json` gave.

        Raises:
            NotARun: it is something else, or of another format.
        """
        if raw.get("format") != FORMAT:
            raise NotARun(f"The manifest is of format {raw.get('format')!r}; this version reads {FORMAT}. Run again.")
        try:
            return cls(**raw)
        except TypeError as error:
            raise NotARun(f"The manifest is damaged ({error}). Run again into another folder.") from error


def new_manifest(
    configuration: RunConfiguration,
    dataset: Dataset,
    selection: Selection,
    system: Mapping[str, Any],
    recordings: Mapping[str, Any] | None = None,
    *,
    reader: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
    prices: Mapping[str, float] | None = None,
    answer_metrics: Sequence[str] = (),
) -> Manifest:
    """The manifest of a run that starts now. ``answer_metrics`` are those by which answers are to be scored."""
    return Manifest(
        configuration=configuration.as_json(),
        data={
            "file": dataset.file_name,
            "sha256": dataset.sha256,
            "level": dataset.level.value,
            "category_names": dict(dataset.category_names),
            "bodies": [body.id for body in selection.bodies],
            "questions": len(selection.questions),
            "skipped": selection.skipped,
            "unresolved_evidence": selection.unresolved,
            "without_evidence": sum(not one.evidence and not one.unanswerable for one in dataset.questions),
            "answer_metrics": list(answer_metrics),
        },
        system=dict(system),
        code=code_provenance(),
        environment=environment_provenance(),
        started_at=now(),
        recordings=recordings,
        reader=reader,
        prompts=prompts or {},
        prices=prices or {},
    )


def now() -> str:
    """The present in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
