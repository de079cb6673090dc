"""``agreement-NAME.json``: what a judge made of labelled answers, with who judged which ones by which prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem_evals.errors import ConfigurationMismatch, DataFormatError, DataNotFound
from agentmem_evals.judging.agreement import JudgeAgreement, Strictness
from agentmem_evals.judging.labelled import LabelledAnswers
from agentmem_evals.judging.rubrics import Rubric
from agentmem_evals.prompts import template
from agentmem_evals.runner.folder import file_name, replace_text

_COUNTS = frozenset({"judge", "failed", "skipped"})
_MEASURES = frozenset({"n", "accuracy", "kappa", "false_accept_rate", "false_reject_rate", "by_kind"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Who judged what: the judge's name, its model and its prompts' digests (none for a rule), and the answers."""

    judge: str
    model: str | None
    prompts: Mapping[str, str]
    file: str
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "judge": self.judge,
            "model": self.model,
            "prompts": dict(self.prompts),
            "labelled": {"file": self.file, "sha256": self.sha256},
        }


def measured_by(rubric: Rubric, model: str, labelled: LabelledAnswers) -> Measured:
    """A protocol that a model applies."""
    prompts = {id: template(id).digest for id in rubric.prompt_ids}
    return Measured(rubric.name, model, prompts, labelled.file_name, labelled.sha256)


def measured_by_rule(judge: str, labelled: LabelledAnswers) -> Measured:
    """A judge that asks nobody."""
    return Measured(judge, None, {}, labelled.file_name, labelled.sha256)


def agreement_path(folder: Path, judge: str) -> Path:
    """Where it stands in a folder."""
    return folder / f"agreement-{file_name(judge)}.json"


def write_agreement(path: Path, measured: Measured, found: JudgeAgreement) -> dict[str, Any]:
    """Write or replace the file; the folder is made if it is missing. Gives back what it holds."""
    told = {**measured.as_json(), **found.as_json()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return told


def read_agreement(path: Path) -> dict[str, Any]:
    """What :func:`write_agreement` wrote.

    Raises:
        DataNotFound: there is no such file.
        DataFormatError: it holds something else.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.keys() >= _COUNTS and all(raw[level.value].keys() >= _MEASURES for level in Strictness):
            found: dict[str, Any] = raw
            return found
    except FileNotFoundError as error:
        raise DataNotFound(f"There is no file {path}. `agentmem-evals judge --agreement` writes it.") from error
    except (ValueError, KeyError, AttributeError):
        pass
    raise DataFormatError(f"{path.name} is not what `agentmem-evals judge --agreement` writes: agreement-NAME.json.")


def earlier_agreement(path: Path, measured: Measured) -> dict[str, Any] | None:
    """What the file holds already, if it is all of it and was made in the same way; ``None`` if there is more to do.

    Raises:
        ConfigurationMismatch: it was made by another model, with other prompts or on other answers.
        DataFormatError: the file holds something else.
    """
    if not path.exists():
        return None
    present = read_agreement(path)
    wanted = measured.as_json()
    if differing := [name for name, value in wanted.items() if present.get(name) != value]:
        raise ConfigurationMismatch(
            f"{path} was measured otherwise; different are: {', '.join(differing)}. Use another --out, or --overwrite."
        )
    return present if not present["failed"] else None
