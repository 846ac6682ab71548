"""Issue: once, by whom, corrections in a chain, two at the same time, and never changed."""

import threading

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns.certificates import issue
from campaigns.errors import BrandSuspended, NotAllowed
from campaigns.models import Brand, Certificate, Notice
from tests import statuses
from tests.campaigns.certificates.conftest import correct

pytestmark = pytest.mark.django_db


def test_the_same_certificate_is_returned_while_nothing_changed(final, editor, settler):
    first, is_new = issue.issue(final.pk, by=editor)
    again = issue.issue(final.pk, by=editor)
    by_staff = issue.issue(final.pk, by=settler)

    assert is_new
    assert (again.certificate, again.is_new) == (first, False)
    assert (by_staff.certificate, by_staff.is_new) == (first, False)
    assert Certificate.objects.count() == 1
    assert issue.pending_changes(final) == []


def test_a_correction_names_the_one_that_it_replaces_and_why(certificate, final, editor):
    correct(final)
    assert issue.pending_changes(final) == ["se corrigieron las cuentas finales"]

    corrected, is_new = issue.issue(final.pk, by=editor)

    assert is_new
    assert corrected.replaces == certificate
    assert corrected.data["replaces"] == {
        "folio": certificate.folio,
        "pdf_sha256": certificate.pdf_sha256,
        "reasons": ["se corrigieron las cuentas finales"],
    }
    assert certificate.data["delivery"]["total"]["delivered"] == 130
    assert corrected.data["delivery"]["total"]["delivered"] == 140
    assert issue.current(final) == corrected
    assert issue.issue(final.pk, by=editor) == (corrected, False)


def test_a_brand_with_another_name_gets_another_certificate(certificate, final, editor):
    Brand.objects.filter(pk=final.brand_id).update(name="Tienda Nueva")

    corrected, _is_new = issue.issue(final.pk, by=editor)

    assert corrected.data["replaces"]["reasons"] == ["cambió el nombre de la marca"]
    assert (certificate.data["brand"], corrected.data["brand"]) == ("Tienda", "Tienda Nueva")


def test_those_who_write_for_the_brand_are_notified(certificate, owner, editor, viewer, final):
    correct(final)
    issue.issue(final.pk, by=owner)

    rows = Notice.objects.filter(kind="certified").order_by("certificate", "user")
    found = {(row.certificate.replaces_id is None, row.user) for row in rows}
    assert {user for is_first, user in found if not is_first} == {owner, editor}
    assert viewer not in {user for _is_first, user in found}
    assert Notice.objects.get(
        kind="certified", user=owner, certificate__replaces__isnull=False
    ).read_at


@pytest.mark.parametrize("who", ["viewer", "stranger", "reviewer"])
def test_others_issue_none(who, final, request):
    with pytest.raises(NotAllowed):
        issue.issue(final.pk, by=request.getfixturevalue(who))

    assert not Certificate.objects.exists()
    assert not Notice.objects.filter(kind="certified").exists()


def test_a_suspended_brand_issues_none_but_staff_do(final, editor, settler):
    Brand.objects.filter(pk=final.brand_id).update(
        active=False, suspended_at="2026-01-01T00:00Z", suspension_reason="Adeudo"
    )

    with pytest.raises(BrandSuspended):
        issue.issue(final.pk, by=editor)
    assert not Certificate.objects.exists()
    assert issue.issue(final.pk, by=settler).is_new


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_issue_one(final, editor, settler):
    found, start = [], threading.Barrier(2)

    def issue_it(user):
        try:
            start.wait()
            found.append(issue.issue(final.pk, by=user))
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue_it, args=[user]) for user in (editor, settler)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [certificate] = Certificate.objects.all()
    assert sorted(found, key=lambda each: each.is_new) == [
        (certificate, False),
        (certificate, True),
    ]


def copy_of(certificate, **changes):
    fields = (each.attname for each in Certificate._meta.concrete_fields)
    values = {name: getattr(certificate, name) for name in fields} | {"id": None, "folio": "CE-X"}
    return Certificate(**values | changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "certificate_first_of_campaign_once"),
        ({"pdf": b"%PDF-1.7 other"}, "certificate_pdf_has_its_hash"),
        ({"content": "{}"}, "certificate_content_has_its_hash"),
    ],
)
def test_the_database_refuses_a_second_first_one_and_a_wrong_hash(certificate, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        copy_of(certificate, **changes).save()

    assert Certificate.objects.count() == 1


def test_one_is_replaced_once(certificate, final, editor):
    correct(final)
    issue.issue(final.pk, by=editor)

    with pytest.raises(IntegrityError, match="replaces"), transaction.atomic():
        copy_of(certificate, replaces_id=certificate.pk).save()

    assert Certificate.objects.count() == 2


@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET folio = 'CE-X'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_none_is_changed_or_removed(certificate, sql):
    statuses.commit()
    with (
        pytest.raises(DatabaseError, match=r"pgtrigger: (?i:cannot)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(Certificate._meta.db_table))

    assert Certificate.objects.get().folio == certificate.folio


def test_staff_need_the_permission(final, reviewer):
    reviewer.user_permissions.add(Permission.objects.get(codename="settle_certificate"))
    reviewer = type(reviewer).objects.get(pk=reviewer.pk)

    assert issue.issue(final.pk, by=reviewer).is_new
