"""People and teams over the API, as everybody sees them on pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.http import Http404
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import WallTime, about
from peerlearn.api.filters import YesOrNo, of_one
from peerlearn.api.people_scopes import READ_PEOPLE
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView, ShowView
from peerlearn.organizations.access import get_visible_or_404
from peerlearn.organizations.models import Employee, Team


class TeamName(serializers.ModelSerializer[Team]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Team
        fields = ["id", "name"]


class PersonName(serializers.ModelSerializer[Employee]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Employee
        fields = ["id", "name"]


class TeamAnswer(serializers.ModelSerializer[Team]):
    id = serializers.CharField(source="public_id")
    parent = TeamName(allow_null=True)
    archived = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ["id", "name", "parent", "archived"]

    def get_archived(self, team: Team) -> bool:
        return team.archived_at is not None


class EmployeeAnswer(serializers.ModelSerializer[Employee]):
    id = serializers.CharField(source="public_id")
    team = TeamName(allow_null=True)
    manager = PersonName(allow_null=True)
    day_starts = WallTime()
    day_ends = WallTime()
    working_days = serializers.ListField(child=serializers.IntegerField(), **about("0 is Monday"))
    leaving_on = serializers.SerializerMethodField(
        **about("for HR and the reporting line above; null for everybody else")
    )

    class Meta:
        model = Employee
        fields = [
            "id",
            "name",
            "email",
            "job_title",
            "team",
            "manager",
            "hired_on",
            "leaving_on",
            "time_zone",
            "working_days",
            "day_starts",
            "day_ends",
            "active",
        ]

    def get_leaving_on(self, person: Any) -> date | None:
        return person.leaving_on if person.leaving_is_seen else None


class EmployeeFilters(filters.FilterSet):
    q = filters.CharFilter(
        method="matching",
        max_length=200,
        **about("words of the name, job title or team, or the beginning of the e-mail"),
    )
    team = of_one("team", "the id of a team, without those below it")
    manager = of_one("manager", "the id of whom they report to")
    active = YesOrNo("active", **about("who works here now, or for HR: who did"))

    def matching(self, queryset: Any, name: str, text: str) -> Any:
        return queryset.meant_by(text)


class TeamFilters(filters.FilterSet):
    parent = of_one("parent", "the id of the team that they are part of")
    archived = YesOrNo("archived_at", "isnull", exclude=True, **about("archived, or not"))


def _people(viewer: Employee) -> Any:
    """With whether their last day may be told, in one statement for all of them."""
    seen: Any = Value(viewer.is_hr, output_field=BooleanField())
    if viewer.is_manager and not viewer.is_hr:
        below = Employee.objects.below(viewer).values("pk")
        seen = ExpressionWrapper(Q(pk__in=below), output_field=BooleanField())
    found = Employee.objects.visible_to(viewer).select_related("team", "manager")
    return found.annotate(leaving_is_seen=seen)


class Employees(ListView):
    """Who works here, by name. HR also sees who did."""

    needs = {"GET": READ_PEOPLE}
    serializer_class = EmployeeAnswer
    filterset_class = EmployeeFilters
    ordering = ("name", "public_id")

    def rows(self) -> Any:
        return _people(self.employee)


class OneEmployee(ShowView):
    """One person."""

    needs = {"GET": READ_PEOPLE}
    serializer_class = EmployeeAnswer

    def found(self, **kwargs: str) -> Any:
        return get_visible_or_404(_people(self.employee), kwargs["public_id"])


class Teams(ListView):
    """The teams, archived ones too."""

    needs = {"GET": READ_PEOPLE}
    serializer_class = TeamAnswer
    filterset_class = TeamFilters
    ordering = ("name", "public_id")

    def rows(self) -> Any:
        return Team.objects.visible_to(self.employee).select_related("parent")


class OneTeam(ShowView):
    """One team."""

    needs = {"GET": READ_PEOPLE}
    serializer_class = TeamAnswer

    def found(self, **kwargs: str) -> Any:
        teams = Team.objects.visible_to(self.employee).select_related("parent")
        return get_visible_or_404(teams, kwargs["public_id"])


class Me(serializers.Serializer[Any]):
    employee = PersonName()
    organization = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()


class WhoAmI(ApiView):
    """For whom this token acts, and what it is for. Needs no scope."""

    @answers(Me)
    def get(self, request: Any) -> Response:
        token = request.auth
        told = {
            "employee": self.employee,
            "organization": self.organization.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        }
        return Response(Me(told).data)


class Nowhere(ApiView):
    """Every other address below the API."""

    http_method_names = []
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.check_permissions(request)
        raise Http404
