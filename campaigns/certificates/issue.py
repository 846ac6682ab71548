"""Issue of certificates: one for a campaign, and another one only where its facts changed since."""

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone, translation

from campaigns import notices, rights
from campaigns.certificates import content, paper, standing
from campaigns.certificates.errors import CertificateNotReady
from campaigns.models import Campaign, Certificate
from campaigns.models.certificate import new_folio

PERMISSION = "campaigns.settle_certificate"
LANGUAGE = "es-mx"


class Issued(NamedTuple):
    """A certificate, and whether it was issued just now."""

    certificate: Certificate
    is_new: bool


@transaction.atomic
def issue(campaign_id: int, *, by: User) -> Issued:
    """Return the certificate of a campaign; issue it if there is none with today's facts.

    Where counts were corrected since, the new one replaces the former and names it. Raises
    NotAllowed, BrandSuspended or CertificateNotReady.
    """
    campaign = lock(campaign_id)
    if not by.has_perm(PERMISSION):
        rights.require_editor(campaign.brand, by)
    return issue_locked(campaign, by=by)


def lock(campaign_id: int) -> Campaign:
    """Return a campaign with its row locked until the transaction ends."""
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def issue_locked(campaign: Campaign, *, by: User) -> Issued:
    """Do as `issue` for a locked campaign, by a person who may. Raises CertificateNotReady."""
    with translation.override(LANGUAGE):
        found = standing.of_campaign(campaign)
        if found.final_at is None:
            raise CertificateNotReady(found.reason)
        facts = content.facts(campaign, found)
        former = current(campaign)
        reasons = content.changes(former, facts) if former else []
        if former and not reasons:
            return Issued(former, is_new=False)
        certificate = _create(campaign, facts, former, reasons, by)
    notices.notify_certified(certificate, actor=by.pk)
    return Issued(certificate, is_new=True)


def current(campaign: Campaign) -> Certificate | None:
    """Return the certificate of a campaign that no other one replaces."""
    return campaign.certificates.current().without_file().first()


def pending_changes(campaign: Campaign) -> list[str]:
    """Return the reasons, in Spanish, for which the certificate is to be corrected; mostly none."""
    found, former = standing.of_campaign(campaign), current(campaign)
    if former is None or found.final_at is None:
        return []
    with translation.override(LANGUAGE):
        return content.changes(former, content.facts(campaign, found))


def _create(
    campaign: Campaign,
    facts: dict[str, Any],
    former: Certificate | None,
    reasons: list[str],
    by: User,
) -> Certificate:
    folio, issued_at = new_folio(), timezone.now()
    canonical = content.canonical(facts | _envelope(folio, issued_at, former, reasons))
    pdf = paper.render(canonical)
    return Certificate.objects.create(
        campaign=campaign,
        folio=folio,
        content=canonical,
        content_sha256=content.sha256(canonical),
        pdf=pdf,
        pdf_sha256=content.sha256(pdf),
        template=paper.TEMPLATE,
        typst_version=paper.VERSION,
        replaces=former,
        issued_at=issued_at,
        issued_by_id=by.pk,
    )


def _envelope(
    folio: str, issued_at: datetime, former: Certificate | None, reasons: list[str]
) -> dict[str, Any]:
    replaces = former and {
        "folio": former.folio,
        "pdf_sha256": former.pdf_sha256,
        "reasons": reasons,
    }
    return {"folio": folio, "issued_at": content.moment(issued_at), "replaces": replaces}
