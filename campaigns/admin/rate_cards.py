"""The admin of rate cards: a draft is written and published on its page, and then only read."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractUser as User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admin.rate_card_forms import CardForms, write_prices
from campaigns.errors import CampaignError
from campaigns.models import RateCard
from campaigns.pricing import cards, examples, orders
from campaigns.pricing.errors import BadRateCard
from core import pending_post, sheets
from core.admin import ReadOnlyAdmin

Status = RateCard.Status
BADGES = {  # CSS classes of the campaign badges with a similar meaning
    Status.DRAFT: "draft",
    Status.PUBLISHED: "approved",
    Status.WITHDRAWN: "cancelled",
}
LIST = "admin:campaigns_ratecard_changelist"


@admin.register(RateCard)
class RateCardAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The list of cards, and the page of one."""

    list_display = ["name", "status_badge", "days", "published_at", "published_by"]
    list_select_related = ["published_by"]
    ordering = ["-id"]
    show_full_result_count = False
    actions = None
    empty_value_display = ""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) or _may_set(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _may_set(request)

    @admin.display(description=gettext_lazy("estado"), ordering="status")
    def status_badge(self, card: RateCard) -> SafeString:
        badge = BADGES[Status(card.status)]
        return format_html('<span class="badge {}">{}</span>', badge, card.get_status_display())

    @admin.display(description=gettext_lazy("vale"), ordering="valid_from")
    def days(self, card: RateCard) -> str:
        return cards.days_of(card)

    def get_urls(self) -> list[URLPattern]:
        csv = self.admin_site.admin_view(self.csv_view)
        return [
            path("<int:card_id>/csv/", csv, name="campaigns_ratecard_csv"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write a new draft."""
        if not _may_set(request):
            raise PermissionDenied
        return self._write(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Display a card; a draft is written and published here, a published one withdrawn."""
        card = self.get_object(request, unquote(object_id))
        if card is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not self.has_view_permission(request, card):
            raise PermissionDenied
        if request.method == "POST" and not _may_set(request):
            raise PermissionDenied
        if card.status == Status.DRAFT and _may_set(request):
            return self._write(request, card)
        if request.method == "POST":
            return self._act(request, card)
        return self._page(request, card)

    def csv_view(self, request: HttpRequest, card_id: int) -> HttpResponseBase:
        """Respond with the prices of a card, one place a line."""
        card = self.get_object(request, str(card_id))
        if card is None or not self.has_view_permission(request, card):
            raise PermissionDenied
        lines = (
            (cards.place_name(rate.scope, rate.code), rate.code, rate.per_thousand)
            for rate in cards.terms_of(card).rates
        )
        columns = (_("lugar"), _("clave"), _("precio por millar"))
        response = StreamingHttpResponse(
            sheets.write(columns, lines), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="tarifa-{card.pk}.csv"'
        return response

    def _write(self, request: HttpRequest, card: RateCard | None) -> HttpResponse:
        """Save, publish, copy or delete a draft by the button that was pressed."""
        terms = cards.terms_of(card) if card else None
        kept = pending_post.recover(request) if request.method != "POST" else None
        if request.method != "POST" and kept is None:
            return self._page(request, card, CardForms(terms=terms))
        forms = CardForms(kept or request.POST, terms=terms)
        if kept is not None:
            return self._page(request, card, forms)
        if card is not None and request.POST.get("do") in ("copy", "delete"):
            return self._act(request, card)
        if not forms.is_valid():
            return self._page(request, card, forms, status=422)
        by = _user(request)
        try:
            saved = cards.save(card.pk if card else None, forms.terms(), by=by)
            if request.POST.get("do") != "publish":
                self.message_user(request, _("Guardada. Todavía no la ve nadie."), messages.SUCCESS)
            elif cards.terms_of(saved) != terms:
                message = _("Guardamos tus cambios: mira lo que costarían los pedidos y publícala.")
                self.message_user(request, message, messages.SUCCESS)
            else:
                cards.publish(saved.pk, by=by)
                message = _("Publicada: vale {days}.").format(days=cards.days_of(saved))
                self.message_user(request, message, messages.SUCCESS)
        except CampaignError as error:
            return self._page(request, card, forms, refusals=_reasons(error), status=409)
        return redirect("admin:campaigns_ratecard_change", saved.pk)

    def _act(self, request: HttpRequest, card: RateCard) -> HttpResponse:
        """Copy, withdraw or delete a card by the button that was pressed."""
        by = _user(request)
        try:
            match request.POST.get("do"):
                case "copy":
                    card = cards.copy(card.pk, by=by)
                    message = _("Copiada como borrador: cambia lo que quieras y publícala.")
                case "withdraw":
                    if "sure" not in request.POST:
                        refusals = [_("Marca que quieres retirarla.")]
                        return self._page(request, card, refusals=refusals, status=422)
                    cards.withdraw(card.pk, by=by)
                    message = _("Retirada. Lo ya enviado conserva su precio.")
                case "delete":
                    cards.delete(card.pk, by=by)
                    self.message_user(request, _("Borrador eliminado."), messages.SUCCESS)
                    return redirect(LIST)
                case _other:
                    return redirect("admin:campaigns_ratecard_change", card.pk)
        except CampaignError as error:
            card.refresh_from_db()
            return self._page(request, card, refusals=_reasons(error), status=409)
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:campaigns_ratecard_change", card.pk)

    def _page(
        self,
        request: HttpRequest,
        card: RateCard | None,
        forms: CardForms | None = None,
        *,
        refusals: list[str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        is_draft = card is not None and card.status == Status.DRAFT
        terms = cards.terms_of(card) if card else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": card.name if card else _("Nueva tarifa"),
            "card": card,
            "badge": BADGES[Status(card.status)] if card else "",
            "days": cards.days_of(card) if card else "",
            "is_valid_today": card is not None
            and RateCard.objects.valid_on(timezone.localdate()).filter(pk=card.pk).exists(),
            "may_set": _may_set(request),
            "forms": forms,
            "backup": f"tarifa-{card.pk if card else 'nueva'}",
            "refusals": refusals or [],
            "against": cards.reasons_against(card) if card and is_draft else [],
            "examples": examples.of(orders.prices_of(card)) if card else [],
            "prices": write_prices(terms.rates) if terms else [],
            "packages": terms.packages if terms else [],
            "csv": reverse("admin:campaigns_ratecard_csv", args=[card.pk]) if card else "",
        }
        template = "admin/campaigns/ratecard/card.html"
        return TemplateResponse(request, template, context, status=status)


def _reasons(error: CampaignError) -> list[str]:
    return error.reasons if isinstance(error, BadRateCard) else [error.message]


def _may_set(request: HttpRequest) -> bool:
    return request.user.has_perm(cards.PERMISSION)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every page of the admin requires it
    return request.user
