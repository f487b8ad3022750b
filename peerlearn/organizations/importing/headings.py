"""What a column of another system's file probably holds. Pure; no Django."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAME, REVERSED_NAME = "name", "reversed_name"
GIVEN, FAMILY = "given_name", "family_name"
EMAIL, NUMBER, MANAGER = "email", "number", "manager"

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "þ": "th", "ð": "d"})
_CAMEL = re.compile(r"(?<=[a-zæøåäöü])(?=[A-ZÆØÅÄÖÜ])")
_NO_LETTER = re.compile(r"[^\w]+|_+")

# Of each: the more it says by itself, the earlier.
_PEOPLE = {
    NUMBER: (
        "employee number, employee no, employee id, emp number, emp no, emp id, personnel number, "
        "personnel no, pernr, staff number, staff id, staff no, worker id, worker number, "
        "payroll number, payroll id, person number, person id, number, id, "
        "personalnummer, personal nummer, personalnr, pers nr, persnr, mitarbeiternummer, "
        "mitarbeiter nummer, mitarbeiternr, mitarbeiter nr, mitarbeiter id, ma nr, ma nummer, "
        "stammnummer, nummer, nr, "
        "ansattnummer, ansatt nummer, ansattnr, ansatt nr, ansatt id, ansattes nummer, "
        "medarbeidernummer, medarbeider nr, lonnsnummer, personnummer"
    ),
    EMAIL: (
        "work email, work e mail, email work, business email, business e mail, company email, "
        "corporate email, email address, e mail address, email, e mail, mail, mail address, "
        "dienstliche e mail, e mail dienstlich, geschaftliche e mail, e mail geschaftlich, "
        "firmen e mail, e mail adresse, emailadresse, mailadresse, "
        "jobb e post, e post jobb, e post arbeid, epost arbeid, arbeids e post, e postadresse, "
        "epostadresse, e post, epost, user principal name, upn, login"
    ),
    GIVEN: (
        "first name, given name, firstname, forename, preferred first name, legal first name, "
        "vorname, rufname, vornamen, fornavn, fornamn"
    ),
    FAMILY: (
        "last name, family name, surname, lastname, legal last name, "
        "nachname, familienname, zuname, etternavn, efternavn, slektsnavn"
    ),
    NAME: (
        "full name, employee name, display name, worker name, worker, name, employee, "
        "name vorname, nachname vorname, vollstandiger name, mitarbeitername, anzeigename, "
        "mitarbeiter, mitarbeiterin, mitarbeitende, "
        "fullt navn, visningsnavn, navn, ansattnavn, ansatt, medarbeider, fullstendig navn"
    ),
    "job_title": (
        "job title, position title, business title, title, position, job, role, job name, "
        "stellenbezeichnung, positionsbezeichnung, berufsbezeichnung, funktion, stelle, tatigkeit, "
        "planstelle, taetigkeit, stillingstittel, stilling, stillingsbetegnelse, stillingsnavn, "
        "tittel, arbeidstittel"
    ),
    "team": (
        "team, team name, department, department name, dept, org unit, organizational unit, "
        "organisational unit, organization unit, unit, supervisory organization, group, division, "
        "abteilung, abteilungsname, abt, organisationseinheit, orgeinheit, org einheit, bereich, "
        "fachbereich, kostenstelle, "
        "avdeling, avdelingsnavn, enhet, organisasjonsenhet, seksjon, gruppe, lag"
    ),
    MANAGER: (
        "manager employee number, manager number, manager id, manager employee id, manager no, "
        "supervisor id, supervisor number, line manager id, "
        "vorgesetzter personalnummer, personalnummer vorgesetzter, vorgesetzter nr, "
        "vorgesetztennummer, persnr vorgesetzter, fuhrungskraft personalnummer, "
        "leder ansattnummer, leders ansattnummer, leder nr, leder id, leders ansattnr, "
        "ledernummer, "
        "manager email, manager e mail, supervisor email, vorgesetzter e mail, "
        "fuhrungskraft e mail, "
        "leders e post, leder e post, leders epost, "
        "manager, line manager, supervisor, reports to, reporting to, manager name, "
        "direct manager, "
        "supervisor name, vorgesetzter, vorgesetzte, vorgesetzte r, direkter vorgesetzter, "
        "disziplinarischer vorgesetzter, fuhrungskraft, fuehrungskraft, berichtet an, teamleiter, "
        "leder, naermeste leder, leders navn, rapporterer til, overordnet, ledernavn"
    ),
    "hired_on": (
        "hire date, hired on, hire, start date, date of hire, original hire date, first day, "
        "employment start, employment start date, entry date, joining date, date joined, start, "
        "eintrittsdatum, eintritt, einstellungsdatum, beschaftigt seit, startdatum, "
        "ansatt dato, ansettelsesdato, ansatt fra, startdato, tiltredelse, tiltradt, begynte, "
        "ansiennitetsdato"
    ),
    "leaving_on": (
        "leaving on, last day, last working day, termination date, end date, leaving date, "
        "date of leaving, employment end, contract end date, exit date, end, "
        "austrittsdatum, austritt, befristet bis, vertragsende, letzter arbeitstag, enddatum, "
        "sluttdato, ansatt til, fratredelse, fratradt, siste arbeidsdag, sluttet"
    ),
    "country": (
        "work country, country of work, work location country, location country, "
        "employment country, place of work country, country, country code, country iso code, "
        "arbeitsland, beschaftigungsland, einsatzland, arbeitsort land, land, landercode, "
        "laendercode, arbeidsland, arbeidssted land, landkode"
    ),
    "region": (
        "work state, work location state, location state, state province, federal state, "
        "place of work region, holiday region, work region, "
        "bundesland, arbeitsort bundesland, kanton, feiertagsregion, "
        "arbeidssted region, helligdagsregion"
    ),
    "weekly_hours": (
        "weekly hours, hours per week, hours week, scheduled weekly hours, "
        "contracted weekly hours, contracted hours per week, contract hours, "
        "weekly working hours, working hours per week, standard weekly hours, "
        "wochenstunden, wochenarbeitszeit, stunden pro woche, stunden woche, std woche, "
        "arbeitszeit pro woche, wochentliche arbeitszeit, woechentliche arbeitszeit, "
        "vertragliche wochenstunden, "
        "timer per uke, timer pr uke, timer i uken, timer uke, ukentlig arbeidstid, ukestimer, "
        "ukentlige timer, arbeidstid per uke, avtalt arbeidstid per uke"
    ),
    "cost_band": (
        "cost band, band, pay band, grade, cost level, "
        "kostenband, kostengruppe, kostensatzgruppe, kostnadsband, kostnadsgruppe"
    ),
}  # fmt: skip
PEOPLE: Mapping[str, Sequence[str]] = {
    target: tuple(words.split(", ")) for target, words in _PEOPLE.items()
}

_SURE, _HEADINGS_LOOKED_AT = 90.0, 10
# Of these only what is known word for word: a country of birth is none of work.
_WORD_FOR_WORD = frozenset({"country", "region", "weekly_hours"})


@dataclass(frozen=True)
class Guess:
    """What a column goes to ("" for nothing), and whether that is more than a guess."""

    target: str
    sure: bool


def plain(text: str) -> str:
    """A heading without case, marks and punctuation: "Pers.-Nr." → "pers nr"."""
    text = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold().translate(_LETTERS)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(_NO_LETTER.sub(" ", text).split())


def find_headings(rows: Sequence[Sequence[str]], words: Mapping[str, Sequence[str]]) -> int:
    """Which of the first rows holds the headings: files begin with titles and dates."""
    best, most = 0, 0.0
    for at, cells in enumerate(rows[:_HEADINGS_LOOKED_AT]):
        known = sum(max(_scores(cell, words).values(), default=0) >= _SURE for cell in cells)
        if known > most:
            best, most = at, known
    return best


def guess(
    headings: Sequence[str],
    examples: Sequence[Sequence[str]],
    words: Mapping[str, Sequence[str]] = PEOPLE,
) -> list[Guess]:
    """One guess for each column; no target is guessed twice. `examples` holds some of its values.

    A heading that is known word for word is sure; one that holds a known word is a guess.
    """
    scored = sorted(
        (
            (score, -at, target)
            for at, heading in enumerate(headings)
            for target, score in _scores(heading, words).items()
            if _fits(target, examples[at])
        ),
        reverse=True,
    )
    found: dict[int, Guess] = {}
    for score, minus, target in scored:
        at = -minus
        if at not in found and all(other.target != target for other in found.values()):
            found[at] = Guess(target, score >= _SURE)
    if EMAIL in words:
        _guess_email(found, examples)
    if NAME in words and GIVEN in words:
        _settle_names(found, headings, examples)
    return [found.get(at, Guess("", True)) for at in range(len(headings))]


def _scores(heading: str, words: Mapping[str, Sequence[str]]) -> dict[str, float]:
    text = plain(heading)
    compact = text.replace(" ", "")
    if not compact:
        return {}
    scores: dict[str, float] = {}
    for target, known in words.items():
        for rank, word in enumerate(known):
            score = _score(text, compact, word)
            if score < _SURE and target in _WORD_FOR_WORD:
                continue
            if score and target == MANAGER and score < _SURE:
                score += 30  # "Personalnummer des Vorgesetzten" is the manager's
            score -= rank / 100
            if score > 0:
                scores[target] = max(scores.get(target, 0), score)
    return scores


def _score(text: str, compact: str, word: str) -> float:
    squeezed = word.replace(" ", "")
    if compact == squeezed:
        return 100
    if f" {word} " in f" {text} ":
        return 30 + len(squeezed)
    if len(squeezed) >= 6 and squeezed in compact:
        return 20 + len(squeezed)
    return 0


def _is_email(text: str) -> bool:
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text.strip()))


def _fits(target: str, values: Sequence[str]) -> bool:
    """Whether the values can be what the heading says."""
    filled = [value for value in values if value]
    emails = sum(map(_is_email, filled))
    if target == EMAIL:
        return not filled or emails * 2 >= len(filled)
    if target in {NUMBER, NAME, GIVEN, FAMILY, "job_title", "team"}:
        return not filled or emails * 2 < len(filled)
    return True


def _guess_email(found: dict[int, Guess], examples: Sequence[Sequence[str]]) -> None:
    if any(guess.target == EMAIL for guess in found.values()):
        return
    for at, values in enumerate(examples):
        filled = [value for value in values if value]
        if at not in found and filled and all(map(_is_email, filled)):
            found[at] = Guess(EMAIL, False)
            return


def _settle_names(
    found: dict[int, Guess], headings: Sequence[str], examples: Sequence[Sequence[str]]
) -> None:
    columns = {guess.target: at for at, guess in found.items()}
    whole = columns.get(NAME)
    if whole is None:
        return
    if GIVEN in columns and FAMILY in columns:
        del found[whole]
    elif GIVEN in columns:  # "Name, Vorname" in two columns: the name is the family's
        sure = plain(headings[whole]) in {"name", "navn"}
        found[whole] = Guess(FAMILY, sure)
    else:
        filled = [value for value in examples[whole] if value]
        if filled and sum(value.count(",") == 1 for value in filled) * 2 > len(filled):
            found[whole] = Guess(REVERSED_NAME, found[whole].sure)
