"""What can be downloaded: where each file is, what it must contain, and under which licence.

A hash that is pinned here is that of the publisher, or of the content-addressed store that serves the file, and it was
found to be the same in several independent places. Where none could be found, ``sha256`` is ``None``: then a download
tells the hash of what came and keeps it only once it is told to expect that hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentmem_evals.datasets import licences
from agentmem_evals.datasets.licences import Licence
from agentmem_evals.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Declaration:
    """A file that can be downloaded.

    ``name`` is what it is asked for by; ``folder`` is where it goes, below the folder of all data, and ``file_name``
    what it is called there. ``sha256`` and ``bytes`` are what it must have; ``None`` is not known. ``members`` are
    patterns of what is taken out of an archive, into the same folder, with the last ``keep`` names of its path; none
    for other files.
    """

    name: str
    folder: str
    file_name: str
    url: str
    licence: Licence
    sha256: str | None = None
    bytes: int | None = None
    members: tuple[str, ...] = ()
    keep: int = 1
    note: str = ""


_LOCOMO = "https://raw.githubusercontent.com/snap-research/locomo/3eb6f2c585f5e1699204e3c3bdf7adc5c28cb376"
_CLEANED = (
    "https://huggingface.co/datasets/xiaowu0162/longmemeval-cleaned/resolve/98d7416c24c778c2fee6e6f3006e7a073259d48f"
)
_ORIGINAL = "https://huggingface.co/datasets/xiaowu0162/longmemeval/resolve/2ec2a557f339b6c0369619b1ed5793734cc87533"
_HIPPORAG = "https://raw.githubusercontent.com/OSU-NLP-Group/HippoRAG/main/reproduce/dataset"
_SORT = "https://raw.githubusercontent.com/bridge-ai-neuro/SORT/7a975602312ebd3412ce2a9b34b7bcf649d23c29/data/booksort/BookSORT"
_QUALITY = "https://raw.githubusercontent.com/nyu-mll/quality/main/data/v1.0.1"


def _longmemeval(name: str, file_name: str, url: str, sha256: str, size: int) -> Declaration:
    return Declaration(name, "longmemeval", file_name, url, licences.LONGMEMEVAL, sha256, size)


def _hipporag(name: str, stem: str) -> tuple[Declaration, ...]:
    """The questions, and beside them the corpus."""
    return tuple(
        Declaration(f"{name}{part}", name, f"{stem}{suffix}", f"{_HIPPORAG}/{stem}{suffix}", licences.HIPPORAG)
        for part, suffix in (("", ".json"), ("-corpus", "_corpus.json"))
    )


_ALL: Sequence[Declaration] = (
    Declaration(
        "locomo",
        "locomo",
        "locomo10.json",
        f"{_LOCOMO}/data/locomo10.json",
        licences.LOCOMO,
        "79fa87e90f04081343b8c8debecb80a9a6842b76a7aa537dc9fdf651ea698ff4",
        2_805_274,
    ),
    Declaration(
        "locomo-errata",
        "locomo",
        "errors.json",
        "https://raw.githubusercontent.com/dial481/locomo-audit/main/errors.json",
        licences.LOCOMO,
        note="For --errata: an audit's corrections.",
    ),
    _longmemeval(
        "longmemeval-oracle",
        "longmemeval_oracle.json",
        f"{_CLEANED}/longmemeval_oracle.json",
        "821a2034d219ab45846873dd14c14f12cfe7776e73527a483f9dac095d38620c",
        15_388_478,
    ),
    _longmemeval(
        "longmemeval-s",
        "longmemeval_s_cleaned.json",
        f"{_CLEANED}/longmemeval_s_cleaned.json",
        "d6f21ea9d60a0d56f34a05b609c79c88a451d2ae03597821ea3d5a9678c3a442",
        277_383_467,
    ),
    _longmemeval(
        "longmemeval-m",
        "longmemeval_m_cleaned.json",
        f"{_CLEANED}/longmemeval_m_cleaned.json",
        "9d79e5524794a2e6900a3aa9cb7d9152c5a3e8319c9a87c25494ba1eacee495f",
        2_737_100_077,
    ),
    _longmemeval(
        "longmemeval-s-original",
        "longmemeval_s.json",
        f"{_ORIGINAL}/longmemeval_s",
        "08d8dad4be43ee2049a22ff5674eb86725d0ce5ff434cde2627e5e8e7e117894",
        278_025_796,
    ),
    _longmemeval(
        "longmemeval-m-original",
        "longmemeval_m.json",
        f"{_ORIGINAL}/longmemeval_m",
        "fb5413e3b077c62927daab794836991a2fcfa61ceacab57dc679fb02daaff2d9",
        2_745_274_681,
    ),
    *_hipporag("musique", "musique"),
    *_hipporag("hotpotqa", "hotpotqa"),
    *_hipporag("2wiki", "2wikimultihopqa"),
    Declaration(
        "babi",
        "babi",
        "tasks_1-20_v1-2.tar.gz",
        "http://www.thespermwhale.com/jaseweston/babi/tasks_1-20_v1-2.tar.gz",
        licences.BABI,
        "0364ebde659f14d11bc21744516c5ec49d3d06cb692733f66680771244998898",
        15_719_851,
        members=("*/en/qa*_*.txt",),
        note="The authors' address does not always answer; a copy from elsewhere is the same if its hash is.",
    ),
    *(
        Declaration(f"sort-{part}", "sort", name, f"{_SORT}/{name}", licences.BOOK_SORT)
        for part, name in (
            ("segments", "segments_250-s20-n110.csv"),
            ("excerpts", "excerpts_250-s20-n110.csv"),
        )
    ),
    Declaration(
        "quality",
        "quality",
        "QuALITY.v1.0.1.htmlstripped.dev",
        f"{_QUALITY}/QuALITY.v1.0.1.htmlstripped.dev",
        licences.QUALITY,
    ),
    Declaration(
        "msc",
        "msc",
        "msc_v0.1.tar.gz",
        "https://parl.ai/downloads/msc/msc_v0.1.tar.gz",
        licences.MSC,
        "e640e37cf4317cd09fc02a4cd57ef130a185f23635f4003b0cee341ffcb45e60",
        members=("*/msc_dialogue/session_5/*.txt",),
        keep=2,
    ),
    Declaration(
        "carecall",
        "carecall",
        "carecall-memory_en_auto_translated.json",
        "https://raw.githubusercontent.com/naver-ai/carecall-memory/main/data/carecall-memory_en_auto_translated.json",
        licences.CARECALL,
        note="Translated by machine; the Korean original is given out on request.",
    ),
)
DECLARATIONS: Mapping[str, Declaration] = {declaration.name: declaration for declaration in _ALL}
"""What ``agentmem-evals data fetch`` knows, by name. EPBench's archive is on figshare, and no address of the
file itself is known here: fetch it by hand from https://doi.org/10.6084/m9.figshare.28244480.v1."""


def declaration_of(name: str) -> Declaration:
    """The declaration of a download.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in DECLARATIONS:
        raise UnknownName(
            f"There is nothing to download that is called {name!r}. Known are: {', '.join(DECLARATIONS)}."
        )
    return DECLARATIONS[name]
