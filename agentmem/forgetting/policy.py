"""What a user decides about forgetting. Imports no NumPy: it is built where a store is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from agentmem.errors import InvalidInput

Decay = Literal["ebbinghaus", "memoria"]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """When memories of a scope are retired, and when retired ones are destroyed. By default: never.

    Retiring is soft: the memory is no longer found, and can be restored until it is purged. Pinned memories are neither
    retired nor purged.

    Attributes:
        max_memories: how many active memories a scope may hold; what is worth least gives way.
        max_bytes: how much they may take up together.
        decay: how memories fade by themselves: ``"ebbinghaus"`` (MemoryBank), ``"memoria"``, or ``None``, not at all.
        floor: with ``"ebbinghaus"``, the retention below which a memory has faded; 0.05 is 15 days for one that was
            never used.
        grace: how long after that a retired memory is purged; ``None``: never.
        min_age: what was learned less long ago neither fades nor gives way. It may expire.
        expire: retire what has passed its own expiry, and nothing else. Any other policy does so too.

    Raises:
        InvalidInput: a limit below 1, an unknown decay, a floor outside [0, 1), a negative duration, a wrong type.
    """

    max_memories: int | None = None
    max_bytes: int | None = None
    decay: Decay | None = None
    floor: float = 0.05
    grace: timedelta | None = timedelta(days=30)
    min_age: timedelta = timedelta(days=1)
    expire: bool = False

    def __post_init__(self) -> None:
        for name in ("max_memories", "max_bytes"):
            _check_limit(name, getattr(self, name))
        if self.decay is not None and self.decay not in get_args(Decay):
            known = ", ".join(map(repr, get_args(Decay)))
            raise InvalidInput(f"Unknown decay {self.decay!r}. There are: {known}; or None, and nothing fades.")
        if isinstance(self.floor, bool) or not isinstance(self.floor, (int, float)) or not 0.0 <= self.floor < 1.0:
            raise InvalidInput(f"floor must be a number from 0 (nothing fades) to below 1, not {self.floor!r}.")
        if self.grace is not None:
            _check_duration("grace", self.grace, "None never purges")
        _check_duration("min_age", self.min_age, "timedelta(0) protects nothing")
        if not isinstance(self.expire, bool):
            raise InvalidInput(f"expire must be True or False, not {self.expire!r}.")

    @property
    def active(self) -> bool:
        """Whether it does anything at all."""
        return self.expire or any(part is not None for part in (self.max_memories, self.max_bytes, self.decay))


def _check_limit(name: str, limit: object) -> None:
    if limit is None:
        return
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise InvalidInput(f"{name} must be a whole number of at least 1, or None for no limit, not {limit!r}.")


def _check_duration(name: str, duration: object, otherwise: str) -> None:
    if not isinstance(duration, timedelta) or duration < timedelta(0):
        raise InvalidInput(f"{name} must be a timedelta of 0 or more, not {duration!r}; {otherwise}.")


NOTHING_FADES = Forgetting()
