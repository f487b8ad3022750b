"""Why a file or a row cannot be taken, and what to do, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.importing.reading import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_TEXT,
)
from peerlearn.organizations.throttles import MAILS_A_DAY

Text = str | Promise

# Of a file: what is wrong, and the next step.
FILES: Mapping[str, tuple[Text, Text]] = {
    "large": (_("The file is larger than 10 MB."),
              _("Leave out columns that are not needed, or import team by team.")),
    "empty": (_("The file holds nothing."), _("Export it again, and look into it before.")),
    "no_rows": (_("Below its headings the file holds no rows."),
                _("Export it again, with one row for each person.")),
    "pdf": (_("This is a PDF file, whatever its name says."),
            _("Export the list as CSV or as Excel workbook (.xlsx).")),
    "old_excel": (_("This is a workbook in the old format of Excel (.xls)."),
                  _("Open it in Excel and save it as “Excel workbook (.xlsx)”.")),
    "encrypted": (_("The workbook has a password, so it cannot be read."),
                  _("Save a copy without a password and choose that one.")),
    "no_workbook": (_("This is no Excel workbook, whatever its name says."),
                    _("Choose a CSV file or an Excel workbook (.xlsx).")),
    "bomb": (_("Unpacked the file would be far larger than a list of people is."),
             _("Copy the cells into a new workbook and save that one.")),
    "damaged": (_("The workbook is damaged."),
                _("Open it in Excel, save it again, and choose that copy.")),
    "not_text": (_("The file is not text in UTF-8, UTF-16 or Windows-1252."),
                 _("Save it as “CSV UTF-8” and choose that copy.")),
    "quotation": (_("A quotation mark is opened and never closed."),
                  _("Look at that row of the file and close it there.")),
    "rows": (_("The file has more than %(most)s rows."),
             _("Import it in parts, and keep those who are not in a part.")),
    "columns": (_("A row has more than %(columns)s cells."),
                _("Leave out columns that are not needed.")),
    "cells": (_("The file has more than %(cells)s cells."),
              _("Leave out columns that are not needed, or import team by team.")),
    "text": (_("The file holds more than %(text)s characters."),
             _("Leave out columns that are not needed, or import team by team.")),
    "mails": (
        _("At most %(mails)s work e-mails can change in a day, those in forms included: each "
          "change is told in a mail. With this file it would be more."),
        _("Nothing was changed. Import fewer of them, and the others from tomorrow on."),
    ),
    "slow": (_("Reading the file took too long."),
             _("Leave out columns that are not needed, or import team by team.")),
    "not_hr": (_("Whoever began this import is not HR any more."),
               _("Somebody who is can import the file.")),
    "error": (_("Something went wrong on our side. Nothing was changed."),
              _("Try it again. If it happens again, tell whoever runs this server.")),
}  # fmt: skip

# Of a cell. `about` is a name, a number or a day, as planning.py says.
CELLS: Mapping[str, Text] = {
    "no_text": _("Holds a character that is no text"),
    "excel_error": _("Is an error of Excel, not a value"),
    "long": _("Longer than %(about)s characters"),
    "email": _("Is no e-mail address"),
    "day": _("Is no day of the calendar, such as 2026-09-01"),
    "name_missing": _("Holds no name"),
    "email_missing": _("A new person needs a work e-mail"),
    "email_of_another": _("Is the e-mail of %(about)s, who has another number"),
    "email_of_admin": _("Only an admin changes the e-mail of an admin"),
    "last_day_of_admin": _("Only an admin sets the last day of an admin"),
    "reach": _("Is no day of the years 1900 to 2199"),
    "comes_back_with_roles": _(
        "Has no access any more, and had a role: let them in again on their own page"
    ),
    "leaves_before": _("The last day lies before the first one"),
    "hired_after_change": _("Their place changed on %(about)s, so they were here before that"),
    "team_archived": _("Is an archived team: reopen it, or choose another"),
    "no_band": _("Is no cost band. Admins add them in the settings"),
    "country": _("Is no country, such as Norway or NO"),
    "region": _("Is no region of this country (%(about)s) with holidays of its own"),
    "hours": _("Is no number of hours in a week, such as 37.5"),
    "hours_long": _("More hours than the working days have from %(about)s to midnight"),
    "twice": _("Stands in row %(about)s as well"),
    "nobody": _("Nobody has this number, e-mail or name"),
    "several": _("%(about)s people have this name: use the number or the e-mail"),
    "left": _("Has no access any more"),
    "manager_self": _("Nobody reports to themselves"),
    "manager_loop": _("Would report to themselves by way of %(about)s"),
    "manager_deep": _("Makes a reporting line of more than %(about)s people, one above the other"),
}

NOTES: Mapping[str, Text] = {
    "left_already": _("Their last day is over, so they are not added"),
    "comes_back": _("Gets access again"),
}


def of_file(code: str) -> tuple[str, str]:
    """What is wrong with the file, and the next step."""
    what, then = FILES[code]
    numbers = {
        "most": MOST_ROWS,
        "columns": MOST_COLUMNS,
        "cells": number_format(MOST_CELLS, force_grouping=True),
        "text": number_format(MOST_TEXT, force_grouping=True),
        "mails": MAILS_A_DAY,
    }
    return str(what) % numbers, str(then)


def of_cell(code: str, about: str) -> str:
    """What is wrong with a cell. Floors above bring codes of their own: `add_words`."""
    return str(CELLS.get(code) or _more[code]) % {"about": about}


_more: dict[str, Text] = {}


def add_words(words: Mapping[str, Text]) -> None:
    """Let a kind of import of a floor above say what is wrong in its own words."""
    _more.update(words)


def of_note(code: str) -> str:
    return str(NOTES.get(code) or _more[code])
