"""The errors of campaigns, their brands and teams; one meaning each."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class CampaignError(Exception):
    """Base of all errors of the domain of campaigns.

    `code` is stable and for programs; `message` is for people, in Spanish, and
    names the remedy.
    """

    code = "error"
    message = ""

    def __init__(self, message: str = "") -> None:
        self.message = message or self.message
        super().__init__(self.message)


class WrongStatus(CampaignError):
    """The move does not start from the campaign's status."""

    code = "wrong_status"

    def __init__(self, status_label: str) -> None:
        super().__init__(
            _("La campaña está «{status}» y eso ya no se puede hacer. Recarga la página.").format(
                status=status_label
            )
        )


class StaleVersion(CampaignError):
    """The decision names another version than the one in review."""

    code = "stale_version"

    def __init__(self) -> None:
        super().__init__(
            _("La marca envió otra versión mientras la leías. Revísala antes de decidir.")
        )


class StaleRevision(CampaignError):
    """The edit would undo what was saved since the revision that it names."""

    code = "stale_revision"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Esta campaña se guardó en otra ventana después de que la abriste. "
                "Lo que escribiste sigue aquí: compáralo y guarda de nuevo."
            )
        )


class NotReady(CampaignError):
    """The draft cannot be submitted; `problems` is {field: [what is wrong and how to fix it]}."""

    code = "not_ready"

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(text for texts in problems.values() for text in texts))


class BadTestDelivery(CampaignError):
    """It cannot be sent; `problems` is {field: [what is wrong and how to fix it]}."""

    code = "bad_test_delivery"

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        super().__init__(" ".join(text for texts in problems.values() for text in texts))


class NotAllowed(CampaignError):
    """The person's role in the brand, or among staff, does not allow it."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__(_("Tu papel en la marca no permite hacer esto. Pídelo a su titular."))


class BrandSuspended(CampaignError):
    """Staff suspended the brand: nothing of it is written or approved until they lift it."""

    code = "brand_suspended"

    def __init__(self, reason: str) -> None:
        message = _("Telefónica suspendió esta marca: nada suyo se cambia ni se aprueba mientras.")
        super().__init__(f"{message} {_('Motivo')}: {reason}" if reason else message)


class PausedByStaff(CampaignError):
    """Staff paused the campaign, so its brand cannot resume it."""

    code = "paused_by_staff"

    def __init__(self, reason: str) -> None:
        message = _(
            "Telefónica la pausó y solo Telefónica puede reanudarla: pregunta en la conversación "
            "de su página."
        )
        super().__init__(f"{message} {_('Motivo')}: {reason}" if reason else message)


class ChannelUnchanged(CampaignError):
    """The channel is already stopped, or already on."""

    code = "channel_unchanged"

    def __init__(self, *, stopped: bool) -> None:
        super().__init__(
            _("El canal ya está detenido: recarga la página.")
            if stopped
            else _("El canal ya está al aire: recarga la página.")
        )


class DriftResolved(CampaignError):
    """The difference is resolved already, or it is one that the portal resolves by itself."""

    code = "drift_resolved"

    def __init__(self) -> None:
        super().__init__(
            _("Esta diferencia ya está resuelta, o el portal la arregla solo. Recarga la página.")
        )


class OwnBrand(CampaignError):
    """The reviewer belongs to the brand of the campaign."""

    code = "own_brand"

    def __init__(self) -> None:
        super().__init__(_("Perteneces a esta marca: otra persona de revisión tiene que decidir."))


class ReasonNeeded(CampaignError):
    """Changes were requested, or a campaign rejected, without a reason."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(_("Elige al menos un motivo: la marca lo necesita para corregir."))


class TooManyHolds(CampaignError):
    """The brand has as many open holds as it may have at once; `count` is how many."""

    code = "too_many_holds"

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            ngettext(
                "Tu marca ya tiene {count} campaña con inventario apartado o por apartar, que es "
                "lo más que puede tener a la vez. Espera a que se decida, retírala o cancélala.",
                "Tu marca ya tiene {count} campañas con inventario apartado o por apartar, que es "
                "lo más que puede tener a la vez. Espera a que se decida alguna, retírala o "
                "cancélala.",
                count,
            ).format(count=count)
        )


class TooMuchHeld(CampaignError):
    """The brand would hold more notifications without a decision than it may at once."""

    code = "too_much_held"

    def __init__(self, *, limit: int, held: int) -> None:
        self.limit, self.held = limit, held
        self.most = max(limit - held, 0)
        limits = _("Tu marca puede tener hasta {limit:,} notificaciones apartadas sin decidir.")
        if not held:
            remedy = _("Baja el volumen a {most:,}.")
        elif self.most:
            remedy = _(
                "Ya tiene {held:,}: baja el volumen a {most:,}, espera a que se decida alguna o "
                "retírala."
            )
        else:
            remedy = _("Ya las tiene: espera a que se decida alguna de tus campañas, o retírala.")
        message = f"{limits} {remedy}"
        super().__init__(message.format(limit=limit, held=held, most=self.most))


class TooLargeShare(CampaignError):
    """The brand would hold too large a share of what the channel carries on its days."""

    code = "too_large_share"

    def __init__(self, *, percent: int, most: int) -> None:
        self.percent, self.most = percent, most
        limits = _(
            "Lo apartado de una marca llega a lo más al {percent} % de lo que lleva el canal en "
            "esos días, para que haya lugar para otras."
        )
        remedy = (
            _("Baja el volumen a {most:,} o alarga el periodo.") if most else _("Elige otros días.")
        )
        super().__init__(f"{limits} {remedy}".format(percent=percent, most=most))


class TooLargeLadaShare(TooLargeShare):
    """The brand would hold too large a share of what the LADAs of the campaign carry."""

    def __init__(self, *, percent: int, floor: int, most: int) -> None:
        self.percent, self.most = percent, most
        limits = _(
            "Lo apartado de una marca llega a lo más al {percent} % de lo que lleva cada LADA en "
            "esos días, o a {floor:,} notificaciones donde eso es más, para que haya lugar para "
            "otras."
        )
        remedy = (
            _("Baja el volumen a {most:,}, agrega zonas o alarga el periodo.")
            if most
            else _("Elige otras zonas u otros días.")
        )
        message = f"{limits} {remedy}".format(percent=percent, floor=floor, most=most)
        super(TooLargeShare, self).__init__(message)


class TooLateToWait(CampaignError):
    """The first day is too near for the waiting list: an offer could not be used."""

    code = "too_late_to_wait"

    def __init__(self) -> None:
        super().__init__(_("Su primer día ya no se alcanza: cambia las fechas y envíala de nuevo."))


class BadMessage(CampaignError):
    """The message cannot be sent; `message` has the reason."""

    code = "bad_message"


class NameTaken(CampaignError):
    """Another active brand has the name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Ya hay una marca activa que se llama «{name}». Usa otro nombre.").format(name=name)
        )


class LastOwner(CampaignError):
    """The brand would be left without an owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(_("La marca necesita una persona titular. Nombra primero a otra."))


class AlreadyMember(CampaignError):
    """The email address belongs to a member of the team."""

    code = "already_member"

    def __init__(self, email: str) -> None:
        super().__init__(
            _("{email} ya está en el equipo. Puedes cambiar su papel en la lista.").format(
                email=email
            )
        )


class AlreadyInvited(CampaignError):
    """The email address has an invitation that is still valid."""

    code = "already_invited"

    def __init__(self, email: str) -> None:
        super().__init__(
            _("{email} ya tiene una invitación. Reenvíala o anúlala en la lista.").format(
                email=email
            )
        )


class TooManyInvitations(CampaignError):
    """The brand sent as many invitations as it may in a day, or has as many unanswered."""

    code = "too_many_invitations"

    def __init__(self) -> None:
        super().__init__(
            _("Ya enviaste muchas invitaciones hoy. Espera a que respondan o prueba mañana.")
        )


class JustSent(CampaignError):
    """The invitation was sent less than a minute ago."""

    code = "just_sent"

    def __init__(self) -> None:
        super().__init__(_("Se acaba de enviar. Espera un minuto antes de enviarla otra vez."))


class BadReason(CampaignError):
    """The reason of a decision of staff cannot be sent; `message` explains why."""

    code = "bad_reason"


class BadComment(CampaignError):
    """The comment of a decision is too long, by `over` characters of `most`."""

    code = "bad_comment"

    def __init__(self, over: int, most: int) -> None:
        super().__init__(
            ngettext(
                "El comentario pasa por {over} carácter de los {most} que caben: acórtalo.",
                "El comentario pasa por {over} caracteres de los {most} que caben: acórtalo.",
                over,
            ).format(over=f"{over:,}", most=f"{most:,}")
        )


class InvitationOver(CampaignError):
    """The invitation was answered, revoked, or has expired."""

    code = "invitation_over"

    def __init__(self) -> None:
        super().__init__(
            _("Esa invitación ya no sirve: se usó, se anuló o venció. Pide que te envíen otra.")
        )


class NotForYou(CampaignError):
    """The invitation was sent to another email address than the person's."""

    code = "not_for_you"

    def __init__(self, email: str) -> None:
        super().__init__(
            _("La invitación es para {email}. Cierra tu sesión y entra con ese correo.").format(
                email=email
            )
        )


class SandboxOnly(CampaignError):
    """The operation is only for a sandbox brand, or never for one; `message` says which."""

    code = "sandbox_only"

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or _(
                "Eso solo se hace con una marca de pruebas: usa un programa de ella, o créala en "
                "la página «API» de tu marca."
            )
        )


class BadClock(CampaignError):
    """The clock of a sandbox brand cannot be moved there; `message` says why."""

    code = "bad_clock"
