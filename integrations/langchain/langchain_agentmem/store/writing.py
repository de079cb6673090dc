"""``put`` and ``delete``: an item becomes a memory, a new value a new version of it, a deletion a retirement."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from langgraph.store.base import PutOp

from agentmem import Document, Memory, ScopeHandle
from agentmem.errors import InvalidInput, NotFound
from langchain_agentmem.store import layout
from langchain_agentmem.store.keys import Keys, listed
from langchain_agentmem.store.layout import Address, Shape
from langchain_agentmem.store.texts import searched_texts

_VERSIONS = 50
"""Each rewording adds a source to all later versions. After so many the item goes on in a new memory."""


@dataclass(frozen=True, slots=True)
class _Write:
    """One item as it shall be."""

    address: Address
    value: dict[str, Any]
    shape: Shape
    ttl: float | None

    def document(self, parts: Sequence[str] = (), text: str | None = None, at: datetime | None = None) -> Document:
        """Its head."""
        role = self.shape.role if text is None else layout.HIDDEN
        metadata = layout.head_metadata(self.address, self.value, role, self.ttl, parts)
        session = layout.session_of(self.address.namespace)
        return Document(text or self.shape.text, session=session, metadata=metadata, index=True, at=at)


class Writing:
    """Carries out the writes of one store, one batch at a time."""

    def __init__(
        self,
        memory: ScopeHandle,
        keys: Keys,
        clock: Callable[[], datetime],
        fields: Sequence[str],
        *,
        destroy: bool,
    ) -> None:
        self._memory = memory
        self._keys = keys
        self._clock = clock
        self._fields = tuple(fields)
        self._destroy = destroy
        self._lock = threading.RLock()

    def put(self, ops: Sequence[PutOp]) -> None:
        """Write all; of several for one item the last one counts. All are looked at before the first is written."""
        last = {Address.of(layout.checked_namespace(op.namespace), op.key): op for op in ops}
        writes = [self._write(address, op) for address, op in last.items() if op.value is not None]
        with self._lock:
            for address, op in last.items():
                if op.value is None:
                    self.delete(address)
            heads = self._keys.find_all([write.address for write in writes])
            for write in writes:
                if write.address in heads:
                    self._revise(write, heads[write.address])
            self._create([write for write in writes if write.address not in heads])

    def delete(self, address: Address) -> None:
        """Take an item out; it stays in history, unless the store destroys what it deletes."""
        with self._lock:
            head = self._keys.find(address)
            if head is not None:
                self.remove(head)

    def remove(self, head: Memory) -> None:
        """The same for an item whose head is known, expired or not."""
        address = layout.address_of(head)
        with self._lock:
            if self._destroy:
                self._memory.forget(ids=self.ids_of(address), compact=False)
            else:
                self._retire([head.id, *layout.parts_of(head)])  # the head first: parts without one are never found
            self._keys.gone(address)

    def ids_of(self, address: Address) -> list[str]:
        """Every memory that an item ever had: heads, retired ones too, and parts."""
        session = layout.session_of(address.namespace)
        roles = (*layout.HEADS, layout.PART)
        condition = {**layout.where(roles), layout.KEY: {"eq": address.id}}
        return [memory.id for memory in listed(self._memory, session=session, where=condition, state=None)]

    def touch(self, head: Memory) -> None:
        """Begin an item's time to live anew; nothing happens if it has none."""
        ttl = layout.ttl_of(head)
        if ttl is not None:
            self._expire(head, ttl, layout.parts_of(head))

    def _write(self, address: Address, op: PutOp) -> _Write:
        assert op.value is not None
        if op.ttl is not None and not op.ttl > 0:
            raise InvalidInput(f"ttl is how many minutes an item lives, above 0, not {op.ttl!r}.")
        try:
            if op.ttl is not None:
                _ = self._clock() + timedelta(minutes=op.ttl)
        except OverflowError as error:
            raise InvalidInput(f"ttl={op.ttl!r} minutes end after the year 9999. Leave it out: for ever.") from error
        value = layout.as_stored(op.value)
        shape = layout.shape_of(address, searched_texts(value, op.index, self._fields))
        return _Write(address, value, shape, op.ttl)

    def _create(self, writes: Sequence[_Write]) -> None:
        batches: defaultdict[float | None, list[tuple[_Write, Document]]] = defaultdict(list)
        for write in writes:
            batches[write.ttl].append((write, write.document(self._add_parts(write))))
        for namespace in dict.fromkeys(write.address.namespace for write in writes):
            self._mark(namespace)  # first, so that no search ever overlooks an item
        ids = dict[Address, str]()
        for ttl, batch in batches.items():
            ids |= self._add_heads(batch, ttl)
        by_address = {write.address: write for write in writes}
        for namespace in dict.fromkeys(address.namespace for address in ids):
            new = {address.id: id for address, id in ids.items() if address.namespace == namespace}
            for standing in self._keys.created(namespace, new).values():
                address = layout.address_of(standing)
                self._keys.stands(address, standing.id)
                self._revise(by_address[address], standing)
                self._retire([new[address.id]])

    def _add_heads(self, batch: Sequence[tuple[_Write, Document]], ttl: float | None) -> dict[Address, str]:
        lifetime = None if ttl is None else timedelta(minutes=ttl)
        receipt = self._memory.add([document for _write, document in batch], ttl=lifetime)
        if len(receipt.ids) == len(batch):
            return {write.address: id for (write, _document), id in zip(batch, receipt.ids, strict=True)}
        known = {self._memory.get(id).metadata[layout.KEY]: id for id in receipt.ids}
        return {write.address: known.get(write.address.id) or self._add_hidden(write, lifetime) for write, _ in batch}

    def _add_hidden(self, write: _Write, lifetime: timedelta | None) -> str:
        """The head of an item whose text was nothing but memories quoted from a prompt: they are not stored again."""
        receipt = self._memory.add(write.document(text=layout.wordless(write.address)), ttl=lifetime)
        if not receipt.ids:
            raise InvalidInput(
                f"A hook before writing kept the item {write.address.key!r} of {write.address.namespace} out: it may "
                "not be stored. The other items of the batch are."
            )
        return receipt.ids[0]

    def _add_parts(self, write: _Write) -> tuple[str, ...]:
        if not write.shape.parts:
            return ()
        metadata = layout.part_metadata(write.address, write.value)
        session = layout.session_of(write.address.namespace)
        documents = [Document(text, session=session, metadata=metadata, index=True) for text in write.shape.parts]
        return self._memory.add(documents, ttl=None if write.ttl is None else timedelta(minutes=write.ttl)).ids

    def _revise(self, write: _Write, head: Memory) -> None:
        """A new version. Its parts are there before it names them, and the old ones go when none names them."""
        old = layout.parts_of(head)
        parts = self._add_parts(write)
        reworded = write.shape.text != head.text
        if reworded and head.version >= _VERSIONS:
            id = self._add_heads([(write, write.document(parts, at=head.at))], write.ttl)[write.address]
            self._memory.retire(head.id)
            self._keys.stands(write.address, id)
        else:
            metadata = layout.head_metadata(write.address, write.value, write.shape.role, write.ttl, parts)
            new = self._memory.update(head.id, text=write.shape.text if reworded else None, metadata=metadata)
            if write.ttl is not None or head.expires_at is not None:
                self._expire(new, write.ttl, ())
        self._retire(old)

    def _expire(self, head: Memory, ttl: float | None, parts: Sequence[str]) -> None:
        moment = None if ttl is None else self._clock() + timedelta(minutes=ttl)
        for id in (head.id, *parts):
            self._memory.expires_at(id, moment)

    def _retire(self, ids: Sequence[str]) -> None:
        for id in ids:
            try:
                self._memory.retire(id)
            except NotFound:  # forgotten meanwhile
                continue

    def _mark(self, namespace: layout.Namespace) -> None:
        """See to it that a search in a namespace above knows of this one."""
        for depth in range(1, len(namespace)):
            prefix = namespace[:depth]
            if not has_below(self._memory, prefix):
                marker = layout.wordless(Address.of(prefix, ""))
                metadata = {layout.ROLE: layout.MARKER, layout.UNDER: layout.prefixes_of(prefix)}
                document = Document(marker, session=layout.marker_of(prefix), metadata=metadata, index=True)
                self._retire(self._memory.add(document).ids)


def has_below(memory: ScopeHandle, prefix: layout.Namespace) -> bool:
    """Whether some namespace lies below this one, or once did. Markers are retired, so that nothing else finds them."""
    return bool(memory.list(session=layout.marker_of(prefix), state=None, limit=1))
