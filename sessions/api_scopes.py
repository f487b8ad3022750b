from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_BOOKINGS = declare("read:bookings", _("Read offers, free days and bookings"))
WRITE_BOOKINGS = declare("write:bookings", _("Hold, book, move and cancel days, and wait for them"))
READ_INTERACTIONS = declare("read:interactions", _("Read what you gave and received"))
