"""A mail to see whether mails go out, and in plain words why one does not."""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from socket import gaierror
from ssl import SSLCertVerificationError, SSLError

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

_TEXT = """Mails of this installation of peerlearn go out.

This one was sent with `manage.py send_test_mail`. Nothing else came of it.
"""


class MailFault(Exception):
    """Why the mail did not go out, and which setting to look at."""


def send(address: str) -> str:
    """Send one on a connection of its own; what became of it, in words. Raises MailFault."""
    mail = EmailMessage(
        "A test message of peerlearn", _TEXT, settings.DEFAULT_FROM_EMAIL, [address]
    )
    try:
        connection = get_connection()
        connection.open()
    except (OSError, SMTPException) as error:
        raise MailFault(_before_the_mail(error)) from error
    try:
        connection.send_messages([mail])
    except (OSError, SMTPException) as error:
        raise MailFault(_about_the_mail(error)) from error
    finally:
        connection.close()
    return f"{address}: handed over to {_server()}, from {settings.DEFAULT_FROM_EMAIL}. " + (
        "Look into the inbox, and into the folder of what was taken for spam."
    )


def _server() -> str:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return f"{settings.EMAIL_BACKEND}, which sends nothing to a mail server"
    secured = (
        "TLS" if settings.EMAIL_USE_SSL else "STARTTLS" if settings.EMAIL_USE_TLS else "no TLS"
    )
    signed_in = (
        f"as {settings.EMAIL_HOST_USER}" if settings.EMAIL_HOST_USER else "without signing in"
    )
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} with {secured}, {signed_in}"


def _before_the_mail(error: Exception) -> str:
    """Reaching the server, TLS and signing in. The order matters: some are kinds of others."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    match error:
        case gaierror():
            return f"Host: {settings.EMAIL_HOST} is not known. Look at the host in EMAIL_URL."
        case SSLCertVerificationError():
            return (
                f"TLS: the certificate of {where} is not accepted ({error.verify_message}). "
                "EMAIL_URL must name the host for which it was made, and this computer must know "
                "who issued it."
            )
        case SSLError():
            return (
                f"TLS: {where} does not begin with TLS. smtp+ssl:// is for port 465, smtp+tls:// "
                "(STARTTLS) for port 587."
            )
        case ConnectionRefusedError():
            return f"Host: nothing takes mails at {where}. Look at host and port in EMAIL_URL."
        case TimeoutError():
            return (
                f"Host: {where} does not answer within {settings.EMAIL_TIMEOUT} s. Is the port "
                "right, and does a firewall let this computer out?"
            )
        case SMTPAuthenticationError():
            return (
                f"Credentials: {where} refuses to sign in {settings.EMAIL_HOST_USER}"
                f"{_said(error)}. Look at user and password in EMAIL_URL; what is special in an "
                "address is written as %40 for @, %2F for / and so on."
            )
        case SMTPNotSupportedError() if "STARTTLS" in str(error):
            return (
                f"TLS: {where} offers no STARTTLS. Try smtp+ssl:// with port 465; a server on this "
                "computer may do without (EMAIL_WITHOUT_TLS=1)."
            )
        case SMTPNotSupportedError():
            return f"Credentials: {where} lets nobody sign in. Leave user and password out."
        case SMTPServerDisconnected():
            return (
                f"Host: {where} hung up at once. smtp+ssl:// is for port 465, smtp+tls:// for port "
                "587."
            )
    return f"{where} cannot be used: {_name(error)}{_said(error)}."


def _about_the_mail(error: Exception) -> str:
    match error:
        case SMTPRecipientsRefused():
            ((address, (code, words)),) = error.recipients.items()
            return f"Recipient: the server refuses {address} ({code} {_text(words)})."
        case SMTPSenderRefused():
            return (
                f"Sender: the server refuses {settings.DEFAULT_FROM_EMAIL}{_said(error)}. Look at "
                "DEFAULT_FROM_EMAIL: most servers take only addresses of their own domains."
            )
    return f"The server did not take the mail: {_name(error)}{_said(error)}."


def _said(error: Exception) -> str:
    """What the server said; never what we said to it."""
    if not isinstance(error, SMTPResponseException):
        return ""
    return f" ({error.smtp_code} {_text(error.smtp_error)})"


def _text(words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:200]


def _name(error: Exception) -> str:
    return type(error).__name__
