"""The development mailbox shows the mails that were written to files."""

from types import SimpleNamespace

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from campaigns import mails
from portal.local import mail_files

HTML = "<html><head></head><body><p>Hola <b>Ñandú</b></p><script>x()</script></body></html>"


@pytest.fixture
def written(settings, tmp_path):
    """Write two mails to files, over one connection."""
    settings.MAILBOX = True
    settings.EMAIL_FILE_PATH = str(tmp_path)
    backend = get_connection("django.core.mail.backends.filebased.EmailBackend")
    first = EmailMultiAlternatives(
        "Confirma tu correo", "Abre http://x.mx/uno", to=["ana@x.mx"], connection=backend
    )
    first.attach_alternative(HTML, "text/html")
    second = EmailMultiAlternatives("Segundo <b>", "Año", to=["b@x.mx"], connection=backend)
    backend.open()
    first.send()
    second.send()
    backend.close()
    return mail_files.newest()


def test_mails_are_read_back_newest_first(written):
    assert [mail.subject for mail in written] == ["Segundo <b>", "Confirma tu correo"]
    newest, first = written
    assert (newest.text.strip(), newest.html) == ("Año", "")
    assert first.html.strip() == HTML


@pytest.mark.django_db
def test_a_mails_page_shows_text_with_links_and_the_html_in_a_sandbox(written, client):
    first = written[1]

    listed = client.get(reverse("local:mailbox"))
    page = client.get(reverse("local:mail", args=[first.key]))
    html = client.get(reverse("local:mail_html", args=[first.key]))

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
    assert client.get(reverse("local:mail", args=["nada"])).status_code == 404


@pytest.mark.django_db
def test_without_mail_files_there_is_no_mailbox(written, client, settings, admin_client):
    settings.MAILBOX = False

    for person in (client, admin_client):
        assert person.get(reverse("local:mailbox")).status_code == 404
        for name in ("mail", "mail_html"):
            address = reverse(f"local:{name}", args=[written[0].key])
            assert person.get(address).status_code == 404
    page = client.get(reverse("account_email_verification_sent")).text
    assert 'href="/correo/"' not in page


@pytest.mark.django_db
def test_the_page_after_signing_up_links_to_the_mailbox(written, client):
    assert 'href="/correo/"' in client.get(reverse("account_email_verification_sent")).text


def test_a_subject_of_two_lines_is_joined():
    context = {"invitation": SimpleNamespace(brand="X", expires_at=None), "url": "/x"}
    assert mails.compose("invitation", "a@x.mx", "Uno\ndos", context).subject == "Uno dos"
