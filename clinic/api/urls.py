"""Addresses of the API itself, under `/api/v1/`."""

from django.urls import path

from clinic.api import callers, documents, rooms, sites

urlpatterns = [
    path("", documents.RootDoor.as_view(), name="api_root"),
    path("schema/", documents.SchemaDoor.as_view(), name="api_schema"),
    path("docs/", documents.docs, name="api_docs"),
    path("me/", callers.MeDoor.as_view(), name="api_me"),
    path("sites/", sites.SitesDoor.as_view(), name="api_sites"),
    path("sites/<uuid:public_id>/", sites.SiteDoor.as_view(), name="api_site"),
    path("sites/<uuid:public_id>/rooms/", rooms.RoomsDoor.as_view(), name="api_rooms"),
    path("rooms/<uuid:public_id>/", rooms.RoomDoor.as_view(), name="api_room"),
]
