"""The licences under which data sets are published, as they are shown before a download.

A licence here is what the publisher says; the note is what follows from it for an evaluation, or what is not clear.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence by its name, where its text is, and what to mind."""

    name: str
    url: str
    note: str = ""


LOCOMO = Licence(
    "CC BY-NC 4.0",
    "https://github.com/snap-research/locomo/blob/3eb6f2c585f5e1699204e3c3bdf7adc5c28cb376/LICENSE.txt",
    "Not for commercial purposes. Name the authors (Maharana et al., ACL 2024).",
)
LONGMEMEVAL = Licence("MIT", "https://github.com/xiaowu0162/LongMemEval/blob/main/LICENSE")
HIPPORAG = Licence(
    "MIT (the repository)",
    "https://github.com/OSU-NLP-Group/HippoRAG/blob/main/LICENSE",
    "The passages and questions are of MuSiQue (CC BY 4.0), HotpotQA (CC BY-SA 4.0) and 2WikiMultiHopQA (Apache-2.0).",
)
BABI = Licence("CC BY 3.0", "https://creativecommons.org/licenses/by/3.0/", "Name the authors (Weston et al., 2015).")
BOOK_SORT = Licence(
    "BSD-3-Clause (the repository)",
    "https://github.com/bridge-ai-neuro/SORT/blob/main/LICENSE",
    "The books are in the public domain in the United States (Project Gutenberg).",
)
EPBENCH = Licence(
    "MIT (the repository)",
    "https://github.com/ahstat/episodic-memory-benchmark/blob/main/LICENSE",
    "The data are on figshare, which states their licence: https://doi.org/10.6084/m9.figshare.28244480.v1",
)
QUALITY = Licence(
    "of each article, in its field 'license'",
    "https://github.com/nyu-mll/quality",
    "The repository states no licence for the questions.",
)
MSC = Licence(
    "none stated for the data",
    "https://parl.ai/projects/msc/",
    "ParlAI's code, which downloads the data, is MIT.",
)
CARECALL = Licence(
    "NAVER's own: non-commercial research, no redistribution",
    "https://github.com/naver-ai/carecall-memory#dataset-license-and-download",
    "The Korean original is given out on request; name NAVER Corp. as the source.",
)
OWN = Licence("whatever you have", "", "Your own data.")
