"""The mails of results, with the figures in them, and the one that asks an address."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import mails
from campaigns.models import Brand, Campaign, ReportMail, ReportRecipient
from campaigns.report_mails import figures, links
from campaigns.report_mails.weeks import Span
from campaigns.results.counts import Counts

LISTED = 20  # campaigns of one mail: mail programs cut what is longer

Kind = ReportRecipient.Kind


def weekly(recipient: ReportRecipient, span: Span) -> EmailMultiAlternatives | None:
    """Return the mail about a week of a brand; None if no campaign ran in it."""
    brand = recipient.brand
    rows = figures.of_campaigns(_campaigns(brand, span), span)
    if not rows:
        return None
    title = _("Resultados {span}").format(span=span)
    total = Counts()
    for row in rows:
        total = total.plus(row.counts)
    subject = _("{brand}: {delivered} entregadas {span}").format(
        brand=brand.name, delivered=intcomma(total.delivered), span=span
    )
    context = {
        "title": title,
        "rows": rows[:LISTED],
        "more": len(rows[LISTED:]),
        "campaigns": len(rows),
        "total": total,
        "path": _report_path(brand, span),
    }
    return _compose(recipient, Kind.WEEKLY, subject, context)


def end(
    recipient: ReportRecipient, campaign: Campaign, span: Span, *, once_final: bool
) -> EmailMultiAlternatives | None:
    """Return the mail about the whole of a campaign that has ended, as far as it was counted.

    None where its counts are final and the mail was to be about provisional ones, or the reverse.
    """
    [row] = figures.of_campaigns([campaign], span)
    if row.is_final != once_final:
        return None
    template = _("Terminó {name}: {delivered} de {contracted} entregadas, provisional")
    title = _("Terminó tu campaña")
    if row.is_final:
        template = _("Cuentas finales de {name}: {delivered} de {contracted} entregadas")
        title = _("Las cuentas finales de tu campaña")
    subject = template.format(
        name=campaign.name,
        delivered=intcomma(row.total.delivered),
        contracted=intcomma(row.contracted),
    )
    path = reverse("portal:campaign_report", args=[campaign.folio])
    context = {"title": title, "rows": [row], "path": path}
    return _compose(recipient, Kind.END, subject, context)


def request(recipient: ReportRecipient) -> EmailMultiAlternatives:
    """Return the mail that asks an address whether it wants the results of a brand."""
    context = {"recipient": recipient, "url": links.confirm_url(recipient)}
    subject = _("{brand} quiere enviarte los resultados de sus campañas").format(
        brand=recipient.brand
    )
    return mails.compose("report_request", recipient.address, subject, context)


def of_row(row: ReportMail) -> EmailMultiAlternatives | None:
    """Return the mail of a queued row; None where there is nothing to tell.

    A second copy after a lost record has the same id, so that mail programs show one. A mail of
    the end is left out once counts are final: there is one of those.
    """
    span = Span(row.first, row.last)
    if row.campaign is None:
        message = weekly(row.recipient, span)
    else:
        message = end(
            row.recipient, row.campaign, span, once_final=row.kind == ReportMail.Kind.FINAL
        )
    if message is not None:
        host = urlsplit(settings.PORTAL_URL).hostname
        message.extra_headers["Message-ID"] = f"<resultados-{row.pk}@{host}>"
    return message


def _compose(
    recipient: ReportRecipient, kind: Kind, subject: str, context: Mapping[str, object]
) -> EmailMultiAlternatives:
    """Return a mail of results, which can be stopped with one click (RFC 8058)."""
    stop_url = links.stop_url(recipient, kind)
    context = {
        **context,
        "recipient": recipient,
        "kind": kind,
        "stop_url": stop_url,
        "url": settings.PORTAL_URL + str(context["path"]) if recipient.user else "",
        "action": _("Ver el reporte"),
    }
    message = mails.compose("results", recipient.address, subject, context)
    message.extra_headers["List-Unsubscribe"] = f"<{stop_url}>"
    message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def _campaigns(brand: Brand, span: Span) -> list[Campaign]:
    return list(figures.ran(span).filter(brand=brand).select_related("link").order_by("id"))


def _report_path(brand: Brand, span: Span) -> str:
    path = reverse("portal:reports", args=[brand.slug])
    return f"{path}?{urlencode({'desde': span.first, 'hasta': span.last})}"
