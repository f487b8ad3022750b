"""Days that are kept for somebody's word, as the API tells them: requests and proposals alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from peerlearn.api.fields import about
from peerlearn.api.people import PersonName
from peerlearn.organizations.models import Employee
from sessions.api_answers import BlockAnswer
from sessions.approving import where_it_stands
from sessions.choices import Answer
from sessions.models import Participation


class KeptDaysAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    answer = serializers.ChoiceField(choices=Answer.choices)
    open = serializers.BooleanField(**about("can be answered now"))
    kept_until = serializers.DateTimeField(allow_null=True, **about("then the days are free again"))
    learner = PersonName()
    host = PersonName()
    subject = serializers.CharField()
    days = BlockAnswer(many=True)
    booking = serializers.CharField(
        allow_null=True, **about("the id of the booking, for who takes part or once it stands")
    )


def kept_days_told(one: Any, reader: Employee, *, at: datetime) -> dict[str, Any]:
    """Of a request or a proposal, which comes with its participation, and the blocks."""
    held: Participation = one.participation
    accepted = one.answer == Answer.ACCEPTED
    is_open = one.answer == Answer.OPEN and held.is_held(at)
    session = where_it_stands(held) if accepted else held.session
    takes_part = reader.pk in (held.employee_id, session.host_id)
    return {
        "id": one.public_id,
        "answer": one.answer,
        "open": is_open,
        "kept_until": held.held_until if is_open else None,
        "learner": held.employee,
        "host": session.host,
        "subject": session.subject,
        "days": session.blocks.all(),
        "booking": session.public_id if takes_part or accepted else None,
    }
