"""Which data sets there are, and where their files are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.datasets import locomo
from agentmem_evals.datasets.passages import HOTPOTQA, MUSIQUE, TWO_WIKI, load_passages
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.errors import DataNotFound, UnknownName
from agentmem_evals.types import Dataset, Level

TURN_KS = (5, 10, 20, 50)
PASSAGE_KS = (2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """How a data set is loaded.

    ``load`` is given the file and whether captions are wanted. ``file_names``, which may hold ``*``, are tried in
    order. ``ks`` are the depths at which its rankings are usually cut. ``origin`` says where to get it.
    """

    load: Callable[[Path, bool], Dataset]
    level: Level
    file_names: tuple[str, ...]
    ks: tuple[int, ...]
    origin: str


def _locomo(path: Path, captions: bool) -> Dataset:
    return locomo.load_locomo(path, captions=captions)


def _in_hipporags_format(name: str, *published: str) -> DatasetEntry:
    def load(path: Path, _captions: bool) -> Dataset:
        return load_passages(name, path)

    return DatasetEntry(
        load,
        Level.PASSAGE,
        ("questions*.json", *published),
        PASSAGE_KS,
        f"{published[0]} and {published[0].removesuffix('.json')}_corpus.json of "
        "https://github.com/OSU-NLP-Group/HippoRAG (MIT)",
    )


CATALOG: Mapping[str, DatasetEntry] = {
    locomo.NAME: DatasetEntry(
        _locomo,
        Level.TURN,
        locomo.FILE_NAMES,
        TURN_KS,
        "data/locomo10.json of https://github.com/snap-research/locomo (CC BY-NC 4.0)",
    ),
    MUSIQUE: _in_hipporags_format(MUSIQUE, "musique.json"),
    HOTPOTQA: _in_hipporags_format(HOTPOTQA, "hotpotqa.json"),
    TWO_WIKI: _in_hipporags_format(TWO_WIKI, "2wikimultihopqa.json"),
}


def find_data(name: str, given: Path | None, root: Path | None) -> Path:
    """The file of a data set: ``given`` (a file, or a folder that holds it), else ``root`` (holds ``<name>/``).

    For passages it is the file of questions, which has the corpus beside it.

    Raises:
        UnknownName: there is no such data set.
        DataNotFound: the file is not there, or several could be meant; the message says what to do.
    """
    entry = dataset_entry(name)
    if given is not None and given.is_file():
        return given
    place = given if given is not None else root
    if place is not None:
        for folder in (place, place / name):
            for pattern in entry.file_names:
                match sorted(path for path in folder.glob(pattern) if path.is_file()):
                    case [one]:
                        return one
                    case [_, *_] as several:
                        names = ", ".join(path.name for path in several)
                        raise DataNotFound(f"{folder} holds several of {pattern}: {names}. Pass one: --data FILE.")
    looked = (
        f"{place} holds none of them" if place is not None else "neither --data nor $" + DATA_VARIABLE + " is given"
    )
    raise DataNotFound(
        f"The data set {name!r} is one of the files {', '.join(entry.file_names)}, and {looked}. "
        f"Get {entry.origin}, then pass --data FILE_OR_FOLDER, or set ${DATA_VARIABLE} to a folder that holds {name}/."
    )


def load_dataset(name: str, path: Path, *, captions: bool) -> Dataset:
    """Read a data set from its file."""
    return dataset_entry(name).load(path, captions)


def dataset_entry(name: str) -> DatasetEntry:
    """The catalog's entry.

    Raises:
        UnknownName: there is no such data set.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no data set {name!r}. Known are: {', '.join(CATALOG)}.")
    return CATALOG[name]
