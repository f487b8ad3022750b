"""Who reports to whom, in steps that grow with the number of people. Pure; no Django.

A line maps everybody to their manager.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

MOST_LEVELS = 50  # people one above the other; no company has as many


def loops(line: Mapping[int, int | None]) -> set[int]:
    """Those who report to themselves by way of others."""
    done: set[int] = set()
    looped: set[int] = set()
    for start in line:
        path: list[int] = []
        on_path: dict[int, int] = {}
        at: int | None = start
        while at is not None and at not in done and at not in on_path:
            on_path[at] = len(path)
            path.append(at)
            at = line.get(at)
        if at is not None and at in on_path:
            looped.update(path[on_path[at] :])
        done.update(path)
    return looped


def in_levels(line: Mapping[int, int | None]) -> list[list[int]]:
    """Keys in an order in which managers stand before those who report to them, level by level;
    a manager who is not among the keys counts as there."""
    waiting, there, levels = dict(line), set[int](), list[list[int]]()
    below: dict[int, list[int]] = defaultdict(list)
    for key, manager in waiting.items():
        if manager in waiting and manager is not None:
            below[manager].append(key)
    level = [key for key, manager in waiting.items() if manager not in waiting]
    while level:
        levels.append(level)
        there.update(level)
        level = [key for above in level for key in below[above]]
    if len(there) != len(waiting):
        raise ValueError(f"a loop: {Counter(waiting) - Counter(there)}")
    return levels


def too_deep(
    line: Mapping[int, int | None], moved: Collection[int], most: int = MOST_LEVELS
) -> set[int]:
    """Of those who moved, whoever makes a line of more than `most` people: by standing in it, or
    by standing nearest above those who do."""
    looped = loops(line)
    straight = {key: None if key in looped else manager for key, manager in line.items()}
    blamed: dict[int, int | None] = {}
    found: set[int | None] = set()
    for above, level in enumerate(in_levels(straight)):
        for key in level:
            manager = straight[key]
            blamed[key] = key if key in moved else manager and blamed.get(manager)
            if above >= most:
                found.add(blamed[key])
    return {key for key in found if key is not None}
