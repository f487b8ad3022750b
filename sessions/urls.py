from django.urls import path

from sessions import (
    views_booking,
    views_home,
    views_hours,
    views_line,
    views_offers,
    views_planning,
    views_hosts,
    views_sessions,
)

urlpatterns = [
    path("", views_home.home, name="home"),
    path("home/offers/", views_home.home_offers, name="home_offers"),
    path("skills/<str:public_id>/hosts/", views_hosts.skill_hosts, name="skill_hosts"),
    path("shadowing/", views_booking.shadowing, name="shadowing"),
    path("shadowing/mine/", views_offers.my_offers, name="my_offers"),
    path("shadowing/add/", views_offers.offer_add, name="offer_add"),
    path("shadowing/availability/", views_hours.availability, name="availability"),
    path("shadowing/availability/week/", views_hours.availability_week, name="availability_week"),
    path(
        "shadowing/availability/<str:public_id>/remove/",
        views_hours.availability_remove,
        name="availability_remove",
    ),
    path("shadowing/plan/<str:public_id>/", views_planning.plan, name="plan"),
    path(
        "shadowing/suggestions/<str:public_id>/decline/",
        views_planning.suggestion_decline,
        name="suggestion_decline",
    ),
    path("shadowing/<str:public_id>/", views_booking.offer, name="offer"),
    path("shadowing/<str:public_id>/hold/", views_booking.hold, name="hold"),
    path("shadowing/<str:public_id>/edit/", views_offers.offer_edit, name="offer_edit"),
    path("shadowing/<str:public_id>/open/", views_offers.offer_open, name="offer_open"),
    path("sessions/", views_sessions.my_sessions, name="my_sessions"),
    path("sessions/people/", views_line.bookings, name="bookings"),
    path("sessions/<str:public_id>/", views_booking.booking, name="booking"),
    path("sessions/<str:public_id>/book/", views_booking.book, name="book"),
    path("sessions/<str:public_id>/more-time/", views_booking.hold_extend, name="hold_extend"),
    path("sessions/<str:public_id>/let-go/", views_booking.hold_release, name="hold_release"),
    path("sessions/<str:public_id>/cancel/", views_booking.booking_cancel, name="booking_cancel"),
    path("sessions/<str:public_id>/days/", views_sessions.session_run, name="session_run"),
    path(
        "sessions/<str:public_id>/days/<int:number>/done/",
        views_sessions.day_done,
        name="day_done",
    ),
    path(
        "sessions/<str:public_id>/steps/<int:day>/<int:position>/",
        views_sessions.step_tick,
        name="step_tick",
    ),
    path("sessions/<str:public_id>/close/", views_sessions.session_close, name="session_close"),
    path("sessions/<str:public_id>/notes/", views_sessions.note_add, name="note_add"),
    path("sessions/<str:public_id>/debrief/", views_sessions.debrief, name="debrief"),
    path(
        "sessions/<str:public_id>/levels/<str:learner>/<str:skill>/",
        views_sessions.level_answer,
        name="level_answer",
    ),
]
