"""The columns of usual exports of HR systems, in English, German and Norwegian."""

from __future__ import annotations

import pytest

from peerlearn.organizations.importing.headings import PEOPLE, find_headings, guess, plain

# heading, what stands below, and where it goes
Export = list[tuple[str, str, str]]

EXPORTS: dict[str, Export] = {
    "english, a large suite": [
        ("Employee ID", "40213", "number"),
        ("Legal First Name", "Nils", "given_name"),
        ("Legal Last Name", "Eriksen", "family_name"),
        ("Email - Work", "nils@halden.example", "email"),
        ("Business Title", "Technician", "job_title"),
        ("Supervisory Organization", "Substations", "team"),
        ("Manager ID", "40077", "manager"),
        ("Manager Name", "Amina Okafor", ""),
        ("Hire Date", "2024-09-01", "hired_on"),
        ("Termination Date", "", "leaving_on"),
        ("Work Country", "Germany", "country"),
        ("Country of birth", "Norway", ""),
        ("Work Location State", "Bavaria", "region"),
        ("Scheduled Weekly Hours", "37.5", "weekly_hours"),
        ("Cost Center", "4711", ""),
    ],
    "english, a small firm's list in another order": [
        ("Department", "Substations", "team"),
        ("Full name", "Nils Eriksen", "name"),
        ("Reports to", "Amina Okafor", "manager"),
        ("E-mail address", "nils@halden.example", "email"),
        ("Start date", "01/09/2024", "hired_on"),
        ("Job Title", "Technician", "job_title"),
        ("T-shirt size", "L", ""),
    ],
    "english, display name with comma": [
        ("EmployeeNumber", "40213", "number"),
        ("Worker", "Eriksen, Nils", "reversed_name"),
        ("userPrincipalName", "nils@halden.example", "email"),
        ("Manager Email", "amina@halden.example", "manager"),
    ],
    "german, payroll": [
        ("Pers.-Nr.", "40213", "number"),
        ("Name", "Eriksen", "family_name"),
        ("Vorname", "Nils", "given_name"),
        ("Dienstliche E-Mail", "nils@halden.example", "email"),
        ("Abteilung", "Substations", "team"),
        ("Eintrittsdatum", "01.09.2024", "hired_on"),
        ("Austrittsdatum", "31.12.9999", "leaving_on"),
        ("Stellenbezeichnung", "Technikerin", "job_title"),
        ("Vorgesetzter (Personalnummer)", "40077", "manager"),
        ("Geburtsdatum", "01.02.1980", ""),
        ("Arbeitsland", "Deutschland", "country"),
        ("Bundesland", "Bayern", "region"),
        ("Wöchentliche Arbeitszeit", "38,5", "weekly_hours"),
    ],
    "german, one column of names": [
        ("PersNr", "40213", "number"),
        ("Name", "Eriksen, Nils", "reversed_name"),
        ("E-Mail", "nils@halden.example", "email"),
        ("Abteilung", "Substations", "team"),
        ("Vorgesetzter", "40077", "manager"),
        ("Eintritt", "01.09.2024", "hired_on"),
        ("Schicht", "Früh", ""),
    ],
    "german, with umlauts": [
        ("Führungskraft", "Amina Okafor", "manager"),
        ("Geschäftliche E-Mail", "nils@halden.example", "email"),
        ("Mitarbeiternummer", "40213", "number"),
        ("Nachname", "Eriksen", "family_name"),
        ("Rufname", "Nils", "given_name"),
        ("Organisationseinheit", "Substations", "team"),
        ("Funktion", "Techniker", "job_title"),
    ],
    "norwegian, payroll": [
        ("Ansattnr", "40213", "number"),
        ("Etternavn", "Eriksen", "family_name"),
        ("Fornavn", "Nils", "given_name"),
        ("E-post (jobb)", "nils@halden.example", "email"),
        ("Stilling", "Montør", "job_title"),
        ("Avdeling", "Substations", "team"),
        ("Nærmeste leder", "Amina Okafor", "manager"),
        ("Ansatt dato", "01.09.2024", "hired_on"),
        ("Sluttdato", "", "leaving_on"),
        ("Stillingsprosent", "100", ""),
        ("Arbeidsland", "Norge", "country"),
        ("Timer pr. uke", "37,5", "weekly_hours"),
    ],
    "norwegian, another order": [
        ("Leders ansattnummer", "40077", "manager"),
        ("Navn", "Nils Eriksen", "name"),
        ("Ansattnummer", "40213", "number"),
        ("Epost", "nils@halden.example", "email"),
        ("Enhet", "Substations", "team"),
        ("Startdato", "01.09.2024", "hired_on"),
    ],
    "headings that say nothing": [
        ("A", "Nils Eriksen", ""),
        ("B", "nils@halden.example", "email"),
        ("", "x", ""),
    ],
}


@pytest.mark.parametrize("name", EXPORTS)
def test_usual_exports(name: str) -> None:
    export = EXPORTS[name]
    found = guess([one[0] for one in export], [[one[1]] if one[1] else [] for one in export])
    assert {one[0]: guess.target for one, guess in zip(export, found, strict=True)} == {
        heading: target for heading, _value, target in export
    }


def test_what_is_known_word_for_word_is_sure() -> None:
    sure, unsure = guess(["E-Mail", "Dein Vorgesetzter heute"], [["a@b.example"], ["Bo"]])
    assert (sure.sure, unsure.target, unsure.sure) == (True, "manager", False)


def test_an_email_column_without_emails_is_none() -> None:
    assert guess(["E-Mail", "Nr"], [["yes", "no"], ["1"]])[0].target == ""


def test_headings_below_a_title() -> None:
    rows = [["Ansattliste pr. 01.11.2026"], ["Halden Grid", "", ""], ["Ansattnr", "Navn", "Epost"]]
    assert find_headings([*rows, ["1", "Nils", "n@x.example"]], PEOPLE) == 2
    assert find_headings([["A", "B"], ["1", "2"]], PEOPLE) == 0


def test_every_known_word_is_written_as_it_is_compared() -> None:
    for words in PEOPLE.values():
        assert [plain(word) for word in words] == list(words)
        assert len(set(words)) == len(words)
