"""The words of each line of a campaign's history: on its page, in a notice and in its mail."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TOLD: Mapping[str, str | Promise] = {
    "draft": _("Se creó el borrador"),
    "edit": _("Se cambió y volvió a ser borrador"),
    "submit": _("Se envió"),
    "hold": _("Inventario apartado, en revisión"),
    "decline": _("Sin inventario"),
    "withdraw": _("La marca la retiró de revisión"),
    "approve": _("Aprobada: inventario comprometido"),
    "request_changes": _("Se pidieron cambios"),
    "reject": _("Rechazada"),
    "schedule": _("Programada en la plataforma de entrega"),
    "start": _("Al aire"),
    "pause": _("Pausada"),
    "resume": _("Reanudada"),
    "finish": _("Terminada"),
    "cancel": _("Cancelada"),
    "expire": _("Vencida"),
    "join": _("En la lista de espera"),
    "leave": _("Salió de la lista de espera"),
    "offer": _("Se liberó inventario"),
    "lapse": _("Venció lo que se apartó"),
    "miss": _("Salió de la lista de espera"),
}
