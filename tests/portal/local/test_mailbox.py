"""The development mailbox: what was written instead of sent, and for nobody in production."""

from types import SimpleNamespace

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from campaigns import mails
from portal.local import mailbox

LETTER = "<html><head></head><body><p>Hola <b>Ñandú</b></p><script>x()</script></body></html>"


@pytest.fixture
def written(settings, tmp_path):
    """Write two mails to files, over one connection."""
    settings.MAILBOX = True
    settings.EMAIL_FILE_PATH = str(tmp_path)
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend")
    first = EmailMultiAlternatives(
        "Confirma tu correo", "Abre http://x.mx/uno", to=["ana@x.mx"], connection=backend
    )
    first.attach_alternative(LETTER, "text/html")
    second = EmailMultiAlternatives("Segundo <b>", "Año", to=["b@x.mx"], connection=backend)
    backend.open()
    first.send()
    second.send()
    backend.close()
    return mailbox.letters()


def test_mails_are_read_back_newest_first(written):
    assert [letter.subject for letter in written] == ["Segundo <b>", "Confirma tu correo"]
    newest, first = written
    assert (newest.text.strip(), newest.html) == ("Año", "")
    assert first.html.strip() == LETTER


@pytest.mark.django_db
def test_its_pages_show_text_with_links_and_the_html_in_a_sandbox(written, client):
    first = written[1]

    listed = client.get(reverse("portal:mailbox"))
    page = client.get(reverse("portal:letter", args=[first.key]))
    html = client.get(reverse("portal:letter_html", args=[first.key]))

    assert "Segundo &lt;b&gt;" in listed.text
    assert '<a href="http://x.mx/uno"' in page.text
    assert "<script>x()" not in page.text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    policy = html["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert "script-src" not in policy
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get(reverse("portal:letter", args=["nada"])).status_code == 404


@pytest.mark.django_db
def test_without_files_of_mails_there_is_no_mailbox(written, client, settings, admin_client):
    settings.MAILBOX = False

    for person in (client, admin_client):
        assert person.get(reverse("portal:mailbox")).status_code == 404
        for name in ("letter", "letter_html"):
            address = reverse(f"portal:{name}", args=[written[0].key])
            assert person.get(address).status_code == 404
    assert "/correo/" not in client.get(reverse("account_email_verification_sent")).text


@pytest.mark.django_db
def test_where_there_is_one_who_signs_up_is_told(written, client):
    assert 'href="/correo/"' in client.get(reverse("account_email_verification_sent")).text


def test_a_subject_of_two_lines_is_one():
    context = {"invitation": SimpleNamespace(brand="X", expires_at=None), "url": "/x"}
    assert mails.compose("invitation", "a@x.mx", "Uno\ndos", context).subject == "Uno dos"
