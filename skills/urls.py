from django.urls import path

from skills import views_catalogue, views_mine, views_people, views_requirements, views_skill

urlpatterns = [
    path("skills/", views_catalogue.skills, name="skills"),
    path("skills/add/", views_catalogue.skill_add, name="skill_add"),
    path("skills/begin/", views_catalogue.catalogue_begin, name="catalogue_begin"),
    path("skills/<str:public_id>/", views_skill.skill, name="skill"),
    path("skills/<str:public_id>/outlook/", views_skill.skill_outlook, name="skill_outlook"),
    path("skills/<str:public_id>/want/", views_skill.skill_want, name="skill_want"),
    path("skills/<str:public_id>/teach/", views_skill.skill_teach, name="skill_teach"),
    path("skills/<str:public_id>/edit/", views_catalogue.skill_edit, name="skill_edit"),
    path("skills/<str:public_id>/merge/", views_catalogue.skill_merge, name="skill_merge"),
    path("skills/<str:public_id>/archive/", views_catalogue.skill_archive, name="skill_archive"),
    path("my-skills/", views_mine.my_skills, name="my_skills"),
    path("my-skills/<str:public_id>/", views_mine.my_skill, name="my_skill"),
    path("confirmations/", views_mine.confirmations, name="confirmations"),
    path("confirmations/<str:public_id>/", views_mine.confirmation, name="confirmation"),
    path("people/<str:public_id>/skills/", views_people.employee_skills, name="employee_skills"),
    path(
        "teams/<str:public_id>/requirements/",
        views_requirements.requirements,
        name="requirements",
    ),
]
