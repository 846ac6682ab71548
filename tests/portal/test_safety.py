import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from portal import checks, operator_texts
from tests import commands
from tests.conftest import PASSWORD
from tests.processes import ROOT
from tests.servers import child_environment

PRODUCTION = {
    "EMBEDDED": "0",
    "HTTPS": "1",
    "PORTAL_URL": "https://portal.example.mx",
    "ALLOWED_HOSTS": "portal.example.mx",
    "TRUSTED_PROXIES": "10.0.0.0/24",
    "GATEWAY_URL": "https://gateway.example.mx/missed-call-ads/v0.1",
    "GATEWAY_TOKEN_URL": "https://gateway.example.mx/oauth2/token",
    "EMAIL_URL": "smtp+tls://portal:x@mail.example.mx:587",
    "MAIL_FROM": "Llamada Perdida <no-responder@portal.example.mx>",
    "OPERATOR_TEXTS": "tests/operator_texts",
    "SECRET_KEY": "A-long-and-random-value-for-a-test-0123456789-abcdefghij-klmnopqrst",
    "ENCRYPTION_KEYS": "Zm9yLXRlc3RzLW9ubHk6MDEyMzQ1Njc4OWFiY2RlZmc=",
}
SECRETS = [
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "GATEWAY_CLIENT_ID",
    "GATEWAY_CLIENT_SECRET",
    "GATEWAY_EVENT_SECRETS",
]


def manage(*arguments, without=(), **environment):
    env = {k: v for k, v in (child_environment() | environment).items() if k not in without}
    return commands.manage(*arguments, environment=env)


@pytest.mark.django_db
def test_production_settings_pass_the_deployment_check():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert checked.returncode == 0, checked.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_has_no_default(name):
    checked = manage("check", without=[name], **{k: v for k, v in PRODUCTION.items() if k != name})

    assert checked.returncode != 0
    assert name in checked.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"AD_TEXT_LIMIT": "0"}, "portal.E001"),
        ({"AD_TEXT_LIMIT": "111"}, "portal.E001"),
        ({"DAILY_NOTIFICATIONS": "0"}, "portal.E002"),
        ({"HORIZON_DAYS": "2"}, "portal.E003"),
        ({"OPERATIONS_HOURS": "48"}, "portal.E025"),
        ({"OPERATIONS_HOURS": "-1"}, "portal.E025"),
        ({"LEAD_HOURS": "24"}, "portal.E025"),
        ({"GATEWAY_LEASE": "5"}, "portal.E004"),
        ({"LINK_DAYS_AFTER_END": "-1"}, "portal.E022"),
        ({"API_REQUESTS_A_MINUTE": "500"}, "portal.E032"),
        ({"TRUSTED_PROXIES": "10.0.0.300"}, "portal.E033"),
        ({"TRUSTED_PROXIES": "10.0.0.1/24"}, "portal.E033"),
        ({"TRUSTED_PROXIES": "proxy.example.mx"}, "portal.E033"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "portal.E033"),
        ({"TRUSTED_PROXIES": "::/0"}, "portal.E033"),
        ({"ENCRYPTION_KEYS": ""}, "portal.E031"),
        ({"ENCRYPTION_KEYS": "una-clave-corta"}, "portal.E031"),
        ({"ENCRYPTION_KEYS": "A" * 43 + "="}, "portal.E031"),
        ({"GATEWAY_EVENT_SECRETS": ""}, "portal.E036"),
        ({"GATEWAY_EVENT_SECRETS": "whsec_dW5hIGNvcnRh"}, "portal.E036"),
        ({"REPORT_HOURS_KEPT_DAYS": "6"}, "portal.E037"),
        ({"GATEWAY_CLOCK_AHEAD": "-1"}, "portal.E038"),
        ({"OPERATOR_NAME": " "}, "portal.E040"),
        ({"DISPUTE_WORKING_DAYS": "0"}, "portal.E041"),
        ({"VERIFICATIONS_A_MINUTE": "0"}, "portal.E041"),
    ],
)
def test_settings_that_cannot_work_fail_the_checks(wrong, message):
    checked = manage("check", **wrong)

    assert checked.returncode != 0
    assert message in checked.stderr


def test_production_refuses_plain_http_and_the_embedded_run(settings):
    settings.EMBEDDED = True
    settings.PORTAL_URL = "http://portal.example.mx"

    found = {error.id for error in checks.addresses()}

    assert found == {"portal.E005", "portal.E006"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"EMAIL_URL": "consolemail://"}, "Set EMAIL_URL"),
        ({"EMAIL_URL": "filemail:///var/mail"}, "Set EMAIL_URL"),
        ({"EMAIL_URL": "dummymail://"}, "Set EMAIL_URL"),
        ({"MAIL_FROM": "Llamada Perdida <no-responder@localhost>"}, "Set MAIL_FROM"),
        ({"MAIL_FROM": "nobody"}, "Set MAIL_FROM"),
    ],
)
def test_production_refuses_mail_that_reaches_nobody(wrong, message):
    checked = manage("check", "--deploy", **PRODUCTION | wrong)

    assert checked.returncode != 0
    assert message in checked.stderr


@pytest.mark.django_db
def test_production_refuses_to_stand_without_a_front():
    checked = manage("check", "--deploy", **PRODUCTION | {"TRUSTED_PROXIES": ""})

    assert checked.returncode != 0
    assert "portal.E034" in checked.stderr


@pytest.fixture
def operator_folder(settings, tmp_path):
    """A folder of the operator's texts that a deployed portal reads."""
    settings.EMBEDDED = settings.DEBUG = False
    settings.OPERATOR_TEXTS = str(tmp_path)
    for text in operator_texts.TEXTS.values():
        (tmp_path / text.file).write_bytes((ROOT / "tests/operator_texts" / text.file).read_bytes())
    return tmp_path


def test_the_operators_own_texts_pass(operator_folder):
    assert checks.texts_of_the_operator() == []


@pytest.mark.parametrize("file", ["contacto.txt", "privacidad.txt", "terminos.txt"])
@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "has no text"),
        (b" \n\t\r\n", "has no text"),
        (b"\xef\xbb\xbf", "has no text"),
        (b"TODO", "has no text"),
        (b"# A heading alone, as long as it may be", "has no text"),
        ("Texto de muestra: el operador todavía no publica el suyo.".encode(), "placeholder"),
        (b"# TEXTO DE MUESTRA\n\nTus datos se guardan en el portal.", "placeholder"),
        (b"Aviso de privacidad.\n\nTexto\nde  muestra, por cambiar.", "placeholder"),
        (b"Lorem ipsum dolor sit amet, consectetur.", "placeholder"),
        ("Términos del servicio, en español".encode("cp1252"), "UTF-8"),
        ("Términos del servicio, en español".encode("utf-16"), "UTF-8"),
        ("Terminos del servicio".encode("utf-16-le"), "UTF-8"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nA document of another program", "UTF-8"),
    ],
)
def test_production_refuses_a_text_that_tells_nothing(operator_folder, file, written, reason):
    (operator_folder / file).unlink()
    if written is not None:
        (operator_folder / file).write_bytes(written)

    found = checks.texts_of_the_operator()

    assert [error.id for error in found] == ["portal.E035"]
    assert "OPERATOR_TEXTS" in found[0].msg
    assert file in found[0].msg
    assert reason in found[0].msg
    assert "contacto.txt, privacidad.txt, terminos.txt" in found[0].hint


def test_production_refuses_a_folder_in_the_place_of_a_text(operator_folder):
    (operator_folder / "terminos.txt").unlink()
    (operator_folder / "terminos.txt").mkdir()

    assert [error.id for error in checks.texts_of_the_operator()] == ["portal.E035"]


def test_production_refuses_a_folder_that_is_not_there(operator_folder, settings):
    settings.OPERATOR_TEXTS = str(operator_folder / "nada")

    assert {error.id for error in checks.texts_of_the_operator()} == {"portal.E035"}


@pytest.mark.django_db
def test_a_deployed_portal_names_the_setting_without_the_operators_texts():
    checked = manage("check", "--deploy", **PRODUCTION | {"OPERATOR_TEXTS": ""})

    assert checked.returncode != 0
    assert checked.stderr.count("OPERATOR_TEXTS is not set.") == 1
    assert "Set it to a folder with your own contacto.txt" in checked.stderr


@pytest.mark.parametrize(("embedded", "debug"), [(True, False), (False, True)])
def test_development_may_display_placeholders(settings, embedded, debug):
    settings.EMBEDDED, settings.DEBUG = embedded, debug
    settings.OPERATOR_TEXTS = ""

    assert checks.texts_of_the_operator() == []


@pytest.mark.parametrize(("embedded", "debug"), [(True, False), (False, True)])
def test_development_may_write_mail_to_files(settings, embedded, debug):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMBEDDED, settings.DEBUG = embedded, debug

    assert checks.mail() == []


@pytest.mark.django_db
def test_every_page_carries_the_strict_policy(client, editor, brand):
    client.force_login(editor)
    for address in (
        reverse("account_login"),
        reverse("portal:campaigns", args=[brand.slug]),
        reverse("portal:new_campaign", args=[brand.slug]),
        "/no-existe/",
    ):
        policy = client.get(address)["Content-Security-Policy"]
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert parts == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }


@pytest.mark.django_db
def test_another_operator_brings_its_own_skin_and_logo(client, settings):
    page = client.get(reverse("account_login")).content.decode()
    assert "css/skin-movistar.css" in page

    settings.SKIN, settings.OPERATOR_LOGO = "css/skin-otra.css", "img/otra.svg"
    page = client.get(reverse("account_login")).content.decode()
    assert "css/skin-otra.css" in page
    assert 'src="/static/img/otra.svg"' in page
    assert "skin-movistar" not in page


@pytest.mark.django_db
def test_cookies_are_for_this_site_and_no_script(client, editor):
    cache.clear()
    response = client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})

    session = response.cookies["sesion"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused(editor, brand):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    response = client.post(reverse("portal:new_campaign", args=[brand.slug]), {"name": "x"})

    assert response.status_code == 403
    assert not brand.campaigns.exists()


@pytest.mark.django_db
def test_after_too_many_guesses_the_right_password_is_refused_too(client, editor):
    cache.clear()
    wrong = {"login": editor.email, "password": "no-es-esta-clave"}
    for _ in range(5):
        assert client.post(reverse("account_login"), wrong).status_code == 200

    right = client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})

    assert right.status_code in (200, 429)
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_wrong_password_and_an_unknown_user_get_the_same_error(client, editor):
    cache.clear()
    texts = []
    for email in (editor.email, "nadie@nada.mx"):
        page = client.post(reverse("account_login"), {"login": email, "password": "x" * 12})
        texts.append(page.content.decode().replace(email, ""))

    def visible(text):
        return text[text.index("<main") :].split("csrfmiddlewaretoken")[0]

    assert visible(texts[0]) == visible(texts[1])


@pytest.mark.django_db
def test_the_admin_uses_the_portals_sign_in_page(client):
    response = client.get("/admin/")

    assert response.status_code == 302
    followed = client.get("/admin/", follow=True)
    assert followed.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.django_db
def test_health_is_503_while_the_database_is_down(client):
    assert client.get("/salud/").json()["status"] == "ok"

    process = manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.test import Client; print(Client().get('/salud/').status_code)",
        DATABASE_URL="postgres://nobody:none@127.0.0.1:1/none",
    )
    assert process.stdout.strip() == "503", process.stderr


def test_every_setting_is_documented():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "portal/settings.py").read_text()))
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert len(read) > 20
    assert read - explained == set()
