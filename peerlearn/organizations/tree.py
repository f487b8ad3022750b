"""Rows of a tree in the order and depth in which a page draws them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Node(Protocol):
    @property
    def pk(self) -> Hashable: ...
    @property
    def parent_id(self) -> Hashable | None: ...


N = TypeVar("N", bound=Node)


@dataclass(frozen=True)
class Branch(Generic[N]):
    """`opens`: it begins a list of children; `closes`: so many lists end after it."""

    node: N
    depth: int
    opens: bool
    closes: range
    own: int
    total: int


def arrange(nodes: Iterable[N], own: dict[Hashable, int]) -> list[Branch[N]]:
    """Parents before their children, siblings in the order given.

    `own` counts what hangs on each node; `total` adds what hangs below. A node whose parent is
    not among the nodes stands at the top.
    """
    known = {node.pk: node for node in nodes}
    children: dict[Hashable | None, list[N]] = defaultdict(list)
    for node in known.values():
        children[node.parent_id if node.parent_id in known else None].append(node)
    ordered: list[tuple[N, int]] = []
    waiting = [(node, 0) for node in reversed(children[None])]
    while waiting:
        node, depth = waiting.pop()
        ordered.append((node, depth))
        waiting += [(child, depth + 1) for child in reversed(children[node.pk])]
    totals = {node.pk: own.get(node.pk, 0) for node, _ in ordered}
    for node, _depth in reversed(ordered):
        if node.parent_id in totals:
            totals[node.parent_id] += totals[node.pk]
    depths = [depth for _, depth in ordered] + [0]
    return [
        Branch(
            node=node,
            depth=depth,
            opens=depths[at + 1] > depth,
            closes=range(max(0, depth - depths[at + 1])),
            own=own.get(node.pk, 0),
            total=totals[node.pk],
        )
        for at, (node, depth) in enumerate(ordered)
    ]
