"""Known and unknown addresses cost the same work, so that no time reveals which is known.

Work is counted, not timed: hashes of passwords, rows written, queries and mails.
"""

from collections import Counter

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Brand, Membership
from portal.accounts.models import User
from portal.accounts.sign_up import SignUpForm
from tests.conftest import PASSWORD
from tests.portal.accounts.test_sign_up import FORM, SENT_PAGE, SIGN_UP

pytestmark = pytest.mark.django_db


@pytest.fixture
def work_of(monkeypatch):
    """Return a function that counts what a request by a new visitor does."""
    hashed = Counter()
    hasher = type(hashers.get_hasher("default"))
    encode = hasher.encode

    def count(self, *args, **kwargs):
        hashed["hashes"] += 1
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(hasher, "encode", count)

    def measure(address, data):
        cache.clear()
        client = Client()
        client.get(address)
        hashed.clear()
        mail.outbox.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.post(address, data)
        kinds = Counter(query["sql"].split()[0] for query in queries)
        written = Counter(
            query["sql"].split()[2] for query in queries if query["sql"].startswith("INSERT")
        )
        work = {"hashes": hashed["hashes"], "mails": len(mail.outbox), "inserts": kinds["INSERT"]}
        return response, work, written

    return measure


def test_a_sign_up_does_the_same_for_a_known_and_an_unknown_address(work_of, editor):
    known = FORM | {"email": editor.email}
    unconfirmed = FORM | {"email": "otra@pizzas.mx"}
    work_of(SIGN_UP, unconfirmed)
    before = (User.objects.count(), Brand.objects.count(), Membership.objects.count())

    taken, work_of_known, written_of_known = work_of(SIGN_UP, known)
    again, work_of_waiting, written_of_waiting = work_of(SIGN_UP, unconfirmed)
    assert before == (User.objects.count(), Brand.objects.count(), Membership.objects.count())
    free, work_of_unknown, written_of_unknown = work_of(SIGN_UP, FORM)

    assert taken.url == again.url == free.url == SENT_PAGE
    assert work_of_known == work_of_waiting == work_of_unknown
    assert work_of_unknown["hashes"] == work_of_unknown["mails"] == 1
    assert written_of_known == written_of_waiting == written_of_unknown
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)
    assert not User.objects.filter(email__endswith="@registro.invalid").exists()


def test_without_the_same_work_the_counts_differ(work_of, editor, monkeypatch):
    """The negative control: as the library does it."""
    monkeypatch.setattr(SignUpForm, "_save_and_undo", lambda _self, _request: None)

    _response, work_of_known, _written = work_of(SIGN_UP, FORM | {"email": editor.email})
    _response, work_of_unknown, _written = work_of(SIGN_UP, FORM)

    assert work_of_known["hashes"] < work_of_unknown["hashes"]
    assert work_of_known["inserts"] < work_of_unknown["inserts"]


def test_a_wrong_password_costs_the_same_for_a_known_and_an_unknown_address(work_of, editor):
    address = reverse("account_login")

    _page, known, _ = work_of(address, {"login": editor.email, "password": "no-es-esta"})
    _page, unknown, _ = work_of(address, {"login": "nadie@nada.mx", "password": "no-es-esta"})

    assert known == unknown
    assert known["hashes"] > 0


def test_a_password_reset_mails_a_known_and_an_unknown_address(work_of, editor):
    address = reverse("account_reset_password")

    one, known, _ = work_of(address, {"email": editor.email})
    other, unknown, _ = work_of(address, {"email": "nadie@nada.mx"})

    assert one.url == other.url
    assert known == unknown
    assert known["mails"] == 1
