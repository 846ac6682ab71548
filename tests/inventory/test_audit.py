from dataclasses import asdict
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from inventory import audit, capacity, reservations, tasks
from inventory.models import Audit, Capacity, Reservation
from tests.inventory import holds

pytestmark = pytest.mark.django_db


def hold(first, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "quantity": 90,
        "ladas": ["81"],
        "starts_on": first,
        "ends_on": first,
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return holds.hold(**wanted | changes)


@pytest.fixture
def sample(on_sale):
    """A booking of 200 on each of three days, a hold of 90 on one, and a hold that was released."""
    ends_on = on_sale + timedelta(days=2)
    booked = hold(on_sale, ladas=["33", "55"], ends_on=ends_on, quantity=600, daily_cap=200)
    reservations.book(booked.pk)
    released = hold(on_sale, ladas=["222"], quantity=50)
    reservations.release(released.pk)
    held = hold(on_sale)
    ids = {"booked": booked.pk, "held": held.pk, "released": released.pk}
    last = capacity.last_open_day()
    return ids | {"day": on_sale, "quiet": on_sale + timedelta(days=5), "last": last}


def plant(sample, how):
    """Write without triggers; the test's transaction rolls it back."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        for table in ("reservation", "allocation", "journalentry"):
            cursor.execute(f"ALTER TABLE inventory_{table} DISABLE TRIGGER USER")
        cursor.execute(how, sample)


# ── consistent inventories ───────────────────────────────────────────────────


def test_nothing_is_found_in_an_inventory_of_holds_changes_moves_and_releases(on_sale):
    Capacity.objects.update(gross=100, capacity=100)
    second, third = on_sale + timedelta(days=1), on_sale + timedelta(days=2)
    running = hold(on_sale, ladas=["33", "55"], ends_on=third, quantity=300, daily_cap=100)
    reservations.book(running.pk)
    hold(on_sale, ladas=["33"], quantity=100)  # has the one before give way
    reservations.release(running.pk, from_day=third)
    hold(on_sale, ladas=["222"], expires_at=timezone.now())
    changed = hold(second)
    later = timezone.now() + timedelta(days=1)
    wanted = {"ladas": ["81", "222"], "starts_on": second, "ends_on": third, "expires_at": later}
    holds.change(changed.pk, quantity=120, **wanted)
    reservations.extend(changed.pk, expires_at=later + timedelta(days=1))
    reservations.expire_due()
    reservations.release(changed.pk, from_day=third)
    reservations.release(hold(third, quantity=7).pk)

    done = audit.run()

    assert audit.find_breaches() == []
    assert running.journal.filter(action="move").exists()
    assert (done.breaches, done.cells, done.reservations) == ([], 4_130, 5)
    assert (done.capacity, done.held, done.booked, done.at_risk) == (413_000, 160, 200, 0)


def test_an_empty_inventory_is_audited_too():
    done = audit.run()

    assert (done.breaches, done.cells, done.capacity, done.held) == ([], 0, 0, 0)


def test_what_is_at_risk_is_counted_and_no_breach(sample):
    plant(
        sample,
        AT_RISK + "; " + CELL.format("planned = 50") + "; " + JOURNAL.format("risk", 40),
    )

    done = audit.run()

    assert (done.breaches, done.held, done.booked, done.at_risk) == ([], 50, 600, 40)


def test_another_default_share_applies_to_days_opened_later(on_sale, settings):
    settings.SAFETY_PERCENT = 5
    capacity.open_days(12)
    settings.SAFETY_PERCENT = 7

    assert audit.find_breaches() == []


def test_a_hold_past_its_expiry_is_no_breach_for_some_minutes(sample):
    plant(sample, HELD.format("expires_at = now() - interval '9 minutes'"))

    assert audit.find_breaches() == []


# ── every planted breach is found, and nothing else ──────────────────────────

CELL = "UPDATE inventory_capacity SET {} WHERE lada = '81' AND day = %(day)s"
QUIET = "UPDATE inventory_capacity SET {} WHERE day = %(quiet)s"
HELD = "UPDATE inventory_reservation SET {} WHERE id = %(held)s"
BOOKED = "UPDATE inventory_reservation SET {} WHERE id = %(booked)s"
RELEASED = "UPDATE inventory_reservation SET {} WHERE id = %(released)s"
LINES = "UPDATE inventory_allocation SET {} WHERE reservation_id = %({})s"
JOURNAL = (
    "INSERT INTO inventory_journalentry (reservation_id, action, quantity, at)"
    " VALUES (%(held)s, '{}', {}, now())"
)
CEILINGS = BOOKED.format("daily_ceilings = '{0}'") + (
    "; UPDATE inventory_journalentry SET ceilings = '{0}'"
    " WHERE reservation_id = %(booked)s AND action = 'hold'"
)
AT_RISK = LINES.format("quantities[1] = 50, at_risk = 40", "held")
OLD = "created_at = now() - interval '11 minutes'"
FREE = "ALTER TABLE inventory_{} DROP CONSTRAINT {}; "
PLANTED = [  # kind, how, where, message
    (
        "cell_sum",
        CELL.format("planned = planned + 1"),
        "LADA 81 · {day:%d/%m/%Y}",
        "Tiene 91 planeadas y los apartados suman 90.",
    ),
    (
        "cell_oversold",
        FREE.format("capacity", "capacity_never_oversold")
        + CELL.format("gross = 89, capacity = 89"),
        "LADA 81 · {day:%d/%m/%Y}",
        "Tiene 90 planeadas y solo 89 a la venta.",
    ),
    (
        "cell_over_gross",
        FREE.format("capacity", "capacity_on_sale_within_gross")
        + CELL.format("gross = 1000, capacity = 1001"),
        "LADA 81 · {day:%d/%m/%Y}",
        "Tiene 1,001 a la venta y el canal lleva 1,000.",
    ),
    (
        "cell_on_sale",
        CELL.format("gross = 10001, capacity = 9990"),
        "LADA 81 · {day:%d/%m/%Y}",
        "Tiene 9,990 a la venta y le tocan 10,001.",
    ),
    (
        "cell_on_sale",
        "INSERT INTO inventory_safetyshare VALUES ('81', 10); "
        "UPDATE inventory_capacity SET gross = 999, capacity = 899 WHERE lada = '81'; "
        + CELL.format("capacity = 900"),
        "LADA 81 · {day:%d/%m/%Y}",
        "Tiene 900 a la venta y le tocan 899.",
    ),
    (
        "cell_on_sale",
        "INSERT INTO inventory_closedday VALUES (%(quiet)s, 'Navidad'); "
        + QUIET.format("capacity = 0")
        + "; "
        + QUIET.format("gross = 5, capacity = 5")
        + " AND lada = '81'",
        "LADA 81 · {quiet:%d/%m/%Y}",
        "Tiene 5 a la venta y le tocan 0.",
    ),
    (
        "no_cell",
        "DELETE FROM inventory_capacity WHERE lada = '81' AND day = %(day)s",
        "LADA 81 · {day:%d/%m/%Y}",
        "Los apartados planean 90 donde nada está a la venta.",
    ),
    (
        "allocation_missing",
        "DELETE FROM inventory_allocation WHERE reservation_id = %(held)s; "
        + CELL.format("planned = 0"),
        "apartado {held} · LP-TEST22",
        "No tiene reparto.",
    ),
    (
        "allocation_shape",
        LINES.format("quantities = quantities || 0", "booked"),
        "apartado {booked} · LP-TEST22",
        "Su reparto tiene 7 cuentas y le tocan 6.",
    ),
    (
        "allocation_sum",
        LINES.format("at_risk = 1", "held"),
        "apartado {held} · LP-TEST22",
        "Promete 90 y su reparto suma 91.",
    ),
    (
        "ended_planned",
        LINES.format("quantities[1] = 5", "released"),
        "apartado {released} · LP-TEST22",
        "Ya terminó y conserva 5 notificaciones.",
    ),
    (
        "ended_planned",
        LINES.format("at_risk = 3", "released"),
        "apartado {released} · LP-TEST22",
        "Ya terminó y conserva 3 notificaciones.",
    ),
    (
        "ceilings_shape",
        BOOKED.format("daily_ceilings = daily_ceilings || 200"),
        "apartado {booked} · LP-TEST22",
        "Tiene 4 topes diarios y le tocan 3.",
    ),
    (
        "day_over_ceiling",
        CEILINGS.format("{199, 200, 200}"),
        "apartado {booked} · LP-TEST22 · {day:%d/%m/%Y}",
        "Planea 200 y el tope del día es 199.",
    ),
    (
        "ceilings_over_terms",
        CEILINGS.format("{400, 400, 400}"),
        "apartado {booked} · LP-TEST22",
        "Sus topes diarios suman 1,200 y les tocan 600.",
    ),
    (
        "ceilings_over_terms",
        CEILINGS.format("{200, 201, 200}"),
        "apartado {booked} · LP-TEST22",
        "Sus topes diarios suman 601 y les tocan 600.",
    ),
    (
        "ceilings_over_terms",
        CEILINGS.replace("booked", "held").format("{270}"),
        "apartado {held} · LP-TEST22",
        "Sus topes diarios suman 270 y les tocan 137.",
    ),
    (
        "journal_ceilings",
        HELD.format("daily_ceilings = '{136}'"),
        "apartado {held} · LP-TEST22 · {day:%d/%m/%Y}",
        "El tope del día es 136 y su bitácora dice 135.",
    ),
    (
        "cells_missing",
        "DELETE FROM inventory_capacity WHERE day = %(quiet)s",
        "{quiet:%d/%m/%Y}",
        "Tiene 0 celdas y le tocan 413, una por LADA.",
    ),
    (
        "cells_missing",
        "DELETE FROM inventory_capacity WHERE day = %(quiet)s AND lada IN ('81', '55')",
        "{quiet:%d/%m/%Y}",
        "Tiene 411 celdas y le tocan 413, una por LADA.",
    ),
    (
        "cells_missing",
        "DELETE FROM inventory_capacity WHERE day = %(last)s",
        "{last:%d/%m/%Y}",
        "Tiene 0 celdas y le tocan 413, una por LADA.",
    ),
    (
        "journal_risk",
        AT_RISK + "; " + CELL.format("planned = 50"),
        "apartado {held} · LP-TEST22",
        "Tiene 40 en riesgo y su bitácora dice 0.",
    ),
    (
        "journal_risk",
        JOURNAL.format("risk", 7),
        "apartado {held} · LP-TEST22",
        "Tiene 0 en riesgo y su bitácora dice 7.",
    ),
    (
        "orphan",
        HELD.format(OLD),
        "apartado {held} · LP-TEST22",
        "Ninguna campaña lo tiene y aparta 90 notificaciones.",
    ),
    (
        "orphan",
        BOOKED.format(OLD),
        "apartado {booked} · LP-TEST22",
        "Ninguna campaña lo tiene y aparta 600 notificaciones.",
    ),
    (
        "hold_without_expiry",
        FREE.format("reservation", "reservation_hold_has_expiry")
        + HELD.format("expires_at = NULL"),
        "apartado {held} · LP-TEST22",
        "Está apartado sin fecha de vencimiento.",
    ),
    (
        "hold_overdue",
        HELD.format("expires_at = now() - interval '11 minutes 5 seconds'"),
        "apartado {held} · LP-TEST22",
        "Venció hace 11 minutos y nadie lo ha liberado.",
    ),
    (
        "journal_sum",
        "UPDATE inventory_journalentry SET quantity = 91 WHERE reservation_id = %(held)s",
        "apartado {held} · LP-TEST22",
        "Promete 90 y su bitácora termina en 91.",
    ),
    (
        "journal_sum",
        "DELETE FROM inventory_journalentry WHERE reservation_id = %(held)s",
        "apartado {held} · LP-TEST22",
        "Promete 90 y su bitácora termina en nada.",
    ),
    (
        "journal_status",
        HELD.format("status = 'booked', expires_at = NULL"),
        "apartado {held} · LP-TEST22",
        "Está «Comprometido» y su bitácora lo deja «Apartado».",
    ),
    (
        "journal_status",
        RELEASED.format("status = 'expired'"),
        "apartado {released} · LP-TEST22",
        "Está «Vencido» y su bitácora lo deja «Liberado».",
    ),
]


@pytest.mark.parametrize(("kind", "how", "where", "message"), PLANTED)
def test_a_planted_breach_is_found_and_named_and_nothing_else(sample, kind, how, where, message):
    assert audit.find_breaches() == []

    plant(sample, how)

    assert audit.find_breaches() == [audit.Breach(kind, where.format(**sample), message)]


def test_a_higher_day_of_an_even_pace_is_found_though_their_sum_is_right(on_sale):
    even = hold(on_sale, ends_on=on_sale + timedelta(days=2))
    assert even.daily_ceilings == [52, 46, 39]

    plant({"held": even.pk}, HELD.format("daily_ceilings = '{62, 46, 29}'"))

    assert [breach.kind for breach in audit.find_breaches()] == ["journal_ceilings"] * 2


def test_what_was_journalled_before_ceilings_were_is_no_breach(sample):
    plant(sample, "UPDATE inventory_journalentry SET ceilings = NULL")

    assert audit.find_breaches() == []


def test_what_a_campaign_has_is_no_orphan(sample, campaign_in_review):
    Reservation.objects.filter(pk=campaign_in_review.reservation_id).update(
        created_at=timezone.now() - timedelta(days=1)
    )

    assert audit.find_breaches() == []


def test_every_kind_of_breach_has_been_planted():
    assert {kind for kind, *_ in PLANTED} == audit.MESSAGES.keys()


# ── results, log and command ─────────────────────────────────────────────────


@pytest.fixture
def breach(sample):
    """A cell with more planned than its reservations have."""
    plant(sample, PLANTED[0][1])
    [found] = audit.find_breaches()
    return found


def test_an_audit_is_stored_with_its_breaches(breach):
    done = audit.run()

    assert Audit.objects.get() == done
    assert done.breaches == [asdict(breach)]
    assert not done.agrees
    assert done.seconds > 0


def test_the_latest_audit_is_read_by_one_query(breach, django_assert_num_queries):
    assert audit.latest() is None
    audit.run()
    done = audit.run()

    with django_assert_num_queries(1):
        latest = audit.latest()

    assert latest == (done.at, done.seconds, 1, done.capacity, 90, 600, 0)


def test_audits_are_kept_for_ninety_days(on_sale):
    old, older = audit.run(), audit.run()
    Audit.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=89))
    Audit.objects.filter(pk=older.pk).update(at=timezone.now() - timedelta(days=91))

    done = audit.run()

    assert set(Audit.objects.values_list("pk", flat=True)) == {done.pk, old.pk}


def test_the_log_names_the_audit_and_the_kinds(breach, caplog):
    tasks.audit_inventory()

    [line] = [r.msg for r in caplog.records if "inventory_breach" in str(r.msg)]
    assert line["audit_id"] == Audit.objects.get().pk
    assert (line["breaches"], line["kinds"], line["level"]) == (1, ["cell_sum"], "error")


def test_nothing_is_logged_where_all_agrees(sample, caplog):
    tasks.audit_inventory()

    assert "inventory_breach" not in caplog.text
    assert Audit.objects.get().agrees


def test_the_command_prints_totals_and_that_all_agrees(sample, capsys):
    call_command("audit_inventory")

    output = capsys.readouterr().out
    assert "4,130 celdas y 3 apartados" in output
    assert "90 apartadas, 600 comprometidas, 0 en riesgo" in output
    assert "Todo coincide." in output


def test_the_quiet_command_prints_nothing_where_all_agrees(sample, capsys):
    call_command("audit_inventory", "--quiet")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", [[], ["--quiet"]])
def test_the_command_fails_by_naming_each_breach(breach, capsys, options):
    with pytest.raises(CommandError, match=r"^1 hallazgo\.$") as failed:
        call_command("audit_inventory", *options)

    assert failed.value.returncode == 1
    assert f"{breach.kind}: {breach.where}. {breach.message}" in capsys.readouterr().out
