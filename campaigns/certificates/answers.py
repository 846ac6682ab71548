"""Answers to certificates: a brand accepts or disputes one, and staff rule on a dispute."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import notices, reasons, rights
from campaigns.certificates import issue
from campaigns.certificates.errors import (
    AlreadyAnswered,
    BadClaim,
    CertificateReplaced,
    NothingToCorrect,
)
from campaigns.errors import CampaignError, NotAllowed, OwnBrand
from campaigns.models import Campaign, Certificate, CertificateAnswer, DisputeRuling
from campaigns.models.campaign import MAX_VOLUME
from core.calendar import add_working_days

Kind = CertificateAnswer.Kind
Outcome = DisputeRuling.Outcome


class Answers(NamedTuple):
    """What a brand and staff answered to a certificate, and the folio of one that replaces it."""

    accepted: CertificateAnswer | None
    dispute: CertificateAnswer | None
    ruling: DisputeRuling | None
    replaced_by: str

    @property
    def may_accept(self) -> bool:
        return self.refusal(Kind.ACCEPTED) is None

    @property
    def may_dispute(self) -> bool:
        return self.refusal(Kind.DISPUTED) is None

    def refusal(self, kind: Kind) -> CampaignError | None:
        """Return why the certificate cannot be accepted, or disputed, now; None if it can."""
        if self.replaced_by:
            return CertificateReplaced(self.replaced_by)
        if self.accepted:
            return AlreadyAnswered(_("Tu marca ya la aceptó, y eso no se cambia."))
        if kind == Kind.DISPUTED and self.dispute:
            return AlreadyAnswered(_("Tu marca ya la objetó: una constancia se objeta una vez."))
        if self.dispute and not self.ruling:
            return AlreadyAnswered(_("Tu marca la objetó: espera la respuesta de Telefónica."))
        return None


def of_certificate(certificate: Certificate) -> Answers:
    """Return the answers to a certificate. Two queries."""
    rows = certificate.answers.select_related("by", "ruling__by")
    by_kind = {answer.kind: answer for answer in rows}
    dispute = by_kind.get(Kind.DISPUTED)
    newer = Certificate.objects.filter(replaces=certificate).values_list("folio", flat=True)
    return Answers(
        by_kind.get(Kind.ACCEPTED), dispute, getattr(dispute, "ruling", None), newer.first() or ""
    )


@transaction.atomic
def accept(certificate_id: int, *, by: User) -> CertificateAnswer:
    """Record that a brand accepts a certificate, and notify both sides. It is final.

    Raises NotAllowed, BrandSuspended, CertificateReplaced, or AlreadyAnswered.
    """
    certificate = _lock_for_answer(certificate_id, Kind.ACCEPTED, by)
    answer = CertificateAnswer.objects.create(
        certificate=certificate, kind=Kind.ACCEPTED, by_id=by.pk
    )
    notices.notify_answered(certificate, notices.Kind.ACCEPTED, actor=by.pk)
    return answer


@transaction.atomic
def dispute(certificate_id: int, *, reason: str, claimed: int, by: User) -> CertificateAnswer:
    """Record that a brand disputes the counts of a certificate, and notify both sides.

    `claimed`: how many notifications it says were delivered. Staff answer within
    DISPUTE_WORKING_DAYS. Raises NotAllowed, BrandSuspended, CertificateReplaced, AlreadyAnswered,
    BadReason or BadClaim.
    """
    certificate = _lock_for_answer(certificate_id, Kind.DISPUTED, by)
    reason = reasons.clean(reason, readers=_("quien responde lo necesita"))
    if not 0 <= claimed <= MAX_VOLUME:
        raise BadClaim(_("Escribe cuántas notificaciones entregadas reclamas, con número."))
    today = timezone.localdate()
    answer = CertificateAnswer.objects.create(
        certificate=certificate,
        kind=Kind.DISPUTED,
        reason=reason,
        claimed=claimed,
        due_on=add_working_days(today, settings.DISPUTE_WORKING_DAYS),
        by_id=by.pk,
    )
    notices.notify_answered(certificate, notices.Kind.DISPUTED, note=reason, actor=by.pk)
    return answer


@transaction.atomic
def rule(dispute_id: int, *, outcome: Outcome, reason: str, by: User) -> DisputeRuling:
    """Record what staff answer to a dispute, and notify both sides.

    The outcome CORRECTED issues the correction. Raises NotAllowed, OwnBrand, AlreadyAnswered,
    BadReason, NothingToCorrect or CertificateNotReady.
    """
    disputed = Certificate.objects.get(answers=dispute_id, answers__kind=Kind.DISPUTED)
    campaign = issue.lock(disputed.campaign_id)
    _require_staff(campaign, by)
    if DisputeRuling.objects.filter(dispute=dispute_id).exists():
        raise AlreadyAnswered(_("Alguien ya respondió esta objeción: recarga la página."))
    reason = reasons.clean(reason, readers=_("la marca lo lee"))
    is_replaced = Certificate.objects.filter(replaces=disputed).exists()
    needs_correction = outcome == Outcome.CORRECTED and not is_replaced
    if needs_correction and not issue.issue_locked(campaign, by=by).is_new:
        raise NothingToCorrect
    ruling = DisputeRuling.objects.create(
        dispute_id=dispute_id, outcome=outcome, reason=reason, by_id=by.pk
    )
    notices.notify_answered(disputed, notices.Kind.RULED, note=reason, actor=by.pk)
    return ruling


def _lock_for_answer(certificate_id: int, kind: Kind, by: User) -> Certificate:
    """Return a certificate that a person may answer so, with its campaign locked."""
    certificate = Certificate.objects.without_file().get(pk=certificate_id)
    campaign = issue.lock(certificate.campaign_id)
    rights.require_editor(campaign.brand, by)
    if refusal := of_certificate(certificate).refusal(kind):
        raise refusal
    return certificate


def _require_staff(campaign: Campaign, by: User) -> None:
    if not by.has_perm(issue.PERMISSION):
        raise NotAllowed
    if campaign.brand.has_member(by):
        raise OwnBrand
