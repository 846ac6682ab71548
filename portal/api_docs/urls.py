"""URLs of the API documentation and of the download of the Python client."""

from django.urls import path

from portal.api_docs import client_download, documentation

urlpatterns = [
    path("", documentation.documentation_page, name="api_docs"),
    path("python/<str:name>", client_download.client_download, name="api_client"),
]
