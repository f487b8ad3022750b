"""Reports over the API: asked for, waited for, taken, as on pages."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response

from analytics.api_scopes import READ_REPORTS, WRITE_REPORTS
from analytics.asking import refuse_too_many
from analytics.choices import FileFormat, Names, ReportKind, ReportState
from analytics.files import CONTENT_TYPES
from analytics.forms import report_form
from analytics.making import NotAllowed, refuse_unseen
from analytics.models import Report
from peerlearn.api.fields import Body, Day, Nothing, PublicId, about
from peerlearn.api.people import TeamName
from peerlearn.api.refusals import Conflict
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView, ShowView
from peerlearn.clock import now
from peerlearn.organizations.access import HR, MANAGER, get_visible_or_404
from peerlearn.web.problems import problem

_FILE = {(200, kind): OpenApiTypes.BINARY for kind in CONTENT_TYPES.values()}


class ReportAnswer(serializers.ModelSerializer[Report]):
    id = serializers.CharField(source="public_id")
    team = TeamName(allow_null=True)

    class Meta:
        model = Report
        fields = [
            "id",
            "kind",
            "period_from",
            "period_to",
            "team",
            "names",
            "file_format",
            "state",
            "progress",
            "file_name",
            "size",
            "requested_at",
            "ready_at",
            "expires_at",
        ]


class ReportBody(Body):
    kind = serializers.ChoiceField(choices=ReportKind.choices)
    period_from = Day(required=False, **about("a year ago, unless said"))
    period_to = Day(required=False, **about("today, unless said"))
    team = PublicId(required=False, **about("the id of a team; all that one may see, unless said"))
    names = serializers.ChoiceField(
        choices=Names.choices, required=False, **about("participation comes in groups alone")
    )
    file_format = serializers.ChoiceField(choices=FileFormat.choices, required=False)


class ReportFilters(filters.FilterSet):
    state = filters.ChoiceFilter("state", choices=ReportState.choices, **about("how far it is"))


class _Reports(ApiView):
    roles = (HR, MANAGER)
    needs = {"GET": READ_REPORTS, "POST": WRITE_REPORTS}

    def reports(self) -> Any:
        return Report.objects.visible_to(self.employee).select_related("team")

    def report(self, public_id: str) -> Report:
        found: Report = get_visible_or_404(self.reports(), public_id)
        return found


class Reports(_Reports, ListView):
    """One's own reports, the latest first."""

    serializer_class = ReportAnswer
    filterset_class = ReportFilters
    ordering: ClassVar[tuple[str, ...]] = ("-requested_at", "-id")

    def rows(self) -> Any:
        return self.reports()

    @answers(ReportAnswer, body=ReportBody, status=201)
    def post(self, request: Any) -> Response:
        """Have one made. Ask for it until its state is `ready`, then take the file."""
        at, body = now(), self.body(ReportBody)
        form = report_form(self.employee, self.organization, _as_typed(body), at=at)
        if not form.is_valid():
            wrong: dict[str, Any] = {name: list(words) for name, words in form.errors.items()}
            raise serializers.ValidationError(wrong)
        day = datetime.combine(form.today, time(0), self.organization.zone)
        try:
            refuse_too_many(self.employee, since=day)
        except ValidationError as refused:
            raise Conflict(" ".join(refused.messages), code="too-often") from refused
        made = form.report(self.employee, at)
        made.ask()
        answer = Response(ReportAnswer(made).data, status=201)
        answer.headers["Location"] = f"{request.path}{made.public_id}/"
        return answer


def _as_typed(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in body.items()}


class OneReport(_Reports, ShowView):
    """One of one's own reports."""

    serializer_class = ReportAnswer

    def found(self, **kwargs: str) -> Any:
        return self.report(kwargs["public_id"])


class CancelReport(_Reports):
    """Stop one that is not made yet."""

    @answers(ReportAnswer, body=Nothing)
    def post(self, request: Any, public_id: str) -> Response:
        self.body(Nothing)
        found = self.report(public_id)
        self.refuse_stale(ReportAnswer(found).data)
        if not found.cancel():
            raise Conflict(_("%s was made already.") % found.file_name, code="made-already")
        return Response(ReportAnswer(self.report(public_id)).data)


class AnyType(BaseContentNegotiation):
    """A file comes as what it is, whatever was asked for."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ReportFile(_Reports):
    """The file of a report. Taking one with names is logged, as on pages."""

    content_negotiation_class = AnyType

    @extend_schema(responses=_FILE)
    def get(self, request: Any, public_id: str) -> Any:
        found, at = self.report(public_id), now()
        try:
            refuse_unseen(found, self.employee)
        except NotAllowed:
            return problem(403, _("You may not see these figures any more."), code="not-allowed")
        no_file = problem(410, _("There is no file, or none any more."), code="no-file")
        if not found.can_be_downloaded(at):
            return no_file
        try:
            file = default_storage.open(found.path)
        except FileNotFoundError:  # a backup brings back the row alone
            return no_file
        found.note_download(self.employee, at)
        return FileResponse(
            file,
            as_attachment=True,
            filename=found.file_name,
            content_type=CONTENT_TYPES[FileFormat(found.file_format)],
        )
