"""Book-SORT, the Sequence Order Recall Task over public-domain books (arXiv 2410.08133; bridge-ai-neuro/SORT, BSD-3).

Two segments of an excerpt are shown; which of them comes first in the excerpt is asked. An excerpt is a body, told
sentence by sentence, and evidence are the sentences in which the segments lie. A folder holds ``segments_<words>*.csv``
(the pairs) and, under the same name otherwise, ``excerpts_<words>*.csv`` (the texts). Official protocol: accuracy over
the first 100 excerpts of each book, the rest being for the choice of a prompt; the order of the options is the
column ``present_seg1_first``, half of them each way; chance is 50%.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from agentmem.text.sentences import Span, sentences
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.narrative import narrated, sentence_turns
from agentmem_evals.datasets.formats.table import read_table
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Conversation, Dataset, Level, Question

NAME = "sort"
FILE_NAMES = ("segments_250.csv", "segments_*.csv")
EVALUATED = 100
"""Excerpts of each book that the official evaluation uses."""

_PAIR = ("book_idx", "excerpt_idx", "segment_idx", "segment_1", "segment_2", "seg1_pos", "seg2_pos", "distance_bin")
_EXCERPT = ("book_idx", "excerpt_idx", "excerpt_text")
_ORDER = "present_seg1_first"


def load_sort(path: Path, *, seed: int | None = None, excerpts: int = EVALUATED) -> Dataset:
    """Read a file of pairs and the excerpts beside it, the first ``excerpts`` of each book.

    The options come in the published order; with a ``seed`` it is drawn instead.

    Raises:
        DataNotFound: the excerpts are not beside the pairs.
        DataFormatError: a file is not in the format.
    """
    beside = path.with_name(path.name.replace("segments", "excerpts", 1))
    if beside == path or not beside.is_file():
        raise DataNotFound(f"Beside {path.name} the excerpts are missing: put {beside.name} into the same folder.")
    contents = [path.read_bytes(), beside.read_bytes()]
    pairs = read_table(contents[0], path.name, (*_PAIR, _ORDER))
    texts = read_table(contents[1], beside.name, _EXCERPT)
    try:
        bodies = {
            (row["book_idx"], row["excerpt_idx"]): _Excerpt(row) for row in texts if int(row["excerpt_idx"]) < excerpts
        }
        questions = tuple(_questions(pairs, bodies, seed))
    except (ValueError, KeyError) as error:
        raise DataFormatError(
            f"{path.name} and {beside.name} are not Book-SORT's ({type(error).__name__}: {error}). Expected are "
            "numbers in the columns of positions, and an excerpt for each pair."
        ) from error
    return Dataset(
        name=NAME,
        file_name=f"{path.name}, {beside.name}",
        sha256=digest_of(contents),
        level=Level.TURN,
        category_names={one: f"at most {one} words apart" for one in dict.fromkeys(q.category for q in questions)},
        bodies=tuple(excerpt.body for excerpt in bodies.values()),
        questions=questions,
    )


class _Excerpt:
    """A text in sentences, and which of them hold its words."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.words = plain(row["excerpt_text"]).split()
        text = " ".join(self.words)
        self.spans: list[Span] = sentences(text)
        self._starts = list(accumulate((len(word) + 1 for word in self.words), initial=0))
        turns = sentence_turns((number, text[start:end]) for number, (start, end) in enumerate(self.spans, start=1))
        self.body: Conversation = narrated(f"{row['book_idx']}_{row['excerpt_idx']}", turns)

    def holding(self, position: int, segment: str) -> tuple[str, ...]:
        """Ids of the sentences that the segment touches; none where the words at the position are others."""
        count = len(segment.split())
        if self.words[position : position + count] != segment.split():
            return ()
        first, last = self._starts[position], self._starts[position + count] - 1
        return tuple(str(n) for n, (start, end) in enumerate(self.spans, start=1) if start < last and end > first)


def plain(text: str) -> str:
    """The words without the one asterisk on each side that the published files put there."""
    return " ".join(text.strip().removeprefix("*").removesuffix("*").split())


def _questions(
    pairs: Sequence[Mapping[str, str]], bodies: Mapping[tuple[str, str], _Excerpt], seed: int | None
) -> list[Question]:
    known_excerpts = {excerpt for _, excerpt in bodies}
    questions = []
    for row in pairs:
        if row["excerpt_idx"] not in known_excerpts:
            continue
        excerpt = bodies[row["book_idx"], row["excerpt_idx"]]
        segments = {int(row[f"seg{one}_pos"]): plain(row[f"segment_{one}"]) for one in (1, 2)}
        if len(segments) < 2:
            raise ValueError(f"both segments of {row['book_idx']}, {row['excerpt_idx']} stand at one position")
        positions = sorted(segments)
        id = f"{NAME}_{excerpt.body.id}_{row['segment_idx']}_{row['distance_bin']}"
        published = (segments[int(row["seg1_pos"])], segments[int(row["seg2_pos"])])
        first_one_first = int(row[_ORDER]) == 1 if seed is None else _drawn(seed, id)
        options = published if first_one_first else published[::-1]
        held = {segments[position]: excerpt.holding(position, segments[position]) for position in positions}
        evidence = sorted({one for ids in held.values() for one in ids}, key=int)
        questions.append(
            Question(
                id=id,
                body=excerpt.body.id,
                text=f"Which of these two passages comes first in the text?\n- {options[0]}\n- {options[1]}",
                answer=segments[positions[0]],
                category=row["distance_bin"],
                evidence=tuple(evidence),
                unresolved=tuple(segment for segment, ids in held.items() if not ids),
                options=options,
            )
        )
    return questions


def _drawn(seed: int, id: str) -> bool:
    return random.Random(f"{seed} {id}").random() < 0.5  # noqa: S311 - an order, no secret
