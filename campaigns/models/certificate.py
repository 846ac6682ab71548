import json
import secrets
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.models.campaign import FOLIO_ALPHABET, Campaign
from core.triggers import append_only


def new_folio() -> str:
    """Return a random folio: nobody finds a certificate by counting."""
    return "CE-" + "".join(secrets.choice(FOLIO_ALPHABET) for _ in range(8))


def _sha256(bytes_of: Func | F) -> Func:
    """Return the SHA-256 of bytes as PostgreSQL computes it, in hexadecimal."""
    digest = Func(bytes_of, function="sha256", output_field=models.BinaryField())
    return Func(digest, Value("hex"), function="encode", output_field=models.TextField())


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def without_file(self) -> Self:
        """Return them without the bytes of the PDF, which a list does not need."""
        return self.defer("pdf")

    def current(self) -> Self:
        """Return those that no other one replaces."""
        return self.filter(replaced_by__isnull=True)


class Certificate(models.Model):
    """A certificate of what was delivered of a campaign, as it was issued. Immutable.

    `content` is canonical JSON; the PDF was made from it by a template and a version of typst.
    A correction is another one that `replaces` this one.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="certificates", verbose_name=_("campaña")
    )
    folio = models.CharField(_("folio"), max_length=16, unique=True)
    content = models.TextField(_("contenido"))
    content_sha256 = models.CharField(_("SHA-256 del contenido"), max_length=64)
    pdf = models.BinaryField(_("PDF"))
    pdf_sha256 = models.CharField(_("SHA-256 del PDF"), max_length=64)
    template = models.PositiveSmallIntegerField(_("plantilla"))
    typst_version = models.CharField(_("versión de typst"), max_length=20)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        related_name="replaced_by",
        null=True,
        verbose_name=_("sustituye a"),
    )
    issued_at = models.DateTimeField(_("emitida"), default=timezone.now, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("emitida por")
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("constancia de entrega")
        verbose_name_plural = _("constancias de entrega")
        ordering = ["-id"]
        permissions = [
            ("settle_certificate", _("Puede emitir constancias y responder objeciones")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(replaces__isnull=True),
                name="certificate_first_of_campaign_once",
            ),
            models.CheckConstraint(
                condition=Q(pdf_sha256=_sha256(F("pdf"))), name="certificate_pdf_has_its_hash"
            ),
            models.CheckConstraint(
                condition=Q(
                    content_sha256=_sha256(Func(F("content"), Value("UTF8"), function="convert_to"))
                ),
                name="certificate_content_has_its_hash",
            ),
        ]
        triggers = append_only("immutable")

    def __str__(self) -> str:
        return self.folio

    @cached_property
    def data(self) -> dict[str, Any]:
        """The content as Python values (`campaigns.certificates.content`)."""
        found: dict[str, Any] = json.loads(self.content)
        return found


class CertificateAnswerQuerySet(models.QuerySet["CertificateAnswer"]):
    def open_disputes(self) -> Self:
        """Return the disputes that staff have not answered."""
        return self.filter(kind=CertificateAnswer.Kind.DISPUTED, ruling__isnull=True)


class CertificateAnswer(models.Model):
    """The answer of a brand to a certificate: it accepts it, or disputes its counts. Immutable.

    A brand may do each once; staff answer a dispute until `due_on`.
    """

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("Aceptada")
        DISPUTED = "disputed", _("Objetada")

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="answers", verbose_name=_("constancia")
    )
    kind = models.CharField(_("respuesta"), max_length=10, choices=Kind)
    reason = models.CharField(_("motivo"), max_length=MAX_REASON_LENGTH, blank=True)
    claimed = models.PositiveIntegerField(
        _("entregadas según la marca"), null=True, help_text=_("En notificaciones.")
    )
    due_on = models.DateField(_("se responde a más tardar"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quién")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)

    objects = CertificateAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("respuesta a una constancia")
        verbose_name_plural = _("respuestas a constancias")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "kind"], name="certificate_answer_once_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="accepted", reason="", claimed__isnull=True, due_on__isnull=True)
                | Q(
                    kind="disputed",
                    reason__regex=r"\S",
                    claimed__isnull=False,
                    due_on__isnull=False,
                ),
                name="certificate_dispute_has_reason_and_figure",
            ),
        ]
        triggers = append_only("immutable")

    def __str__(self) -> str:
        return f"{self.certificate.folio} · {self.get_kind_display()}"

    @property
    def is_overdue(self) -> bool:
        """Return whether it is a dispute that staff should have answered before today."""
        if self.due_on is None or hasattr(self, "ruling"):
            return False
        return self.due_on < timezone.localdate()


class DisputeRuling(models.Model):
    """What staff answered to a dispute. Immutable."""

    class Outcome(models.TextChoices):
        KEPT = "kept", _("La constancia se mantiene")
        CORRECTED = "corrected", _("Se corrige: otra la sustituye")

    dispute = models.OneToOneField(
        CertificateAnswer, models.PROTECT, related_name="ruling", verbose_name=_("objeción")
    )
    outcome = models.CharField(_("resultado"), max_length=10, choices=Outcome)
    reason = models.CharField(_("motivo"), max_length=MAX_REASON_LENGTH)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quién")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("respuesta a una objeción")
        verbose_name_plural = _("respuestas a objeciones")
        ordering = ["id"]
        triggers = append_only("immutable")

    def __str__(self) -> str:
        return f"{self.dispute.certificate.folio} · {self.get_outcome_display()}"
