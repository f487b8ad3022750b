from django.urls import path

from peerlearn.api.views import opened
from skills import api

urlpatterns = [
    path("skills/", opened(api.Skills), name="api_skills"),
    path("skills/<str:public_id>/", opened(api.OneSkill), name="api_skill"),
    path("skills/<str:public_id>/mine/", opened(api.OwnSkill), name="api_skill_mine"),
    path("proficiencies/", opened(api.Proficiencies), name="api_proficiencies"),
    path("proficiencies/<str:public_id>/", opened(api.OneProficiency), name="api_proficiency"),
    path(
        "proficiencies/<str:public_id>/confirm/",
        opened(api.ConfirmLevel),
        name="api_proficiency_confirm",
    ),
]
