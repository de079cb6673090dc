"""Finding and loading a data set by its name: which there are, and where their files are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agentmem_evals.datasets.entries import ENTRIES, PASSAGE_KS, TURN_KS, DatasetEntry
from agentmem_evals.datasets.options import LoadOptions
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.errors import DataNotFound, EvalError, UnknownName
from agentmem_evals.types import Dataset

CATALOG: Mapping[str, DatasetEntry] = ENTRIES

__all__ = ["CATALOG", "PASSAGE_KS", "TURN_KS", "DatasetEntry", "dataset_entry", "find_data", "load_dataset"]


def find_data(name: str, given: Path | None, root: Path | None) -> Path:
    """The file of a data set: ``given`` (a file, or a folder that holds it), else ``root`` (holds ``<name>/``).

    For passages it is the file of questions, which has the corpus beside it; for a data set of several files, their
    folder. One that is generated needs none, and gets ``given`` back, or the current folder.

    Raises:
        UnknownName: there is no such data set.
        DataNotFound: the file is not there, or several could be meant; the message says what to do.
    """
    entry = dataset_entry(name)
    if not entry.file_names:
        return given or Path()
    if given is not None and given.is_file():
        return given
    place = given if given is not None else root
    if place is not None:
        for folder in (place, *(place / one for one in entry.folders)):
            found = _in_folder(entry, folder)
            if found is not None:
                return found
    looked = (
        f"{place} holds none of them" if place is not None else "neither --data nor $" + DATA_VARIABLE + " is given"
    )
    get = f"Run agentmem-evals data fetch {' '.join(entry.downloads)}, or get" if entry.downloads else "Get"
    raise DataNotFound(
        f"The data set {name!r} is one of the files {', '.join(entry.file_names)}, and {looked}. "
        f"{get} {entry.origin} ({entry.licence.name}), "
        f"then pass --data FILE_OR_FOLDER, or set ${DATA_VARIABLE} to a folder that holds {entry.folders[0]}/."
    )


def load_dataset(
    name: str,
    path: Path,
    *,
    captions: bool = True,
    errata: Path | None = None,
    user_side_only: bool = False,
    haystack: str | None = None,
    haystack_text: Path | None = None,
    tasks: tuple[str, ...] = (),
) -> Dataset:
    """Read a data set from its file.

    Args:
        name: one in :data:`CATALOG`.
        path: what :func:`find_data` found.
        captions: what shared pictures show is part of the turns; data sets without pictures do not care.
        errata: a file of corrected answers and evidence, where the data set has errata.
        user_side_only: what the assistant says is neither told nor evidence, where one side is the user.
        haystack: hide the stories in book text, to so many tokens, such as ``128k``.
        haystack_text: that text, if it is not the one beside the data.
        tasks: only these, of a data set that has several, such as ``qa1``.

    Raises:
        UnknownName: there is no such data set.
        EvalError: the data set has no use for one of these.
        DataFormatError: the file is in another format.
    """
    entry = dataset_entry(name)
    options = LoadOptions(captions, errata, user_side_only, haystack, haystack_text, tasks)
    if useless := [option for option in options.asked() if option not in entry.takes]:
        flags = ", ".join(f"--{option.replace('_', '-')}" for option in useless)
        takers = ", ".join(known for known, one in CATALOG.items() if one.takes.issuperset(useless)) or "no data set"
        raise EvalError(f"The data set {name!r} has no use for {flags}; it is for {takers}. Leave it out.")
    return entry.load(path, options)


def dataset_entry(name: str) -> DatasetEntry:
    """The catalog's entry.

    Raises:
        UnknownName: there is no such data set.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no data set {name!r}. Known are: {', '.join(CATALOG)}.")
    return CATALOG[name]


def _in_folder(entry: DatasetEntry, folder: Path) -> Path | None:
    for pattern in entry.file_names:
        match sorted(path for path in folder.glob(pattern) if path.is_file()):
            case [one]:
                return one
            case [_, *_] if entry.whole_folder:
                return folder
            case [_, *_] as several:
                names = ", ".join(path.name for path in several)
                raise DataNotFound(f"{folder} holds several of {pattern}: {names}. Pass one: --data FILE.")
    return None
