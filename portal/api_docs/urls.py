"""The page that says how the API is used, and the Python client that it speaks of."""

from django.urls import path

from portal.api_docs import documentation

urlpatterns = [
    path("", documentation.show, name="api_docs"),
    path("python/<str:name>", documentation.client, name="api_client"),
]
