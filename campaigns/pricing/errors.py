"""The errors of rate cards and prices; one meaning each."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import CampaignError


class Unpriced(CampaignError):
    """The rate card has no price for `ladas`, which are `where` in words."""

    code = "unpriced"

    def __init__(self, ladas: Sequence[str], where: str) -> None:
        self.ladas = ladas
        message = ngettext(
            "Por ahora no se vende en {where}: quítala de la zona.",
            "Por ahora no se vende en {where}: quítalas de la zona.",
            len(ladas),
        )
        super().__init__(message.format(where=where))


class PriceChanged(CampaignError):
    """The price of the order is another than the one that whoever sends it has seen."""

    code = "price_changed"

    def __init__(self) -> None:
        super().__init__(
            _("El precio cambió mientras lo leías y no se envió nada: revísalo y envíala de nuevo.")
        )


class BadRateCard(CampaignError):
    """The rate card cannot be saved or published; `reasons` says all that is wrong with it."""

    code = "bad_rate_card"

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


class RateCardFixed(CampaignError):
    """The rate card is published or withdrawn, so that what was asked cannot be done to it."""

    code = "rate_card_fixed"

    def __init__(self) -> None:
        super().__init__(
            _("Esa tarifa ya no está como la viste: recarga la página. Una publicada no cambia.")
        )
