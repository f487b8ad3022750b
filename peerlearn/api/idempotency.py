"""A write with an Idempotency-Key happens once, however often it is sent.

The row of the key is written first, in the transaction of the effect: a second request with the
same key waits for it, and finds its answer or, when it came to nothing, does the work itself. What
is refused (400 and above) is rolled back and not kept.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from peerlearn.api.models import KeptAnswer
from peerlearn.api.refusals import KeyOfAnother

HEADER = "Idempotency-Key"
_SANE = re.compile(r"[\x21-\x7e]{1,255}")


class AnsweredBefore(Exception):
    def __init__(self, kept: KeptAnswer) -> None:
        self.kept = kept


def begin(request: Any, *, at: datetime) -> int | None:
    """The row to keep the answer in; None without a key. Raises AnsweredBefore."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _SANE.fullmatch(key):
        raise ParseError(_("Idempotency-Key: 1 to 255 visible ASCII characters."))
    asked = fingerprint(request)
    whose = owner_of(request)
    row = KeptAnswer.objects.claim(token=whose, key=key, fingerprint=asked, at=at)
    if row is not None:
        return row
    kept: KeptAnswer = KeptAnswer.objects.get(token=whose, key=key)
    if kept.fingerprint != asked:
        raise KeyOfAnother(_("This Idempotency-Key was sent with another request."))
    raise AnsweredBefore(kept)


def owner_of(request: Any) -> int:
    """Keys are everybody's own: two tokens may send the same one."""
    return int(request.auth.pk)


def fingerprint(request: Any) -> str:
    parts = [request.method, request.get_full_path(), request.headers.get("If-Match", "")]
    begun = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass"))
    begun.update(b"\n" + request._request.body)
    return begun.hexdigest()


def keep(row: int, response: Any) -> None:
    KeptAnswer.keep(
        row,
        status=response.status_code,
        location=response.headers.get("Location", ""),
        etag=response.headers.get("ETag", ""),
        body=response.content.decode(),
    )


def again(kept: KeptAnswer) -> HttpResponse:
    answer = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    for name, value in (("Location", kept.location), ("ETag", kept.etag)):
        if value:
            answer.headers[name] = value
    answer.headers["Idempotency-Replayed"] = "true"
    return answer
