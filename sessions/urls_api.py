from django.urls import path

from peerlearn.api.views import opened
from sessions import api_bookings as bookings
from sessions import api_days as days
from sessions import api_debriefs as debriefs
from sessions import api_diary as diary
from sessions import api_handing as handing
from sessions import api_interactions as interactions
from sessions import api_offers as offers
from sessions import api_proposals as proposals
from sessions import api_requests as requests

urlpatterns = [
    path("offers/", opened(offers.Offers), name="api_offers"),
    path("offers/<str:public_id>/", opened(offers.OneOffer), name="api_offer"),
    path("offers/<str:public_id>/starts/", opened(offers.FreeStarts), name="api_offer_starts"),
    path("offers/<str:public_id>/days/", opened(offers.FreeDays), name="api_offer_days"),
    path("offers/<str:public_id>/hold/", opened(offers.Hold), name="api_offer_hold"),
    path("offers/<str:public_id>/wait/", opened(offers.Wait), name="api_offer_wait"),
    path("offers/<str:public_id>/propose/", opened(proposals.Propose), name="api_offer_propose"),
    path("interactions/", opened(interactions.Interactions), name="api_interactions"),
    path("bookings/", opened(bookings.Bookings), name="api_bookings"),
    path("bookings/<str:public_id>/", opened(bookings.OneBooking), name="api_booking"),
    path("bookings/<str:public_id>/book/", opened(bookings.Book), name="api_booking_book"),
    path("bookings/<str:public_id>/more-time/", opened(bookings.MoreTime), name="api_booking_more"),
    path("bookings/<str:public_id>/let-go/", opened(bookings.LetGo), name="api_booking_let_go"),
    path("bookings/<str:public_id>/cancel/", opened(bookings.Cancel), name="api_booking_cancel"),
    path("bookings/<str:public_id>/move/", opened(bookings.Move), name="api_booking_move"),
    path("bookings/<str:public_id>/moved/", opened(bookings.ConfirmMove), name="api_booking_moved"),
    path("bookings/<str:public_id>/decline/", opened(bookings.Decline), name="api_booking_decline"),
    path(
        "bookings/<str:public_id>/days/<int:number>/done/",
        opened(days.DayDone),
        name="api_booking_done",
    ),
    path(
        "bookings/<str:public_id>/days/<int:number>/not-done/",
        opened(days.DayUndone),
        name="api_booking_not_done",
    ),
    path(
        "bookings/<str:public_id>/days/<int:number>/no-show/<str:learner>/",
        opened(days.DidNotCome),
        name="api_booking_no_show",
    ),
    path(
        "bookings/<str:public_id>/days/<int:number>/answer/",
        opened(days.AnswerNoShow),
        name="api_booking_no_show_answer",
    ),
    path("bookings/<str:public_id>/close/", opened(days.Close), name="api_booking_close"),
    path(
        "bookings/<str:public_id>/debrief/", opened(debriefs.Debriefs), name="api_booking_debrief"
    ),
    path(
        "bookings/<str:public_id>/levels/<str:learner>/<str:skill>/",
        opened(debriefs.AnswerLevel),
        name="api_booking_level",
    ),
    path("bookings/<str:public_id>/steps/", opened(diary.Steps), name="api_booking_steps"),
    path(
        "bookings/<str:public_id>/steps/<int:day>/<int:position>/",
        opened(diary.Step),
        name="api_booking_step",
    ),
    path("bookings/<str:public_id>/notes/", opened(diary.Notes), name="api_booking_notes"),
    path("bookings/<str:public_id>/cut-off/", opened(handing.CutOff), name="api_booking_cut_off"),
    path("hand-overs/", opened(handing.HandOvers), name="api_hand_overs"),
    path("hand-overs/<str:public_id>/", opened(handing.OneHandOver), name="api_hand_over"),
    path("hand-overs/<str:public_id>/ask/", opened(handing.Ask), name="api_hand_over_ask"),
    path("hand-overs/<str:public_id>/move/", opened(handing.MoveRest), name="api_hand_over_move"),
    path("hand-overs/<str:public_id>/end/", opened(handing.EndRest), name="api_hand_over_end"),
    path("hand-overs/<str:public_id>/back/", opened(handing.GoOn), name="api_hand_over_back"),
    path("take-overs/", opened(handing.TakeOvers), name="api_take_overs"),
    path("take-overs/<str:public_id>/", opened(handing.OneTakeOver), name="api_take_over"),
    path("take-overs/<str:public_id>/accept/", opened(handing.Accept), name="api_take_over_accept"),
    path(
        "take-overs/<str:public_id>/decline/",
        opened(handing.CannotTakeOver),
        name="api_take_over_decline",
    ),
    path("requests/", opened(requests.Requests), name="api_requests"),
    path("requests/<str:public_id>/", opened(requests.OneRequest), name="api_request"),
    path("requests/<str:public_id>/approve/", opened(requests.Approve), name="api_request_approve"),
    path(
        "requests/<str:public_id>/decline/",
        opened(requests.DeclineRequest),
        name="api_request_decline",
    ),
    path(
        "requests/<str:public_id>/withdraw/",
        opened(requests.Withdraw),
        name="api_request_withdraw",
    ),
    path("proposals/", opened(proposals.Proposals), name="api_proposals"),
    path("proposals/<str:public_id>/", opened(proposals.OneProposal), name="api_proposal"),
    path(
        "proposals/<str:public_id>/confirm/",
        opened(proposals.Confirm),
        name="api_proposal_confirm",
    ),
    path(
        "proposals/<str:public_id>/decline/",
        opened(proposals.DeclineProposal),
        name="api_proposal_decline",
    ),
    path(
        "proposals/<str:public_id>/take-back/",
        opened(proposals.TakeBack),
        name="api_proposal_take_back",
    ),
]
