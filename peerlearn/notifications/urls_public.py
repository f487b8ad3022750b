from django.conf import settings
from django.urls import path
from django.urls.resolvers import URLPattern

from peerlearn.notifications import views_mailbox

urlpatterns: list[URLPattern] = []
if settings.DEMO or settings.TESTING:  # the views themselves answer in the demo alone
    urlpatterns += [
        path("mailbox/", views_mailbox.mailbox, name="mailbox"),
        path("mailbox/<str:key>/", views_mailbox.mailbox_message, name="mailbox_message"),
        path("mailbox/<str:key>/html", views_mailbox.mailbox_html, name="mailbox_html"),
    ]
