"""The admin of the channel's stops: their history, and the pages that stop and resume it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser as User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import channel, gateway_words, reasons
from campaigns.admin import orders
from campaigns.errors import CampaignError
from campaigns.models import Campaign, ChannelSwitch
from campaigns.models.brand import MAX_REASON_LENGTH
from core import pending_post
from core.admin import ReadOnlyAdmin

LIST = "admin:campaigns_channelswitch_changelist"


@admin.register(ChannelSwitch)
class ChannelSwitchAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Read-only, but for its two actions, which have pages of their own."""

    list_display = ["when", "state", "reason", "by", "confirmation"]
    list_display_links = None
    list_select_related = ["by"]
    ordering = ["-id"]
    show_full_result_count = False
    change_list_template = "admin/campaigns/channelswitch/change_list.html"

    @admin.display(description=gettext_lazy("cuándo"), ordering="id")
    def when(self, switch: ChannelSwitch) -> str:
        return date_format(localtime(switch.at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("en la plataforma de entrega"))
    def confirmation(self, switch: ChannelSwitch) -> str | Promise:
        if switch.acknowledged_at:
            return _("Confirmado {when}").format(
                when=date_format(localtime(switch.acknowledged_at), "SHORT_DATETIME_FORMAT")
            )
        if not ChannelSwitch.objects.pending().filter(pk=switch.pk).exists():
            return _("Lo reemplazó el siguiente")
        if not switch.last_error:
            return _("Por enviar")
        remedy = gateway_words.retrying()
        return orders.explanation(switch.last_error, since=switch.at, remedy=remedy)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Canal"),
            "subtitle": None,
            "may_switch": request.user.has_perm(channel.PERMISSION),
            "is_stopped": ChannelSwitch.objects.current_stop() is not None,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        stop, start = (
            self.admin_site.admin_view(view) for view in (self.stop_view, self.start_view)
        )
        return [
            path("detener/", stop, name="campaigns_channel_stop"),
            path("reanudar/", start, name="campaigns_channel_start"),
            *super().get_urls(),
        ]

    def stop_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason and for a confirmation, then stop the channel."""
        done = _("Detuviste el canal. La plataforma de entrega lo recibe en unos segundos.")
        return self._switch(request, channel.stop, _("Detener el canal"), done, stops=True)

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason and for a confirmation, then let the channel go on."""
        done = _("Reanudaste el canal. La plataforma de entrega lo recibe en unos segundos.")
        return self._switch(request, channel.start, _("Reanudar el canal"), done, stops=False)

    def _switch(
        self,
        request: HttpRequest,
        switch: Callable[..., ChannelSwitch],
        title: str,
        done: str,
        *,
        stops: bool,
    ) -> HttpResponse:
        user = request.user
        if not (isinstance(user, User) and user.has_perm(channel.PERMISSION)):
            raise PermissionDenied
        kept = pending_post.recover(request) if request.method != "POST" else None
        reason, error, asks = (kept or request.POST).get("reason", ""), "", False
        if request.method == "POST":
            try:
                reason = reasons.clean(reason, readers=channel.readers())
                asks = "confirmed" not in request.POST
                if not asks:
                    switch(reason=reason, by=user)
                    self.message_user(request, done, messages.SUCCESS)
                    return redirect(LIST)
            except CampaignError as refusal:
                error = refusal.message
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "stops": stops,
            "asks": asks and not error,
            "reason": reason,
            "error": error,
            "longest_reason": MAX_REASON_LENGTH,
            "running": _running() if asks else 0,
        }
        template = "admin/campaigns/channelswitch/switch.html"
        return TemplateResponse(request, template, context, status=422 if error else 200)


def _running() -> int:
    """Return the number of campaigns on air today."""
    today = timezone.localdate()
    live = Campaign.objects.of_channel().filter(status=Campaign.Status.LIVE)
    return live.filter(starts_on__lte=today, ends_on__gte=today).count()
