from django.urls import path

from peerlearn.notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<str:public_id>/", views.notification_read, name="notification_read"),
    path("notifications/<str:public_id>/open/", views.notification_open, name="notification_open"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/test/", views.deliveries_test, name="deliveries_test"),
    path("deliveries/resend/", views.deliveries_resend, name="deliveries_resend"),
    path("deliveries/<str:public_id>/", views.delivery_resend, name="delivery_resend"),
]
