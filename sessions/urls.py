from django.urls import path

from sessions import (
    views_absent,
    views_approving,
    views_booking,
    views_home,
    views_hosts,
    views_hours,
    views_line,
    views_moving,
    views_offers,
    views_planning,
    views_sessions,
    views_waiting,
)

urlpatterns = [
    path("", views_home.home, name="home"),
    path("home/offers/", views_home.home_offers, name="home_offers"),
    path("people/<str:public_id>/days/", views_hosts.employee_offers, name="employee_offers"),
    path("people/<str:public_id>/hours/", views_hours.employee_hours, name="employee_hours"),
    path(
        "people/<str:public_id>/hours/place/",
        views_hours.employee_place,
        name="employee_place",
    ),
    path("skills/<str:public_id>/hosts/", views_hosts.skill_hosts, name="skill_hosts"),
    path("shadowing/", views_hosts.shadowing, name="shadowing"),
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
    path("shadowing/<str:public_id>/wait/", views_waiting.waiting_join, name="waiting_join"),
    path(
        "shadowing/<str:public_id>/wait-no-more/",
        views_waiting.waiting_leave,
        name="waiting_leave",
    ),
    path("shadowing/<str:public_id>/edit/", views_offers.offer_edit, name="offer_edit"),
    path("shadowing/<str:public_id>/open/", views_offers.offer_open, name="offer_open"),
    path("requests/", views_approving.requests, name="requests"),
    path("requests/<str:public_id>/", views_approving.request, name="request"),
    path(
        "requests/<str:public_id>/approve/", views_approving.request_approve, name="request_approve"
    ),
    path(
        "requests/<str:public_id>/decline/", views_approving.request_decline, name="request_decline"
    ),
    path(
        "requests/<str:public_id>/withdraw/",
        views_approving.request_withdraw,
        name="request_withdraw",
    ),
    path("sessions/", views_sessions.my_sessions, name="my_sessions"),
    path("sessions/people/", views_line.bookings, name="bookings"),
    path("sessions/<str:public_id>/", views_booking.booking, name="booking"),
    path("sessions/<str:public_id>/book/", views_booking.book, name="book"),
    path("sessions/<str:public_id>/more-time/", views_booking.hold_extend, name="hold_extend"),
    path("sessions/<str:public_id>/let-go/", views_booking.hold_release, name="hold_release"),
    path("sessions/<str:public_id>/cancel/", views_booking.booking_cancel, name="booking_cancel"),
    path("sessions/<str:public_id>/move/", views_moving.booking_move, name="booking_move"),
    path("sessions/<str:public_id>/moved/", views_moving.move_confirm, name="move_confirm"),
    path(
        "sessions/<str:public_id>/decline/<str:learner>/",
        views_moving.booking_decline,
        name="booking_decline",
    ),
    path(
        "sessions/<str:public_id>/days/<int:number>/no-show/<str:learner>/",
        views_absent.no_show,
        name="no_show",
    ),
    path(
        "sessions/<str:public_id>/days/<int:number>/answer/",
        views_absent.no_show_answer,
        name="no_show_answer",
    ),
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
