"""`manage.py send_test_mail ADDRESS`: whether mails go out, and why not."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from peerlearn.operations.mail_trial import MailFault, send


class Command(BaseCommand):
    help = "Send a test message with the settings of this environment, and say what went wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="an e-mail that you can read")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["address"])
            self.stdout.write(send(options["address"]))
        except ValidationError:
            raise CommandError(f"{options['address']!r} is no e-mail address") from None
        except MailFault as fault:
            raise CommandError(str(fault)) from None
