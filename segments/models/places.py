"""Models of the census: states and municipalities."""

import unicodedata

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATE_SHAPE = r"^[0-9]{2}\Z"
MUNICIPALITY_SHAPE = r"^[0-9]{5}\Z"
is_state = RegexValidator(STATE_SHAPE, _("Escribe una clave de 2 cifras, con su cero."))
is_municipality = RegexValidator(
    MUNICIPALITY_SHAPE, _("Escribe una clave de 5 cifras, con sus ceros.")
)


def unaccented(text: str) -> str:
    """Return the key to sort and search Spanish text: lower case, no accents, ñ as n.

    PostgreSQL may sort by code point, with Á and ñ after z, so no collation is relied on.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


class State(models.Model):
    """One of the 32 federal entities, by its INEGI key ("09" is Ciudad de México)."""

    code = models.CharField(_("clave"), max_length=2, primary_key=True, validators=[is_state])
    name = models.CharField(_("nombre oficial"), max_length=40, unique=True)
    common_name = models.CharField(_("nombre"), max_length=40, unique=True)
    abbreviation = models.CharField(_("abreviatura"), max_length=10, unique=True)
    population = models.PositiveIntegerField(_("población"), help_text=_("Censo de 2020."))
    sort_name = models.TextField(editable=False)

    class Meta:
        verbose_name = pgettext_lazy("lugar", "estado")
        verbose_name_plural = pgettext_lazy("lugar", "estados")
        ordering = ["sort_name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=STATE_SHAPE), name="state_code_two_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.common_name


class Municipality(models.Model):
    """One municipality (or borough of Ciudad de México), by its five-digit INEGI key."""

    code = models.CharField(
        _("clave"), max_length=5, primary_key=True, validators=[is_municipality]
    )
    name = models.CharField(_("nombre"), max_length=80)
    state = models.ForeignKey(
        State,
        models.PROTECT,
        related_name="municipalities",
        verbose_name=pgettext_lazy("lugar", "estado"),
    )
    sort_name = models.TextField(editable=False)

    class Meta:
        verbose_name = _("municipio")
        verbose_name_plural = _("municipios")
        ordering = ["sort_name", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=MUNICIPALITY_SHAPE), name="municipality_code_five_digits"
            ),
            models.CheckConstraint(
                condition=Q(code__startswith=F("state")), name="municipality_code_of_its_state"
            ),
        ]

    def __str__(self) -> str:
        return self.name
