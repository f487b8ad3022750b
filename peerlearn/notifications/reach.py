"""Who is mailed what is told in the app: those who have been in the organization.

Whoever was only added, by a form or from a file, never asked for mails: a code or an invitation
goes to them, and everything else waits in the app until they come.
"""

from __future__ import annotations

from peerlearn.organizations.models import Membership


def is_mailed(organization_id: int, address: str) -> bool:
    """Whether somebody came in with that e-mail, by an invitation or by signing in, ever."""
    came = Membership.objects.filter(organization=organization_id, entered_at__isnull=False)
    return came.filter(user__email=address).exists()
