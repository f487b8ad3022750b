"""Somebody who has every published figure, knows how they are made and who is in which group, and
tries every way in which it could have been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations, product

from analytics.disclosure import Figure, Person, by_team, grouped, publish, total

Counts = tuple[int, ...]
"""Of each smallest group, how many took part."""
World = Callable[[frozenset[int]], Hashable]
"""What is published when these people took part."""


def seen_by_all(figures: Sequence[Figure]) -> Hashable:
    """All that all readers see together: of every manager and of HR, of every team, by team."""
    readers = {None, *(key for figure in figures for key in figure.line)}
    teams = {None, *(key for figure in figures for key in figure.path)}
    views = []
    for reader, team in product(sorted(readers, key=str), sorted(teams, key=str)):
        mine = [
            figure
            for figure in figures
            if (reader is None or reader in figure.line) and (team is None or team in figure.path)
        ]
        views.append((total(mine), *by_team(mine)))
    return tuple(views)


def parts_of(people: Iterable[Person], smallest: int) -> list[list[int]]:
    """Who is in each smallest group; whoever is in none is not counted anywhere."""
    waiting, found = [group] if (group := grouped(people, smallest)) else [], []
    for one in waiting:
        waiting.extend(one.inside)
        if not one.inside:
            found.append(sorted(one.people))
    return found


def published(people: Sequence[Person], smallest: int) -> World:
    return lambda took_part: seen_by_all(publish(people, took_part, smallest))


def learned(parts: Sequence[Sequence[int]], world: World, *, knows_self: bool) -> set[Counts]:
    """The ways it could have been in which somebody's part would be known for certain: to anybody,
    or, with `knows_self`, to one of the people, who know their own. People of one smallest group
    cannot be told apart, so that their number is all that matters."""
    alike: dict[Hashable, list[Counts]] = defaultdict(list)
    for counts in product(*(range(len(part) + 1) for part in parts)):
        took_part = frozenset[int]().union(
            *(part[:count] for part, count in zip(parts, counts, strict=True))
        )
        alike[world(took_part)].append(counts)
    sizes = [len(part) for part in parts]
    certain = _certain_to_one if knows_self else _certain
    return {counts for worlds in alike.values() if certain(worlds, sizes) for counts in worlds}


def _certain(worlds: list[Counts], sizes: list[int]) -> bool:
    return any(
        all(counts[at] == 0 for counts in worlds) or all(counts[at] == size for counts in worlds)
        for at, size in enumerate(sizes)
    )


def _certain_to_one(worlds: list[Counts], sizes: list[int]) -> bool:
    for own, other, did in _pairs(len(sizes)):
        mine = [counts for counts in worlds if counts[own] != (0 if did else sizes[own])]
        ways = [_ways(counts, sizes, own, other, did) for counts in mine]
        if mine and (not any(yes for yes, _ in ways) or not any(no for _, no in ways)):
            return True
    return False


def _pairs(number: int) -> Iterator[tuple[int, int, bool]]:
    """The group of the one who knows, that of another person, whether the first took part."""
    for one, other in [*combinations(range(number), 2), *((at, at) for at in range(number))]:
        for did in (True, False):
            yield from {(one, other, did), (other, one, did)}


def _ways(counts: Counts, sizes: list[int], own: int, other: int, did: bool) -> tuple[bool, bool]:
    """Whether the other person may have taken part, and may not have."""
    others, size = counts[other], sizes[other]
    if own == other:
        others, size = others - did, size - 1
    return others > 0, others < size
