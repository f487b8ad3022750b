"""What a search for people compares, and how names are sorted, in SQL: for the first migration.

A trigram index goes unused behind row security, since its operators are not leakproof. So a search
reads the people of the organization once, by comparisons that cost next to nothing; what is dear is
asked of the few that are left. The columns are Postgres's own (GENERATED), so that no way of
writing forgets them, and unknown to Django, so that nobody loads them. Sorting is a function of
ours: not every Postgres comes with ICU.

`finding.py` asks all this.
"""

from django.contrib.postgres.operations import CreateExtension
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

# Alphabets whose last letters others take for marks; each has an index of its own.
ALPHABETS = ("plain", "nb", "sv")

_PARTING = '.,;:/\\()[]{}<>|_"+*&!?~\u00ad\u00b7\u2010\u2011\u2013\u2014\u201c\u201d\u201e-'
_LEFT_OUT = "''\u2018\u2019\u02bc`\u00b4"  # "O’Brien" is found as "OBrien"
_MARKS = "'[\u0300-\u036f]', '', 'g'"
_PARTED = f"translate(written, '{_PARTING}{_LEFT_OUT}', repeat(' ', {len(_PARTING)}))"
_PLAIN = "'ØøŁłĐđÐðı', 'oolldddd' || 'i'"  # what NFKD leaves whole


def _replaced(sql: str, **pairs: str) -> str:
    for before, after in pairs.items():
        sql = f"replace({sql}, '{before}', '{after}')"
    return sql


def _function(head: str, returns: str, body: str) -> RunSQL:
    made = f"CREATE FUNCTION {head} RETURNS {returns} LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    return RunSQL(f"{made} RETURN {body}", f"DROP FUNCTION {head}")


def _trimmed(sql: str) -> str:
    return f"left(btrim(regexp_replace({sql}, '\\s+', ' ', 'g')), 400)"


def _without_marks(sql: str) -> str:
    return f"lower(translate(regexp_replace(normalize({sql}, NFKD), {_MARKS}), {_PLAIN}))"


# "Åsa Øye-Weiß" → "asa oye weiss": case, marks and what is typed for them make no difference.
_FOLD = _function(
    "people_fold(written text)",
    "text",
    _trimmed(
        _replaced(
            _without_marks(_PARTED), æ="a", œ="o", ß="ss", þ="th", aa="a", ae="a", oe="o", ue="u"
        )
    ),
)
# Letter pairs as bits: whoever shares few of them with a word is not written nearly like it.
_PAIRS = _function(
    "people_pairs(folded text)",
    "bit(256)",
    "(SELECT coalesce(bit_or(set_bit(repeat('0', 256)::bit(256),"
    " hashtext(substr(' ' || folded || ' ', at, 2)) & 255, 1)), repeat('0', 256)::bit(256))"
    " FROM generate_series(1, length(folded) + 1) AS at)",
)
# How many letters of what was asked are wrong, missing or too many, beside the nearest word or its
# beginning; two that are swapped count once. NULL for more than `most`.
_APART = RunSQL(
    """
CREATE FUNCTION people_apart(folded text, asked text, most integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  word text;
  apart integer;
  nearest integer := most + 1;
BEGIN
  FOREACH word IN ARRAY string_to_array(left(folded, 250), ' ') LOOP
    apart := levenshtein_less_equal(word, asked, most);
    IF apart > most AND length(word) > length(asked) THEN
      apart := levenshtein_less_equal(left(word, length(asked)), asked, most);
    END IF;
    IF apart > most AND length(word) >= length(asked) THEN
      apart := levenshtein_less_equal(left(word, length(asked) - 1), asked, most);
    END IF;
    IF apart >= 2 AND length(word) = length(asked) AND levenshtein(word, asked) = 2
        AND translate(word, asked, '') = '' AND translate(asked, word, '') = '' THEN
      apart := 1;
    END IF;
    nearest := least(nearest, apart);
  END LOOP;
  RETURN nullif(nearest, most + 1);
END $$
""",
    "DROP FUNCTION people_apart(text, text, integer)",
)
# Compared as bytes. What stands after z there: { | }
_ORDER = _function(
    "people_order(written text, alphabet text)",
    "text",
    _trimmed(
        _replaced(
            _without_marks(
                "CASE alphabet"
                f" WHEN 'nb' THEN translate(regexp_replace(normalize({_PARTED}, NFC),"
                " 'aa', 'å', 'gi'), 'ÆæÄäØøÖöÅå', '{{{{||||}}')"
                f" WHEN 'sv' THEN translate(normalize({_PARTED}, NFC),"
                " 'ÅåÄäÆæÖöØø', '{{||||}}}}')"
                f" ELSE {_PARTED} END"
            ),
            æ="ae",
            œ="oe",
            ß="ss",
            þ="th",
        )
    ),
)


def _generated(name: str, kind: str, sql: str) -> str:
    return f"ADD COLUMN {name} {kind} GENERATED ALWAYS AS ({sql}) STORED"


# Name, job title and what stands before the @.
_WORDS = (
    "' ' || people_fold(name) || ' | ' || people_fold(job_title)"
    " || ' | ' || people_fold(split_part(email, '@', 1))"
)
_ADDED = {
    "organizations_team": {"found_by": _generated("found_by", "text", "' ' || people_fold(name)")},
    "organizations_employee": {
        "found_by": _generated("found_by", "text", _WORDS),
        "pairs": _generated("pairs", "bit(256)", "people_pairs(people_fold(name))"),
        **{
            f"order_{alphabet}": _generated(
                f"order_{alphabet}", 'text COLLATE "C"', f"people_order(name, '{alphabet}')"
            )
            for alphabet in ALPHABETS
        },
    },
}

FUNCTIONS: list[Operation] = [CreateExtension("fuzzystrmatch"), _FOLD, _PAIRS, _APART, _ORDER]
COLUMNS: list[Operation] = [
    *(
        RunSQL(
            f"ALTER TABLE {table} {', '.join(columns.values())}",
            f"ALTER TABLE {table} {', '.join(f'DROP COLUMN {name}' for name in columns)}",
        )
        for table, columns in _ADDED.items()
    ),
    *(
        RunSQL(
            f"CREATE INDEX employee_order_{alphabet} ON organizations_employee"
            f" (organization_id, order_{alphabet}, id) WHERE active",
            f"DROP INDEX employee_order_{alphabet}",
        )
        for alphabet in ALPHABETS
    ),
]
