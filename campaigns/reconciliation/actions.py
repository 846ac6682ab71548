"""The action of each class of difference, and the finding that the log gets of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from campaigns import gateway_words
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import OrderState
from campaigns.gateway.errors import GatewayError
from campaigns.models import Drift
from campaigns.reconciliation import heal, words
from campaigns.reconciliation.compare import (
    INSERTING,
    Counts,
    Difference,
    caught_up,
    counts_of,
    is_behind,
)
from campaigns.reconciliation.drifts import Finding, Key
from core.wake import wake

PULL = "campaigns.tasks.pull_reports"
Kind = Drift.Kind
HEALED = (Kind.MISSING, Kind.STALE, Kind.CONTENT, Kind.STATE)


@dataclass(slots=True)
class Outcome:
    """What was done. `untouched` are the orders that changed since they were compared."""

    findings: list[Finding] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)


def act(
    differences: Iterable[Difference],
    known: Mapping[Key, Drift],
    client: GatewayClient,
    *,
    pauses_extra: bool,
) -> Outcome:
    """Do what each difference needs. `known` are the open ones of the log.

    With `pauses_extra` off, orders that are not ours go on: so many are rather a mistake of ours.
    """
    outcome = Outcome()
    by_kind: dict[Kind, list[Difference]] = {kind: [] for kind in Kind}
    for each in differences:
        by_kind[each.kind].append(each)
    for each in by_kind[Kind.OVERRUN]:
        outcome.findings.append(_stop_overrun(each))
    for each in by_kind[Kind.EXTRA]:
        outcome.findings.append(_pause_extra(each, client, pauses=pauses_extra))
    _heal([each for kind in HEALED for each in by_kind[kind]], outcome, client)
    counted = [_recount(each, known.get(each.key)) for each in by_kind[Kind.COUNT]]
    outcome.findings += filter(None, counted)
    if any(counted):
        wake(PULL)
    return outcome


def _stop_overrun(difference: Difference) -> Finding:
    if heal.stop_overrun(difference):
        return _finding(difference, _("Se pidió pausarla"), needs_person=True)
    return _finding(difference, _("Ninguna: ya no se inserta, o ya se pidió"), needs_person=True)


def _pause_extra(difference: Difference, client: GatewayClient, *, pauses: bool) -> Finding:
    their = difference.theirs
    assert their is not None
    action = _("Está en pausa en la plataforma")
    if their.state in INSERTING and not pauses:
        action = _("Ninguna: son tantas que puede ser un error de este portal")
    elif their.state in INSERTING:
        try:
            heal.pause(their, client)
            action = _("Se pausó en la plataforma")
        except GatewayError as error:
            cause = gateway_words.cause(str(error))
            action = _("No se pudo pausar, se intenta otra vez. {cause}").format(cause=cause)
    return _finding(difference, action, needs_person=True)


def _heal(differences: Iterable[Difference], outcome: Outcome, client: GatewayClient) -> None:
    """Request again what differs; what the gateway rejected is for a person."""
    renewed: dict[str, int] = {}
    failed: dict[str, str] = {}
    plain = []
    healed = [each for each in differences if not _is_rejected(each)]
    for each in healed:
        if not heal.runs_otherwise(each):
            plain.append(each)
            continue
        try:
            if generation := heal.replace_running(each, client):
                renewed[each.order_id] = generation
        except GatewayError as error:
            failed[each.order_id] = gateway_words.cause(str(error))
    renewed |= heal.send_again(plain)
    for each in differences:
        if _is_rejected(each):
            action = _("Ninguna: la plataforma la rechazó")
            outcome.findings.append(_finding(each, action, needs_person=True))
        elif generation := renewed.get(each.order_id):
            action = _("Se pidió otra vez: generación {generation}").format(generation=generation)
            outcome.findings.append(_finding(each, action))
        elif cause := failed.get(each.order_id):
            action = _("No se pudo pausar, se intenta otra vez. {cause}").format(cause=cause)
            outcome.findings.append(_finding(each, action))
        else:
            outcome.untouched.add(each.order_id)


def _is_rejected(difference: Difference) -> bool:
    their = difference.theirs
    return (
        difference.kind is Kind.STATE and their is not None and their.state is OrderState.REJECTED
    )


def _recount(difference: Difference, known: Drift | None) -> Finding | None:
    """Return that missing events are asked for, and a person is needed if that has not helped.

    None if our counts have caught up with those that were seen last: they only lag.
    """
    our, their = difference.ours, difference.theirs
    assert our is not None and their is not None
    if known is not None and is_behind(our, their):
        seen, since = (Counts(*each) for each in known.counts)
        if caught_up(our, since=since, seen=seen):
            return None
    counts = (counts_of(their), our.counts)
    action = _("Se pidieron a la plataforma los datos que faltan")
    return _finding(difference, action, needs_person=known is not None, counts=counts)


def _finding(
    difference: Difference,
    action: str,
    *,
    needs_person: bool = False,
    counts: tuple[Counts, ...] = (),
) -> Finding:
    return Finding(
        kind=difference.kind,
        order_id=difference.order_id,
        expected=words.expected(difference),
        found=words.found(difference),
        action=action,
        needs_person=needs_person,
        counts=counts,
    )
