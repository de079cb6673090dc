"""A run's folder: ``manifest.json``, ``predictions.jsonl``, ``judgements-NAME.jsonl``, ``scores.json``.

And how an interrupted run is taken up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agentmem_evals.errors import ConfigurationMismatch, NotARun
from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.configuration import differing_keys
from agentmem_evals.runner.lock import locked
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import RETRIEVED, AboutQuestion, Failure, Record

R = TypeVar("R", bound=AboutQuestion)
_JUDGEMENTS = "judgements-"
_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")
_ESCAPED = "backslashreplace"  # half a surrogate pair has no UTF-8; written like this it is JSON's own escape


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

    def judgements_path(self, judge: str) -> Path:
        """What a judge said about the answers."""
        return self.path / f"{_JUDGEMENTS}{judge}.jsonl"

    def judgement_paths(self) -> dict[Path, str]:
        """The judgements there are: each file, with its judge's name; sorted."""
        found = sorted(self.path.glob(f"{_JUDGEMENTS}*.jsonl"))
        return {path: path.stem.removeprefix(_JUDGEMENTS) for path in found}

    def read_manifest(self) -> Manifest:
        """The manifest.

        Raises:
            NotARun: there is none, or it is damaged.
        """
        return Manifest.from_json(_read_json(self.manifest_path))

    def write_manifest(self, manifest: Manifest) -> None:
        """Write or replace the manifest."""
        replace_text(self.manifest_path, json.dumps(manifest.as_json(), indent=2, ensure_ascii=False) + "\n")

    def read(self, codec: Codec[R]) -> list[R]:
        """Every record of a task's codec, one a question, in the order of writing; none if nothing was written yet.

        Raises:
            NotARun: the file is damaged, or of another task.
        """
        if not self.predictions_path.exists():
            return []
        return one_each(codec.from_text(whole_lines(self.predictions_path)))

    def read_records(self) -> list[Record]:
        """The records of a run of the task ``retrieval``: see :meth:`read`."""
        return self.read(RETRIEVED)

    def append(self, codec: Codec[R], records: Iterable[R]) -> None:
        """Add records in one piece; they are on their way to disk when this returns."""
        append_text(self.predictions_path, codec.to_text(records))

    def read_scores(self) -> dict[str, Any]:
        """The scores.

        Raises:
            NotARun: there are none.
        """
        return _read_json(self.scores_path)

    def write_scores(self, scores: Mapping[str, Any]) -> None:
        """Write or replace the scores."""
        replace_text(self.scores_path, json.dumps(scores, indent=2, ensure_ascii=False) + "\n")

    @contextmanager
    def held(self) -> Iterator[None]:
        """The folder, made if it is missing, for one process alone: two would each write all records.

        Raises:
            FolderInUse: another process holds it. What a process held is free when it ends, killed or not.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with locked(self.path):
            yield

    def take_up(self, manifest: Manifest, codec: Codec[R], *, overwrite: bool = False) -> tuple[Manifest, list[R]]:
        """Begin a run here, or go on with an interrupted one of the same configuration.

        Returns the manifest to go on with and the records to keep. Failures are dropped: what failed is tried again.
        With ``overwrite`` whatever run is here is thrown away. Call it in :meth:`held`, and stay there while records
        are added.

        Raises:
            ConfigurationMismatch: the run here is another one.
            NotARun: the run here is damaged.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if overwrite:
            for path in (self.manifest_path, self.predictions_path, self.scores_path, *self.judgement_paths()):
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
        kept = [record for record in self.read(codec) if not isinstance(record, Failure)]
        replace_text(self.predictions_path, codec.to_text(kept))
        return present, kept


def file_name(name: str) -> str:
    """A system's or a judge's name as that of a file or folder: without what file systems give a meaning to."""
    return _NOT_IN_NAMES.sub("-", name)


def one_each(records: Iterable[R]) -> list[R]:
    """One record of each question: the first that is no failure, else the first. More are of runs that got mixed."""
    found: dict[str, R] = {}
    for record in records:
        present = found.setdefault(record.question_id, record)
        if isinstance(present, Failure) and not isinstance(record, Failure):
            found[record.question_id] = record
    return list(found.values())


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


def replace_text(path: Path, text: str) -> None:
    """Write a file whole, in place of what was there: whoever reads meanwhile sees the one or the other."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", errors=_ESCAPED)
    partial.replace(path)


def append_text(path: Path, text: str) -> None:
    """Add to a file, which is made if it is missing, in one piece."""
    with path.open("ab") as file:
        file.write(text.encode("utf-8", _ESCAPED))


def whole_lines(path: Path) -> str:
    """The text of a file without a last line that was cut off, wherever in a character that was.

    Raises:
        NotARun: it is no text.
    """
    raw = path.read_bytes()
    try:
        return raw[: raw.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotARun(f"{path} is damaged ({error}). Run again with --overwrite.") from error
