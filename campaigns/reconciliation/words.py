"""Differences in Spanish, for staff: what each means, what was done, what a person can do."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import gateway_words
from campaigns.gateway_words import DESIRED_STATE_LABELS, GATEWAY_STATE_LABELS
from campaigns.models import Drift, ReconciliationRun
from campaigns.reconciliation.compare import Counts, Difference, OurOrder, counts_of

Kind = Drift.Kind
NOTHING = gettext_lazy("Nada: el portal lo arregla solo y lo vuelve a comprobar.")

MEANING: dict[str, str | Promise] = {
    Kind.MISSING: gettext_lazy(
        "La plataforma había confirmado la orden y ya no la tiene: la campaña no sale."
    ),
    Kind.STALE: gettext_lazy(
        "La plataforma volvió a una generación anterior: lo que hace ya no es lo último que se "
        "le pidió."
    ),
    Kind.CONTENT: gettext_lazy(
        "Lo que tiene la plataforma no es lo que el portal le envió: puede salir otro texto, otra "
        "zona u otras metas."
    ),
    Kind.STATE: gettext_lazy(
        "La orden es la misma y su estado no: puede salir al aire una que está en pausa, o no "
        "salir una que debe."
    ),
    Kind.EXTRA: gettext_lazy("La plataforma tiene una orden que el portal nunca pidió."),
    Kind.COUNT: gettext_lazy(
        "Lo que el portal contó no es lo que dice la plataforma: lo que ven las marcas puede no "
        "ser cierto."
    ),
    Kind.OVERRUN: gettext_lazy(
        "La plataforma puso el anuncio en más notificaciones que las contratadas."
    ),
    Kind.SILENT: gettext_lazy(
        "La plataforma dejó de mandar datos: las cuentas no avanzan, aunque los anuncios salgan."
    ),
}

REMEDY: dict[str, str | Promise] = {
    Kind.MISSING: gettext_lazy("Si vuelve a pasar, pregunta a quien opera la plataforma por qué."),
    Kind.STALE: gettext_lazy("Si vuelve a pasar, pregunta a quien opera la plataforma por qué."),
    Kind.CONTENT: gettext_lazy(
        "Pregunta a quien opera la plataforma quién la cambió: solo el portal debe hacerlo."
    ),
    Kind.STATE: gettext_lazy(
        "Pregunta a quien opera la plataforma por qué. Si la rechazó, corrige la causa con él, o "
        "cancela la campaña con su motivo."
    ),
    Kind.EXTRA: gettext_lazy(
        "Averigua con quien opera la plataforma de dónde salió y pídele que la cancele. Cuando "
        "esté claro, márcala aquí como resuelta."
    ),
    Kind.COUNT: gettext_lazy(
        "Acuerda con quien opera la plataforma qué cuentas valen antes de cobrar, y márcala aquí "
        "como resuelta."
    ),
    Kind.OVERRUN: gettext_lazy(
        "Acuerda con quien opera la plataforma quién asume lo que sobra y márcala aquí como "
        "resuelta: a la marca no se le cobra."
    ),
    Kind.SILENT: gettext_lazy("Avisa a quien opera la plataforma."),
}


def remedy(drift: Drift) -> str | Promise:
    """Return what a person can do about a difference."""
    return REMEDY[drift.kind] if drift.needs_person else NOTHING


def cause(run: ReconciliationRun) -> str:
    """Return why a comparison concluded nothing; empty if it did."""
    if run.error == ReconciliationRun.INTERRUPTED:
        return _("Se interrumpió; la siguiente la repite.")
    return gateway_words.cause(run.error)


def expected(difference: Difference) -> str:
    """Return what the portal wants or counted, for the log."""
    our = difference.ours
    if our is None:
        return _("Nadie la pidió")
    if difference.kind == Kind.OVERRUN:
        return _("Hasta {goal} con anuncio").format(goal=intcomma(our.goal))
    if difference.kind == Kind.COUNT:
        return _our_counts(our)
    return _held(our.generation, DESIRED_STATE_LABELS[our.desired_state], our.content_hash)


def found(difference: Difference) -> str:
    """Return what the gateway holds or counted, for the log."""
    their = difference.theirs
    if their is None:
        return _("No la tiene")
    if difference.kind == Kind.OVERRUN:
        return _("{inserted} con anuncio").format(inserted=intcomma(their.inserted))
    if difference.kind == Kind.COUNT:
        return _counts(counts_of(their))
    text = _held(their.generation, GATEWAY_STATE_LABELS[their.state], their.content_hash)
    if their.observed_generation < their.generation:
        text += _(" · aplica la {observed}").format(observed=their.observed_generation)
    return f"{text} · {their.state_reason}"[:200] if their.state_reason else text


def _held(generation: int, state: str | Promise, content_hash: str) -> str:
    return _("Generación {generation} · {state} · contenido {hash}").format(
        generation=generation, state=state, hash=content_hash[:8]
    )


def _our_counts(our: OurOrder) -> str:
    text = _counts(our.counts)
    if our.whole and our.days.inserted != our.counts.inserted:
        text += _(" · por día {inserted}").format(inserted=intcomma(our.days.inserted))
    return text


def _counts(counts: Counts) -> str:
    return _(
        "{inserted} con anuncio: {delivered} entregadas, {failed} fallidas, {no_receipt} sin acuse"
    ).format(**{name: intcomma(count) for name, count in counts._asdict().items()})
