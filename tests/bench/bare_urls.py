"""The portal's URLs, and before them that of a view of DRF that does nothing."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.urls import handler400, handler500
from tests.bench.web import BARE_API

__all__ = ["handler400", "handler500", "urlpatterns"]


class BareView(APIView):
    """Return a constant to anybody, without a rate limit."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get(self, request: Request) -> Response:
        return Response({"libres": 0})


urlpatterns = [path(BARE_API[1:], BareView.as_view()), path("", include("portal.urls"))]
