"""The texts behind the ids of a run, from the data set that it was made on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.errors import ConfigurationMismatch, DataNotFound
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.systems.item_text import attributed
from agentmem_evals.types import Dataset


@dataclass(frozen=True, slots=True)
class Library:
    """Texts by body and item, and the right answers by question. Empty where there is no data set: ids must do."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def text(self, body: str, item: str) -> str | None:
        """The words of an item; ``None`` if they are not known."""
        return self.texts.get(body, {}).get(item)


def library_of(dataset: Dataset) -> Library:
    """Every text and every answer of a data set."""
    return Library(
        {body.id: {item.id: attributed(item) for item in body.items} for body in dataset.bodies},
        {question.id: question.answer for question in dataset.questions if question.answer is not None},
    )


def read_library(manifest: Manifest, data: Path | None, root: Path | None, errata: Path | None = None) -> Library:
    """The texts of a run's data set, from ``data`` (its file or folder) or else from ``root`` (holds ``<name>/``).

    ``errata`` is the file that the run's ``--errata`` named. Where neither it nor ``data`` is given, and ``root`` does
    not have the run's very data, the library is empty.

    Raises:
        DataNotFound: ``data`` is given and does not hold the data set; or ``errata``, and it is not there.
        ConfigurationMismatch: what is given is other data than the run was made on, or other errata.
    """
    configuration = manifest.configuration
    name = str(configuration["dataset"])
    try:
        path = find_data(name, data, root)
    except DataNotFound:
        if data is not None or errata is not None:
            raise
        return Library()
    dataset = load_dataset(
        name,
        path,
        captions=bool(configuration.get("captions", True)),
        errata=errata,
        user_side_only=bool(configuration.get("user_side_only")),
    )
    if dataset.sha256 == manifest.data["sha256"]:
        return library_of(dataset)
    if data is None and errata is None:
        return Library()
    corrected = configuration.get("errata")
    wanted = "the run's own data" if corrected is None else f"the run's own data, and its {corrected} with --errata"
    raise ConfigurationMismatch(
        f"The run was made on {manifest.data['file']} with sha256 {manifest.data['sha256']}; {dataset.file_name} has "
        f"{dataset.sha256}. Pass {wanted}; or leave --data and --errata out to see ids in place of texts."
    )
