"""To whom results are mailed: chosen by a brand, confirmed by an address, stopped by its person."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from campaigns.errors import BrandSuspended, JustSent, NotAllowed
from campaigns.models import ReportRecipient
from campaigns.report_mails import links, recipients
from campaigns.report_mails.errors import (
    AlreadyRecipient,
    AskedToday,
    NothingToReport,
    StoppedByRecipient,
    TooManyRecipients,
)

pytestmark = pytest.mark.django_db

BOTH = ["weekly", "end"]


@pytest.fixture(autouse=True)
def _standing_clock(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


def wanting(kind="weekly"):
    return [row.address for row in ReportRecipient.objects.wanting(kind)]


def add(brand, by, email="jefa@agencia.mx", kinds=BOTH):
    return recipients.add(brand.pk, email, kinds, by=by)


def rows():
    return list(ReportRecipient.objects.order_by("id").values())


def test_a_writer_chooses_for_people_of_the_brand(brand, editor, viewer):
    recipients.choose(brand.pk, viewer.pk, ["weekly"], by=editor)

    assert (wanting("weekly"), wanting("end")) == ([viewer.email], [])
    assert mail.outbox == []


def test_a_viewer_chooses_for_themselves_alone(brand, owner, viewer):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=viewer)
    before = rows()

    with pytest.raises(NotAllowed):
        recipients.choose(brand.pk, owner.pk, BOTH, by=viewer)
    with pytest.raises(NotAllowed):
        add(brand, viewer)
    assert rows() == before


@pytest.mark.parametrize("who", ["stranger", "reviewer"])
def test_strangers_choose_for_nobody(who, brand, owner, request):
    person = request.getfixturevalue(who)

    for attempt in (
        lambda: recipients.choose(brand.pk, owner.pk, BOTH, by=person),
        lambda: recipients.choose(brand.pk, person.pk, BOTH, by=person),
        lambda: recipients.choose(brand.pk, person.pk, BOTH, by=owner),
        lambda: add(brand, person),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert rows() == []
    assert mail.outbox == []


def test_what_a_person_stopped_a_writer_cannot_begin_again(brand, editor, viewer):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=editor)
    recipients.choose(brand.pk, viewer.pk, ["end"], by=viewer)

    recipients.choose(brand.pk, viewer.pk, BOTH, by=editor)
    assert (wanting("weekly"), wanting("end")) == ([], [viewer.email])

    recipients.choose(brand.pk, viewer.pk, BOTH, by=viewer)
    assert wanting("weekly") == [viewer.email]


def test_a_person_begins_again_what_the_brand_had_taken_back(brand, editor, viewer):
    recipients.choose(brand.pk, viewer.pk, BOTH, by=editor)
    recipients.choose(brand.pk, viewer.pk, [], by=viewer)
    recipients.choose(brand.pk, viewer.pk, [], by=editor)

    recipients.choose(brand.pk, viewer.pk, ["weekly"], by=viewer)

    assert (wanting("weekly"), wanting("end")) == ([viewer.email], [])


def test_an_address_gets_nothing_before_it_confirms(
    brand, editor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        added = add(brand, editor, "Jefa@Agencia.MX")

    assert wanting() == []
    [message] = mail.outbox
    assert message.to == ["jefa@agencia.mx"]
    assert links.confirm_url(added).rsplit(":", 2)[0] in message.body  # the rest has the time

    recipients.answer(added.pk, wanted=True)
    assert wanting() == ["jefa@agencia.mx"]


def test_an_address_that_refused_is_asked_no_more(brand, editor):
    added = add(brand, editor)
    recipients.answer(added.pk, wanted=False)
    ReportRecipient.objects.update(asked_at=timezone.now() - timedelta(days=30))

    with pytest.raises(StoppedByRecipient):
        recipients.ask_again(added.pk, by=editor)
    recipients.remove(added.pk, by=editor)
    before = rows()
    with pytest.raises(StoppedByRecipient):
        add(brand, editor)

    assert rows() == before
    assert wanting() == []


def test_an_address_is_asked_once_a_day(brand, editor, time_machine):
    added = add(brand, editor)
    before = rows()
    with pytest.raises(AskedToday):
        recipients.ask_again(added.pk, by=editor)
    assert rows() == before
    recipients.remove(added.pk, by=editor)
    removed = rows()
    with pytest.raises(AskedToday):
        add(brand, editor)
    assert rows() == removed

    time_machine.shift(timedelta(hours=25))
    assert add(brand, editor).pk == added.pk
    with pytest.raises(AskedToday):
        recipients.ask_again(added.pk, by=editor)


def test_an_address_that_was_removed_confirms_anew(brand, editor, time_machine):
    added = add(brand, editor)
    recipients.answer(added.pk, wanted=True)
    recipients.remove(added.pk, by=editor)
    assert wanting() == []

    time_machine.shift(timedelta(hours=25))
    add(brand, editor)

    assert wanting() == []


def test_a_lost_request_may_be_sent_again_at_once(
    brand, editor, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_args, **_named):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken, django_capture_on_commit_callbacks(execute=True):
        broken.setattr(mail.EmailMultiAlternatives, "send", away)
        added = add(brand, editor)
    assert mail.outbox == []

    with django_capture_on_commit_callbacks(execute=True):
        recipients.ask_again(added.pk, by=editor)
    assert [message.to for message in mail.outbox] == [["jefa@agencia.mx"]]


def test_no_address_twice_and_none_of_a_member(brand, editor, viewer):
    add(brand, editor)
    before = rows()

    for email in ("JEFA@agencia.mx", viewer.email, viewer.email.upper()):
        with pytest.raises(AlreadyRecipient):
            add(brand, editor, email)
    assert rows() == before


def test_addresses_are_limited_also_by_day(brand, editor, monkeypatch, time_machine):
    monkeypatch.setattr(recipients, "MAX_ADDRESSES", 2)
    first, _second = add(brand, editor, "a@x.mx"), add(brand, editor, "b@x.mx")
    before = rows()
    with pytest.raises(TooManyRecipients):
        add(brand, editor, "c@x.mx")
    assert rows() == before

    recipients.remove(first.pk, by=editor)
    with pytest.raises(TooManyRecipients):  # or strangers could be asked without end
        add(brand, editor, "c@x.mx")
    time_machine.shift(timedelta(hours=25))
    add(brand, editor, "c@x.mx")


def test_a_suspended_brand_changes_nothing(brand, editor, viewer):
    added = add(brand, editor)
    brand.active, brand.suspended_at, brand.suspension_reason = False, timezone.now(), "x"
    brand.save()
    before = rows()

    for attempt in (
        lambda: recipients.choose(brand.pk, viewer.pk, BOTH, by=viewer),
        lambda: recipients.choose(brand.pk, viewer.pk, BOTH, by=editor),
        lambda: recipients.remove(added.pk, by=editor),
        lambda: recipients.ask_again(added.pk, by=editor),
        lambda: recipients.choose_for_address(added.pk, [], by=editor),
        lambda: recipients.send_sample(brand, to=editor),
    ):
        with pytest.raises(BrandSuspended):
            attempt()
    assert rows() == before


def test_a_sample_has_the_last_week_and_goes_to_its_person_alone(campaign, after, editor):
    after(0, hour=5)
    mail.outbox.clear()

    recipients.send_sample(campaign.brand, to=editor)

    assert [message.to for message in mail.outbox] == [[editor.email]]
    assert wanting() == []
    with pytest.raises(JustSent):
        recipients.send_sample(campaign.brand, to=editor)
    assert len(mail.outbox) == 1


def test_there_is_no_sample_of_a_week_without_campaigns(brand, editor):
    with pytest.raises(NothingToReport):
        recipients.send_sample(brand, to=editor)
    assert mail.outbox == []


def test_tokens_serve_one_thing_each(brand, editor, time_machine):
    added = add(brand, editor)
    stop = links.stop_url(added, "weekly").split("/")[-2]
    request = links.confirm_url(added).split("/")[-2]

    assert links.read_stop(stop) == (added, "weekly")
    assert links.read_request(request) == added
    assert links.read_stop(request) is None
    assert links.read_request(stop) is None
    for broken in ("", "x", stop[:-1], stop.swapcase(), "á"):
        assert links.read_stop(broken) is None
        assert links.read_request(broken) is None
    time_machine.shift(links.CONFIRM_WITHIN + timedelta(minutes=1))
    assert links.read_request(request) is None
    assert links.read_stop(stop) == (added, "weekly")
