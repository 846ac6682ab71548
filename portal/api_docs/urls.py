"""The page that says how the API is used, and the Python client that it speaks of."""

from django.urls import path

from portal.api_docs import client_download, documentation

urlpatterns = [
    path("", documentation.show, name="api_docs"),
    path("python/<str:name>", client_download.client_download, name="api_client"),
]
