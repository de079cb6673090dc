"""Times to live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from langgraph.store.base import NOT_PROVIDED, TTLConfig

from langchain_agentmem.testing.setting import StoreSetting

NS = ("codes", "ana")
OMITTING: dict[str, Any] = {"omit_expired": True}
Advance = Callable[[float], Any]


def config(**settings: Any) -> TTLConfig:
    """A configuration under which what has expired is not returned."""
    return cast("TTLConfig", {**OMITTING, **settings})


class Lifetimes(StoreSetting):
    """``ttl``, in minutes."""

    def test_a_store_says_whether_items_can_expire(self, opened: Callable[..., Any]) -> None:
        assert opened().supports_ttl is self.supports_ttl

    def test_a_store_without_lifetimes_refuses_them(self, subject: Any) -> None:
        if self.supports_ttl:
            pytest.skip("supports_ttl = True")
        with pytest.raises(NotImplementedError):
            subject.put(NS, "door", {"code": "1234"}, ttl=5)

    @pytest.fixture
    def lasting(self, opened: Callable[..., Any]) -> Callable[..., Any]:
        """Makes a store with settings of lifetimes."""
        self.needs("supports_ttl")
        index = self.index() if self.finds_by_meaning else None
        return lambda **settings: opened(index, config(**settings))

    def test_an_item_expires(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "door", {"code": "1234"}, ttl=10)
        subject.put(NS, "gate", {"code": "5678"})
        advance(9)
        assert subject.get(NS, "door", refresh_ttl=False).value == {"code": "1234"}
        advance(2)
        assert subject.get(NS, "door", refresh_ttl=False) is None
        assert [item.key for item in subject.search(NS)] == ["gate"]
        if self.finds_by_meaning:
            assert [item.key for item in subject.search(NS, query="code 1234")] == ["gate"]

    def test_reading_begins_the_time_anew(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "got", {"code": "1234"}, ttl=10)
        subject.put((*NS, "deep"), "searched", {"code": "5678"}, ttl=10)
        for _ in range(3):
            advance(8)
            assert subject.get(NS, "got") is not None
            assert [item.key for item in subject.search((*NS, "deep"))] == ["searched"]
        advance(11)
        assert subject.get(NS, "got") is None and subject.search(NS) == []

    def test_reading_can_leave_the_time_as_it_is(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "door", {"code": "1234"}, ttl=10)
        advance(8)
        assert subject.get(NS, "door", refresh_ttl=False) is not None
        assert len(subject.search(NS, refresh_ttl=False)) == 1
        advance(3)
        assert subject.get(NS, "door") is None

    def test_a_store_can_leave_the_time_as_it_is_by_default(self, lasting: Any, advance: Advance) -> None:
        subject = lasting(refresh_on_read=False)
        subject.put(NS, "door", {"code": "1234"}, ttl=10)
        advance(8)
        assert subject.get(NS, "door") is not None
        advance(3)
        assert subject.get(NS, "door") is None

    def test_a_store_has_a_default(self, lasting: Any, advance: Advance) -> None:
        subject = lasting(default_ttl=10, refresh_on_read=False)
        subject.put(NS, "default", {"n": 1})
        subject.put(NS, "said", {"n": 2}, ttl=NOT_PROVIDED)
        subject.put(NS, "longer", {"n": 3}, ttl=100)
        subject.put(NS, "ever", {"n": 4}, ttl=None)
        advance(11)
        assert sorted(item.key for item in subject.search(NS)) == ["ever", "longer"]
        advance(1_000_000)
        assert [item.key for item in subject.search(NS)] == ["ever"]

    def test_putting_again_begins_the_time_anew_or_ends_it(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "door", {"code": "1234"}, ttl=10)
        subject.put(NS, "gate", {"code": "1234"}, ttl=10)
        advance(8)
        subject.put(NS, "door", {"code": "9999"}, ttl=10)
        subject.put(NS, "gate", {"code": "9999"})
        advance(8)
        assert subject.get(NS, "door", refresh_ttl=False).value == {"code": "9999"}
        advance(8)
        assert subject.get(NS, "door") is None
        assert subject.get(NS, "gate").value == {"code": "9999"}

    def test_an_expired_item_can_be_put_anew(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "door", {"code": "1234"}, ttl=1)
        advance(2)
        subject.put(NS, "door", {"code": "9999"})
        assert subject.get(NS, "door").value == {"code": "9999"}
        assert len(subject.search(NS)) == 1

    def test_a_namespace_of_expired_items_is_not_listed(self, lasting: Any, advance: Advance) -> None:
        subject = lasting()
        subject.put(NS, "door", {"code": "1234"}, ttl=1)
        assert subject.list_namespaces() == [NS]
        advance(2)
        assert subject.list_namespaces() == []
