"""Which memory is the head of an item: an index in this process, checked against the database at every use.

agentmem has no look-up by metadata, and listing a namespace takes time in proportion to its size. So the heads of a
namespace are listed once; afterwards only what was created since is asked for. What another process updated, deleted or
let expire shows when the head is read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agentmem import Memory, ScopeHandle
from agentmem.errors import NotFound
from agentmem.types import State
from langchain_agentmem.store.layout import HEADS, KEY, Address, Namespace, session_of, where

_OVERLAP = timedelta(seconds=1)
"""How far back new heads are looked for: another process may commit a moment after it has read the clock."""
_LATE = timedelta(seconds=30)
"""How far back once every ``_OVERLAP``: it may commit much later, if a hook takes its time or the database is busy."""
_NAMESPACES = 1_000
"""How many namespaces are known at once; the one used longest ago makes room."""
PAGE = 1_000


@dataclass(slots=True)
class _Known:
    ids: dict[str, str] = field(default_factory=dict)
    upto: datetime | None = None
    looked: datetime | None = None
    """When heads that were committed late were last looked for."""


class Keys:
    """The heads of items by address. Safe to share between threads."""

    def __init__(self, memory: ScopeHandle, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self._clock = clock
        self._known: OrderedDict[Namespace, _Known] = OrderedDict()
        self._lock = threading.RLock()

    def find(self, address: Address) -> Memory | None:
        """The head of an item as it stands; ``None`` if there is none."""
        return self.find_all([address]).get(address)

    def find_all(self, addresses: Collection[Address]) -> dict[Address, Memory]:
        """The heads of those items that there are."""
        wanted: defaultdict[Namespace, list[Address]] = defaultdict(list)
        for address in addresses:
            wanted[address.namespace].append(address)
        with self._lock:
            return {
                address: heads[address.id]
                for namespace, addresses in wanted.items()
                for heads in [self._in_namespace(namespace, [address.id for address in addresses])]
                for address in addresses
                if address.id in heads
            }

    def _in_namespace(self, namespace: Namespace, keys: Collection[str]) -> dict[str, Memory]:
        known = self._known.get(namespace)
        if known is None or known.upto is None:
            known, fresh = self._load(namespace), True
        else:
            fresh = False
            if any(key not in known.ids for key in keys):
                self._take(known, self._new(namespace, known))
        self._known.move_to_end(namespace)
        found = self._standing(known, keys)
        if not fresh and any(key in known.ids and key not in found for key in keys):
            # Deleted, expired or made anew elsewhere. What came back by restore or undo is older than the last look.
            found = self._standing(self._load(namespace), keys)
        return found

    def created(self, namespace: Namespace, ids: Mapping[str, str]) -> dict[str, Memory]:
        """Take note of new heads, by the ids of their addresses. Returns those that another process made first.

        Those stand, and not the new ones.

        Two processes may create one item at the same moment. Whoever writes last sees both, and the older one stands.
        """
        with self._lock:
            known = self._known.setdefault(namespace, _Known())
            rivals = dict[str, Memory]()
            for head in list(self._new(namespace, known)):
                key = head.metadata[KEY]
                if head.id != ids.get(key, head.id):
                    rivals[key] = min(rivals.get(key, head), head, key=_age)
                self._take(known, [head])
            known.ids.update(ids)
            return rivals

    def stands(self, address: Address, id: str) -> None:
        """Take note that another memory is now an item's head."""
        with self._lock:
            self._known.setdefault(address.namespace, _Known()).ids[address.id] = id

    def gone(self, address: Address) -> None:
        """Take note that there is no such item any more."""
        with self._lock:
            if known := self._known.get(address.namespace):
                known.ids.pop(address.id, None)

    def drop(self) -> None:
        """Know nothing, and look again."""
        with self._lock:
            self._known.clear()

    def _standing(self, known: _Known, keys: Collection[str]) -> dict[str, Memory]:
        """The heads that can still be found, read now."""
        now = self._clock()
        found: dict[str, Memory] = {}
        for key in keys:
            if (id := known.ids.get(key)) is None:
                continue
            try:
                head = self._memory.get(id)
            except NotFound:  # forgotten
                continue
            if head.state is State.ACTIVE and (head.pinned or head.expires_at is None or head.expires_at > now):
                found[key] = head
        return found

    def _load(self, namespace: Namespace) -> _Known:
        known = self._known[namespace] = _Known()
        self._take(known, self._heads(namespace))
        while len(self._known) > _NAMESPACES:
            self._known.popitem(last=False)
        return known

    def _take(self, known: _Known, heads: Iterable[Memory]) -> None:
        for head in heads:
            known.ids.setdefault(head.metadata[KEY], head.id)
            known.upto = head.at if known.upto is None else max(known.upto, head.at)

    def _new(self, namespace: Namespace, known: _Known) -> Iterator[Memory]:
        """The heads that may not be known yet, among some that are."""
        if known.upto is None:
            return self._heads(namespace)
        now, back = self._clock(), _OVERLAP
        if known.looked is None or now - known.looked > _OVERLAP:
            known.looked, back = now, _LATE
        return self._heads(namespace, since=known.upto - back)

    def _heads(self, namespace: Namespace, **listing: Any) -> Iterator[Memory]:
        yield from listed(self._memory, session=session_of(namespace), where=where(HEADS), **listing)


def _age(head: Memory) -> tuple[datetime, str]:
    return (head.at, head.id)


def listed(memory: ScopeHandle, *, limit: int = PAGE, **listing: Any) -> Iterator[Memory]:
    """All memories of a listing, in order of time, read ``limit`` at a time."""
    after: str | None = None
    while True:
        page = memory.list(limit=limit, after=after, kinds=("chunk",), **listing)
        yield from page
        after = page.next
        if after is None:
            return
