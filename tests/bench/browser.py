"""A light HTTP client: one connection kept alive, cookies, a signed-in user."""

import http.client
from collections.abc import Mapping, Sequence
from http.cookies import SimpleCookie
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlencode

Fields = Mapping[str, str | Sequence[str]]

CSRF_COOKIE, SESSION_COOKIE = "csrf", "sesion"  # as settings name them without HTTPS


class WrongPage(Exception):
    """The response is not the page that is to be measured."""


class Page(NamedTuple):
    """A response, and the seconds from the first byte sent to the last one read."""

    status: int
    location: str
    body: bytes
    seconds: float


class Browser:
    """The session of one user on 127.0.0.1. The caller closes it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form. Raises WrongPage."""
        self.get("/entrar/")
        response = self.post("/entrar/", {"login": email, "password": password})
        if response.status != 302 or SESSION_COOKIE not in self._cookies:
            raise WrongPage(f"{email} could not sign in: {response.status}")

    def get(self, path: str) -> Page:
        return self._request("GET", path, None)

    def post(self, path: str, fields: Fields) -> Page:
        """Send a form with the CSRF token of the cookie."""
        token = {"csrfmiddlewaretoken": self._cookies[CSRF_COOKIE]}
        return self._request("POST", path, urlencode({**fields, **token}, doseq=True))

    def _request(self, method: str, path: str, content: str | None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = perf_counter()
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        body = response.read()
        passed = perf_counter() - began
        for line in response.headers.get_all("set-cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return Page(response.status, response.headers.get("location", ""), body, passed)
