"""Which data sets there are, and where their files are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.datasets import locomo
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.errors import DataNotFound, UnknownName
from agentmem_evals.types import Dataset


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """How a data set is loaded. ``file_names`` are tried in order; ``origin`` says where to get it."""

    load: Callable[..., Dataset]
    file_names: tuple[str, ...]
    origin: str


CATALOG: Mapping[str, DatasetEntry] = {
    locomo.NAME: DatasetEntry(
        locomo.load_locomo,
        locomo.FILE_NAMES,
        "data/locomo10.json of https://github.com/snap-research/locomo (CC BY-NC 4.0)",
    ),
}


def find_data(name: str, given: Path | None, root: Path | None) -> Path:
    """The file of a data set: ``given`` (a file, or a folder that holds it), else ``root`` (holds ``<name>/``).

    Raises:
        UnknownName: there is no such data set.
        DataNotFound: the file is not there; the message says what to do.
    """
    entry = dataset_entry(name)
    if given is not None and given.is_file():
        return given
    place = given if given is not None else root
    if place is not None:
        for folder in (place, place / name):
            for file_name in entry.file_names:
                if (folder / file_name).is_file():
                    return folder / file_name
    looked = (
        f"{place} holds none of them" if place is not None else "neither --data nor $" + DATA_VARIABLE + " is given"
    )
    raise DataNotFound(
        f"The data set {name!r} is one of the files {', '.join(entry.file_names)}, and {looked}. "
        f"Get {entry.origin}, then pass --data FILE_OR_FOLDER, or set ${DATA_VARIABLE} to a folder that holds {name}/."
    )


def load_dataset(name: str, path: Path, *, captions: bool) -> Dataset:
    """Read a data set from its file."""
    return dataset_entry(name).load(path, captions=captions)


def dataset_entry(name: str) -> DatasetEntry:
    """The catalog's entry.

    Raises:
        UnknownName: there is no such data set.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no data set {name!r}. Known are: {', '.join(CATALOG)}.")
    return CATALOG[name]
