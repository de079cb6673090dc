"""What was run, as the manifests tell it: data, code, models, and the command that does it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmem_evals.datasets.recorded import OBSERVATIONS, OPENIE
from agentmem_evals.reports.runs import MISSING, ScoredRun
from agentmem_evals.reports.table import Table
from agentmem_evals.runner.manifest import Manifest

_PROGRAM = "agentmem-evals run"
_DEFAULTS: Mapping[str, Any] = {
    "task": "retrieval",
    "embedder": "default",
    "batch": 1000,
    "llm": "none",
    "concurrency": 1,
}
"""Options that a command may leave out when they have these values."""
_OPTIONS = {"ks": "k"}
"""Options that are not called what the manifest calls them."""
_SHORT = 12
"""Letters of a hash that tell it from others at a glance."""


def facts_table(runs: Sequence[ScoredRun]) -> Table:
    """What a reader checks first, a column for each run."""
    rows = [
        ["data", *(str(run.manifest.data["file"]) for run in runs)],
        ["data sha256", *(str(run.manifest.data["sha256"])[:_SHORT] for run in runs)],
        ["system", *(str(run.manifest.configuration["system"]) for run in runs)],
        ["embedding model", *(_named(run.manifest.system, "embedder") for run in runs)],
        ["LLM to build", *(_named(run.manifest.system, "llm_to_build") for run in runs)],
        ["LLM for queries", *(_named(run.manifest.system, "llm_for_queries") for run in runs)],
        ["reader", *(_named(run.manifest.reader or {}, "model") for run in runs)],
        ["replayed", *(_named(run.manifest.recordings or {}, "file") for run in runs)],
        ["git revision", *(_revision(run.manifest) for run in runs)],
        ["started (UTC)", *(_moment(run.manifest.started_at) for run in runs)],
        ["finished (UTC)", *(_moment(run.manifest.finished_at) for run in runs)],
    ]
    told = [row for row in rows if any(cell != MISSING for cell in row[1:])]
    return Table("What was run", ["", *(run.label for run in runs)], told)


def all_facts(run: ScoredRun) -> list[tuple[str, str]]:
    """Everything that the manifest says of a run but what each body cost; nested names are dotted."""
    raw = run.manifest.as_json()
    return [("command", command(run.manifest)), *_flat({key: raw[key] for key in raw if key != "ingests"})]


def command(manifest: Manifest) -> str:
    """The command line that makes such a run again.

    No manifest names a place: files stand there by their names, and folders in capitals.
    """
    configuration = manifest.configuration
    pieces = [_PROGRAM]
    for name, value in configuration.items():
        if name == "cached":
            pieces += ["--cache FOLDER"] if value else []
        elif name == "captions":
            pieces += [] if value else ["--no-captions"]
        elif value is True:
            pieces.append(_option(name))
        elif value is not None and value is not False and value != _DEFAULTS.get(name):  # 0 is worth telling
            pieces.append(f"{_option(name)} {_argument(value)}")
    if manifest.recordings is not None:
        pieces.append(_replayed(manifest.recordings))
    return " ".join([*pieces, "--out FOLDER"])


def _option(name: str) -> str:
    return f"--{_OPTIONS.get(name, name.replace('_', '-'))}"


def _replayed(recordings: Mapping[str, Any]) -> str:
    """LoCoMo's own observations are named by a word, and stand in the data; other output in a file of its own."""
    kind, file = recordings["kind"], _argument(str(recordings["file"]))
    return {OPENIE: f"--openie {file}", OBSERVATIONS: f"--facts {OBSERVATIONS}"}.get(kind, f"--facts {file}")


def _argument(value: object) -> str:
    return shlex.quote(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _named(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key)
    return MISSING if value in (None, "none", "") else str(value)


def _revision(manifest: Manifest) -> str:
    revision = manifest.code.get("git_revision")
    if revision is None:
        return MISSING
    return f"{revision[:_SHORT]}{' with changes' if manifest.code.get('git_dirty') else ''}"


def _moment(text: str | None) -> str:
    return MISSING if text is None else text[:16].replace("T", " ")


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
