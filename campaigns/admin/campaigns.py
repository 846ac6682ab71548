"""The admin of campaigns: the review queue, and the page where a campaign is decided."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import AbstractUser as User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import conversation, notices, review
from campaigns.admin import (
    certificates,
    decision,
    decision_drafts,
    decision_page,
    queue,
    staff_moves,
)
from campaigns.admin.queue import (
    IN_REVIEW,
    QueueChangeList,
    QueueColumns,
    StageFilter,
    default_stage,
)
from campaigns.errors import BadReason, CampaignError
from campaigns.models import Campaign
from campaigns.models.campaign import CampaignQuerySet
from campaigns.reasons import MAX_COMMENT_LENGTH
from core import pending_post, search
from core.admin import ReadOnlyAdmin
from inventory.errors import InventoryError

QUEUE_ORDER = ("starts_on", "status_at", "id")  # what airs first is decided first


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin, QueueColumns, admin.ModelAdmin):
    """Read-only: brands edit their campaigns, and decisions go through `lifecycle`."""

    list_display = ["airs", "ad", "who", "zones", "notifications", "edition", "since"]
    list_display_links = ["ad"]
    list_filter = [StageFilter]
    list_per_page = 50
    search_fields = search.fields("folio", "name", "brand__name", "text")
    search_help_text = gettext_lazy("Folio, nombre, marca o texto. Busca en todas las etapas.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    ordering = QUEUE_ORDER

    @property
    def media(self) -> Media:
        """Empty: neither page needs a script."""
        return Media()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        rows = cast(CampaignQuerySet, super().get_queryset(request))
        return rows.of_channel().with_risk().select_related("brand")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueChangeList

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order by first day for the queue, and newest first elsewhere."""
        stage = request.GET.get(StageFilter.parameter_name) or default_stage(request)
        return QUEUE_ORDER if stage == IN_REVIEW else ("-id",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Revisión"), "subtitle": None}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the decision page, or execute a decision."""
        campaign = self.get_object(request, unquote(object_id))
        if campaign is None:
            return self._redirect_missing(request, object_id)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request, campaign)
        if kept := pending_post.recover(request):
            decision_drafts.save(request, campaign, decision.from_form(kept))
        return self._render(request, campaign)

    def get_urls(self) -> list[URLPattern]:
        message, move = (
            self.admin_site.admin_view(view) for view in (self.message_view, self.move_view)
        )
        return [
            path("<path:object_id>/mensaje/", message, name="campaigns_campaign_message"),
            path("<path:object_id>/paso/", move, name="campaigns_campaign_move"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Pause, resume or cancel a campaign with a reason, and return to its page."""
        campaign = self.get_object(request, unquote(object_id))
        if campaign is None:
            return self._redirect_missing(request, object_id)
        if request.method != "POST":
            if kept := pending_post.recover(request):
                return self._render(request, campaign, entered_move=staff_moves.from_form(kept))
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        user, entered = _reviewer(request), staff_moves.from_form(request.POST)
        try:
            message = staff_moves.execute(campaign.pk, entered, by=user)
        except (CampaignError, InventoryError) as error:
            current = self.get_queryset(request).get(pk=campaign.pk)
            field = f"motivo-{entered.name}" if isinstance(error, BadReason) else ""
            return self._render(
                request, current, refusal=error.message, field=field, entered_move=entered
            )
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:campaigns_campaign_change", campaign.pk)

    def message_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send a message to the brand, and return to the decision page."""
        campaign = self.get_object(request, unquote(object_id))
        if campaign is None:
            return self._redirect_missing(request, object_id)
        if request.method != "POST":
            if kept := pending_post.recover(request):
                decision_drafts.save(request, campaign, decision.from_form(kept))
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        user = _reviewer(request)
        entered = decision.from_form(request.POST)
        decision_drafts.save(request, campaign, entered._replace(message=""))
        try:
            side = conversation.Side.STAFF
            conversation.write(campaign.pk, entered.message, side=side, by=user)
        except CampaignError as error:
            return self._render(request, campaign, entered, refusal=error.message, field="mensaje")
        self.message_user(request, _("Mensaje enviado a la marca."), messages.SUCCESS)
        page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        return redirect(page + notices.CONVERSATION_ANCHOR)

    def _redirect_missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Redirect to the index with a message, as Django's own views of an object do."""
        # The stubs lack this method of ModelAdmin.
        redirect_missing = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
        return redirect_missing(request, self.opts, object_id)

    def _decide(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        user = _reviewer(request)
        entered = decision.from_form(request.POST)
        following = review.next_after(campaign, user)
        if entered.leaves:
            decision_drafts.save(request, campaign, entered)
            return self._redirect_to(following)
        try:
            message = decision.execute(campaign.pk, entered, by=user)
        except (CampaignError, InventoryError) as error:
            current = self.get_queryset(request).get(pk=campaign.pk)
            field = decision.FIELDS.get(type(error), "")
            return self._render(request, current, entered, refusal=error.message, field=field)
        self.message_user(request, message, messages.SUCCESS)
        if entered.stays:
            decision_drafts.save(request, campaign, entered)
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        decision_drafts.delete(request, campaign)
        return self._redirect_to(following if entered.continues else None)

    def _redirect_to(self, campaign: Campaign | None) -> HttpResponse:
        """Redirect to a campaign, or to the queue."""
        if campaign:
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        return redirect("admin:campaigns_campaign_changelist")

    def _render(
        self,
        request: HttpRequest,
        campaign: Campaign,
        entered: decision.Decision | None = None,
        *,
        refusal: str = "",
        field: str = "",
        entered_move: staff_moves.StaffMove | None = None,
    ) -> HttpResponse:
        queue.show_sent([campaign])
        entered = entered or decision_drafts.load(request, campaign)
        if entered and campaign.status != Campaign.Status.IN_REVIEW:
            decision_drafts.delete(request, campaign)  # displayed this last time, to be copied
        context = {
            **self.admin_site.each_context(request),
            **decision_page.context(campaign, _user(request), entered),
            **staff_moves.context(campaign, _user(request), entered_move),
            **certificates.context(campaign, _user(request)),
            "title": campaign.name or campaign.folio,
            "refusal": refusal,
            "refused_field": field,
            "message_error": refusal if field == "mensaje" else "",
            "most_comment": MAX_COMMENT_LENGTH,
            "opts": self.opts,
            "original": campaign,
        }
        template = "admin/campaigns/campaign/decision.html"
        return TemplateResponse(request, template, context, status=409 if refusal else 200)


def _user(request: HttpRequest) -> User:
    """Return the user of a request that the admin site has let in."""
    assert isinstance(request.user, User)
    return request.user


def _reviewer(request: HttpRequest) -> User:
    """Return the request's user. Raises PermissionDenied unless they may review."""
    user = _user(request)
    if not review.may_review(user):
        raise PermissionDenied
    return user
