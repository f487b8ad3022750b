"""Handing over on pages."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from peerlearn.organizations.models import Employee
from sessions.cutting import cut_off
from sessions.handing import decline
from sessions.models import HandOverRequest, LearningSession
from sessions.running import complete_day
from tests.sessions.handing_kit import DAY_ONE, Group, make_group
from tests.sessions.kit import AT, TUESDAY, make_offer
from tests.sessions.test_booking_pages import number_of_queries, text
from tests.sessions.test_concurrency import make_learners
from tests.world import World


@pytest.fixture
def group(world: World) -> Group:
    return make_group(world.halden)


def test_the_whole_way_through_the_pages(group: Group, client: Client) -> None:
    place, session = group.place, group.session
    nils = group.learners[0]
    with time_machine.travel(DAY_ONE, tick=False):
        with place.scope():
            complete_day(session, 1, by=place.colleague, at=DAY_ONE)
        page = place.path("hand_over", public_id=session.public_id)
        place.sign_in(client, place.colleague)
        assert (
            page in client.get(place.path("booking", public_id=session.public_id)).content.decode()
        )
        assert "Day 2: Wed 2 December" in text(client.get(page))
        assert client.post(page, {"number": "9"}).status_code == 422
        rest_page = client.post(page, {"number": "2", "reason": "From tomorrow"})["Location"]
        answer = client.get(rest_page)
        words = text(answer)
        assert "Marta Berg" in words
        assert "Mon 7 – Tue 8 December" in words
        with place.scope():
            rest = LearningSession.objects.get(state="open")
        ask_page = place.path("hand_over_ask", public_id=rest.public_id)
        assert "Choose one of the hosts" in text(client.post(ask_page, follow=True))
        client.post(ask_page, {"offer": group.offer.public_id})
        assert "Marta Berg is asked and can answer until" in text(client.get(rest_page))

        place.sign_in(client, nils)
        words = text(client.get(place.path("booking", public_id=rest.public_id)))
        assert "Aisha Rahman cannot host these days." in words
        assert "Your place is kept while another host is looked for." in words
        assert "Looks for another host" in text(client.get(place.path("home")))
        assert client.get(rest_page).status_code == 403
        with place.scope():
            asked = HandOverRequest.objects.get()
        answer_page = place.path("hand_over_answer", public_id=asked.public_id)
        assert client.get(answer_page).status_code == 404

        place.sign_in(client, group.marta)
        assert answer_page in client.get(place.path("home")).content.decode()
        assert answer_page in client.get(place.path("my_sessions")).content.decode()
        assert "Would you have Nils Eriksen, Jonas Moe beside you?" in text(client.get(answer_page))
        taken = client.post(answer_page, {"answer": "accept"}, follow=True)
        assert "2 learners are beside you." in text(taken)
        assert "Aisha Rahman could not host these days; Marta Berg took over." in text(taken)
        assert "You have taken over." in text(client.get(answer_page))
        for who, words in (
            (place.colleague, "Marta Berg has taken these days over from you."),
            (nils, "Booked. Marta Berg is told."),
        ):
            place.sign_in(client, who)
            there = place.path("booking", public_id=rest.public_id)
            assert words in text(client.get(there))
        before = client.get(place.path("booking", public_id=session.public_id))
        assert "It goes on from Wed 2 December, beside Marta Berg." in text(before)


def test_the_home_of_whoever_has_nothing_else(group: Group, client: Client) -> None:
    with group.place.scope():
        assert cut_off(group.session, 1, by=group.place.colleague, at=AT)
    for who, words in (
        (group.learners[0], "Aisha Rahman cannot host these days. Another host is looked for."),
        (group.place.colleague, "You cannot host these days. Another host is looked for."),
    ):
        group.place.sign_in(client, who)
        with time_machine.travel(AT, tick=False):
            assert words in text(client.get(group.place.path("home")))


def test_the_page_asks_as_little_with_many_hosts(group: Group, client: Client) -> None:
    with group.place.scope():
        assert cut_off(group.session, 1, by=group.place.colleague, at=AT)
    page = group.place.path("hand_over", public_id=group.session.public_id)
    group.place.sign_in(client, group.place.manager)
    with time_machine.travel(AT, tick=False):
        client.get(page)  # the first one of a sign-in writes when it was used
        one = number_of_queries(client, page)
        with group.place.scope():
            for host in make_learners(12):
                make_offer(host)
        assert number_of_queries(client, page) == one
    assert one <= 12


def test_the_list_of_what_is_to_be_handed_over(group: Group, client: Client) -> None:
    place, host = group.place, group.place.colleague
    page = place.path("hand_overs")
    place.sign_in(client, place.manager)
    with time_machine.travel(AT, tick=False):
        assert "Nothing is without a host." in text(client.get(page))
        with place.scope():
            Employee.objects.filter(pk=host.pk).update(leaving_on=TUESDAY)
        answer = client.get(page)
        assert "from Wed 2 December on nobody hosts." in text(answer)
        cut = place.path("hand_over", public_id=group.session.public_id)
        asked = client.post(cut, {"number": "2", "ask": "yes"}, follow=True)
        assert "Marta Berg is asked. Nothing changes until they answer." in text(asked)
        words = text(client.get(page))
        assert "Instead of Aisha Rahman" in words
        assert "Marta Berg is asked" in words
        assert page in client.get(place.path("bookings")).content.decode()
        with place.scope():
            rest = LearningSession.objects.get(state="open")
            assert list(group.session.blocks.values_list("number", flat=True)) == [1]
            group.session.refresh_from_db()
            assert (group.session.state, group.session.offer) == ("booked", None)
        again = place.path("hand_over_ask", public_id=rest.public_id)
        assert "No other host" in text(client.post(again, {"first": "yes"}, follow=True))
        assert "Ask the next host" not in text(client.get(page)), "she is the only one"
        assert "There is no other host" not in text(client.get(page)), "she may take over still"
        with place.scope():
            decline(HandOverRequest.objects.get(), by=group.marta, at=AT)
        words = text(client.get(page))
        assert "There is no other host of these skills to ask: move the days to later" in words
        assert "Move or end" in words
        answer = client.get(place.path("hand_over", public_id=rest.public_id)).content.decode()
        assert answer.index("later-h") < answer.index("hosts-h"), "what can be done comes first"
        assert "so nobody can be asked" in answer
