"""Destinations of short links, and links in a text."""

import re

import pytest
from django.test import override_settings

from campaigns import ad_text, links
from campaigns.links import BadDestination, check_destination, read_destination

OWN = "lp.mx/bcdfg"


@pytest.fixture(autouse=True)
def _domain(settings):
    settings.SHORT_LINK_DOMAIN = "lp.mx"
    settings.PORTAL_URL = "https://portal.marca.mx"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://tienda.mx", "https://tienda.mx"),
        ("  https://tienda.mx/promo ", "https://tienda.mx/promo"),
        ("HTTPS://Tienda.MX/Promo?Q=A#Z", "https://tienda.mx/Promo?Q=A#Z"),
        ("https://tienda.mx:443/x", "https://tienda.mx/x"),
        ("https://tienda.mx./x", "https://tienda.mx/x"),
        ("https://www.tienda.com.mx?a=1&b=2", "https://www.tienda.com.mx?a=1&b=2"),
        ("https://tienda.mx/a@b:c", "https://tienda.mx/a@b:c"),
        ("https://tienda.mx/año/ñ?q=é", "https://tienda.mx/a%C3%B1o/%C3%B1?q=%C3%A9"),
        ("https://tienda.mx/a%20b", "https://tienda.mx/a%20b"),
        ('https://tienda.mx/"<x>', "https://tienda.mx/%22%3Cx%3E"),
        ("https://ñandú.mx/", "https://xn--and-6ma2c.mx/"),
        ("https://xn--and-6ma2c.mx/", "https://xn--and-6ma2c.mx/"),
        ("https://tienda。mx/", "https://tienda.mx/"),
        ("https://t1.2x.mx/", "https://t1.2x.mx/"),
        ("https://wa.me/525512345678", "https://wa.me/525512345678"),
        ("https://bit.ly.tienda.mx/", "https://bit.ly.tienda.mx/"),
        ("https://rabbit.ly/", "https://rabbit.ly/"),
    ],
)
def test_a_page_by_name_over_https_is_stored_as_ascii(written, stored):
    assert check_destination(written) == []
    assert read_destination(written).url == stored
    assert re.search(links.STORED_PATTERN, stored), "the database takes what the law takes"


REFUSED = {
    "no_scheme": [
        "tienda.mx",
        "tienda.mx/promo",
        "//tienda.mx",
        "///tienda.mx",
        "/promo",
        "https:tienda.mx",
        "https:/tienda.mx",
        "tienda.mx:8080/x",
        "?q=1",
    ],
    "not_https": ["http://tienda.mx", "HTTP://tienda.mx", "http://127.0.0.1"],
    "scheme": [
        "javascript:alert(1)",
        "JavaScript://tienda.mx/%0aalert(1)",
        "data:text/html,x",
        "ftp://tienda.mx",
        "file:///etc/passwd",
        "tel:5512345678",
        "intent://x#Intent;end",
        "view-source:https://tienda.mx",
        "blob:https://tienda.mx/1",
    ],
    "odd_character": [
        "https://tienda.mx/a b",
        "https://tienda.mx\\@otra.mx",
        "https:\\\\tienda.mx",
        "https://tien\tda.mx",
        "https://tienda.mx/\r\nSet-Cookie: a=b",
        "https://tienda.mx/\0",
        "https://tienda.mx/\u202egpj.exe",
        "https://tien\u200bda.mx",
        "https://tienda.mx/\ud800",
        "java\nscript:alert(1)",
    ],
    "no_host": ["https://", "https:///otra.mx", "https://?q", "https://#x", "https://:443/"],
    "user_info": [
        "https://ana@tienda.mx",
        "https://ana:clave@tienda.mx",
        "https://tienda.mx@otra.mx/",
        "https://@tienda.mx",
        "https://tienda.mx:443@otra.mx",
    ],
    "port": [
        "https://tienda.mx:8443/",
        "https://tienda.mx:80",
        "https://tienda.mx:0443",
        "https://tienda.mx:x",
        "https://tienda.mx:443:80",
    ],
    "address": [
        "https://127.0.0.1",
        "https://8.8.8.8/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://tienda.1/",
        "https://tienda.0x/",
        "https://127.0.0.1./",
        "https://１２７．０．０．１/",
        "https://①②⑦.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
    ],
    "internal": [
        "https://localhost",
        "https://LOCALHOST.",
        "https://x.localhost/",
        "https://intranet/",
        "https://mx/",
        "https://impresora.local/",
        "https://api.internal",
        "https://router.lan",
        "https://x.home.arpa",
        "https://10.0.0.1.nip.io/",
        "https://localtest.me",
        "https://a.example",
        "https://sitio.onion",
    ],
    "bad_host": [
        "https://tien_da.mx",
        "https://-tienda.mx",
        "https://tienda-.mx",
        "https://tienda..mx",
        "https://.mx",
        "https://tienda.mx..",
        "https://%74ienda.mx",
        "https://tienda.mx%2f@otra.mx".replace("@", ""),
        "https://xn--bad-.mx",
        "https://☃.mx",
        "https://tienda.m",
        "https://tienda.2mx",
        f"https://{'a' * 64}.mx",
        f"https://{'a.' * 130}mx",
        "https://*.tienda.mx",
        "https://tienda,mx",
        "https://<b>.mx",
    ],
    "shortener": [
        "https://bit.ly/abc",
        "https://BIT.LY/abc",
        "https://www.bit.ly",
        "https://t.co/x",
        "https://tinyurl.com/x",
        "https://l.facebook.com/l.php?u=x",
        "https://marca.page.link/x",
        "https://ｂｉｔ.ly/x",
    ],
    "own": [
        "https://lp.mx/bcdfg",
        "https://LP.mx",
        "https://portal.marca.mx/entrar/",
    ],
    "too_long": ["https://tienda.mx/" + "a" * 2000, "https://tienda.mx/" + "ñ" * 400],
}


@pytest.mark.parametrize(
    ("code", "url"), [(code, url) for code, of in REFUSED.items() for url in of]
)
def test_a_refused_destination_is_explained_with_its_fix(code, url):
    problems = check_destination(url)

    assert [problem.code for problem in problems] == [code]
    assert len(problems[0].message) > 20
    with pytest.raises(BadDestination):
        read_destination(url)


def test_no_destination_is_no_problem():
    assert check_destination("") == check_destination("  \n") == []


def test_our_own_links_are_refused_under_any_domain():
    with override_settings(SHORT_LINK_DOMAIN="movistar.mx/l"):
        assert [p.code for p in check_destination("https://movistar.mx/l/bcdfg")] == ["own"]
        assert check_destination("https://movistar.mx/lanzamiento") == []
        assert check_destination("https://lp.mx/x") == []


def test_a_unicode_host_is_returned_in_both_forms():
    found = read_destination("https://pаypal.mx")  # a Cyrillic а

    assert found.host == "xn--pypal-4ve.mx"
    assert found.host_display == "pаypal.mx"
    assert read_destination("https://paypal.mx").host_display == ""


@pytest.mark.parametrize(
    "stored",
    [
        "http://tienda.mx",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://a@tienda.mx/",
        "https://tienda.mx:8443/",
        "https://localhost",
        "https://tienda.mx/a b",
        "https://tienda.mx/\n",
        "https://tienda.mx\nX: y",
        "javascript:alert(1)//https://tienda.mx",
        "//tienda.mx",
        "https://ñandú.mx",
    ],
)
def test_the_database_refuses_other_destinations(stored):
    assert not re.search(links.STORED_PATTERN.replace("$", r"\Z"), stored)


# ── the link in a text ───────────────────────────────────────────────────────


def test_codes_are_short_and_unambiguous():
    codes = {links.new_code() for _ in range(500)}

    assert all(re.fullmatch("[bcdfghkmnpqrstvwxyz2-9]{5}", code) for code in codes)
    assert len(codes) > 490


@pytest.mark.parametrize("code", ["22222", "55234", "33999", "bcdfg", "8d3k9"])
@pytest.mark.parametrize(
    "around", ["Compra hoy {}", "{} 5512345678 y 100 200", "Paga $50 en {} ya"]
)
def test_the_channel_carries_a_link_whatever_its_code(code, around):
    text = around.format(links.address_of(code))

    assert ad_text.check(text) == []


@pytest.mark.parametrize(
    ("text", "with_link"),
    [
        ("", OWN),
        ("   ", OWN),
        ("Compra hoy", f"Compra hoy {OWN}"),
        ("Compra hoy.  ", f"Compra hoy. {OWN}"),
        (f"Compra en {OWN} hoy", f"Compra en {OWN} hoy"),
        ("Compra en lp.mx/zzzzz hoy", f"Compra en {OWN} hoy"),
        ("Compra en https://www.LP.mx/ZZZZZ hoy", f"Compra en {OWN} hoy"),
        ("Compra en alp.mx/zzzzz", f"Compra en alp.mx/zzzzz {OWN}"),
    ],
)
def test_a_link_is_put_at_the_end_or_in_the_place_of_another(text, with_link):
    assert links.text_with_link(text, OWN) == with_link
    assert links.text_with_link(with_link, OWN) == with_link


def test_a_link_is_replaced_and_nothing_else_changes():
    text = "Compra en LP.mx/BCDFG y lp.mx/zzzzz, no en tienda.mx/bcdfg"

    swapped = links.replace_link(text, OWN, "lp.mx/22222")

    assert swapped == "Compra en lp.mx/22222 y lp.mx/zzzzz, no en tienda.mx/bcdfg"


@pytest.mark.parametrize(
    ("text", "link", "leads", "codes"),
    [
        ("Compra hoy", "", False, []),
        ("Compra hoy", OWN, False, []),
        (f"Compra en {OWN}", OWN, True, []),
        (f"Compra en {OWN.upper()}", OWN, True, []),
        ("Compra hoy", OWN, True, ["link_missing"]),
        ("Compra hoy", "", True, ["link_missing"]),
        (f"Compra en {OWN}", OWN, False, ["link_idle"]),
        ("Compra en lp.mx/zzzzz", "", False, ["foreign_link"]),
        ("Compra en lp.mx/zzzzz", OWN, True, ["foreign_link", "link_missing"]),
        (f"Compra en {OWN}x", OWN, True, ["foreign_link", "link_missing"]),
        (f"{OWN} lp.mx/zzzzz lp.mx/zzzzz", OWN, True, ["foreign_link"]),
        ("Compra en lp.mx/", OWN, False, ["foreign_link"]),
    ],
)
def test_a_text_has_its_campaigns_link_and_no_other(text, link, leads, codes):
    problems = links.check_text(text, link=link, has_destination=leads)

    assert [problem.code for problem in problems] == codes


@pytest.mark.parametrize(
    ("written", "completed"),
    [
        ("tienda.mx", "https://tienda.mx"),
        (" tienda.mx/promo?a=1#b ", "https://tienda.mx/promo?a=1#b"),
        ("//tienda.mx", "//tienda.mx"),
        ("https:tienda.mx", "https:tienda.mx"),
        ("https://tienda.mx", "https://tienda.mx"),
        ("http://tienda.mx", "http://tienda.mx"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("tienda", "https://tienda"),  # and then it is refused for what is wrong with it
        ("bit.ly/x", "https://bit.ly/x"),
        ("127.0.0.1", "https://127.0.0.1"),
        ("ñandú.mx", "https://ñandú.mx"),
        ("@tienda", "@tienda"),
        ("tienda .mx", "tienda .mx"),
        ("", ""),
    ],
)
def test_only_a_missing_https_is_completed(written, completed):
    assert links.complete(written) == completed


@pytest.mark.parametrize(
    ("host", "letters"),
    [
        ("pаypal.mx", "«а» (cirílico)"),
        ("αmazon.mx", "«α» (griego)"),
        ("аррӏе.com", "«а» (cirílico), «р» (cirílico), «ӏ» (cirílico), «е» (cirílico)"),
        ("ñandú.mx", ""),
        ("münchen.de", ""),
        ("tienda.mx", ""),
    ],
)
def test_letters_of_other_alphabets_are_named(host, letters):
    assert read_destination(f"https://{host}").foreign_letters == letters
