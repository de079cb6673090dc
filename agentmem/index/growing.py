"""A NumPy array that grows at its end, doubling its room, so that appending costs constant time on average."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_FIRST_ROOM = 64


class Growing:
    """``len(self)`` entries of one dtype; with ``width``, each is a column of so many. ``view()`` copies nothing.

    Columns, because BLAS multiplies ``vector @ matrix`` so about twice as fast as by rows.
    """

    def __init__(self, dtype: DTypeLike, width: int | None = None) -> None:
        self._shape: tuple[int, ...] = () if width is None else (width,)
        self._room: NDArray[Any] = np.empty((*self._shape, 0), dtype=dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        """Bytes taken, room to grow included."""
        return int(self._room.nbytes)

    def view(self) -> NDArray[Any]:
        """The entries, shape ``(n,)`` or ``(width, n)``. Valid until the next ``extend``."""
        return self._room[..., : self._length]

    def extend(self, values: Any) -> None:
        """Append the values of an array or a sequence, shape ``(m,)`` or ``(m, width)``."""
        added = np.asarray(values, dtype=self._room.dtype).reshape((-1, *self._shape))
        needed = self._length + len(added)
        room = self._room.shape[-1]
        if needed > room:
            larger = np.empty((*self._shape, max(needed, 2 * room, _FIRST_ROOM)), dtype=self._room.dtype)
            larger[..., : self._length] = self.view()
            self._room = larger
        self._room[..., self._length : needed] = added.T
        self._length = needed
