"""A run's folder: ``manifest.json``, ``predictions.jsonl``, ``scores.json``, and how an interrupted run is taken up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem_evals.errors import ConfigurationMismatch, NotARun
from agentmem_evals.runner.configuration import differing_keys
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Prediction, Record, from_lines, to_line


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Reads and writes the files of one run. JSON files are replaced whole, so that none is ever half written."""

    path: Path

    @property
    def manifest_path(self) -> Path:
        """What the run was."""
        return self.path / "manifest.json"

    @property
    def predictions_path(self) -> Path:
        """What the system answered."""
        return self.path / "predictions.jsonl"

    @property
    def scores_path(self) -> Path:
        """What the answers are worth."""
        return self.path / "scores.json"

    def read_manifest(self) -> Manifest:
        """The manifest.

        Raises:
            NotARun: there is none, or it is damaged.
        """
        return Manifest.from_json(_read_json(self.manifest_path))

    def write_manifest(self, manifest: Manifest) -> None:
        """Write or replace the manifest."""
        _replace(self.manifest_path, json.dumps(manifest.as_json(), indent=2, ensure_ascii=False) + "\n")

    def read_records(self) -> list[Record]:
        """Every record, in the order of writing; none if nothing was written yet.

        Raises:
            NotARun: the file is damaged.
        """
        if not self.predictions_path.exists():
            return []
        return from_lines(self.predictions_path.read_text(encoding="utf-8"))

    def write_records(self, records: Sequence[Record]) -> None:
        """Replace all records."""
        _replace(self.predictions_path, "".join(to_line(record) + "\n" for record in records))

    def append(self, record: Record) -> None:
        """Add one record; it is on its way to disk when this returns."""
        with self.predictions_path.open("a", encoding="utf-8") as file:
            file.write(to_line(record) + "\n")

    def read_scores(self) -> dict[str, Any]:
        """The scores.

        Raises:
            NotARun: there are none.
        """
        return _read_json(self.scores_path)

    def write_scores(self, scores: Mapping[str, Any]) -> None:
        """Write or replace the scores."""
        _replace(self.scores_path, json.dumps(scores, indent=2, ensure_ascii=False) + "\n")

    def take_up(self, manifest: Manifest, *, overwrite: bool = False) -> tuple[Manifest, list[Prediction]]:
        """Begin a run here, or go on with an interrupted one of the same configuration.

        Returns the manifest to go on with and the predictions made already. Failures are dropped: their questions are
        asked again. With ``overwrite`` whatever run is here is thrown away.

        Raises:
            ConfigurationMismatch: the run here is another one.
            NotARun: the run here is damaged.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if overwrite:
            for path in (self.manifest_path, self.predictions_path, self.scores_path):
                path.unlink(missing_ok=True)
        if not self.manifest_path.exists():
            if self.predictions_path.exists():
                raise NotARun(f"{self.path} holds predictions without a manifest. Use another --out, or --overwrite.")
            self.write_manifest(manifest)
            return manifest, []
        present = self.read_manifest()
        if differing := differing_keys(present.identity(), manifest.identity()):
            raise ConfigurationMismatch(
                f"{self.path} holds a run of another configuration; different are: {', '.join(differing)}. "
                "Use another --out, or --overwrite to throw that run away."
            )
        predictions = [record for record in self.read_records() if isinstance(record, Prediction)]
        self.write_records(predictions)
        return present, predictions


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotARun(f"{path.parent} has no {path.name}: it is not the folder of a finished run.") from error
    except ValueError as error:
        raise NotARun(f"{path} is damaged ({error}). Run again with --overwrite.") from error
    if not isinstance(raw, dict):
        raise NotARun(f"{path} is not a JSON object. Run again with --overwrite.")
    return raw


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
