from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_BOOKINGS = declare(
    "read:bookings",
    _("Read offers, free days and bookings, with your notes and debriefs, and what waits for you"),
)
WRITE_BOOKINGS = declare(
    "write:bookings",
    _("Do with bookings what you may: book, move, approve, propose, hand over, mark days, debrief"),
)
READ_INTERACTIONS = declare("read:interactions", _("Read what you gave and received"))
