"""Verification: what is known by a folio, and whether a file or paper is what was issued."""

import hashlib

import pytest

from campaigns.certificates import issue, verification
from campaigns.certificates.verification import Match
from tests.campaigns.certificates.conftest import correct

pytestmark = pytest.mark.django_db


def test_a_folio_that_was_issued_is_known(certificate):
    found = verification.verify(certificate.folio)

    assert (found.certificate, found.replaced_by, found.match) == (certificate, "", None)


def test_one_that_was_not_is_unknown(certificate):
    assert verification.verify("CE-22222222") is None


def test_the_hash_of_the_file_and_the_printed_one_are_told_apart(certificate):
    file = hashlib.sha256(bytes(certificate.pdf)).hexdigest()

    def match(sha256):
        return verification.verify(certificate.folio, sha256).match

    assert match(file) == match(file.upper()) == match(f" {file[:32]} {file[32:]}\n") == Match.FILE
    assert match(certificate.content_sha256) == Match.CONTENT


def test_a_file_with_one_other_byte_is_not_the_one_that_was_issued(certificate):
    tampered = bytes(certificate.pdf).replace(b"Tienda", b"Fienda")
    assert tampered != bytes(certificate.pdf)

    found = verification.verify(certificate.folio, hashlib.sha256(tampered).hexdigest())

    assert found.match == Match.NOTHING


@pytest.mark.parametrize("entered", ["a" * 63, "a" * 65, "g" * 64, "…"])
def test_what_is_no_hash_is_said_to_be_none(certificate, entered):
    assert verification.verify(certificate.folio, entered).match == Match.NOT_A_HASH


def test_one_that_was_replaced_names_the_newer_one(certificate, final, editor):
    correct(final)
    newer = issue.issue(final.pk, by=editor).certificate

    assert verification.verify(certificate.folio).replaced_by == newer.folio
    assert verification.verify(newer.folio).replaced_by == ""


@pytest.mark.parametrize(
    ("entered", "folio"),
    [
        ("CE-7K2M9QXB", "CE-7K2M9QXB"),
        (" ce-7k2m 9qxb ", "CE-7K2M9QXB"),
        ("CE-7K2M9QX", ""),
        ("CE-7K2M9QXA", ""),
        ("LP-7K2M9Q", ""),
        ("", ""),
    ],
)
def test_a_folio_is_read_as_people_write_it(entered, folio):
    assert verification.clean_folio(entered) == folio
