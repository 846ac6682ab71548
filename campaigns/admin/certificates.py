"""Certificates of delivery: read-only, but staff issue them and answer those that are disputed."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.certificates import answers, issue, standing
from campaigns.certificates.answers import Outcome
from campaigns.errors import CampaignError
from campaigns.models import Campaign, Certificate, CertificateAnswer
from campaigns.models.brand import MAX_REASON_LENGTH
from core import pending_post, search
from core.admin import ReadOnlyAdmin

PAGE = "admin:campaigns_certificate_change"


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("estado")
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("objetadas", _("Objetadas, por responder")), ("vigentes", _("Vigentes"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Certificate]
    ) -> QuerySet[Certificate]:
        if self.value() == "objetadas":
            open_disputes = CertificateAnswer.objects.open_disputes()
            return queryset.filter(answers__in=open_disputes).order_by("answers__due_on", "pk")
        if self.value() == "vigentes":
            return queryset.filter(replaced_by__isnull=True)
        return queryset


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["folio", "campaign", "brand", "issued", "delivered", "standing"]
    list_filter = [StandingFilter]
    list_select_related = ["campaign__brand"]
    search_fields = search.fields("folio", "campaign__folio", "campaign__name")
    search_help_text = gettext_lazy("Folio de la constancia o de la campaña, o su nombre.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "folio",
        "campaign_link",
        "brand",
        "issued",
        "delivered",
        "standing",
        "replaces",
        "pdf_sha256",
        "content_sha256",
        "made_by",
        "dispute",
        "ruling",
    ]
    readonly_fields = ["campaign_link", "brand", "issued", "delivered", "standing", "made_by"]
    readonly_fields += ["dispute", "ruling"]
    change_form_template = "admin/campaigns/certificate/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        newer = Certificate.objects.filter(replaces=OuterRef("pk"))
        rows = super().get_queryset(request).defer("pdf").annotate(is_replaced=Exists(newer))
        return rows.select_related("campaign__brand").prefetch_related(
            "answers__ruling__by", "answers__by"
        )

    def get_urls(self) -> list[URLPattern]:
        file, rule, issue_now = (
            self.admin_site.admin_view(view)
            for view in (self.file_view, self.rule_view, require_POST(self.issue_view))
        )
        return [
            path("<int:pk>/pdf/", file, name="campaigns_certificate_file"),
            path("<int:pk>/responder/", rule, name="campaigns_certificate_rule"),
            path("emitir/<int:campaign_id>/", issue_now, name="campaigns_certificate_issue"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        may = found is not None and _open_dispute(found) is not None
        context = {"may_rule": may and request.user.has_perm(issue.PERMISSION)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the PDF as it was issued."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(Certificate, pk=pk)
        headers = {"Content-Disposition": f'attachment; filename="constancia-{found.folio}.pdf"'}
        return HttpResponse(bytes(found.pdf), content_type="application/pdf", headers=headers)

    def issue_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Issue the certificate of a campaign, or its correction, and go to its page."""
        user = _settler(request)
        get_object_or_404(Campaign, pk=campaign_id)
        try:
            certificate, is_new = issue.issue(campaign_id, by=user)
        except CampaignError as error:
            self.message_user(request, error.message, messages.ERROR)
            return redirect("admin:campaigns_campaign_change", campaign_id)
        done = (
            _("Emitiste la constancia {folio}. La marca ya lo sabe.")
            if is_new
            else _("La constancia {folio} sigue vigente: nada ha cambiado.")
        )
        self.message_user(request, done.format(folio=certificate.folio), messages.SUCCESS)
        return redirect(PAGE, certificate.pk)

    def rule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the answer to a dispute, and record it."""
        user, found = _settler(request), self.get_object(request, str(pk))
        dispute = _open_dispute(found) if found else None
        if found is None or dispute is None:
            raise Http404
        kept = pending_post.recover(request) if request.method != "POST" else None
        entered, error = kept or request.POST, ""
        outcome, reason = entered.get("outcome", ""), entered.get("reason", "")
        if request.method == "POST":
            try:
                if outcome not in Outcome:
                    raise CampaignError(_("Elige qué pasa con la constancia."))
                answers.rule(dispute.pk, outcome=Outcome(outcome), reason=reason, by=user)
            except CampaignError as refusal:
                error = refusal.message
            else:
                self.message_user(request, _("Respondiste la objeción."), messages.SUCCESS)
                return redirect(PAGE, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Responder la objeción"),
            "opts": self.opts,
            "certificate": found,
            "dispute": dispute,
            "changes": issue.pending_changes(found.campaign),
            "outcomes": Outcome.choices,
            "outcome": outcome,
            "reason": reason,
            "error": error,
            "longest_reason": MAX_REASON_LENGTH,
        }
        template = "admin/campaigns/certificate/rule.html"
        return TemplateResponse(request, template, context, status=422 if error else 200)

    @admin.display(description=gettext_lazy("campaña"))
    def campaign_link(self, certificate: Certificate) -> SafeString:
        page = reverse("admin:campaigns_campaign_change", args=[certificate.campaign_id])
        return format_html('<a href="{}">{}</a>', page, certificate.campaign)

    @admin.display(description=gettext_lazy("marca"))
    def brand(self, certificate: Certificate) -> str:
        return certificate.campaign.brand.name

    @admin.display(description=gettext_lazy("emitida"), ordering="id")
    def issued(self, certificate: Certificate) -> str:
        return date_format(localtime(certificate.issued_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("entregadas"))
    def delivered(self, certificate: Certificate) -> str:
        return intcomma(certificate.data["delivery"]["total"]["delivered"])

    @admin.display(description=gettext_lazy("hecha con"))
    def made_by(self, certificate: Certificate) -> str:
        return _("plantilla {template}, typst {version}").format(
            template=certificate.template, version=certificate.typst_version
        )

    @admin.display(description=gettext_lazy("estado"))
    def standing(self, certificate: Certificate) -> SafeString:
        level, label = "ok", _("Vigente")
        if dispute := _open_dispute(certificate):
            level = "out" if dispute.is_overdue else "tight"
            due = date_format(dispute.due_on, _("j \\d\\e F")) if dispute.due_on else ""
            words = (
                _("Objetada, venció el {day}")
                if dispute.is_overdue
                else _("Objetada, responder a más tardar el {day}")
            )
            label = words.format(day=due)
        elif getattr(certificate, "is_replaced", False):
            level, label = "out", _("Sustituida")
        elif any(
            each.kind == CertificateAnswer.Kind.ACCEPTED for each in certificate.answers.all()
        ):
            label = _("Aceptada")
        return format_html('<span class="level {}"><span>{}</span></span>', level, label)

    @admin.display(description=gettext_lazy("objeción"))
    def dispute(self, certificate: Certificate) -> str:
        dispute = _dispute(certificate)
        if dispute is None:
            return _("Ninguna")
        return _("{claimed} entregadas según la marca. {reason} ({by})").format(
            claimed=intcomma(dispute.claimed), reason=dispute.reason, by=dispute.by
        )

    @admin.display(description=gettext_lazy("respuesta"))
    def ruling(self, certificate: Certificate) -> str:
        ruling = getattr(_dispute(certificate), "ruling", None)
        if ruling is None:
            return ""
        return f"{ruling.get_outcome_display()}. {ruling.reason} ({ruling.by})"


def context(campaign: Campaign, user: User) -> dict[str, Any]:
    """Return what the page of a campaign displays of its certificate to staff."""
    if not user.has_perm(issue.PERMISSION) or not campaign.version_number:
        return {}
    return {
        "certificate": issue.current(campaign),
        "certificate_changes": issue.pending_changes(campaign),
        "certificate_standing": standing.of_campaign(campaign),
    }


def _dispute(certificate: Certificate) -> CertificateAnswer | None:
    kind = CertificateAnswer.Kind.DISPUTED
    return next((each for each in certificate.answers.all() if each.kind == kind), None)


def _open_dispute(certificate: Certificate) -> CertificateAnswer | None:
    dispute = _dispute(certificate)
    return None if dispute is None or hasattr(dispute, "ruling") else dispute


def _settler(request: HttpRequest) -> User:
    """Return the request's user. Raises PermissionDenied unless they settle certificates."""
    user = request.user
    if not (isinstance(user, User) and user.has_perm(issue.PERMISSION)):
        raise PermissionDenied
    return user
