"""Where somebody is signed in. Stands outside the fence: before signing in there is no
organization."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from peerlearn.organizations.models.users import User


class SignIn(AbstractBaseSession):
    """One browser's session, of somebody or of nobody yet. In which browser it is and since when
    stands in its data (`sign_ins.py`): no address, and days instead of times."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sign_ins")
