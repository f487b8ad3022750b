"""Who signs in. Stands outside the fence."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from peerlearn.organizations.queries import (
    UserManager,
)


class User(AbstractBaseUser):
    """A person who signs in. Knows nothing of any organization."""

    email = models.EmailField(_("e-mail"), unique=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=models.functions.Lower("email")), name="user_email_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_new(self) -> bool:
        """Never signed in anywhere, and without a secret that anybody could know."""
        return self.last_login is None and not self.has_usable_password()
