import shutil

import pytest

from segments import catalogue, data_files, numbering_plan
from segments.catalogue import CatalogueError

LADAS, SHARES, STATES = "lada.csv", "lada_municipio.csv", "estados.csv"
ZONE_MAP, STATE_MAP = "lada_zonas.topo.json", "estados.topo.json"
YUCATAN = "\n31,Yucatán,Yucatán,Yuc.,2320898,8,999|990|997|988|985|991|986|969"
CDMX = "\n56,55,traslape,55,5,Ciudad de México,090150001,Cuauhtémoc,09015,Cuauhtémoc,"
TIXPEHUAL = "\n999,31095,Tixpéhual,31,"
CANCUN = "998,23005,Benito Juárez,23,"

# {problem: (file, original, replacement, line, column, part of the message)}
# fmt: off
BROKEN = {
    "a weight too many": (LADAS, ",980000,9991,", ",980000,9992,", None, "peso_ppm", "1,000,001"),
    "a weight of words": (LADAS, ",980000,9991,", ",980000,mucho,", 414, "peso_ppm", "mucho"),
    "a weight below zero": (LADAS, ",980000,9991,", ",980000,-1,", 414, "peso_ppm", "igual a 0"),
    "no weight": (LADAS, ",980000,9991,", ",980000,,", 414, "peso_ppm", "numero entero"),
    "one more person": (LADAS, ",789910,", ",789911,", None, "poblacion", "126,014,025"),
    "one more person in a zone": (LADAS, ",3,961110,961110,", ",3,961111,961110,",
                                  None, "poblacion_zona", "126,014,025"),
    "one more person in a state": (STATES, ",2320898,", ",2320899,",
                                   None, "poblacion_2020", "126,014,025"),
    "an unknown zone": (LADAS, "\n998,998,", "\n998,200,", 413, "zona", "«200» no existe"),
    "a base as an overlay": (LADAS, "998,998,base,", "998,998,traslape,", 413, "tipo", "«base»"),
    "an unknown kind": (LADAS, "998,998,base,", "998,998,otra,", 413, "tipo", "«base»"),
    "an overlay forgotten": (LADAS, "999,base,990,", "999,base,,", 414, "traslapes", "las otras"),
    "an overlay elsewhere": (LADAS, "\n56,55,traslape,55,5,Ciudad de México,",
                             "\n56,55,traslape,55,5,Toluca,", 182, "ciudad", "clave base"),
    "a code twice": (LADAS, "\n998,998,", "\n997,998,", 413, "lada", "«997» está repetida"),
    "another region": (LADAS, "base,990,9,", "base,990,8,", 414, "region", "primera cifra"),
    "a code with a letter": (LADAS, "\n998,998,", "\n99A,99A,", 413, "zona", "2 o 3 cifras"),
    "an unknown main state": (LADAS, "23,Quintana Roo,23,21.16142", "77,Quintana Roo,77,21.16142",
                              413, "entidades", "«77» no existe"),
    "the main state not first": (LADAS, "31089,Ticul,31,Yucatán,31|23,",
                                 "31089,Ticul,31,Yucatán,23|31,", 412, "entidades", "primero"),
    "an unknown municipality": (LADAS, "31089,Ticul,31,Yucatán,31|23,",
                                "31999,Ticul,31,Yucatán,31|23,", 412, "cve_mun", "no existe"),
    "an overlay of another state": (LADAS, CDMX + "09,", CDMX + "15,",
                                    182, "cve_ent", "clave base"),
    "a city at sea": (LADAS, ",21.16142,-86.82481,", ",21.16142,-6.82481,", 413, "lon", "-86"),
    "a place that is no number": (LADAS, ",21.16142,", ",NaN,", 413, "lat", "número"),
    "too many Movistar numbers": (LADAS, ",6583000,980000,", ",6583000,9800000,",
                                  414, "numeros", "Movistar"),
    "an impossible day": (LADAS, ",9991,1995-12-31", ",9991,1995-02-30",
                          414, "primera_asignacion", "1995-02-30"),
    "a city of 61 letters": (LADAS, "998,998,base,,9,Cancún,", f"998,998,base,,9,{'C' * 61},",
                             413, "ciudad", "60"),
    "a place of 61 letters": (LADAS, ",Alfredo V. Bonfil|", f",{'A' * 61}|",
                              413, "otras_ciudades", "60"),
    "a padded cell": (LADAS, "base,,9,Cancún,", "base,,9,Cancún ,", 413, "ciudad", "espacios"),
    "a missing cell": (LADAS, ",9991,1995-12-31", ",9991", 414, None, "23 columnas"),
    "a missing column": (LADAS, ",peso_ppm,", ",peso,", 1, "peso_ppm", "encabezado"),
    "an open quote": (LADAS, "998,998,base,,9,Cancún", '998,998,base,,9,"Cancún',
                      414, None, "bien formado"),
    "a share beyond 1": (SHARES, TIXPEHUAL + "1.0000", TIXPEHUAL + "1.0001",
                         2735, "fraccion", "1"),
    "shares below 1": (SHARES, TIXPEHUAL + "1.0000", TIXPEHUAL + "0.9999",
                       2624, "lada", "clave base"),
    "shares of one zone below 1": (SHARES, f"{CANCUN}1.0000", f"{CANCUN}0.9999",
                                   2729, "fraccion", "suman 0.9999"),
    "a share of an unknown LADA": (SHARES, "999,31095,", "200,31095,", 2735, "lada", "«200»"),
    "a pair twice": (SHARES, "999,31095,Tixpéhual,31,1.0000,5690,1,ift\n",
                     "999,31050,Mérida,31,1.0000,995129,1,ift\n", 2735, "cve_mun", "repetido"),
    "a municipality of another state": (SHARES, CANCUN, "998,23005,Benito Juárez,22,",
                                        2729, "cve_mun", "su estado"),
    "a state without the LADA": (SHARES, "998,23003,Isla Mujeres,23", "998,31005,Bokobá,31",
                                 2728, "cve_ent", "no es una entidad"),
    "a municipality of no state": (SHARES, CANCUN, "998,77005,Benito Juárez,77,",
                                   2729, "cve_ent", "«77» no existe"),
    "a municipality less": (SHARES, "\n998,23003,Isla Mujeres,23,1.0000,22686,1,ift", "",
                            None, "cve_mun", "2,468"),
    "a share more": (SHARES, TIXPEHUAL, "\n997,23005,Benito Juárez,23,0.0000,0,0,ift" + TIXPEHUAL,
                     None, "lada", "2,735"),
    "a municipality of two names": (SHARES, "999,31095,Tixpéhual,", "999,31095,Tixpehual,",
                                    2735, "municipio", "otro nombre"),
    "an unknown method": (SHARES, f"{CANCUN}1.0000,911503,1,ift", f"{CANCUN}1.0000,911503,1,magia",
                          2729, "metodo", "magia"),
    "no main zone": (SHARES, f"{CANCUN}1.0000,911503,1", f"{CANCUN}1.0000,911503,0",
                     2729, "principal", "zona principal"),
    "neither main nor not": (SHARES, f"{CANCUN}1.0000,911503,1", f"{CANCUN}1.0000,911503,2",
                             2729, "principal", "Verdadero"),
    "a state lost": (STATES, YUCATAN, "", None, "cve_ent", "31 y debe ser 32"),
    "the LADA of another": (STATES, "|986|969", "|986|55", 32, "ladas", "lada.csv"),
    "a miscount": (STATES, "2320898,8,", "2320898,9,", 32, "n_ladas", "número de claves"),
    "a key without its zero": (STATES, "\n01,Aguas", "\n1,Aguas", 2, "cve_ent", "2 cifras"),
    "a zone without a shape": (ZONE_MAP, '"id":"999"', '"id":"299"', None, "id", "299, 999"),
    "a map of something else": (STATE_MAP, '"estados"', '"otros"', None, None, "«estados»"),
    "a map cut off": (STATE_MAP, '{"type":"Topology"', '{', 1, None, "bien formado"),
}
# fmt: on


@pytest.fixture(scope="module")
def valid_files():
    return data_files.read(catalogue.DATA)


def test_valid_files_are_accepted(valid_files):
    plan = numbering_plan.parse(valid_files)

    assert (len(plan.states), len(plan.zones), len(plan.ladas)) == (32, 397, 413)
    assert (len(plan.municipalities), len(plan.shares)) == (2_469, 2_734)


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_position(valid_files, case):
    file, old, new, line, column, message = BROKEN[case]
    text = valid_files[file].decode()
    assert text.count(old) == 1

    with pytest.raises(CatalogueError) as caught:
        numbering_plan.parse(valid_files | {file: text.replace(old, new).encode()})

    error = caught.value
    assert (error.file, error.line, error.column) == (file, line, column)
    assert message in error.why
    assert str(error).startswith(file)


@pytest.mark.parametrize(
    ("constant", "file", "column"),
    [
        ("STATE_COUNT", STATES, "cve_ent"),
        ("ZONE_COUNT", LADAS, "zona"),
        ("LADA_COUNT", LADAS, "lada"),
        ("MUNICIPALITY_COUNT", SHARES, "cve_mun"),
        ("SHARE_COUNT", SHARES, "lada"),
    ],
)
def test_the_country_has_as_many_rows_as_it_should(
    valid_files, monkeypatch, constant, file, column
):
    monkeypatch.setattr(numbering_plan, constant, getattr(numbering_plan, constant) + 1)

    with pytest.raises(CatalogueError, match="el total es") as caught:
        numbering_plan.parse(valid_files)

    assert (caught.value.file, caught.value.column) == (file, column)


def test_a_file_in_another_encoding_is_refused_with_its_line(valid_files):
    text = valid_files["estados.csv"].decode()

    with pytest.raises(CatalogueError) as caught:
        numbering_plan.parse(valid_files | {"estados.csv": text.encode("latin-1")})

    assert str(caught.value) == "estados.csv, línea 10: no está en UTF-8."


def test_an_empty_file_is_refused(valid_files):
    with pytest.raises(CatalogueError, match=r"^lada\.csv, línea 1, columna «.+»: "):
        numbering_plan.parse(valid_files | {"lada.csv": b""})


def test_a_file_that_is_not_there_is_refused(tmp_path):
    shutil.copy(catalogue.DATA / "estados.csv", tmp_path)

    with pytest.raises(CatalogueError, match=r"^lada\.csv: no se puede leer"):
        data_files.read(tmp_path)


def test_any_changed_byte_changes_the_digest(valid_files):
    digests = {data_files.digest(valid_files, layout=1), data_files.digest(valid_files, layout=2)}
    digests |= {
        data_files.digest(valid_files | {name: valid_files[name] + b"\n"}, layout=1)
        for name in data_files.FILES
    }

    assert len(digests) == 2 + len(data_files.FILES)
