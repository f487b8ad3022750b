"""What every address of the API keeps to: who may call it, ETags, keys, problems.

class Skills(ListView):
    '''The catalogue.'''
    needs = {"GET": READ_SKILLS}
    serializer_class = SkillAnswer

    def rows(self): return Skill.objects.visible_to(self.employee).current()

path("skills/", opened(Skills), name="api_skills")
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import APIView

from peerlearn.api import idempotency, refusals
from peerlearn.api.cursors import CursorPages
from peerlearn.api.filters import Filters, refuse_unknown
from peerlearn.api.opening import KEY
from peerlearn.api.permissions import MayCall, Token
from peerlearn.api.refusals import PreconditionFailed
from peerlearn.api.token_scopes import TokenScope
from peerlearn.clock import now
from peerlearn.organizations.access import opened_by
from peerlearn.organizations.models import Employee, Organization
from peerlearn.organizations.roles import EVERYONE, Role

READING = ("GET", "HEAD")


class PlainJson(JSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_("The body is nested too deep.")) from None


class ApiView(APIView):
    """`needs` names the scope of each method; `roles` who may call it at all."""

    roles: ClassVar[tuple[Role, ...]] = (EVERYONE,)
    needs: ClassVar[Mapping[str, TokenScope]] = {}
    takes: ClassVar[tuple[str, ...]] = ()  # parameters of the query
    authentication_classes = [Token]
    permission_classes = [MayCall]
    parser_classes = [PlainJson]
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    _row: int | None = None

    @property
    def employee(self) -> Employee:
        found: Employee = self.request._request.employee  # type: ignore[attr-defined]
        return found

    @property
    def organization(self) -> Organization:
        found: Organization = self.request._request.organization  # type: ignore[attr-defined]
        return found

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        if not isinstance(self, ListView):
            refuse_unknown(request, self.takes)
        if request.method not in READING:
            self._row = idempotency.begin(request, at=now())

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, idempotency.AnsweredBefore):
            return idempotency.again(exc.kept)
        answer = refusals.answer(exc, self.get_exception_handler_context())
        if answer is None:
            raise exc
        return answer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        done = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(done, ["Authorization"])
        if isinstance(done, Response) and done.status_code < 300:
            if done.data is not None:
                done.headers["ETag"] = etag_of(done.data)
            done.render()
            if request.method in READING and _is_known(request, done.headers.get("ETag")):
                return _not_modified(done)
        if self._row is not None and done.status_code < 400:
            idempotency.keep(self._row, done)
        return done

    def body(self, serializer: type[Any]) -> dict[str, Any]:
        """What was sent, if it holds."""
        given = serializer(data=self.request.data, context=self.get_context())
        given.is_valid(raise_exception=True)
        cleaned: dict[str, Any] = given.validated_data
        return cleaned

    def get_context(self) -> dict[str, Any]:
        return {"request": self.request, "view": self}

    def refuse_stale(self, data: Any) -> None:
        """With If-Match a write is for what was read, and for nothing that came since."""
        wanted = self.request.headers.get("If-Match")
        if wanted is None or wanted.strip() == "*":
            return
        if etag_of(data) not in {one.strip() for one in wanted.split(",")}:
            raise PreconditionFailed(_("It has changed since you read it. Read it again."))


def etag_of(data: Any) -> str:
    """Of what is told, not of its bytes."""
    text = json.dumps(data, sort_keys=True, default=str, ensure_ascii=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _is_known(request: Any, etag: str | None) -> bool:
    known = request.headers.get("If-None-Match", "")
    names = {one.strip().removeprefix("W/") for one in known.split(",")}
    return etag is not None and (etag in names or "*" in names)


def _not_modified(response: Any) -> HttpResponse:
    answer = HttpResponseNotModified()
    for name in ("ETag", "Vary"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer


class ListView(ApiView, ListAPIView):  # type: ignore[type-arg]
    """Pages of `rows()`, in `ordering`, of those that the filters leave."""

    pagination_class = CursorPages
    filter_backends = [Filters]
    ordering: ClassVar[tuple[str, ...]] = ("public_id",)

    def rows(self) -> Any:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        return self.rows()


class ShowView(ApiView, GenericAPIView):  # type: ignore[type-arg]
    """One object."""

    def found(self, **kwargs: str) -> Any:
        raise NotImplementedError

    def get(self, request: Any, **kwargs: str) -> Response:
        return Response(self.told(self.found(**kwargs)))

    def told(self, one: Any) -> Any:
        return self.get_serializer(one).data


def opened(view: type[ApiView], **initkwargs: Any) -> Callable[..., HttpResponse]:
    """The view for a URLconf: opened by a token, and saying who may call it."""
    call: Any = view.as_view(**initkwargs)
    call.access = frozenset(view.roles)
    guarded: Callable[..., HttpResponse] = opened_by(KEY)(call)
    return guarded
