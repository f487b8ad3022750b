"""What came of it over the API: debriefs, and the levels that the host answers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from peerlearn.api.fields import Body, PublicId, Text, Truth, Whole, about
from peerlearn.api.people import PersonName
from peerlearn.api.schema import answers
from peerlearn.clock import now
from sessions import running
from sessions.api_bookings import BookingView, refusals_told
from sessions.choices import Decision, Seat
from sessions.diary import STANDS, answers_of, levels_of, people_of
from sessions.models import Debrief, Participation, ProposedLevel
from skills.api import SkillNameAnswer
from skills.levels import Level
from skills.models import Skill

_ANSWERS = ("can_now", "differently", "may_show", "private_remark")
_LONGEST = 1000


# --- Answers ------------------------------------------------------------------------------------
class OwnDebriefAnswer(serializers.ModelSerializer[Debrief]):
    class Meta:
        model = Debrief
        fields = [*_ANSWERS, "submitted_at"]


class OtherDebriefAnswer(serializers.Serializer[Any]):
    person = PersonName(source="employee")
    can_now = serializers.CharField(source="said_can_now")
    differently = serializers.CharField(source="said_differently")
    may_show = serializers.CharField(source="said_may_show")


class ProposedLevelAnswer(serializers.ModelSerializer[ProposedLevel]):
    learner = PersonName(source="participation.employee")
    skill = SkillNameAnswer()
    level = serializers.ChoiceField(choices=Level.choices)
    decision = serializers.ChoiceField(choices=Decision.choices)
    waits = serializers.BooleanField(**about("the host can answer it now"))

    class Meta:
        model = ProposedLevel
        fields = ["learner", "skill", "level", "decision", "waits"]


class DebriefsAnswer(serializers.Serializer[Any]):
    mine = OwnDebriefAnswer(allow_null=True)
    others = OtherDebriefAnswer(many=True, **about("of the other side, as far as one reads them"))
    levels = ProposedLevelAnswer(many=True, **about("that learners say they have reached"))


# --- Bodies -------------------------------------------------------------------------------------
def _said(words: str) -> Text:
    return Text(max_length=_LONGEST, required=False, allow_blank=True, default="", **about(words))


class LevelBody(Body):
    skill = PublicId(**about("the id of a skill of the booking"))
    level = Whole(min_value=1, max_value=4)


class DebriefBody(Body):
    can_now = _said("what the learner can do now; the other side reads it")
    differently = _said("what one would do differently; the other side reads it")
    may_show = _said("what of this may be shown to others; the other side reads it")
    private_remark = _said("nobody but oneself reads this")
    nothing_to_add = Truth(required=False, default=False)
    levels = serializers.ListField(
        child=LevelBody(),
        required=False,
        default=list,
        max_length=50,
        **about("of a learner: what one can do now; the host confirms it or says: not yet"),
    )


class AnswerLevelBody(Body):
    confirm = Truth(**about("or say: not yet"))
    level = Whole(
        min_value=1, max_value=4, required=False, **about("as it was read; refused once it changed")
    )


# --- Views --------------------------------------------------------------------------------------
class DebriefView(BookingView):
    """For those who take part, and took part until the end."""

    def part(self, public_id: str) -> Participation:
        mine = self.mine(self.session(public_id))
        if mine.state not in STANDS:
            raise PermissionDenied
        return mine

    def told_of(self, mine: Participation) -> Response:
        people = people_of(mine.session)
        told = {
            "mine": Debrief.objects.filter(participation=mine).first(),
            "others": answers_of(mine, people),
            "levels": levels_of(mine.session, mine, at=now()),
        }
        return Response(dict(DebriefsAnswer(told).data))


class Debriefs(DebriefView):
    """What one has answered, what the other side has, and the levels that were proposed."""

    @answers(DebriefsAnswer)
    def get(self, request: Any, public_id: str) -> Response:
        return self.told_of(self.part(public_id))

    @answers(DebriefsAnswer, body=DebriefBody)
    def post(self, request: Any, public_id: str) -> Response:
        """One answer, or that there is nothing to add. Sent again, it changes the answers."""
        body, mine = self.body(DebriefBody), self.part(public_id)
        levels = _levels(mine, body["levels"])
        said = running.Answers(**{name: body[name] for name in _ANSWERS})
        with refusals_told():
            running.submit_debrief(
                mine, said, levels, nothing_to_add=body["nothing_to_add"], at=now()
            )
        return self.told_of(mine)


def _levels(mine: Participation, given: list[dict[str, Any]]) -> dict[Skill, int]:
    """By skill; a learner's alone."""
    if given and mine.seat != Seat.SHADOW:
        raise serializers.ValidationError(
            {"levels": [_("Only learners say what they can do now.")]}
        )
    skills = {one.public_id: one for one in mine.session.skills.all()}
    wanted = [one["skill"] for one in given]
    if len(set(wanted)) != len(wanted) or set(wanted) - set(skills):
        words = _("Skills of this booking alone, each of them once.")
        raise serializers.ValidationError({"levels": [words]})
    return {skills[one["skill"]]: one["level"] for one in given}


class AnswerLevel(DebriefView):
    """The host confirms a level that a learner has proposed, or says: not yet."""

    @answers(DebriefsAnswer, body=AnswerLevelBody)
    def post(self, request: Any, public_id: str, learner: str, skill: str) -> Response:
        body, mine = self.body(AnswerLevelBody), self.mine(self.session(public_id), Seat.HOST)
        proposed = _proposed(mine, learner, skill)
        proposed.level = body.get("level", proposed.level)
        with refusals_told():
            running.answer_level(proposed, confirm=body["confirm"], by=self.employee, at=now())
        return self.told_of(mine)


def _proposed(mine: Participation, learner: str, skill: str) -> ProposedLevel:
    if "\x00" in learner + skill:  # Postgres refuses it
        raise Http404
    rows = ProposedLevel.objects.filter(
        participation__session=mine.session,
        participation__employee__public_id=learner,
        skill__public_id=skill,
    )
    found: ProposedLevel | None = rows.select_related(
        "participation__employee", "participation__session", "skill"
    ).first()
    if found is None:
        raise Http404
    return found
