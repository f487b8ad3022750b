"""`manage.py reset_second_factor E-MAIL`: for somebody who lost their phone, key and codes."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from peerlearn.clock import now
from peerlearn.organizations import factors, sign_ins
from peerlearn.organizations.models import User
from peerlearn.organizations.queries import normalized_email

log = structlog.get_logger("peerlearn.organizations")


class Command(BaseCommand):
    help = "Take the second factor off an account, end its sign-ins, and tell its owner by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="with which the person signs in")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=normalized_email(options["email"])).first()
        if user is None:
            raise CommandError("nobody signs in with that e-mail. Look whether it is spelt right.")
        with transaction.atomic():
            if not factors.reset(user, at=now()):
                raise CommandError("that account has no second factor; nothing was changed.")
            ended = sign_ins.end_all(user)
        log.warning("second_factor_reset", user_id=user.pk, sign_ins_ended=ended)
        self.stdout.write(
            f"the second factor is gone, {ended} sign-ins are ended, and a mail tells the owner"
        )
