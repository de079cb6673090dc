"""``list_namespaces``: prefixes, suffixes, wildcards, depth, pages."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.store.base import PutOp

from langchain_agentmem.testing.setting import StoreSetting

TREE = [
    ("a", "b", "c"),
    ("a", "b", "d", "e"),
    ("a", "b", "d", "i"),
    ("a", "b", "f"),
    ("a", "c", "f"),
    ("b", "a", "f"),
    ("users", "123"),
    ("users", "124", "settings"),
]


class Namespaces(StoreSetting):
    """``list_namespaces``."""

    @pytest.fixture
    def tree(self, subject: Any) -> Any:
        """A store with an item or two in each namespace of the tree."""
        ones = [PutOp(namespace, "one", {"n": number}) for number, namespace in enumerate(TREE)]
        subject.batch([*ones, PutOp(TREE[0], "two", {"n": len(TREE)})])
        return subject

    def test_all_are_listed_once_and_sorted(self, tree: Any) -> None:
        assert tree.list_namespaces() == sorted(TREE)

    def test_a_store_without_items_has_none(self, subject: Any) -> None:
        assert subject.list_namespaces() == []

    @pytest.mark.parametrize(
        ("conditions", "expected"),
        [
            ({"prefix": ("a", "b")}, [TREE[0], TREE[1], TREE[2], TREE[3]]),
            ({"prefix": ("a",)}, TREE[:5]),
            ({"prefix": ("a", "b", "c")}, [TREE[0]]),
            ({"prefix": ("a", "b", "c", "d")}, []),
            ({"prefix": ("user",)}, []),
            ({"suffix": ("f",)}, [TREE[3], TREE[4], TREE[5]]),
            ({"suffix": ("b", "f")}, [TREE[3]]),
            ({"prefix": ("a",), "suffix": ("f",)}, [TREE[3], TREE[4]]),
            ({"prefix": ("a", "*", "f")}, [TREE[3], TREE[4]]),
            ({"prefix": ("*", "*", "f")}, [TREE[3], TREE[4], TREE[5]]),
            ({"suffix": ("*", "f")}, [TREE[3], TREE[4], TREE[5]]),
            ({"suffix": ("d", "*")}, [TREE[1], TREE[2]]),
            ({"prefix": ("users", "*", "settings")}, [TREE[7]]),
            ({"prefix": ("*", "12")}, []),
        ],
    )
    def test_prefixes_and_suffixes_choose_with_wildcards(self, tree: Any, conditions: Any, expected: Any) -> None:
        assert tree.list_namespaces(**conditions) == sorted(expected)

    def test_depth_cuts_and_lists_each_once(self, tree: Any) -> None:
        assert tree.list_namespaces(max_depth=1) == [("a",), ("b",), ("users",)]
        assert tree.list_namespaces(prefix=("a", "b"), max_depth=3) == [
            ("a", "b", "c"),
            ("a", "b", "d"),
            ("a", "b", "f"),
        ]
        assert tree.list_namespaces(max_depth=9) == sorted(TREE)

    def test_pages_hold_everything_once(self, tree: Any) -> None:
        pages = [tree.list_namespaces(limit=3, offset=offset) for offset in range(0, 12, 3)]
        assert [len(page) for page in pages] == [3, 3, 2, 0]
        assert [namespace for page in pages for namespace in page] == sorted(TREE)

    def test_a_namespace_goes_with_its_last_item(self, tree: Any) -> None:
        self.needs("omits_emptied_namespaces")
        tree.delete(TREE[0], "one")
        assert TREE[0] in tree.list_namespaces()
        tree.delete(TREE[0], "two")
        assert tree.list_namespaces() == sorted(TREE[1:])
        tree.put(TREE[0], "three", {"n": 1})
        assert tree.list_namespaces() == sorted(TREE)
