"""Headers of every response: who may keep it, and which features of a device it may use."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

PRIVATE = "private, no-store"
# No page uses any of these, nor may anything that is put into one. A browser complains on its
# console of a feature that it does not know: the list has those that all of ours know.
UNUSED_FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection"),
    *("local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial"),
    *("usb", "xr-spatial-tracking"),
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)


class PrivacyHeadersMiddleware:
    """Keep what depends on a session out of every cache, unless its view says otherwise.

    It is outside of the session's middleware, which says by `Vary: Cookie` what depends on it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if has_vary_header(response, "Cookie"):
            response.headers.setdefault("Cache-Control", PRIVATE)
        return response
