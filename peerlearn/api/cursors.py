"""Pages by cursor: as quick at the end of a list as at its beginning, and nothing comes twice."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.response import Response

from peerlearn.api.refusals import NotInQuery

PER_PAGE, MOST = 50, 100
_SALT = "peerlearn.api.cursor"


class CursorPages(CursorPagination):
    """A cursor is signed: what somebody made up reaches no query. It holds no id that is not
    public."""

    request: Any
    page_size = PER_PAGE
    page_size_query_param = "page_size"
    max_page_size = MOST
    ordering: Any = ("public_id",)

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> Any:
        return getattr(view, "ordering", self.ordering)

    def get_page_size(self, request: Any) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return PER_PAGE
        if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= MOST):
            words = _("A whole number from 1 to %(most)s.") % {"most": MOST}
            raise NotInQuery({self.page_size_query_param: [words]})
        return int(given)

    def decode_cursor(self, request: Any) -> Any:
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            offset, reverse, position = signing.loads(given, salt=self._salt(request))
        except signing.BadSignature:
            words = _("Not a cursor of this list. Take it from “next” or “previous”.")
            raise NotInQuery({self.cursor_query_param: [words]}) from None
        return Cursor(offset=offset, reverse=reverse, position=position)

    def encode_cursor(self, cursor: Any) -> str:
        """The address of the page, at the address that mails lead to."""
        place = [min(cursor.offset, self.offset_cutoff), cursor.reverse, cursor.position]
        signed = signing.dumps(place, salt=self._salt(self.request))
        query = parse_qs(urlsplit(self.request.get_full_path()).query)
        query[self.cursor_query_param] = [signed]
        path = self.request.path
        return f"{settings.PUBLIC_ADDRESS}{path}?{urlencode(query, doseq=True)}"

    def _salt(self, request: Any) -> str:
        """Of one list of one organization: elsewhere it is none."""
        return f"{_SALT} {request.path}"

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data}
        )

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
