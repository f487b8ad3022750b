"""Numbers as people read them."""

from __future__ import annotations

from django.utils.translation import gettext as _


def percent(value: int | str) -> str:
    """38%, or 0–25%: in other languages with a space before the sign."""
    return _("%s%%") % value
