"""Text in the cells of files that spreadsheets open. Pure."""

from __future__ import annotations

import re

# What a spreadsheet takes for the beginning of a formula, full-width forms included.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
# Where a spreadsheet may begin another cell: in many countries a semicolon parts the columns.
# Quotes after it, doubled in the file, are an empty text to some readers.
_AFTER_A_SEPARATOR = re.compile('([;|\t\r\n][ \u00a0\u3000"]*)(?=[=+@\uff1d\uff0b\uff20\uff0d-])')
_NOT_TEXT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF])


def cleaned(text: str) -> str:
    """Without the control characters that no file format holds, NUL among them."""
    return text.translate(_NOT_TEXT)


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what begins like a formula."""
    text = _AFTER_A_SEPARATOR.sub(r"\1'", cleaned(text))
    begins = text.lstrip(" \u00a0\u3000\u200b\ufeff")
    if text.startswith(_BEGINS_A_FORMULA) or begins.startswith(_BEGINS_A_FORMULA):
        return "'" + text
    return text
