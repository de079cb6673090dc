"""In which order a stored tree is read."""

from __future__ import annotations

from collections.abc import Sequence


def top_down(below: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Every node once with its parent, parents first.

    ``below`` gives each number's children; number 0 is the root, which is left out. There should be no circles; of each
    there is, one node becomes a child of the root.
    """
    order: list[tuple[int, int]] = []
    seen: set[int] = {0}

    def walk(start: int) -> None:
        waiting = [(start, 0)]
        while waiting:
            node, above = waiting.pop()
            if node not in seen:
                seen.add(node)
                order.append((node, above))
                waiting += [(child, node) for child in reversed(below[node])]

    for node in below[0]:
        walk(node)
    for node in range(1, len(below)):
        walk(node)
    return order
