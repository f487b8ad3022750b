"""Whom a search for people means, and how near each is. `people_search.py` has the SQL's columns
and functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from django.db import connection
from django.db.models import CharField, F, Func

if TYPE_CHECKING:
    from peerlearn.organizations.models import Employee
    from peerlearn.organizations.queries import EmployeeQuerySet

MOST_WORDS = 8  # each is a comparison with everybody who is left
_LONGEST_WORD = 60
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_PARTING = re.compile(r"[\W_]+")

# Nearest first: a word of the name begins so; it stands anywhere in the name, in the job title or
# the e-mail; at the beginning of a word of the team's name; a word of the name is nearly written
# so. One or two letters are beginnings of words.
_WORD = """CASE
 WHEN found_by LIKE
   CASE WHEN length(people_fold(%s)) > 2 THEN '%%' ELSE '%% ' END || people_fold(%s) || '%%'
 THEN CASE WHEN found_by LIKE '%% ' || people_fold(%s) || '%%|%%|%%' THEN 0
   WHEN found_by LIKE '%%' || people_fold(%s) || '%%|%%|%%' THEN 2 ELSE 3 END
 WHEN team_id IN (
   SELECT id FROM organizations_team WHERE organization_id = app_organization_id()
   AND found_by LIKE '%% ' || people_fold(%s) || '%%') THEN 4
 {nearly}END"""
# Each wrong letter changes two pairs of letters, two that are swapped change three.
_NEARLY = """WHEN length(people_fold(%s)) > 3
   AND bit_count(pairs & people_pairs(people_fold(%s))) >= greatest(
     bit_count(people_pairs(people_fold(%s))) - CASE WHEN length(people_fold(%s)) > 5
       THEN 4 ELSE 3 END, bit_count(people_pairs(people_fold(%s))) / 2)
 THEN 4 + people_apart(rtrim(split_part(found_by, '|', 1)), people_fold(%s),
   CASE WHEN length(people_fold(%s)) > 5 THEN 2 ELSE 1 END)
 """
_EMAIL = "CASE WHEN email LIKE %s THEN 1 END"
_WHOLE = "CASE WHEN found_by LIKE ' ' || people_fold(%s) || ' |%%' THEN -1 ELSE 0 END"
_COLUMNS = "id, place, found_by, pairs, email, team_id"
_FIRST = "SELECT *, 0 FROM ({rows}) AS people"
# OFFSET 0: one word after the other, and what was computed for a row is not computed again.
_STEP = (
    "SELECT {columns}, likeness + {word} FROM ({rows}) AS found ({columns}, likeness)"
    " WHERE likeness IS NOT NULL OFFSET 0"
)
_NEAREST = (
    "SELECT id FROM ({rows}) AS found ({columns}, likeness) WHERE likeness IS NOT NULL"
    " ORDER BY likeness, place, id"
)


class Unseen(Func):
    """A column that Django does not know, of the table that is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(F("id"), output_field=CharField())  # F says which table is meant
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        known, _none = compiler.compile(self.get_source_expressions()[0])
        return f"{known.rpartition('.')[0]}.{connection.ops.quote_name(self.name)}", []


def comparisons(text: str) -> list[tuple[str, list[str]]]:
    """In SQL, one for each word, of the first eight: how near a row is to it, or NULL. First the
    longest, which the fewest meet."""
    found = []
    for written in text.split():
        if "@" in written.strip("@"):
            found.append((_EMAIL, [_beginning(written)]))
        else:
            words = _PARTING.split(_APOSTROPHES.sub("", written))
            found += [_comparison(word[:_LONGEST_WORD]) for word in words if word]
    return sorted(found[:MOST_WORDS], key=lambda pair: -len(pair[1][0]))


def _comparison(word: str) -> tuple[str, list[str]]:
    sql = _WORD.format(nearly=_NEARLY if word.isalpha() else "")
    return sql, [word] * sql.count("%s")


def _beginning(written: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", written.lower().strip(",;<>")) + "%"


class Nearest(Sequence["Employee"]):
    """The people who are meant by every word of a text, the nearest first: asked once for all
    pages."""

    def __init__(self, people: EmployeeQuerySet, text: str, place: Unseen) -> None:
        self._people = people
        self.ids: list[int] = []
        asked = comparisons(text)
        if not asked:
            return
        unseen = {"place": place, "found": Unseen("found_by"), "alike": Unseen("pairs")}
        rows: Any = people.order_by().annotate(**unseen)
        rows = rows.values_list("pk", *unseen, "email", "team_id")
        sql, params = rows.query.sql_with_params()
        sql, params = _FIRST.format(rows=sql), tuple(params)
        for word, of in [*asked, (_WHOLE, [text])]:
            sql, params = _STEP.format(columns=_COLUMNS, word=word, rows=sql), (*of, *params)
        with connection.cursor() as cursor:
            cursor.execute(_NEAREST.format(columns=_COLUMNS, rows=sql), params)
            self.ids = [identity for (identity,) in cursor.fetchall()]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Employee: ...
    @overload
    def __getitem__(self, at: slice) -> list[Employee]: ...
    def __getitem__(self, at: int | slice) -> Employee | list[Employee]:
        wanted = self.ids[at] if isinstance(at, slice) else [self.ids[at]]
        rows = self._people.in_bulk(wanted) if wanted else {}
        found = [rows[identity] for identity in wanted]
        return found if isinstance(at, slice) else found[0]
