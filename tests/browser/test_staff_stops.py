"""Staff stop a campaign, a brand and the channel in a browser, and the brand sees each of it."""

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Browser, expect

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign, ChannelSwitch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Status = Campaign.Status
REASON = "El precio del texto ya no existe."


@pytest.fixture
def operator(reviewer):
    """The reviewer, who may suspend brands and stop the channel too."""
    codes = ["view_brand", "suspend_brand", "view_channelswitch", "stop_channel"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return reviewer


@pytest.fixture
def scheduled(approved):
    AdOrder.objects.update(acknowledged_generation=1)
    lifecycle.schedule(approved.pk)
    approved.refresh_from_db()
    return approved


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def windows(browser: Browser, browser_context_args, request, web, sign_in, operator, editor):
    """A window of staff and one of the brand."""
    contexts = []
    for person in (operator, editor):
        context = browser.new_context(java_script_enabled=request.param, **browser_context_args)
        sign_in(context, person)
        contexts.append(context)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def act(desk, label):
    """Open one of the moves of staff, write the reason and confirm."""
    move = desk.locator(".staff-move", has=desk.get_by_text(label, exact=True))
    move.locator("summary").click()
    move.get_by_label("Motivo").fill(REASON)
    move.get_by_role("button", name=f"{label} y avisar a la marca").click()
    desk.wait_for_load_state()


def test_staff_pause_resume_and_cancel_and_the_brand_sees_it(windows, web, scheduled):
    desk, brand = windows
    desk.goto(f"{web.url}/admin/campaigns/campaign/{scheduled.pk}/change/")
    page = f"{web.url}/campanas/{scheduled.folio}/"

    act(desk, "Pausar")
    expect(desk.locator(".case-head .badge").first).to_have_text("Pausada")
    brand.goto(page)
    expect(brand.locator(".page-head .badge")).to_have_text("Pausada")
    expect(brand.locator("main")).to_contain_text("Solo Telefónica puede reanudarla")
    expect(brand.locator("main")).to_contain_text(REASON)
    expect(brand.get_by_role("button", name="Reanudar")).to_have_count(0)

    act(desk, "Reanudar")
    brand.reload()
    expect(brand.locator(".page-head .badge")).to_have_text("Programada")
    expect(brand.locator(".timeline").first).to_contain_text("Telefónica la reanudó")

    act(desk, "Cancelar campaña")
    expect(desk.locator(".staff-move")).to_have_count(0)
    brand.reload()
    expect(brand.locator(".page-head .badge")).to_have_text("Cancelada")
    expect(brand.locator("main")).to_contain_text("Telefónica la canceló")


def test_the_channel_is_stopped_after_a_second_question_and_resumed(windows, web, scheduled):
    desk, brand = windows
    banner = "Telefónica detuvo el canal"
    for link, button in (
        ("Detener el canal", "Sí, detener el canal"),
        ("Reanudar el canal", "Sí, reanudar el canal"),
    ):
        desk.goto(f"{web.url}/admin/campaigns/channelswitch/")
        desk.get_by_role("link", name=link).click()
        desk.get_by_label("Motivo").fill(REASON)
        desk.get_by_role("button", name="Continuar").click()
        before = ChannelSwitch.objects.count()
        desk.get_by_role("button", name=button).click()
        expect(desk.locator("#result_list")).to_contain_text(REASON)
        assert ChannelSwitch.objects.count() == before + 1
        stopped = link == "Detener el canal"
        brand.goto(f"{web.url}/campanas/{scheduled.folio}/")
        expect(brand.locator(".banner")).to_have_count(int(stopped))
        expect(desk.locator(".banner")).to_have_count(int(stopped))
        if stopped:
            expect(brand.locator(".banner")).to_contain_text(banner)
            expect(brand.locator(".banner")).to_contain_text(REASON)


def test_a_suspended_brand_reads_why_and_goes_on_afterwards(windows, web, scheduled):
    desk, brand = windows
    stage = f"{web.url}/admin/campaigns/brand/"
    page = f"{web.url}/campanas/{scheduled.folio}/"

    desk.goto(stage)
    desk.get_by_role("checkbox").nth(1).check()
    desk.locator('select[name="action"]').select_option(label="Suspender con un motivo")
    desk.locator(".actions button").click()
    desk.get_by_label("Motivo").fill(REASON)
    desk.get_by_role("button", name="Suspender y avisar").click()
    expect(desk.locator("#content")).to_contain_text("Suspendida")

    brand.goto(page)
    expect(brand.locator(".banner")).to_contain_text(REASON)
    expect(brand.locator(".page-head .badge")).to_have_text("Pausada")
    expect(brand.locator("main").get_by_role("button", name="Cancelar campaña")).to_have_count(0)
    assert brand.goto(f"{web.url}/marcas/tienda/campanas/nueva/").status == 409
    expect(brand.locator("main")).to_contain_text(REASON)

    desk.goto(stage)
    desk.get_by_role("checkbox").nth(1).check()
    desk.locator('select[name="action"]').select_option(label="Levantar la suspensión")
    desk.locator(".actions button").click()
    expect(desk.locator("#content")).to_contain_text("Activa")
    brand.goto(page)
    expect(brand.locator(".page-head .badge")).to_have_text("Programada")
    expect(brand.locator(".banner")).to_have_count(0)
