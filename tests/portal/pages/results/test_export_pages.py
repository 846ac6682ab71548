"""The pages of files of results: what is offered, sent at once, queued, refused."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.exports import queue
from campaigns.models import Export
from campaigns.results.blocks import Grain
from portal.pages.results import export_pages
from tests.campaigns.exports.reading import counts, instant, read, sums
from tests.results import put_counts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def campaign(approved):
    put_counts(
        approved,
        {
            (instant(approved, 0, hour), lada): counts(100)
            for hour in (9, 10)
            for lada in ("55", "33")
        },
    )
    return approved


@pytest.fixture
def address(brand):
    return reverse("portal:export_results", args=[brand.slug])


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def asked(campaign, **more):
    """Return what the form sends."""
    days = {"desde": campaign.starts_on.isoformat(), "hasta": campaign.ends_on.isoformat()}
    return {"campana": campaign.folio, "detalle": "day_lada", "formato": "csv"} | days | more


def test_each_grain_says_how_many_rows_it_has(client, address, campaign):
    response = client.get(address, {"campana": campaign.folio})

    choices = response.context["choices"]
    assert [(choice.grain, choice.rows) for choice in choices] == list(
        zip(Grain, [1, 2, 2, 2, 4], strict=True)
    )
    text = text_of(response)
    assert f'value="{campaign.starts_on:%d/%m/%Y}"' in text
    assert "Hasta 1 fila" in text
    assert "Hasta 4 filas" in text


def test_days_of_which_nothing_was_counted_offer_nothing(client, address, campaign):
    day = (campaign.starts_on - timedelta(9)).isoformat()

    response = client.get(address, {"desde": day, "hasta": day})

    assert response.context["choices"] == []
    assert "No hay nada que exportar en esos días" in text_of(response)


def test_the_campaign_of_another_brand_is_not_found(client, address, campaign, stranger):
    assert client.get(address, {"campana": "CAM-NADA"}).status_code == 404
    client.force_login(stranger)
    other = reverse("portal:export_results", args=["otra"])
    assert client.get(other).status_code == 200
    assert client.get(other, {"campana": campaign.folio}).status_code == 404
    assert client.post(other, asked(campaign)).status_code == 404


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_short_file_is_sent_at_once(client, address, campaign, file_format):
    response = client.post(address, asked(campaign, formato=file_format))

    assert response.status_code == 200
    name = f"resultados-{campaign.folio}-{campaign.starts_on}-{campaign.ends_on}-day_lada"
    assert response["Content-Disposition"] == f'attachment; filename="{name}.{file_format}"'
    assert sums(read(b"".join(response.streaming_content), file_format))[0] == 400
    assert not Export.objects.exists()


def test_all_campaigns_of_the_brand_are_one_file(client, address, campaign, brand):
    response = client.post(address, asked(campaign, campana="", detalle="day"))

    assert f"resultados-{brand.slug}-" in response["Content-Disposition"]
    assert sums(read(b"".join(response.streaming_content), "csv"))[0] == 400


def test_a_long_file_is_queued_written_and_sent(client, address, campaign, monkeypatch, viewer):
    monkeypatch.setattr(export_pages, "AT_ONCE", 1)

    response = client.post(address, asked(campaign))

    files = reverse("portal:exports", args=[campaign.brand.slug])
    assert response["Location"] == files
    export = Export.objects.get()
    assert (export.campaign, export.requested_by, export.grain) == (campaign, viewer, "day_lada")
    waiting = client.get(files)
    assert "En espera" in text_of(waiting)
    assert 'data-module="progress"' in text_of(waiting)
    file = reverse("portal:export_file", args=[campaign.brand.slug, export.pk])
    assert client.get(file).status_code == 404

    queue.write_due()

    ready = text_of(client.get(files))
    assert "Listo" in ready
    assert "2 filas" in ready
    assert 'data-module="progress"' not in ready
    response = client.get(file)
    data = b"".join(response.streaming_content)
    assert int(response["Content-Length"]) == len(data)
    assert sums(read(data, "csv"))[0] == 400


def test_a_failure_says_why_and_is_tried_again(client, campaign, brand, viewer):
    export = Export.objects.create(
        brand=brand,
        campaign=campaign,
        first_day=campaign.starts_on,
        last_day=campaign.ends_on,
        grain="day",
        file_format="csv",
        requested_by=viewer,
        attempts=3,
        failed_at=timezone.now(),
        error="Tardó demasiado. Prueba con menos días.",
    )
    files = reverse("portal:exports", args=[brand.slug])
    assert "Tardó demasiado. Prueba con menos días." in text_of(client.get(files))

    client.post(reverse("portal:export_file", args=[brand.slug, export.pk]))
    queue.write_due()

    export.refresh_from_db()
    assert (export.state, export.attempts) == ("ready", 1)


def test_more_files_than_may_wait_are_refused(client, address, campaign, monkeypatch):
    monkeypatch.setattr(export_pages, "AT_ONCE", 0)
    for _ in range(3):
        assert client.post(address, asked(campaign)).status_code == 302

    response = client.post(address, asked(campaign))

    assert response.status_code == 422
    assert "ya tiene 3 archivos en preparación" in text_of(response)
    assert Export.objects.count() == 3


def test_hours_that_are_not_kept_are_refused_and_said_before(
    client, address, campaign, viewer, time_machine
):
    time_machine.move_to(instant(campaign, 120, 12), tick=False)
    client.force_login(viewer)

    page = client.get(address, {"campana": campaign.folio})
    response = client.post(address, asked(campaign, detalle="hour_lada"))

    assert "Las horas por LADA se guardan 90 días" in text_of(page)
    assert response.status_code == 422
    assert "Las horas por LADA se guardan 90 días" in text_of(response)
    assert not response.streaming


def test_days_that_cannot_be_read_are_no_reason_to_send_others(client, address, campaign):
    response = client.post(address, asked(campaign, desde="ayer"))

    assert response.status_code == 422
    assert "«ayer» no es una fecha" in text_of(response)


def test_days_in_the_wrong_order_are_exchanged_with_a_notice(client, address, campaign):
    days = {"desde": campaign.ends_on, "hasta": campaign.starts_on}

    response = client.get(address, {"campana": campaign.folio, **days})

    assert response.context["query"].selection.first == campaign.starts_on
    assert "se intercambiaron" in text_of(response)


def test_a_span_that_holds_all_is_offered(client, address, campaign, viewer, time_machine):
    time_machine.move_to(instant(campaign, 40, 12), tick=False)
    client.force_login(viewer)
    by_name = {name: days for name, *days in client.get(address).context["presets"]}

    first, last = by_name["Todo"]

    assert (first, last) == (campaign.starts_on, timezone.localdate())
    everything = {"desde": first.isoformat(), "hasta": last.isoformat()}
    assert client.get(address, everything).context["choices"][0].rows == 1
