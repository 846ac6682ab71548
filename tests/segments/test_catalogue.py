import re
import shutil
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from inventory.models import Capacity
from segments import catalogue, data_files
from segments.catalogue import CatalogueError
from segments.models import (
    CatalogueLoad,
    Lada,
    LadaMunicipality,
    Municipality,
    State,
    Zone,
    ZoneState,
)

pytestmark = pytest.mark.django_db

TABLES = (State, Municipality, Zone, Lada, ZoneState, LadaMunicipality, CatalogueLoad)
ROWS = 32 + 2_469 + 397 + 413 + 2_734  # and the links of zones with states


def snapshot():
    """Return every row with the transaction that wrote it last, which also shows equal updates."""
    with connection.cursor() as cursor:
        rows = {}
        for model in TABLES:
            cursor.execute(f"SELECT xmin::text, ctid::text, * FROM {model._meta.db_table}")
            rows[model] = sorted(cursor.fetchall(), key=str)
    return rows


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(catalogue.DATA, folder)
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new))


def test_all_rows_of_the_country_are_loaded():
    assert State.objects.count() == 32
    assert Zone.objects.count() == 397
    assert Lada.objects.count() == 413
    assert Municipality.objects.count() == 2_469
    assert LadaMunicipality.objects.count() == 2_734
    assert Lada.objects.filter(kind=Lada.Kind.OVERLAY).count() == 16


def test_weights_and_populations_add_up_exactly():
    ladas = Lada.objects.aggregate(weight=Sum("weight_ppm"), people=Sum("population"))

    assert ladas == {"weight": 1_000_000, "people": 126_014_024}
    assert State.objects.aggregate(people=Sum("population")) == {"people": 126_014_024}
    assert Zone.objects.aggregate(people=Sum("population")) == {"people": 126_014_024}


def test_shares_of_each_municipality_add_up_to_one_over_its_zones():
    shares = (
        LadaMunicipality.objects.filter(lada__kind=Lada.Kind.BASE)
        .values("municipality")
        .annotate(total=Sum("share"))
    )

    assert len(shares) == 2_469
    assert {row["total"] for row in shares} == {Decimal(1)}


def test_a_row_has_every_value_of_its_line():
    lada = Lada.objects.get(code="221")

    assert lada.zone_id == "222"
    assert lada.kind == Lada.Kind.OVERLAY
    assert (lada.city, lada.state_id, lada.municipality_id) == ("Puebla", "21", "21114")
    assert lada.region == 2
    assert (lada.latitude, lada.longitude) == (Decimal("19.04399"), Decimal("-98.19749"))
    assert lada.other_places[:2] == ["Cholula de Rivadavia", "San Bernardino Tlaxcalancingo"]
    assert len(lada.other_places) == 12
    assert (lada.population, lada.zone.population) == (1_012_755, 2_553_439)
    assert (lada.numbers, lada.mobile_numbers, lada.movistar_numbers) == (
        8_883_000,
        8_882_000,
        950_000,
    )
    assert lada.weight_ppm == 9_685
    assert lada.first_assigned_on == date(2016, 11, 28)


def test_a_zone_names_the_state_of_its_main_city_first():
    zones = Zone.objects.prefetch_related("zone_states__state")

    names = {zone.code: [state.code for state in zone.states_in_order] for zone in zones}

    assert names["222"] == ["21", "29"]
    assert names["232"] == ["30", "21"]  # the larger key first: not sorted by key
    assert sum(len(states) > 1 for states in names.values()) == 73
    assert all(names[lada.zone_id][0] == lada.state_id for lada in Lada.objects.all())


def test_loading_again_writes_nothing():
    before = snapshot()

    summary = catalogue.load()

    assert (summary.added, summary.changed, summary.removed) == (0, 0, 0)
    assert summary.ladas == 413
    assert snapshot() == before


def test_comparing_every_row_again_writes_nothing():
    before = snapshot()

    summary = catalogue.load(force=True)

    assert (summary.added, summary.changed, summary.removed) == (0, 0, 0)
    assert snapshot() == before


def test_the_snapshot_shows_an_update_to_the_same_values():
    before = snapshot()

    Lada.objects.filter(code="55").update(weight_ppm=Lada.objects.get(code="55").weight_ppm)

    assert snapshot() != before


def test_files_of_the_same_digest_are_not_even_parsed(monkeypatch):
    monkeypatch.setattr(catalogue.numbering_plan, "parse", lambda contents: pytest.fail("parsed"))

    assert catalogue.load().ladas == 413


def test_another_layout_of_the_same_files_is_loaded(monkeypatch):
    monkeypatch.setattr(catalogue, "LAYOUT", catalogue.LAYOUT + 1)
    Lada.objects.filter(code="55").update(city="Otra")

    summary = catalogue.load()

    assert (summary.added, summary.changed, summary.removed) == (0, 1, 0)
    assert Lada.objects.get(code="55").city == "Ciudad de México"


def test_an_empty_database_gets_every_row():
    links = ZoneState.objects.count()
    for model in reversed(TABLES):
        model.objects.all()._raw_delete("default")

    summary = catalogue.load()

    assert (summary.added, summary.changed, summary.removed) == (ROWS + links, 0, 0)
    assert CatalogueLoad.objects.count() == 1


def test_only_the_rows_that_differ_are_written(files):
    before = snapshot()
    rewrite(files / "lada.csv", ",565000,5760,1995-12-31", ",565000,5761,1995-12-31")  # 998
    rewrite(files / "lada.csv", ",980000,9991,1995-12-31", ",980000,9990,1995-12-31")  # 999

    summary = catalogue.load(files)

    assert (summary.added, summary.changed, summary.removed) == (0, 2, 0)
    assert Lada.objects.get(code="998").weight_ppm == 5_761
    assert Lada.objects.aggregate(total=Sum("weight_ppm"))["total"] == 1_000_000
    after = snapshot()
    assert sum(row not in before[Lada] for row in after[Lada]) == 2
    assert all(after[model] == before[model] for model in (State, Zone, Municipality, ZoneState))
    assert CatalogueLoad.objects.count() == 2


def test_a_zone_may_name_another_main_state(files):
    rewrite(
        files / "lada.csv", "21164,Tepeaca,21,Puebla,21|29,", "29013,Huamantla,29,Tlaxcala,29|21,"
    )

    summary = catalogue.load(files)

    assert (summary.added, summary.changed, summary.removed) == (0, 3, 0)
    positions = ZoneState.objects.filter(zone="223").values_list("state", flat=True)
    assert list(positions) == ["29", "21"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("estados.csv", "\n01,Aguas", "\n1,Aguas"),
        ("lada.csv", ",980000,9991,", ",980000,9992,"),
        ("lada_municipio.csv", "\n999,31095,Tixpéhual,31,1.0000", "\n999,31095,Tixpéhual,31,2"),
        ("lada_zonas.topo.json", '"id":"999"', '"id":"299"'),
    ],
)
def test_a_broken_file_changes_nothing(files, file, old, new):
    rewrite(files / file, old, new)
    before = snapshot()

    with pytest.raises(CatalogueError):
        catalogue.load(files)

    assert snapshot() == before


def test_a_failure_while_writing_undoes_the_whole_load(files, monkeypatch):
    rewrite(files / "lada.csv", "999,999,base,990,9,Mérida,", "999,999,base,990,9,Progreso,")
    rewrite(
        files / "lada.csv", "990,999,traslape,999,9,Mérida,", "990,999,traslape,999,9,Progreso,"
    )
    before = snapshot()
    monkeypatch.setattr(catalogue, "_remove", lambda model, stale: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        catalogue.load(files)

    assert snapshot() == before
    monkeypatch.undo()
    assert catalogue.load(files).changed == 3  # a zone and its two codes


@pytest.fixture
def stale():
    """A LADA that is not in the files."""
    zone = Zone.objects.create(code="299", city="Ciudad Perdida", population=0)
    ZoneState.objects.create(zone=zone, state_id="21", position=0)
    known = Lada.objects.get(code="223")
    known.pk, known.zone = "299", zone
    known.save(force_insert=True)
    LadaMunicipality.objects.create(
        lada_id="299",
        municipality_id="21164",
        share=0,
        population=0,
        is_main=False,
        method=LadaMunicipality.Method.PLAN,
    )
    return Lada.objects.get(code="299")


def test_a_code_gone_from_the_files_is_removed_and_counted(stale):
    summary = catalogue.load(force=True)

    assert (summary.added, summary.changed, summary.removed) == (0, 0, 4)
    assert (summary.ladas, summary.zones) == (413, 397)


def test_a_code_gone_from_the_files_stays_while_another_app_depends_on_it(stale):
    Capacity.objects.create(lada=stale, day=date(2026, 12, 1), gross=10, capacity=10)
    before = snapshot()

    with pytest.raises(CatalogueError, match=r"^lada\.csv: ya no trae 299, pero hay capacidad"):
        catalogue.load(force=True)

    assert snapshot() == before


@pytest.mark.parametrize(
    ("model", "code", "wrong"),
    [
        (State, "09", {"code": "9"}),
        (Municipality, "09015", {"code": "9015"}),
        (Municipality, "09015", {"state_id": "10"}),
        (Zone, "55", {"code": "155"}),
        (Lada, "55", {"code": "055"}),
        (Lada, "55", {"kind": "overlay"}),
        (Lada, "56", {"kind": "base"}),
        (Lada, "55", {"region": 1}),
        (Lada, "55", {"weight_ppm": -1}),
        (Lada, "55", {"weight_ppm": 1_000_001}),
        (Lada, "55", {"movistar_numbers": 200_000_000}),
        (Lada, "55", {"latitude": 52}),
    ],
)
def test_the_database_refuses_invalid_values(model, code, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=code).update(**wrong)


@pytest.mark.parametrize("share", ["-0.0001", "1.0001"])
def test_the_database_refuses_an_invalid_share(share):
    with pytest.raises(IntegrityError), transaction.atomic():
        LadaMunicipality.objects.filter(lada="55").update(share=Decimal(share))


def test_the_command_reports_the_rows_and_the_time():
    out = StringIO()

    call_command("load_catalogue", stdout=out)

    assert re.fullmatch(
        r"32 estados, 397 zonas, 413 LADA, 2469 municipios, 2734 cruces de LADA y municipio "
        r"\(0 nuevos, 0 cambiados, 0 retirados\) en \d+\.\d\d s\.\n",
        out.getvalue(),
    )


def test_the_command_fails_with_the_position_of_the_error(files):
    rewrite(files / "lada.csv", ",980000,9991,", ",980000,,")
    before = snapshot()

    with pytest.raises(CommandError, match=r"^lada\.csv, línea 414, columna «peso_ppm»: "):
        call_command("load_catalogue", str(files))

    assert snapshot() == before


def test_the_files_are_those_that_the_provenance_describes():
    text = (catalogue.DATA / "PROVENANCE.md").read_text()

    for name in data_files.FILES:
        size = (catalogue.DATA / name).stat().st_size
        assert f"| `{name}` | {size:,} |" in text


def test_the_attribution_names_every_source():
    for source in ("INEGI", "IFT", "mxmaps (Diego Valle-Jones)"):
        assert source in catalogue.ATTRIBUTION
