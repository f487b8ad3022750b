"""Whatever is no address of the API, after all that are."""

from django.urls import path

from peerlearn.api.people import Nowhere
from peerlearn.api.views import opened

urlpatterns = [path("<path:rest>", opened(Nowhere), name="api_nowhere")]
