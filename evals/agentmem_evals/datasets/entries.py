"""Which data sets there are: for each how it is loaded, what its answers are measured with, and where to get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.datasets import licences, locomo, longmemeval, longmemeval_pool, observations
from agentmem_evals.datasets.babi import FILE_NAMES as BABI_FILES
from agentmem_evals.datasets.babi import NAME as BABI
from agentmem_evals.datasets.babilong import LENGTHS, load_babilong, load_hidden_babi
from agentmem_evals.datasets.epbench import FILE_NAMES as EPBENCH_FILES
from agentmem_evals.datasets.epbench import NAME as EPBENCH
from agentmem_evals.datasets.epbench import load_epbench
from agentmem_evals.datasets.epbench_book import NAME as EPBENCH_BOOK
from agentmem_evals.datasets.epbench_book import load_book_of
from agentmem_evals.datasets.jsonl import FILE_NAMES as JSONL_FILES
from agentmem_evals.datasets.jsonl import NAME as JSONL
from agentmem_evals.datasets.jsonl import load_jsonl
from agentmem_evals.datasets.licences import Licence
from agentmem_evals.datasets.multi_session_chat import (
    CARECALL,
    CARECALL_FILES,
    MSC,
    MSC_FILES,
    load_carecall,
    load_msc,
)
from agentmem_evals.datasets.options import ERRATA, HAYSTACK, HAYSTACK_TEXT, TASKS, USER_SIDE_ONLY, LoadOptions
from agentmem_evals.datasets.passages import HOTPOTQA, MUSIQUE, TWO_WIKI, load_passages
from agentmem_evals.datasets.quality import FILE_NAMES as QUALITY_FILES
from agentmem_evals.datasets.quality import NAME as QUALITY
from agentmem_evals.datasets.quality import load_quality
from agentmem_evals.datasets.sort import FILE_NAMES as SORT_FILES
from agentmem_evals.datasets.sort import NAME as SORT
from agentmem_evals.datasets.sort import load_sort
from agentmem_evals.types import Dataset, Level

TURN_KS = (5, 10, 20, 50)
PASSAGE_KS = (2, 5, 10, 20)

LOCOMO_METRICS = ("locomo_f1", "mem0_f1", "mem0_bleu1")
HIPPORAG_METRICS = ("hipporag_em", "hipporag_f1")
EPBENCH_METRICS = ("epbench_f1", "epbench_recall", "epbench_chronology", "epbench_all_in_order")


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """How a data set is loaded and measured.

    ``load`` is given the file and what is asked of the loader. ``level`` is what its rankings rank; ``None``: what the
    file holds. ``file_names``, which may hold ``*``, are tried in order in the folders called ``folders``; with
    ``whole_folder`` several that match are read together. No file names: it is generated. ``ks`` are the depths at
    which its rankings are usually cut. ``takes`` are the options that it knows, by the names in
    :mod:`agentmem_evals.datasets.options`.

    ``answer_metrics`` are names in :data:`agentmem_evals.metrics.answers.ANSWER_METRICS`; ``judge`` is the one that is
    usual for it. ``origin`` says where to get it, under ``licence``; ``downloads`` are names in
    :data:`agentmem_evals.datasets.declarations.DECLARATIONS`.
    """

    load: Callable[[Path, LoadOptions], Dataset]
    level: Level | None
    file_names: tuple[str, ...]
    ks: tuple[int, ...]
    origin: str
    folders: tuple[str, ...]
    licence: Licence
    downloads: tuple[str, ...] = ()
    answer_metrics: tuple[str, ...] = ()
    judge: str | None = None
    takes: frozenset[str] = frozenset()
    whole_folder: bool = False


def _plain(load: Callable[[Path], Dataset]) -> Callable[[Path, LoadOptions], Dataset]:
    """A loader that no option changes."""
    return lambda path, _options: load(path)


def _locomo(path: Path, options: LoadOptions) -> Dataset:
    return locomo.load_locomo(path, captions=options.captions, errata=options.errata)


def _observations(path: Path, options: LoadOptions) -> Dataset:
    return observations.load_observations(path, errata=options.errata)


def _of_locomo(load: Callable[[Path, LoadOptions], Dataset], level: Level) -> DatasetEntry:
    return DatasetEntry(
        load,
        level,
        locomo.FILE_NAMES,
        TURN_KS,
        "data/locomo10.json of https://github.com/snap-research/locomo",
        (locomo.NAME,),
        licences.LOCOMO,
        (locomo.NAME,),
        LOCOMO_METRICS,
        "mem0",
        frozenset({ERRATA}),
    )


def _longmemeval(name: str) -> DatasetEntry:
    def load(path: Path, options: LoadOptions) -> Dataset:
        return longmemeval.load_longmemeval(path, name=name, user_side_only=options.user_side_only)

    repository = "longmemeval" if name.endswith("-original") else "longmemeval-cleaned"
    return DatasetEntry(
        load,
        Level.TURN,
        longmemeval.FILE_NAMES[name],
        longmemeval.KS,
        f"{longmemeval.FILE_NAMES[name][-1]} of https://huggingface.co/datasets/xiaowu0162/{repository}",
        (longmemeval.FOLDER, name),
        licences.LONGMEMEVAL,
        (name,),
        judge="longmemeval",
        takes=frozenset({USER_SIDE_ONLY}),
    )


def _in_hipporags_format(name: str, published: str) -> DatasetEntry:
    def load(path: Path, _options: LoadOptions) -> Dataset:
        return load_passages(name, path)

    return DatasetEntry(
        load,
        Level.PASSAGE,
        ("questions*.json", published),
        PASSAGE_KS,
        f"{published} and {published.removesuffix('.json')}_corpus.json of https://github.com/OSU-NLP-Group/HippoRAG",
        (name,),
        licences.HIPPORAG,
        (name, f"{name}-corpus"),
        HIPPORAG_METRICS,
    )


def _babilong(name: str) -> DatasetEntry:
    def load(path: Path, options: LoadOptions) -> Dataset:
        return load_babilong(name, path, haystack=options.haystack_text, tasks=options.tasks)

    return _babi(name, load, frozenset({HAYSTACK_TEXT, TASKS}))


def _babi(name: str, load: Callable[[Path, LoadOptions], Dataset], takes: frozenset[str]) -> DatasetEntry:
    return DatasetEntry(
        load,
        Level.TURN,
        BABI_FILES,
        TURN_KS,
        "the folder en/ of the bAbI tasks v1.2" + ("" if name == BABI else ", and books or Book-SORT beside it"),
        (BABI, name),
        licences.BABI,
        (BABI,) if name == BABI else (BABI, "sort-segments", "sort-excerpts"),
        ("exact",),
        takes=takes,
        whole_folder=True,
    )


def _simple(
    name: str,
    load: Callable[[Path], Dataset],
    level: Level | None,
    file_names: tuple[str, ...],
    origin: str,
    licence: Licence,
    downloads: tuple[str, ...] = (),
    answer_metrics: tuple[str, ...] = (),
    judge: str | None = None,
) -> DatasetEntry:
    ks = PASSAGE_KS if level is Level.PASSAGE else TURN_KS
    return DatasetEntry(_plain(load), level, file_names, ks, origin, (name,), licence, downloads, answer_metrics, judge)


ENTRIES: Mapping[str, DatasetEntry] = {
    locomo.NAME: _of_locomo(_locomo, Level.TURN),
    observations.NAME: _of_locomo(_observations, Level.OBSERVATION),
    **{name: _longmemeval(name) for name in longmemeval.FILE_NAMES},
    longmemeval_pool.NAME: DatasetEntry(
        _plain(longmemeval_pool.load_pool),
        Level.TURN,
        longmemeval_pool.FILE_NAMES,
        longmemeval.KS,
        "a file of evidence turns, one question a line; it is not published as such",
        (longmemeval.FOLDER, longmemeval_pool.NAME),
        licences.LONGMEMEVAL,
    ),
    MUSIQUE: _in_hipporags_format(MUSIQUE, "musique.json"),
    HOTPOTQA: _in_hipporags_format(HOTPOTQA, "hotpotqa.json"),
    TWO_WIKI: _in_hipporags_format(TWO_WIKI, "2wikimultihopqa.json"),
    BABI: _babi(BABI, load_hidden_babi, frozenset({HAYSTACK, HAYSTACK_TEXT, TASKS})),
    **{name: _babilong(name) for name in LENGTHS},
    SORT: _simple(
        SORT,
        load_sort,
        Level.TURN,
        SORT_FILES,
        "data/booksort/BookSORT of https://github.com/bridge-ai-neuro/SORT",
        licences.BOOK_SORT,
        ("sort-segments", "sort-excerpts"),
        ("choice",),
    ),
    EPBENCH: _simple(
        EPBENCH,
        load_epbench,
        Level.PASSAGE,
        EPBENCH_FILES,
        "the folder of one book of https://doi.org/10.6084/m9.figshare.28244480.v1",
        licences.EPBENCH,
        answer_metrics=EPBENCH_METRICS,
    ),
    EPBENCH_BOOK: _simple(
        EPBENCH_BOOK,
        load_book_of,
        Level.PASSAGE,
        (),
        "the project itself, which generates it",
        licences.OWN,
        answer_metrics=EPBENCH_METRICS,
    ),
    QUALITY: _simple(
        QUALITY,
        load_quality,
        Level.PASSAGE,
        QUALITY_FILES,
        "data/v1.0.1 of https://github.com/nyu-mll/quality",
        licences.QUALITY,
        (QUALITY,),
        ("choice",),
    ),
    MSC: _simple(
        MSC, load_msc, Level.TURN, MSC_FILES, "https://parl.ai/projects/msc/", licences.MSC, (MSC,), judge="strict"
    ),
    CARECALL: _simple(
        CARECALL,
        load_carecall,
        Level.TURN,
        CARECALL_FILES,
        "https://github.com/naver-ai/carecall-memory",
        licences.CARECALL,
        (CARECALL,),
    ),
    JSONL: _simple(
        JSONL, load_jsonl, None, JSONL_FILES, "your own data: see DATASETS.md", licences.OWN, judge="strict"
    ),
}
