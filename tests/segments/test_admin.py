import pytest
from django.urls import reverse

from segments.models import CatalogueLoad, Lada, LadaMunicipality, Municipality, State, Zone

pytestmark = pytest.mark.django_db

MODELS = (State, Zone, Lada, Municipality, CatalogueLoad)


@pytest.fixture(autouse=True)
def _static_files_by_plain_name(settings):
    """Use plain names: static files are not collected for tests, so there are no hashed ones."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def listed(client, model, **query):
    url = reverse(f"admin:segments_{model._meta.model_name}_changelist")
    response = client.get(url, query)
    assert response.status_code == 200
    return [str(row) for row in response.context["cl"].result_list]


@pytest.mark.parametrize("model", MODELS)
def test_each_table_can_be_viewed_and_not_changed(admin_client, model):
    name = f"admin:segments_{model._meta.model_name}"
    row = model.objects.first()

    assert listed(admin_client, model)
    page = admin_client.get(reverse(f"{name}_change", args=[row.pk]))
    response = admin_client.post(reverse(f"{name}_change", args=[row.pk]), {"name": "Otro"})

    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert response.status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
    assert model.objects.get(pk=row.pk) == row


@pytest.mark.parametrize(
    ("model", "text", "rows"),
    [
        (State, "mexico", ["Ciudad de México", "Estado de México"]),
        (Lada, "puerto vallarta", ["322 Puerto Vallarta"]),
        (Lada, "56", ["56 Ciudad de México"]),
        (Zone, "56", ["55 Ciudad de México"]),
        (Municipality, "TIXPEHUAL", ["Tixpéhual"]),
    ],
)
def test_search_ignores_accents(admin_client, model, text, rows):
    assert listed(admin_client, model, q=text) == rows


def test_a_lada_of_two_states_is_listed_once_under_each(admin_client):
    for state in ("09", "15"):
        rows = listed(admin_client, Lada, zone__states__code__exact=state)
        assert rows.count("55 Ciudad de México") == 1


def test_search_and_filters_are_combined(admin_client):
    rows = listed(admin_client, Lada, q="mexico", kind__exact="overlay")

    assert rows == ["56 Ciudad de México", "720 Toluca", "729 Toluca"]


@pytest.mark.parametrize("model", [State, Zone, Lada, Municipality])
def test_a_list_takes_a_fixed_number_of_queries(admin_client, django_assert_max_num_queries, model):
    listed(admin_client, model)  # the first page of a session notes where it is
    with django_assert_max_num_queries(12):
        listed(admin_client, model)


def test_a_lada_shows_its_municipalities(admin_client, django_assert_max_num_queries):
    listed(admin_client, Lada)
    with django_assert_max_num_queries(14):
        page = admin_client.get(reverse("admin:segments_lada_change", args=["55"]))

    assert page.status_code == 200
    served = LadaMunicipality.objects.filter(lada="55").select_related("municipality")
    assert len(served) > 20
    for row in served:
        assert row.municipality.name in page.content.decode()
