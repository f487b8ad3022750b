"""Whose figures a reader looks at: HR the whole organization, a manager the reporting line below,
either narrowed to a team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.http import Http404

from peerlearn.organizations.models import Assignment, Employee, Team

WHOLE = 0
"""The key of everybody together, above all teams; never a team's own key."""


@dataclass(frozen=True)
class TeamChoice:
    team: Team
    depth: int
    people: int

    @property
    def indent(self) -> range:
        return range(self.depth)


@dataclass(frozen=True)
class Part:
    """A column of the page: a team with all below it, or those directly in the chosen team."""

    key: int
    name: str
    teams: frozenset[int]


class TeamTree:
    """All teams of the organization; one query. The keys are team ids and WHOLE."""

    def __init__(self) -> None:
        self.teams: dict[int, Team] = {team.pk: team for team in Team.objects.all()}
        self.children: dict[int, list[int]] = {WHOLE: [], **{key: [] for key in self.teams}}
        for team in self.teams.values():
            self.children[team.parent_id or WHOLE].append(team.pk)

    def parent(self, key: int) -> int:
        return self.teams[key].parent_id or WHOLE

    def within(self, key: int) -> frozenset[int]:
        """The team and those below it."""
        found, waiting = set[int](), [key]
        while waiting:
            one = waiting.pop()
            found.add(one)
            waiting.extend(self.children[one])
        return frozenset(found)

    def down(self, key: int = WHOLE, depth: int = 0) -> Iterator[tuple[int, int]]:
        """(team id, depth) of everything below, in the order of the tree."""
        for child in self.children[key]:
            yield child, depth
            yield from self.down(child, depth + 1)

    def path(self, key: int | None) -> tuple[int, ...]:
        """The team and those around it, the outermost first; () without a team."""
        found: list[int] = []
        while key and key not in found:
            found.append(key)
            key = self.teams[key].parent_id
        return tuple(reversed(found))

    def name(self, key: int) -> str:
        return self.teams[key].name


@dataclass(frozen=True)
class Scope:
    """What is looked at. `line` is None for the whole organization; `team` None for all of it.

    `members` are the current employees with their team (0 without one), after both were applied.
    A day in the past counts whoever is in `line` today, those who left from it included, and was in
    one of `team_ids` on that day.
    """

    reader: Employee
    tree: TeamTree
    line: frozenset[int] | None
    team: Team | None
    members: dict[int, int]
    choices: tuple[TeamChoice, ...]
    everyone: int
    """How many people the reader may look at without choosing a team."""

    @property
    def key(self) -> int:
        return self.team.pk if self.team else WHOLE

    @property
    def team_ids(self) -> frozenset[int] | None:
        """The chosen team and those below it; None when none was chosen."""
        return self.tree.within(self.team.pk) if self.team else None

    @property
    def own_team_ids(self) -> frozenset[int] | None:
        """The teams whose requirements count here, on past days too: those of today's members,
        for HR all below the chosen team; None for the whole organization."""
        return self.team_ids if self.line is None else frozenset(self.members.values())

    @property
    def top(self) -> int:
        """Where the parts hang: below the chosen team, or else below the deepest one that holds
        everybody, so that a director sees teams and not one column."""
        top, taken = self.key, set(self.members.values())
        while self.team is None and top not in taken:
            holding = [key for key in self.tree.children[top] if self.tree.within(key) & taken]
            if len(holding) != 1:
                break
            top = holding[0]
        return top

    def people_between(self, first: date, last: date) -> frozenset[int]:
        """Those of the line whom figures of these days are about; one query with a team."""
        line = self.line or frozenset()
        if self.team is None:
            return line
        places = Assignment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=first),
            employee__in=line,
            team__in=self.team_ids,
            valid_from__lte=last,
        )
        return frozenset(places.values_list("employee", flat=True))

    def narrowed(self, team: str) -> Scope:
        """The same for one team, by its public id; Http404 when the reader may not choose it."""
        if not team:
            return self
        chosen = next((c.team for c in self.choices if c.team.public_id == team), None)
        if chosen is None:
            raise Http404
        inside = self.tree.within(chosen.pk)
        members = {pk: key for pk, key in self.members.items() if key in inside}
        return replace(self, team=chosen, members=members)

    def parts(self) -> list[Part]:
        """The teams directly below, then whoever is directly in the chosen one, if somebody is."""
        tree, top = self.tree, self.top
        taken = set(self.members.values())
        below = [Part(key, tree.name(key), tree.within(key)) for key in tree.children[top]]
        found = [part for part in below if self.line is None or part.teams & taken]
        if top in taken:
            found.append(Part(top, tree.name(top) if top else "", frozenset({top})))
        return found


def scope_of(reader: Employee, team: str = "") -> Scope:
    """What the reader looks at; `team` is a public id from the address, "" for everything.

    Two queries. A team in which the reader may see nobody is absent: Http404.
    """
    tree = TeamTree()
    people = Employee.objects.all() if reader.is_hr else Employee.objects.below(reader)
    rows = list(people.order_by().values_list("pk", "team", "active"))
    line = None if reader.is_hr else frozenset(pk for pk, _, _ in rows)
    members = {pk: team_id or WHOLE for pk, team_id, active in rows if active}
    choices = tuple(_choices(tree, members, everything=reader.is_hr))
    scope = Scope(reader, tree, line, None, members, choices, len(members))
    return scope.narrowed(team)


def _choices(tree: TeamTree, members: dict[int, int], *, everything: bool) -> Iterator[TeamChoice]:
    """The teams with somebody in them; for HR also the empty ones. One that holds everybody is
    no choice, and those below it move up."""
    directly = Counter(members.values())
    passed = 0
    for key, depth in tree.down():
        team = tree.teams[key]
        people = sum(directly[one] for one in tree.within(key))
        if people == len(members):
            passed = depth + 1
        elif people or (everything and team.archived_at is None):
            yield TeamChoice(team, max(depth - passed, 0), people)
