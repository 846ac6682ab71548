"""Acceptance, dispute and ruling: once each, by whom, in time, and told to both sides."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from campaigns.certificates import answers, issue
from campaigns.certificates.answers import Outcome
from campaigns.certificates.errors import (
    AlreadyAnswered,
    BadClaim,
    CertificateReplaced,
    NothingToCorrect,
)
from campaigns.errors import BadReason, NotAllowed, OwnBrand
from campaigns.models import (
    Certificate,
    CertificateAnswer,
    DisputeRuling,
    Membership,
    Notice,
)
from core.calendar import add_working_days
from tests import statuses
from tests.campaigns.certificates.conftest import correct

pytestmark = pytest.mark.django_db

REASON = "Nuestro centro de atención contó 140 llamadas con el anuncio."


@pytest.fixture
def disputed(certificate, editor):
    return answers.dispute(certificate.pk, reason=REASON, claimed=140, by=editor)


def told(kind):
    return {row.user.email: row.note for row in Notice.objects.filter(kind=kind)}


def snapshot():
    models = (Certificate, CertificateAnswer, DisputeRuling, Notice)
    return [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models]


def test_an_acceptance_is_final_and_both_sides_are_told(certificate, editor, owner, settler):
    answer = answers.accept(certificate.pk, by=owner)

    assert (answer.kind, answer.by_id, answer.due_on) == ("accepted", owner.pk, None)
    assert told("accepted").keys() == {owner.email, editor.email, settler.email}
    assert Notice.objects.get(kind="accepted", user=owner).read_at
    before = snapshot()
    with pytest.raises(AlreadyAnswered, match="ya la aceptó"):
        answers.accept(certificate.pk, by=editor)
    with pytest.raises(AlreadyAnswered, match="ya la aceptó"):
        answers.dispute(certificate.pk, reason=REASON, claimed=1, by=editor)
    assert snapshot() == before


def test_a_dispute_has_reason_figure_and_a_last_day(settler, disputed, editor, settings):
    assert (disputed.kind, disputed.reason, disputed.claimed) == ("disputed", REASON, 140)
    assert disputed.due_on == add_working_days(disputed.at.date(), settings.DISPUTE_WORKING_DAYS)
    assert told("disputed") == {editor.email: REASON, settler.email: REASON}
    assert list(CertificateAnswer.objects.open_disputes()) == [disputed]


def test_it_is_overdue_the_day_after_its_last_day(disputed, settler, time_machine):
    time_machine.move_to(f"{disputed.due_on}T23:59-06:00", tick=False)
    assert not disputed.is_overdue

    time_machine.move_to(f"{add_working_days(disputed.due_on, 1)}T00:01-06:00", tick=False)
    assert disputed.is_overdue

    answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="Coinciden.", by=settler)
    assert not CertificateAnswer.objects.get().is_overdue


def test_five_working_days_from_a_friday_are_the_next_friday():
    assert add_working_days(date(2026, 12, 4), 5) == date(2026, 12, 11)


def test_a_certificate_is_disputed_once_and_not_accepted_meanwhile(disputed, certificate, editor):
    before = snapshot()

    with pytest.raises(AlreadyAnswered, match="se objeta una vez"):
        answers.dispute(certificate.pk, reason=REASON, claimed=1, by=editor)
    with pytest.raises(AlreadyAnswered, match="espera la respuesta"):
        answers.accept(certificate.pk, by=editor)

    assert snapshot() == before


def test_it_may_be_accepted_after_the_ruling(disputed, certificate, editor, settler):
    ruling = answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="Coinciden.", by=settler)

    assert (ruling.outcome, ruling.reason, ruling.by_id) == ("kept", "Coinciden.", settler.pk)
    assert told("ruled") == {editor.email: "Coinciden.", settler.email: "Coinciden."}
    assert not CertificateAnswer.objects.open_disputes().exists()
    assert Certificate.objects.count() == 1
    answers.accept(certificate.pk, by=editor)
    before = snapshot()
    with pytest.raises(AlreadyAnswered, match="ya respondió"):
        answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="Otra vez.", by=settler)
    assert snapshot() == before


def test_a_ruling_that_corrects_issues_the_correction(disputed, certificate, final, settler):
    correct(final)

    answers.rule(disputed.pk, outcome=Outcome.CORRECTED, reason="Tenías razón.", by=settler)

    newer = issue.current(final)
    assert newer.replaces == certificate
    assert newer.data["delivery"]["total"]["delivered"] == 140
    assert newer.issued_by == settler
    assert answers.of_certificate(certificate).ruling.outcome == "corrected"


def test_it_corrects_nothing_while_the_counts_are_the_same(disputed, settler):
    before = snapshot()

    with pytest.raises(NothingToCorrect):
        answers.rule(disputed.pk, outcome=Outcome.CORRECTED, reason="Va.", by=settler)

    assert snapshot() == before


def test_it_names_a_correction_that_was_already_issued(disputed, final, editor, settler):
    correct(final)
    issue.issue(final.pk, by=editor)

    answers.rule(disputed.pk, outcome=Outcome.CORRECTED, reason="Ya está.", by=settler)

    assert Certificate.objects.count() == 2


def test_one_that_was_replaced_is_not_answered(certificate, final, editor):
    correct(final)
    newer = issue.issue(final.pk, by=editor).certificate
    before = snapshot()

    for answer in (
        lambda: answers.accept(certificate.pk, by=editor),
        lambda: answers.dispute(certificate.pk, reason=REASON, claimed=1, by=editor),
    ):
        with pytest.raises(CertificateReplaced, match=newer.folio):
            answer()

    assert snapshot() == before


@pytest.mark.parametrize(
    ("reason", "claimed", "error"),
    [
        ("", 1, BadReason),
        (" \n ", 1, BadReason),
        ("x" * 501, 1, BadReason),
        ("a\0b", 1, BadReason),
        (REASON, -1, BadClaim),
        (REASON, 10**12, BadClaim),
    ],
)
def test_a_dispute_without_reason_or_figure_is_refused(certificate, editor, reason, claimed, error):
    before = snapshot()

    with pytest.raises(error):
        answers.dispute(certificate.pk, reason=reason, claimed=claimed, by=editor)

    assert snapshot() == before


@pytest.mark.parametrize("who", ["viewer", "stranger", "settler"])
def test_others_answer_nothing(who, certificate, request):
    user, before = request.getfixturevalue(who), snapshot()

    with pytest.raises(NotAllowed):
        answers.accept(certificate.pk, by=user)
    with pytest.raises(NotAllowed):
        answers.dispute(certificate.pk, reason=REASON, claimed=1, by=user)

    assert snapshot() == before


@pytest.mark.parametrize("who", ["editor", "reviewer", "stranger"])
def test_only_staff_with_the_permission_rule(who, disputed, request):
    user, before = request.getfixturevalue(who), snapshot()

    with pytest.raises(NotAllowed):
        answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="No.", by=user)

    assert snapshot() == before


def test_nobody_rules_on_their_own_brand(disputed, settler, brand):
    Membership.objects.create(brand=brand, user=settler, role=Membership.Role.VIEWER)
    before = snapshot()

    with pytest.raises(OwnBrand):
        answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="No.", by=settler)

    assert snapshot() == before


def test_a_ruling_needs_a_reason(disputed, settler):
    before = snapshot()

    with pytest.raises(BadReason):
        answers.rule(disputed.pk, outcome=Outcome.KEPT, reason=" ", by=settler)

    assert snapshot() == before


@pytest.mark.parametrize("model", [CertificateAnswer, DisputeRuling])
def test_no_answer_is_changed(model, disputed, settler):
    answers.rule(disputed.pk, outcome=Outcome.KEPT, reason="Coinciden.", by=settler)
    statuses.commit()

    with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
        model.objects.update(reason="Otro")

    assert not model.objects.filter(reason="Otro").exists()
