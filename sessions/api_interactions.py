"""What passed from one to another, over the API: to those two alone (docs/decisions/0011)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import BooleanField, ExpressionWrapper, Q
from django_filters import rest_framework as filters
from rest_framework import serializers

from peerlearn.api.fields import about
from peerlearn.api.filters import PlainDay, of_one
from peerlearn.api.people import PersonName
from peerlearn.api.views import ListView
from sessions.api_scopes import READ_INTERACTIONS
from sessions.choices import Channel
from sessions.models import Interaction
from skills.api import SkillNameAnswer

GIVEN, RECEIVED = "given", "received"


class InteractionAnswer(serializers.ModelSerializer[Interaction]):
    direction = serializers.SerializerMethodField(**about("given, or received"))
    giver = PersonName()
    receiver = PersonName()
    skill = SkillNameAnswer()
    minutes = serializers.IntegerField(**about("negative where something is taken back"))
    channel = serializers.ChoiceField(choices=Channel.choices)
    booking = serializers.SerializerMethodField(**about("the id of the booking that it came from"))

    class Meta:
        model = Interaction
        fields = [
            "direction",
            "giver",
            "receiver",
            "skill",
            "minutes",
            "occurred_on",
            "channel",
            "booking",
        ]

    def get_direction(self, one: Any) -> str:
        return GIVEN if one.is_given else RECEIVED

    def get_booking(self, one: Interaction) -> str | None:
        return one.session.public_id if one.session else None


class InteractionFilters(filters.FilterSet):
    skill = of_one("skill", "the id of a skill")
    direction = filters.ChoiceFilter(
        method="of_direction", choices=[(GIVEN, GIVEN), (RECEIVED, RECEIVED)], **about("which way")
    )
    occurred_from = PlainDay("occurred_on", "gte", **about("on that day or later"))
    occurred_to = PlainDay("occurred_on", "lte", **about("on that day or before"))

    def of_direction(self, queryset: Any, name: str, which: str) -> Any:
        return queryset.filter(is_given=which == GIVEN)


class Interactions(ListView):
    """What one gave and received oneself, the latest first. Of others reports tell, in groups."""

    needs = {"GET": READ_INTERACTIONS}
    serializer_class = InteractionAnswer
    filterset_class = InteractionFilters
    ordering: ClassVar[tuple[str, ...]] = ("-occurred_at", "-id")

    def rows(self) -> Any:
        given: Any = ExpressionWrapper(Q(giver=self.employee), output_field=BooleanField())
        found = Interaction.objects.visible_to(self.employee).annotate(is_given=given)
        return found.select_related("giver", "receiver", "skill", "session")
