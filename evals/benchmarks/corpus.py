"""Generated conversation: random words with the frequencies and lengths of real chat, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np

from agentmem.types import Message

VOCABULARY = 20_000
MEAN_WORDS = 24
"""LoCoMo's turns have about 24 words."""
TURNS_PER_SESSION = 20
_ZIPF = 1.05
_SYLLABLES = tuple("ba co di fu ga he jo ki lu ma ne po ra si to vu we zo".split())
_SPEAKERS = ("Caroline", "Melanie")
_START = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def _word(number: int) -> str:
    syllables = []
    while True:
        number, rest = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[rest])
        if not number:
            return "".join(syllables)


class Corpus:
    """An endless stream of texts; word frequencies follow Zipf's law."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._words = [_word(number + len(_SYLLABLES) ** 2) for number in range(VOCABULARY)]
        weights = 1 / np.arange(1, VOCABULARY + 1) ** _ZIPF
        self._cumulative = np.cumsum(weights) / weights.sum()

    def texts(self, count: int) -> list[str]:
        """The next ``count`` turns' texts."""
        return list(islice(self._stream(MEAN_WORDS), count))

    def queries(self, count: int) -> list[str]:
        """The next ``count`` questions: a speaker's name and a few words."""
        names = self._random.choice(_SPEAKERS, count)
        return [f"What did {name} say about {text}?" for name, text in zip(names, self._stream(5), strict=False)]

    def messages(self, count: int) -> list[Message]:
        """The next ``count`` turns of one long conversation in sessions a day apart."""
        return [
            Message(
                text=text,
                speaker=_SPEAKERS[number % 2],
                session=f"session_{number // TURNS_PER_SESSION + 1}",
                at=_START + timedelta(days=number // TURNS_PER_SESSION, seconds=number % TURNS_PER_SESSION),
            )
            for number, text in enumerate(self.texts(count))
        ]

    def _stream(self, mean_words: int) -> Iterator[str]:
        while True:
            lengths = self._random.poisson(mean_words - 1, 1000) + 1
            drawn = np.searchsorted(self._cumulative, self._random.random(int(lengths.sum())))
            ends = np.cumsum(lengths)
            for start, end in zip(ends - lengths, ends, strict=True):
                yield " ".join(self._words[position] for position in drawn[start:end])
