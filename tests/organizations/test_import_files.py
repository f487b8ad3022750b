"""Files as other systems write them, and files that nobody should open."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from peerlearn.organizations.importing import child, reading
from peerlearn.organizations.importing.child import read_apart
from peerlearn.organizations.importing.reading import Unreadable
from peerlearn.organizations.importing.words import FILES, of_file
from tests.organizations.import_kit import as_csv, as_xlsx, newest, path, read, upload
from tests.world import World

ROWS = [["Nr", "Name", "Ort"], ["1", "Åse Bäcker", "Malmö"], ["2", 'Bo "Bob" Ek, jr', "Łódź; x"]]
PLAIN = [["Nr", "Name", "Ort"], ["1", "Åse Bäcker", "Malmö"], ["2", "Bo, jr", "Ås; x"]]


def cells(content: bytes) -> list[list[str]]:
    return [row for _number, row in read_apart(content).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_every_usual_form(encoding: str, separator: str) -> None:
    rows = PLAIN if encoding == "cp1252" else ROWS
    found = read_apart(as_csv(rows, separator=separator, encoding=encoding))
    assert [row for _number, row in found.rows] == rows
    assert found.told["separator"] == separator


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str) -> None:
    assert cells(as_csv(ROWS, encoding=encoding)) == ROWS


def test_excels_own_line_and_empty_lines() -> None:
    found = read_apart(b'sep=|\r\na|b\r\n\r\n;|"x\r\ny"\r\n').rows
    assert found == [(2, ["a", "b"]), (4, [";", "x\r\ny"])]


def test_a_quotation_mark_within_a_cell() -> None:
    found = cells(b'size,name\n"5" pipe",x\n5",y\n')
    assert found == [["size", "name"], ['5 pipe"', "x"], ['5"', "y"]]


def test_a_workbook_as_people_write_them() -> None:
    """Numbers without a point, days as days, rows as the sheet counts them."""
    book = openpyxl.Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("Ansatte")
    sheet["B3"], sheet["C3"], sheet["D3"] = "Nr", "Navn", "Start"
    sheet["B5"], sheet["C5"], sheet["D5"] = 40213.0, "=1+1", date(2024, 9, 1)
    file = io.BytesIO()
    book.save(file)
    found = read_apart(file.getvalue())
    assert found.told == {"format": "xlsx", "sheet": "Ansatte"}
    assert found.rows[0] == (3, ["", "Nr", "Navn", "Start"])
    assert found.rows[1][0] == 5
    assert found.rows[1][1][1] == "40213"
    assert found.rows[1][1][3] == "2024-09-01"


# --- Files that nobody should open -----------------------------------------------------------
def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def changed(content: bytes, name: str, change: Any) -> bytes:
    """The workbook with one of its parts changed."""
    book = zipfile.ZipFile(io.BytesIO(content))
    parts = {part: book.read(part) for part in book.namelist()}
    parts[name] = change(parts[name])
    return packed(parts)


SHEET = "xl/worksheets/sheet1.xml"
_ENTITY = '<!ENTITY {} "{}">'
_LAUGHS = "<!DOCTYPE x [{}]>".format(
    "".join(
        _ENTITY.format(name, f"&{before};" * 10 if before else "ha")
        for before, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
    )
).encode()


def ole(inside: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + inside


def encrypted_zip() -> bytes:
    content = bytearray(packed({"xl/workbook.xml": b"x"}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


BAD = {
    "empty": (b" \r\n", "empty"),
    "nothing but separators": (b",,,\n,,\n", "empty"),
    "pdf": (b"%PDF-1.7\n...", "pdf"),
    "old excel": (ole(b"Workbook"), "old_excel"),
    "encrypted": (ole("EncryptedPackage".encode("utf-16-le")), "encrypted"),
    "encrypted zip": (encrypted_zip(), "encrypted"),
    "docx": (packed({"word/document.xml": b"<x/>"}), "no_workbook"),
    "cut zip": (as_xlsx(ROWS)[:900], "damaged"),
    "cut sheet": (changed(as_xlsx(ROWS), SHEET, lambda part: part[: len(part) // 2]), "damaged"),
    "zip bomb": (packed({"xl/workbook.xml": b"x", SHEET: bytes(50_000_000)}), "bomb"),
    "parts": (packed(dict.fromkeys([*map(str, range(2001)), "xl/workbook.xml"], b"")), "bomb"),
    "laughs": (changed(as_xlsx(ROWS), "xl/workbook.xml", lambda part: _LAUGHS + part), "damaged"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not_text"),
    "no cp1252": (b"name\n\x81\x8d\x8f\n", "not_text"),
    "lone surrogate": (b"\xff\xfe" + "name\n".encode("utf-16-le") + b"\x00\xd8a\x00", "not_text"),
    "open quotation": (b'a,b\n1,"2\n3,4\n', "quotation"),
    "too many columns": (b",".join([b"x"] * 101), "columns"),
    "too many rows": (b"a,b\n" * 10_022, "rows"),
    "too many cells": ((b",".join([b"x"] * 100) + b"\n") * 3_001, "cells"),
    "too much text": ((b"x" * 999 + b"\n") * 5_006, "text"),
    "too large": (b"a,b\n" * 2_600_000, "large"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_bad_file_has_its_own_words(name: str) -> None:
    content, code = BAD[name]
    with pytest.raises(Unreadable) as refused:
        read_apart(content)
    assert refused.value.code == code
    assert all(of_file(code))


def test_every_reason_has_words() -> None:
    for code in FILES:
        assert all(part and "%(" not in part for part in of_file(code))


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    rows = [["Nr", "Name"], *([str(n), "x"] for n in range(500))]
    lying = changed(
        as_xlsx(rows),
        SHEET,
        lambda part: part.replace(b"A1:B501", b"A1:A2"),
    )  # fmt: skip
    assert b"A1:A2" in zipfile.ZipFile(io.BytesIO(lying)).read(SHEET)
    assert len(cells(lying)) == 501
    assert len(cells(lying)[1]) == 2


def test_twin_the_library_alone_believes_it() -> None:
    rows = [["Nr", "Name"], *([str(n), "x"] for n in range(500))]
    lying = changed(as_xlsx(rows), SHEET, lambda part: part.replace(b"A1:B501", b"A1:A2"))
    sheet = openpyxl.load_workbook(io.BytesIO(lying), read_only=True).active
    assert len(list(sheet.iter_rows(values_only=True))) == 2


def test_a_row_far_below_is_refused_quickly() -> None:
    def far(part: bytes) -> bytes:
        return part.replace(b'r="3"', b'r="1048576"')

    with pytest.raises(Unreadable) as refused:
        read_apart(changed(as_xlsx(ROWS), SHEET, far))
    assert refused.value.code == "rows"


def test_who_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(child, "_PROGRAM", endless)
    with pytest.raises(Unreadable) as refused:
        read_apart(b"a,b\n1,2\n", seconds=0.5)
    assert refused.value.code == "slow"


@pytest.mark.parametrize("greedy", ["bytearray(4_000_000_000)", "os.abort()"])
def test_who_takes_too_much_ends_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, greedy: str
) -> None:
    program = tmp_path / "greedy.py"
    source = Path(reading.__file__).read_text()
    hook = "found: list[Row] = []\n"
    assert hook in source
    program.write_text(source.replace(hook, f"{hook}    {greedy}\n", 1))
    monkeypatch.setattr(child, "_PROGRAM", program)
    with pytest.raises(Unreadable) as refused:
        read_apart(b"a,b\n1,2\n")
    assert refused.value.code == "bomb"


def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for it")
    program = tmp_path / "curious.py"
    program.write_text(
        "import json, os, sys; print(json.dumps({'rows': [[1, sorted(os.environ)]], 'told': {}}))"
    )
    monkeypatch.setattr(child, "_PROGRAM", program)
    names = set(read_apart(b"x").rows[0][1])
    assert names <= {"PATH", "OPENPYXL_LXML", "LC_CTYPE"}


def test_an_answer_is_no_longer_than_its_text_and_may_hold_what_is_no_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers: list[bytes] = []
    loads = json.loads

    def kept(answer: bytes) -> Any:
        answers.append(answer)
        return loads(answer)

    monkeypatch.setattr(child.json, "loads", kept)
    assert len(cells(("a\n" + "😀" * 5_001 + "\n").encode())[1][0]) == 5_000
    assert 20_000 < len(answers[0]) < 20_200
    program = tmp_path / "escaped.py"
    source = Path(reading.__file__).read_text()
    hook = "found.append((number, cells))"
    assert hook in source
    program.write_text(source.replace(hook, r'found.append((number, ["\ud800"]))'))
    monkeypatch.setattr(child, "_PROGRAM", program)
    assert cells(b"a\n") == [["\ud800"]]


# --- Over HTTP -------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["pdf", "old excel", "encrypted", "zip bomb", "lone surrogate"])
def test_a_bad_file_is_told_on_its_page(world: World, client: Client, name: str) -> None:
    content, code = BAD[name]
    row = read(client, world.halden, content, name="people.xlsx")
    assert (row.state, row.failure, bytes(row.content)) == ("failed", code, b"")
    shown = client.get(path(world.halden, row)).content.decode()
    assert all(words in shown for words in of_file(code))


@pytest.mark.django_db
def test_a_file_of_50_mb_is_refused_before_it_is_read(world: World, client: Client) -> None:
    answer = upload(client, world.halden, bytes(50_000_000))
    assert answer.status_code == 413
    assert b"10" in answer.content
    assert newest(world.halden) is None


@pytest.mark.django_db
def test_a_file_a_little_too_large_is_told_beside_its_field(world: World, client: Client) -> None:
    answer = upload(client, world.halden, bytes(10_100_000))
    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.context["form"].errors["file"][0]
    assert newest(world.halden) is None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\0b.csv", "ø" * 300 + ".csv", "../../etc/passwd", "<b>.csv"])
def test_any_name_of_a_file(world: World, client: Client, name: str) -> None:
    answer = upload(client, world.halden, as_csv(ROWS), name=name)
    assert answer.status_code in {302, 422}
    assert client.get(world.halden.path("imports")).status_code == 200


@pytest.mark.django_db
def test_no_file_at_all(world: World, client: Client) -> None:
    world.halden.sign_in(client, world.halden.hr)
    answer = client.post(world.halden.path("imports"), {"kind": "people"})
    assert answer.status_code == 422
    assert b"Choose a file." in answer.content
    other = client.post(world.halden.path("imports"), {"kind": "no such", "file": "text"})
    assert other.status_code == 422
