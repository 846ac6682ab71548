"""The page that sends a text to a test handset, and the history of what was sent."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser as User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns import capabilities, gateway_words, test_deliveries, text_limit
from campaigns.errors import BadTestDelivery
from campaigns.models import TestDelivery, Version
from core import pending_post
from core.admin import ReadOnlyAdmin

LIST = "admin:campaigns_testdelivery_changelist"
LISTED = 50  # the newest


@admin.register(TestDelivery)
class TestDeliveryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The history is read-only; sending needs the permission to add."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Display the form above the history, and queue what is posted."""
        user = request.user
        assert isinstance(user, User)  # staff
        may_send = user.has_perm(test_deliveries.PERMISSION)
        if not (may_send or self.has_view_permission(request)):
            raise PermissionDenied
        problems: dict[str, list[str]] = {}
        kept = pending_post.recover(request) if request.method != "POST" else None
        entered = kept or request.POST
        version = _version(entered.get("folio") or request.GET.get("folio", ""))
        if request.method == "POST":
            if not may_send:
                raise PermissionDenied
            try:
                test_deliveries.request(
                    entered.get("text", ""),
                    entered.get("handset", ""),
                    key=_key(entered.get("once", "")),
                    by=user,
                    version=version,
                )
            except BadTestDelivery as refusal:
                problems = refusal.problems
            else:
                message = _("Se envía en unos segundos. Abajo está lo que conteste la plataforma.")
                self.message_user(request, message, messages.SUCCESS)
                return redirect(LIST)
        rows = _newest()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Prueba en un equipo"),
            "opts": self.opts,
            "may_send": may_send,
            "handsets": capabilities.test_handsets(),
            "handset": entered.get("handset", ""),
            "text": entered.get("text", version.text if version else ""),
            "folio": version.campaign.folio if version else "",
            "once": uuid.uuid4(),
            "limit": text_limit.current(),
            "problems": problems,
            "sent": [(row, *progress(row)) for row in rows],
            "pending": any(row.next_attempt_at for row in rows),
            **(extra_context or {}),
        }
        template = "admin/campaigns/testdelivery/page.html"
        return TemplateResponse(request, template, context, status=422 if problems else 200)


def progress(row: TestDelivery) -> tuple[str, str]:
    """Return a level (`ok`, `tight` or `out`) and what the gateway answered, in words."""
    if row.accepted_at:
        return "ok", _("La plataforma la aceptó")
    cause = gateway_words.cause(row.last_error)
    if row.next_attempt_at is None:
        return "out", _("No se envió. {cause}").format(cause=cause)
    return "tight", _("Se reintenta. {cause}").format(cause=cause) if cause else _("Por enviar")


def _newest() -> list[TestDelivery]:
    return list(TestDelivery.objects.select_related("by", "version__campaign")[:LISTED])


def _version(folio: str) -> Version | None:
    """Return the newest version of a campaign by its folio, or None."""
    versions = Version.objects.filter(
        campaign__folio=folio.strip().upper(), campaign__sandbox=False
    )
    return versions.select_related("campaign").first()


def _key(once: str) -> uuid.UUID:
    """Return the key of a page; a new one where it is missing or damaged."""
    try:
        return uuid.UUID(once)
    except ValueError:
        return uuid.uuid4()
