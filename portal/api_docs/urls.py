"""URLs of the API documentation and of the download of the Python client."""

from django.urls import path

from portal.api_docs import documentation

urlpatterns = [
    path("", documentation.documentation_page, name="api_docs"),
    path("python/<str:name>", documentation.client, name="api_client"),
]
