"""The message that puts one day into one employee's calendar, changes it there or takes it out.

Outlook and Google take one UID from one message, so each day has its own.
"""

from __future__ import annotations

from email.encoders import encode_base64
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from peerlearn.notifications.sending import compose_as, of_this_site, sender
from peerlearn.notifications.telling import in_words
from peerlearn.organizations.addresses import organization_url
from peerlearn.organizations.models import Employee
from sessions.calendar_entries import CALENDAR_MESSAGE
from sessions.calendar_events import CANCEL, REQUEST, Day, Person, cancel, request
from sessions.models import CalendarEntry


class Invitation(EmailMultiAlternatives):
    """A mail whose last alternative is for the calendar: the one that they prefer."""

    method: str
    content: bytes

    def message(self, **kwargs: Any) -> Any:
        whole = super().message(**kwargs)
        for part in whole.walk():
            if part.get_content_type() == "multipart/alternative":
                part.attach(self._for_the_calendar())
        return whole

    def _for_the_calendar(self) -> Any:
        """In base64, so that no server on the way breaks its lines anew."""
        part = MIMENonMultipart("text", "calendar", charset="utf-8", method=self.method)
        part.set_payload(self.content)
        encode_base64(part)
        return part


def invitation(entry: CalendarEntry) -> Invitation:
    """The entry comes with its employee, their organization, the host and the session."""
    employee, over = entry.employee, entry.cancelled_at is not None
    organization = employee.organization
    link = organization_url(
        organization, "booking", public_id=entry.participation.session.public_id
    )
    found = {
        "link": link,
        "entry": entry,
        "blocks": [entry],
        "zone": employee.time_zone,
        "over": over,
        "changed": bool(entry.sequence),
    }
    with timezone.override(employee.zone), translation.override(employee.reads):
        words = in_words(CALENDAR_MESSAGE, employee, found)
    number = f"calendar.{entry.pk}.{entry.sequence}.{organization.pk}"
    mail = compose_as(
        Invitation,
        words,
        to=employee.email,
        recipient=employee,
        message_id=of_this_site(number),
    )
    # One conversation for all the days of a booking.
    thread = of_this_site(f"calendar.of.{entry.participation_id}.{organization.pk}")
    mail.extra_headers["References"] = thread
    write, mail.method = (cancel, CANCEL) if over else (request, REQUEST)
    mail.content = write(
        day_of(entry, employee, link=link),
        organizer=Person(*sender(organization)),
        attendee=Person(employee.name, employee.email),
    )
    # Calendars that look for a file alone, as Apple's do.
    mail.attach("invite.ics", mail.content, "application/ics")
    return mail


def day_of(entry: CalendarEntry, reader: Employee, *, link: str) -> Day:
    """As it stands in the calendar of somebody who takes part, in their language. Who comes is
    left to the page: a group's host is not told of every change of it."""
    with translation.override(reader.reads):
        lines = []
        if entry.host_id != reader.pk:
            lines.append(_("Host: %(name)s") % {"name": " ".join(entry.host.name.split())})
        lines.append(_("See, move or cancel it here: %(link)s") % {"link": link})
        lines.append(_("Answering this invitation changes nothing."))
        return Day(
            uid=entry.uid,
            sequence=entry.sequence,
            starts_at=entry.starts_at,
            ends_at=entry.ends_at,
            zone=entry.time_zone,
            summary=_("Shadowing: %(subject)s") % {"subject": entry.subject},
            changed_at=entry.changed_at,
            place=entry.place,
            description="\n".join(lines),
            url=link,
        )
