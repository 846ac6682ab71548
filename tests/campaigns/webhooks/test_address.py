"""Validation of webhook addresses, by name and by IP address."""

import pytest

from campaigns.webhooks import address
from campaigns.webhooks.address import BadUrl
from portal import checks


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://tumarca.mx/webhook", "https://tumarca.mx/webhook"),
        ("  https://TuMarca.mx  ", "https://tumarca.mx/"),
        ("HTTPS://tumarca.mx:443/a?b=c&d=%20", "https://tumarca.mx/a?b=c&d=%20"),
        ("https://tumarca.mx:8443/", "https://tumarca.mx:8443/"),
        ("https://avisos.piñata.mx/niño", "https://avisos.xn--piata-pta.mx/ni%C3%B1o"),
        ("https://tumarca.mx./x", "https://tumarca.mx/x"),
    ],
)
def test_a_public_address_is_normalised(written, kept):
    assert address.clean_url(written) == kept
    assert address.clean_url(kept) == kept


REFUSED = [
    "",
    "tumarca.mx/webhook",
    "http://tumarca.mx/webhook",
    "ftp://tumarca.mx/",
    "file:///etc/passwd",
    "gopher://tumarca.mx:70/_x",
    "https://",
    "https:///x",
    "https://user:secreto@tumarca.mx/",
    "https://tumarca.mx@10.0.0.1/",
    "https://tumarca.mx/x#y",
    "https://tumarca.mx/#",
    "https://tumarca.mx:22/",
    "https://tumarca.mx:80/",
    "https://tumarca.mx:0/",
    "https://tumarca.mx:99999/",
    "https://tumarca.mx:x/",
    "https://tu marca.mx/",
    "https://tumarca.mx/a\nHost: b",
    "https://tumarca.mx/\\@10.0.0.1",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://１２７.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[",
    "https://8.8.8.8/",
    "https://localhost/",
    "https://localhost./",
    "https://tienda/",
    "https://db.internal/",
    "https://impresora.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://10.0.0.1.nip.io/",
    "https://localtest.me/",
    "https://tu_marca.mx/",
    "https://tumarca.mx/" + "x" * 500,
]


@pytest.mark.parametrize("url", REFUSED)
def test_other_addresses_are_refused_with_a_reason(url):
    with pytest.raises(BadUrl) as refused:
        address.clean_url(url)

    assert refused.value.message


def test_the_portal_itself_is_refused(settings):
    settings.PORTAL_URL = "https://portal.movistar.com.mx"

    with pytest.raises(BadUrl, match="este portal"):
        address.clean_url("https://portal.movistar.com.mx/api/v1/campaigns")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8141/x", "https://localhost:80/", "http://db/"])
def test_the_setting_allows_private_addresses(url, settings):
    with pytest.raises(BadUrl):
        address.clean_url(url)

    settings.WEBHOOK_PRIVATE_SINKS = True

    assert address.clean_url(url).startswith(url.rpartition(":80/")[0])
    for worse in ("ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "http:///x"):
        with pytest.raises(BadUrl):
            address.clean_url(worse)


PUBLIC = ["1.1.1.1", "8.8.8.8", "189.203.0.1", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"]
PRIVATE = [
    "0.0.0.0",  # noqa: S104 (it is refused)
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::8.8.8.8",
    "::127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:0a00:0001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:0001::1",
    "2002:0808:0808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
    "not-an-address",
    "",
]


@pytest.mark.parametrize("number", PUBLIC)
def test_addresses_of_public_hosts_are_public(number):
    assert address.is_public(number)


@pytest.mark.parametrize("number", PRIVATE)
def test_addresses_that_are_not_of_public_hosts_are_not(number):
    assert not address.is_public(number)


def test_production_does_not_start_with_private_sinks_allowed(settings):
    def refused():
        return [error.id for error in checks.addresses()]

    assert "portal.E012" not in refused()
    settings.WEBHOOK_PRIVATE_SINKS = True
    assert "portal.E012" in refused()
