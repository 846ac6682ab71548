"""Rows for every page of the portal, and what a test visits: user, address, action."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import timezone

from campaigns import brands, bulk, conversation, lifecycle, teams
from campaigns.models import (
    AdOrder,
    Brand,
    Drift,
    Export,
    GatewayCapabilities,
    Membership,
    ReconciliationRun,
    SavedZone,
)
from campaigns.report_mails import links, recipients
from campaigns.results.counts import Counts
from inventory.models import Audit
from portal.accounts import api_clients
from portal.accounts.models import User
from tests import counts
from tests.browser import on_air, page_actions
from tests.conftest import PASSWORD
from tests.results import put_counts

SITE = "https://ñandú.mx/promociones/recargas-de-diciembre?origen=llamada-perdida"


@pytest.fixture
def stock_keeper(db):
    """A user who may read the inventory and the reports, with the audits of two days."""
    person = User.objects.create_user("inventario@telefonica.mx", PASSWORD, is_staff=True)
    viewable = Q(content_type__app_label="inventory") | Q(codename="view_campaign")
    viewable |= Q(codename="view_staffreport")
    person.user_permissions.set(Permission.objects.filter(viewable, codename__startswith="view_"))
    for days in (0, 3):
        Audit.objects.create(
            at=timezone.now() - timedelta(days=days),
            seconds=0.2,
            cells=4_130,
            reservations=3,
            capacity=100_000_000,
            held=9_000_000 - 2_000_000 * days,
            booked=40_000_000 - 5_000_000 * days,
            at_risk=0,
        )
    return person


@pytest.fixture
def invited(brand, owner):
    """The token of an invitation's link."""
    invitation = teams.invite(brand.pk, "nueva@tienda.mx", "viewer", by=owner)
    token = invitation.renew()
    invitation.save()
    return token


@pytest.fixture
def newcomer(db):
    """A user whose brand waits to be activated."""
    person = User.objects.create_user("ana@pizzas.mx", PASSWORD, first_name="Ana")
    brands.apply("Pizzas La Nonna", "FOOD", by=person)
    return person


@pytest.fixture
def operator(db):
    """A user who may stop the channel, resolve differences, and send a text to a test handset."""
    person = User.objects.create_user("operacion@telefonica.mx", PASSWORD, is_staff=True)
    codes = ["view_channelswitch", "stop_channel", "view_campaign", "review_campaign"]
    codes += ["view_adorder", "change_adorder", "view_drift", "change_drift"]
    codes += ["view_reconciliationrun", "add_testdelivery", "view_testdelivery"]
    GatewayCapabilities.objects.create(test_handsets=["equipo-1"])
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return person


@pytest.fixture
def suspended(on_sale, terms):
    """The owner of a suspended brand, with a campaign that its suspension paused."""
    person = User.objects.create_user("titular@zapatos.mx", PASSWORD)
    brand = Brand.objects.create(name="Zapatos", slug="zapatos")
    Membership.objects.create(brand=brand, user=person, role="owner")
    jefa = User.objects.create_superuser("jefa@telefonica.mx", PASSWORD)
    campaign = lifecycle.draft(brand.pk, terms | {"volume": 100}, by=person)
    lifecycle.submit(campaign.pk, by=person)
    lifecycle.hold_submitted()
    lifecycle.approve(campaign.pk, version=1, by=jefa)
    lifecycle.suspend(brand.pk, reason="Debe tres facturas. Escribe a cobranza.", by=jefa)
    return campaign


def make_exports(campaign, viewer):
    """Count some hours of a campaign, and make a file of it in each state."""
    hours = {
        (counts.at(campaign.starts_on, hour), lada): Counts(900, 800, 60, 40)
        for hour in (9, 10)
        for lada in ("33", "55", "81")
    }
    put_counts(campaign, hours)
    counts.count(campaign, 60_000, 56_218, failed=2_602, no_receipt=1_180)
    now = timezone.now()
    failed = {"attempts": 3, "failed_at": now, "error": "Tardó demasiado. Prueba con menos días."}
    ready = {"attempts": 1, "finished_at": now, "rows": 892_080, "size": 98_765_432}
    for state in (ready, failed, {"attempts": 1, "percent": 42}, {}):
        Export.objects.create(
            brand=campaign.brand,
            campaign=campaign if state else None,
            first_day=campaign.starts_on,
            last_day=campaign.ends_on,
            grain="hour_lada",
            file_format="xlsx" if state else "csv",
            requested_by=viewer,
            **state,
        )


@pytest.fixture
def pages(
    operator,
    suspended,
    draft,
    owner,
    editor,
    viewer,
    stranger,
    invited,
    newcomer,
    reviewer,
    stock_keeper,
    brand,
):
    """Return {name: (user or None, path, action or None)} for every page."""
    held = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(held.pk, by=editor)
    lifecycle.hold_submitted()
    back = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(back.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.request_changes(
        back.pk, version=1, reasons=["La oferta no se entiende"], comment="¿De qué?", by=reviewer
    )
    lacking = lifecycle.draft(brand.pk, {"name": "Sin nada todavía"}, by=editor)
    approved = lifecycle.copy(draft.pk, by=editor)
    led = lifecycle.edit(approved.pk, {"destination": SITE}, revision=1, by=editor)
    lifecycle.insert_link(approved.pk, revision=2, by=editor)
    lifecycle.submit(approved.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(approved.pk, version=1, by=reviewer)

    side = conversation.Side
    conversation.write(back.pk, "¿De qué plan?", side=side.STAFF, by=reviewer)
    conversation.write(back.pk, "Del ilimitado.", side=side.BRAND, by=editor)
    lifecycle.edit(back.pk, {"text": "Recarga $200", "volume": 50_000}, revision=1, by=editor)
    rows = ",".join(bulk.SHAPE.columns) + "\nIdea,,,¡Hola!,,,,,,\nMala,x,,,,,,,,\n"
    looked_at, used = (
        bulk.store(brand, io.BytesIO(rows.encode()), "lista.csv", by=editor) for _ in range(2)
    )
    bulk.make_drafts(used.pk, fix_lines=(), by=editor)

    paused = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(paused.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(paused.pk, version=1, by=reviewer)
    lifecycle.schedule(paused.pk)
    lifecycle.staff_pause(paused.pk, reason="El precio ya no existe.", by=reviewer)
    AdOrder.objects.filter(campaign=approved).update(
        last_error="503 UNAVAILABLE: busy [c-1]", failing_since=timezone.now()
    )
    counted, zero, final = on_air.make(draft, editor, reviewer)
    stopping = "/admin/campaigns/channelswitch/"
    for kind, order in (
        (Drift.Kind.COUNT, str(approved.ad_order.pk)),
        (Drift.Kind.EXTRA, "a" * 64),
    ):
        drift = Drift.objects.create(kind=kind, order_id=order, found="x" * 200, needs_person=True)
    differences = "/admin/campaigns/drift/"
    ReconciliationRun.objects.create(kind="whole", error="503 UNAVAILABLE: busy [c-1]")

    edit, bare = f"/campanas/{draft.folio}/editar", f"/campanas/{lacking.folio}/editar"

    for name in ("Bajío", "Centro"):
        area = {"states": ["11", "22"], "excluded_ladas": ["477"]}
        SavedZone.objects.create(brand=brand, name=name, area=area, created_by=editor)

    applicant = User.objects.create_user("leo@tacos.mx", PASSWORD, first_name="Leo")
    applied = brands.apply("Tacos El Güero", "FOOD", by=applicant)
    brands.discard(applied.pk, "No encontramos a la empresa. Escribe su razón social.")
    brands.announce(owner=newcomer)

    for name in ("Agencia Norte", "Tablero de ventas", "Agencia de antes"):
        made = api_clients.create(brand.pk, name, ["catalogue:read", "campaigns:read"], by=owner)
    api_clients.revoke(made.client.pk, by=owner)

    asked = recipients.add(brand.pk, "jefa@agencia.mx", ["weekly", "end"], by=owner)
    recipients.choose(brand.pk, editor.pk, ["weekly", "end"], by=owner)
    recipients.choose(brand.pk, editor.pk, ["end"], by=editor)
    correos = f"/marcas/{brand.slug}/reportes/correos/"
    stop, confirm = (
        "/" + url.split("/", 3)[3]
        for url in (links.stop_url(asked, "weekly"), links.confirm_url(asked))
    )
    make_exports(final, viewer)
    exports = f"/marcas/{brand.slug}/reportes/exportar/"
    list_ = f"/marcas/{brand.slug}/campanas/"
    zones = f"/marcas/{brand.slug}/zonas/"
    reports = f"/marcas/{brand.slug}/reportes/"
    month_ago = timezone.localdate() - timedelta(days=30)
    owner.password = make_password(PASSWORD, hasher="pbkdf2_sha256")  # the web process's hasher
    owner.save()
    codes = ["view_brand", "activate_brand"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    stock, reports = "/admin/inventory/capacity", "/admin/campaigns/staffreport/"
    jalisco, day = f"{stock}/ocupacion/estado/14", held.starts_on
    reservation = f"/admin/inventory/reservation/{held.reservation_id}"
    return {
        "sign-in": (None, "/entrar/", None),
        "sign-in-wrong": (None, "/entrar/", page_actions.sign_in_wrongly),
        "reset": (None, "/contrasena/", None),
        "sign-up": (None, "/registro/", None),
        "sign-up-wrong": (None, "/registro/", page_actions.submit_empty),
        "sign-up-sent": (None, "/registro/correo/", None),
        "sign-up-over": (None, "/registro/correo/nada/", None),
        "contact": (None, "/contacto/", None),
        "privacy": (editor, "/privacidad/", None),
        "terms": (None, "/terminos/", None),
        "invitation": (None, f"/invitaciones/{invited}/", None),
        "invitation-for-another": (editor, f"/invitaciones/{invited}/", None),
        "invitation-over": (None, "/invitaciones/nada/", None),
        "brand-waiting": (newcomer, "/", None),
        "brand-discarded": (applicant, "/", None),
        "brand-discarded-wrong": (applicant, "/", page_actions.apply_without_name),
        "brand": (owner, f"/marcas/{brand.slug}/", None),
        "brand-reader": (editor, f"/marcas/{brand.slug}/", None),
        "team": (owner, f"/marcas/{brand.slug}/equipo/", page_actions.open_all_details),
        "team-wrong": (owner, f"/marcas/{brand.slug}/equipo/", page_actions.submit_empty),
        "team-reader": (editor, f"/marcas/{brand.slug}/equipo/", None),
        "report-mails": (owner, correos, page_actions.open_all_details),
        "report-mails-wrong": (owner, correos, page_actions.submit_empty),
        "report-mails-reader": (viewer, correos, None),
        "report-mails-stop": (None, stop, None),
        "report-mails-confirm": (None, confirm, None),
        "report-mails-over": (None, "/correos/alta/nada/", None),
        "programs": (owner, f"/marcas/{brand.slug}/api/", page_actions.open_all_details),
        "programs-wrong": (owner, f"/marcas/{brand.slug}/api/", page_actions.submit_empty),
        "programs-reader": (editor, f"/marcas/{brand.slug}/api/", None),
        "programs-none": (stranger, f"/marcas/{stranger.brands.get().slug}/api/", None),
        "program-secret": (owner, f"/marcas/{brand.slug}/api/", page_actions.create_api_client),
        "api-docs": (None, "/api/", None),
        "notices": (owner, "/avisos/", page_actions.open_menu),
        "notices-none": (newcomer, "/avisos/", None),
        "profile": (owner, "/perfil/", None),
        "email": (owner, "/cuenta/correo/", None),
        "second-factor": (owner, "/cuenta/dos-pasos/", None),
        "second-factor-activate": (
            owner,
            "/cuenta/dos-pasos/activar/",
            page_actions.confirm_password,
        ),
        "second-factor-wrong": (owner, "/cuenta/dos-pasos/activar/", page_actions.enter_wrong_code),
        "sessions": (owner, "/cuenta/sesiones/", None),
        "password": (editor, "/cuenta/contrasena/", None),
        "components": (None, "/componentes/", page_actions.open_all_details),
        "components-asked": (None, "/componentes/", page_actions.open_toast_and_dialog),
        "link-target": (None, f"/l/{led.link.code}+", None),
        "link-nowhere": (None, "/l/zzzzz", None),
        "not-found": (editor, "/no-existe/", None),
        "forbidden": (editor, "/admin/", None),
        "too-big": (owner, "/perfil/", page_actions.send_large_body),
        "form-expired": (owner, "/perfil/", page_actions.send_expired_form),
        "start": (editor, f"/marcas/{brand.slug}/inicio/", page_actions.open_all_details),
        "start-new": (stranger, f"/marcas/{stranger.brands.get().slug}/inicio/", None),
        "list": (editor, list_, None),
        "list-wrong": (editor, f"{list_}?desde=x&hasta=2026-12-05", None),
        "list-none": (stranger, f"/marcas/{stranger.brands.get().slug}/campanas/", None),
        "bulk": (editor, f"{list_}archivo/", None),
        "bulk-wrong": (editor, f"{list_}archivo/", page_actions.upload_invalid_file),
        "bulk-file": (editor, f"{list_}archivo/{looked_at.pk}/", None),
        "bulk-made": (editor, f"{list_}archivo/{used.pk}/", None),
        "export": (viewer, f"{exports}?campana={final.folio}", None),
        "export-none": (stranger, "/marcas/otra/reportes/exportar/", None),
        "export-wrong": (
            viewer,
            f"{exports}?desde=ayer&hasta={final.ends_on}",
            None,
        ),
        "exports": (viewer, f"{exports}archivos/", None),
        "exports-none": (stranger, "/marcas/otra/reportes/exportar/archivos/", None),
        "help": (editor, "/ayuda/", None),
        "list-nothing": (editor, f"{list_}?q=nada", None),
        "new": (editor, f"{list_}nueva/", None),
        "data": (editor, f"{edit}/datos/", None),
        "text": (editor, f"{edit}/texto/", None),
        "text-wrong": (editor, f"{edit}/texto/", page_actions.fill_invalid_text),
        "zone": (editor, f"{edit}/zona/", None),
        "dates": (editor, f"{edit}/fechas/", None),
        "dates-wrong": (editor, f"{edit}/fechas/", page_actions.submit_invalid_quantity),
        "dates-bare": (editor, f"{bare}/fechas/", None),
        "review": (editor, f"{edit}/revisar/", None),
        "review-lacking": (editor, f"{bare}/revisar/", page_actions.submit_incomplete),
        "zone-wrong": (editor, f"{edit}/zona/", page_actions.pick_zones),
        "zones": (editor, zones, page_actions.open_all_details),
        "zones-wrong": (editor, zones, page_actions.submit_empty_name),
        "zones-viewer": (viewer, zones, None),
        "zones-none": (stranger, "/marcas/otra/zonas/", None),
        "draft": (editor, f"/campanas/{draft.folio}/", None),
        "in-review": (editor, f"/campanas/{held.folio}/", None),
        "changes": (editor, f"/campanas/{back.folio}/", page_actions.open_all_details),
        "conversation-wrong": (editor, f"/campanas/{back.folio}/", page_actions.send_long_message),
        "compared": (editor, f"/campanas/{back.folio}/?de=1&a=1", None),
        "approved": (editor, f"/campanas/{approved.folio}/", None),
        "on-air": (editor, f"/campanas/{counted.folio}/", None),
        "on-air-zero": (editor, f"/campanas/{zero.folio}/", None),
        "finished": (editor, f"/campanas/{final.folio}/", None),
        "report": (editor, f"/campanas/{counted.folio}/reporte/", page_actions.open_all_details),
        "report-zero": (editor, f"/campanas/{zero.folio}/reporte/", None),
        "report-final": (editor, f"/campanas/{final.folio}/reporte/", None),
        "report-none": (editor, f"/campanas/{draft.folio}/reporte/", None),
        "reports": (editor, reports, page_actions.open_all_details),
        "reports-wrong": (editor, f"{reports}?desde=x&hasta=9999-12-31", None),
        "reports-empty": (editor, f"{reports}?desde={month_ago}&hasta={month_ago}", None),
        "reports-none": (stranger, "/marcas/otra/reportes/", None),
        "decided-on-air": (reviewer, f"/admin/campaigns/campaign/{counted.pk}/change/", None),
        "paused-by-staff": (editor, f"/campanas/{paused.folio}/", None),
        "suspended": (suspended.created_by, "/marcas/zapatos/inicio/", None),
        "suspended-campaign": (suspended.created_by, f"/campanas/{suspended.folio}/", None),
        "suspended-writing": (suspended.created_by, "/marcas/zapatos/campanas/nueva/", None),
        "decision-paused": (
            operator,
            f"/admin/campaigns/campaign/{paused.pk}/change/",
            page_actions.open_all_details,
        ),
        "decision-suspended": (
            operator,
            f"/admin/campaigns/campaign/{suspended.pk}/change/",
            page_actions.open_all_details,
        ),
        "channel": (operator, stopping, None),
        "channel-stop": (operator, f"{stopping}detener/", None),
        "channel-stop-wrong": (operator, f"{stopping}detener/", page_actions.stop_without_reason),
        "channel-stop-asked": (operator, f"{stopping}detener/", page_actions.ask_to_stop),
        "drifts": (operator, differences, None),
        "drifts-none": (operator, f"{differences}?estado=resueltas", None),
        "drift-resolve": (
            operator,
            f"{differences}{drift.pk}/resolver/",
            page_actions.resolve_without_reason,
        ),
        "reconciliations": (operator, "/admin/campaigns/reconciliationrun/", None),
        "admin": (reviewer, "/admin/", None),
        "admin-drifts": (operator, "/admin/", None),
        "brands": (reviewer, "/admin/campaigns/brand/?estado=por-activar", None),
        "brands-discard": (
            reviewer,
            "/admin/campaigns/brand/?estado=por-activar",
            page_actions.discard_without_reason,
        ),
        "notices-staff": (reviewer, "/avisos/", None),
        "queue": (reviewer, "/admin/campaigns/campaign/", None),
        "decision": (reviewer, f"/admin/campaigns/campaign/{held.pk}/change/", None),
        "decision-conversation": (reviewer, f"/admin/campaigns/campaign/{back.pk}/change/", None),
        "decided": (reviewer, f"/admin/campaigns/campaign/{approved.pk}/change/", None),
        "decision-wrong": (
            reviewer,
            f"/admin/campaigns/campaign/{held.pk}/change/",
            page_actions.reject_without_reason,
        ),
        "orders": (reviewer, "/admin/campaigns/adorder/", None),
        "test-delivery": (operator, "/admin/campaigns/testdelivery/", None),
        "capacity": (stock_keeper, f"{stock}/", None),
        "occupancy": (stock_keeper, f"{stock}/ocupacion/", None),
        "occupancy-wrong": (stock_keeper, f"{stock}/ocupacion/?desde=basura", None),
        "occupancy-state": (stock_keeper, f"{jalisco}/", None),
        "occupancy-day": (stock_keeper, f"{stock}/ocupacion/dia/{day}/", None),
        "occupancy-state-day": (stock_keeper, f"{jalisco}/dia/{day}/", None),
        "cell": (stock_keeper, f"{stock}/ocupacion/lada/33/dia/{day}/", None),
        "cell-nobody": (stock_keeper, f"{stock}/ocupacion/lada/999/dia/{day}/", None),
        "sell-through": (stock_keeper, f"{stock}/venta/", page_actions.open_all_details),
        "staff-sales": (stock_keeper, f"{reports}venta/", page_actions.open_all_details),
        "staff-short": (stock_keeper, f"{reports}entrega-corta/", None),
        "staff-short-none": (
            stock_keeper,
            f"{reports}entrega-corta/?desde=2020-01-01&hasta=2020-01-02",
            None,
        ),
        "staff-forecast": (
            stock_keeper,
            f"{reports}pronostico/",
            page_actions.open_all_details,
        ),
        "staff-times": (stock_keeper, f"{reports}tiempos/?orden=decisiones", None),
        "staff-brands": (stock_keeper, f"{reports}marcas/?orden=-entregadas", None),
        "reservations": (stock_keeper, "/admin/inventory/reservation/", None),
        "reservation": (stock_keeper, f"{reservation}/change/", page_actions.open_all_details),
    }
