"""Skills and levels over the API, as everybody sees them on pages and says them there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, Truth, Whole, about
from peerlearn.api.filters import YesOrNo, of_one
from peerlearn.api.people import PersonName
from peerlearn.api.refusals import Conflict
from peerlearn.api.schema import answers
from peerlearn.api.views import ApiView, ListView, ShowView
from peerlearn.clock import now
from peerlearn.organizations.access import get_visible_or_404
from skills.api_scopes import READ_SKILLS, WRITE_SKILLS
from skills.asking import ask_to_confirm
from skills.days import business_day
from skills.figures import MyRow, my_rows
from skills.levels import Level
from skills.models import Proficiency, Skill, SkillCategory
from skills.own import Answer, forget, may_teach, say
from skills.queries import employed_on


class SkillNameAnswer(serializers.ModelSerializer[Skill]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Skill
        fields = ["id", "name"]


class CategoryAnswer(serializers.ModelSerializer[SkillCategory]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = SkillCategory
        fields = ["id", "name"]


class SkillAnswer(serializers.ModelSerializer[Skill]):
    id = serializers.CharField(source="public_id")
    also_called = serializers.ListField(child=serializers.CharField())
    category = CategoryAnswer(allow_null=True)
    archived = serializers.SerializerMethodField()
    merged_into = serializers.SerializerMethodField(
        **about("the id of the skill that it has become")
    )

    class Meta:
        model = Skill
        fields = [
            "id",
            "name",
            "also_called",
            "category",
            "description",
            "esco_uri",
            "archived",
            "merged_into",
        ]

    def get_archived(self, skill: Skill) -> bool:
        return skill.archived_at is not None

    def get_merged_into(self, skill: Skill) -> str | None:
        return skill.merged_into.public_id if skill.merged_into else None


class ProficiencyAnswer(serializers.ModelSerializer[Proficiency]):
    id = serializers.CharField(source="public_id")
    employee = PersonName()
    skill = SkillNameAnswer()
    level = serializers.ChoiceField(
        choices=Level.choices, **about("1 learning, 2 with help, 3 alone, 4 can teach")
    )
    since = serializers.DateField(source="valid_from")
    confirmed = serializers.SerializerMethodField(
        **about("whether the confirmation still runs; else the level is their own word")
    )
    confirmed_by = PersonName(allow_null=True)

    class Meta:
        model = Proficiency
        fields = [
            "id",
            "employee",
            "skill",
            "level",
            "since",
            "confirmed",
            "confirmed_by",
            "confirmed_on",
            "confirmed_until",
        ]

    def get_confirmed(self, level: Proficiency) -> bool:
        until = level.confirmed_until
        return until is not None and until >= self.context["today"]


class SkillFilters(filters.FilterSet):
    q = filters.CharFilter(
        method="matching", max_length=200, **about("by any of its names, typing errors too")
    )
    category = of_one("category", "the id of a category")
    archived = YesOrNo("archived_at", "isnull", exclude=True, **about("archived, or not"))

    def matching(self, queryset: Any, name: str, text: str) -> Any:
        found = Skill.objects.matching(text).order_by().values_list("pk", flat=True)
        return queryset.filter(pk__in=list(found))


class ProficiencyFilters(filters.FilterSet):
    employee = of_one("employee", "the id of a person")
    skill = of_one("skill", "the id of a skill")
    team = of_one("employee__team", "the id of a team, without those below it")
    level_from = filters.ChoiceFilter(
        "level",
        "gte",
        choices=[(str(value), value) for value in Level.values],
        **about("at least this level"),
    )


class Skills(ListView):
    """The catalogue, with what was archived or merged."""

    needs = {"GET": READ_SKILLS}
    serializer_class = SkillAnswer
    filterset_class = SkillFilters
    ordering = ("search_key", "public_id")

    def rows(self) -> Any:
        found = Skill.objects.visible_to(self.employee)
        return found.select_related("category", "merged_into").prefetch_related("names")


class OneSkill(ShowView):
    """One skill, archived or merged ones too."""

    needs = {"GET": READ_SKILLS}
    serializer_class = SkillAnswer

    def found(self, **kwargs: str) -> Any:
        skills = Skill.objects.visible_to(self.employee).select_related("category", "merged_into")
        return get_visible_or_404(skills, kwargs["public_id"])


class _Levels:
    """The levels that hold today, of whoever works here."""

    employee: Any
    organization: Any

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": business_day(self.organization)}  # type: ignore[misc]

    def levels(self) -> Any:
        here = employed_on(business_day(self.organization)) & Q(skill__archived_at=None)
        found = Proficiency.objects.visible_to(self.employee).current().filter(here)
        return found.select_related("employee", "skill", "confirmed_by")


class Proficiencies(_Levels, ListView):
    """Who can do what, today."""

    needs = {"GET": READ_SKILLS}
    serializer_class = ProficiencyAnswer
    filterset_class = ProficiencyFilters

    def rows(self) -> Any:
        return self.levels()


class OneProficiency(_Levels, ShowView):
    """One level of one person, while it holds."""

    needs = {"GET": READ_SKILLS}
    serializer_class = ProficiencyAnswer

    def found(self, **kwargs: str) -> Any:
        return get_visible_or_404(self.levels(), kwargs["public_id"])


# --- What one says oneself ---------------------------------------------------------------------
class OwnAnswer(serializers.Serializer[Any]):
    skill = SkillNameAnswer()
    level = serializers.IntegerField(**about("1 to 4; 0 where nothing is said"))
    confirmed = serializers.BooleanField()
    confirmed_until = serializers.DateField(allow_null=True)
    teaches = serializers.BooleanField()
    wants = serializers.IntegerField(
        source="urgency", **about("1 some day, 2 this year, 3 now; 0 where it is not wanted")
    )


class OwnBody(Body):
    """What is left out stays."""

    level = Whole(min_value=1, max_value=4, required=False, **about("1 learning to 4 can teach"))
    teaches = Truth(required=False, **about("from level 3 on"))
    wants = Whole(
        min_value=0, max_value=3, required=False, **about("1 some day, 2 this year, 3 now; 0 no")
    )


class ReadLevelBody(Body):
    level = Whole(min_value=1, max_value=4, **about("the level that was read, and is confirmed"))


class OwnSkill(ApiView):
    """What one can, teaches and wants of a skill, as under "My skills"."""

    needs = {"GET": READ_SKILLS, "POST": WRITE_SKILLS, "DELETE": WRITE_SKILLS}

    def row(self, public_id: str) -> MyRow:
        skills = Skill.objects.visible_to(self.employee).current()
        skill = get_visible_or_404(skills, public_id)
        today = business_day(self.organization)
        return my_rows(Skill.objects.filter(pk=skill.pk), employee=self.employee, today=today)[0]

    @answers(OwnAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return Response(dict(OwnAnswer(self.row(public_id)).data))

    @answers(OwnAnswer, body=OwnBody)
    def post(self, request: Any, public_id: str) -> Response:
        """Say it. Another level is one's own word until a colleague confirms it: some are asked."""
        body, row = self.body(OwnBody), self.row(public_id)
        self.refuse_stale(OwnAnswer(row).data)
        level = body.get("level", row.level)
        if body.get("teaches") and not may_teach(level):
            raise Conflict(_("To teach a skill, you can do it alone."), code="refused")
        said = Answer(level, body.get("teaches", row.teaches), body.get("wants", row.urgency))
        with _refusals_told():
            say(self.employee, row, said, on=business_day(self.organization))
        if level != row.level:
            ask_to_confirm(self.employee, [row.skill], at=now())
        return Response(dict(OwnAnswer(self.row(public_id)).data))

    @answers(None, status=204)
    def delete(self, request: Any, public_id: str) -> Response:
        """Off one's list: from today on no level, no offer and no wish."""
        row = self.row(public_id)
        self.refuse_stale(OwnAnswer(row).data)
        forget(self.employee, row.skill, on=business_day(self.organization))
        return Response(status=204)


class ConfirmLevel(_Levels, ApiView):
    """A colleague who works at that level confirms it; their name stands beside it."""

    needs = {"POST": WRITE_SKILLS}

    @answers(ProficiencyAnswer, body=ReadLevelBody)
    def post(self, request: Any, public_id: str) -> Response:
        body = self.body(ReadLevelBody)
        found: Proficiency = get_visible_or_404(self.levels(), public_id)
        found.level = body["level"]
        with _refusals_told():
            confirmed = found.confirm(by=self.employee, at=now())
        told = self.levels().get(pk=confirmed.pk)
        context = {"today": business_day(self.organization)}
        return Response(dict(ProficiencyAnswer(told, context=context).data))


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except ValidationError as refused:
        raise Conflict(" ".join(refused.messages), code="refused") from refused
