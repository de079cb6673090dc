"""A NumPy array that grows at its end, doubling its room, so that appending costs constant time on average."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_FIRST_ROOM = 64


class Growing:
    """``len(self)`` entries (or rows of ``width``) of one dtype. ``view()`` is the live part, without a copy."""

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._shape: tuple[int, ...] = () if width is None else (width,)
        self._room: NDArray[Any] = np.empty((0, *self._shape), dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        """Bytes taken, room to grow included."""
        return int(self._room.nbytes)

    def view(self) -> NDArray[Any]:
        """The entries. Valid until the next ``extend``."""
        return self._room[: self._length]

    def extend(self, values: Any) -> None:
        """Append the values of an array or a sequence."""
        added = np.asarray(values, dtype=self._room.dtype).reshape((-1, *self._shape))
        needed = self._length + len(added)
        if needed > len(self._room):
            room = np.empty((max(needed, 2 * len(self._room), _FIRST_ROOM), *self._shape), dtype=self._room.dtype)
            room[: self._length] = self.view()
            self._room = room
        self._room[self._length : needed] = added
        self._length = needed
