"""Verification of a certificate by its folio, and of a file or paper by its SHA-256. Public."""

import re
from enum import StrEnum
from typing import NamedTuple

from campaigns.models import Certificate
from campaigns.models.campaign import FOLIO_ALPHABET

FOLIO_PATTERN = f"CE-[{FOLIO_ALPHABET}]{{8}}"


class Match(StrEnum):
    """What a SHA-256 that was entered is of."""

    FILE = "file"
    CONTENT = "content"  # it is printed on the paper
    NOTHING = "nothing"
    NOT_A_HASH = "not_a_hash"


class Verified(NamedTuple):
    """A certificate that was issued, the folio of the one that replaces it, if any, and the match
    of the SHA-256 that was entered, if any.
    """

    certificate: Certificate
    replaced_by: str
    match: Match | None


def clean_folio(entered: str) -> str:
    """Return a folio as it is stored; empty if the text is none."""
    folio = re.sub(r"\s+", "", entered).upper()
    return folio if re.fullmatch(FOLIO_PATTERN, folio) else ""


def verify(folio: str, sha256: str = "") -> Verified | None:
    """Return what is known of a certificate; None if none with this folio was issued."""
    rows = Certificate.objects.without_file().select_related("campaign__brand")
    certificate = rows.filter(folio=folio).first()
    if certificate is None:
        return None
    newer = Certificate.objects.filter(replaces=certificate).values_list("folio", flat=True)
    return Verified(certificate, newer.first() or "", _match(certificate, sha256))


def _match(certificate: Certificate, entered: str) -> Match | None:
    digest = re.sub(r"\s+", "", entered).lower()
    if not digest:
        return None
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return Match.NOT_A_HASH
    found = {certificate.pdf_sha256: Match.FILE, certificate.content_sha256: Match.CONTENT}
    return found.get(digest, Match.NOTHING)
