"""`/problems/<code>`: the address in `type` of every problem document can be read."""

from django.urls import path

from clinic.api import documents

urlpatterns = [
    path("", documents.problems, name="problems"),
    path("<str:code>", documents.problem_kind, name="problem_kind"),
]
