"""The content of an ad order: its hash, its text, and what is refused of it."""

from typing import Any

from campaigns.gateway.conformance.exchange import CheckSkipped, Exchange, require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.contract import ALPHABET, content_hash

OWN = "MISSED_CALL_ADS."
NOT_ENCODABLE = ("á", "ñ", ":", "\\", '"', "€", "\n", "_", "²", "Ａ", "[", "~")
MAX_FILLED = 30
"""The most active orders that a check creates to reach the quota."""


def _put(gateway: CheckedGateway, **changes: Any) -> Exchange:
    return gateway.put(gateway.new_id(), gateway.document(**changes))


def _refuse(gateway: CheckedGateway, status: int, code: str, **changes: Any) -> None:
    """Put an order that has to be refused, and must not exist afterwards."""
    order_id = gateway.new_id()
    gateway.put(order_id, gateway.document(**changes)).expect(status, code)
    gateway.call("getAdOrder", order_id=order_id).expect(404, OWN + "AD_ORDER_NOT_FOUND")


def _full(gateway: CheckedGateway) -> dict[str, Any]:
    """Return an order with every restriction that the gateway has."""
    features = gateway.capabilities["features"]
    document = gateway.document(priority=9)
    if "DAYPARTS" in features:
        document["dayparts"] = [{"days": ["SAT", "FRI"], "from": "18:00", "to": "24:00"}]
    if "FREQUENCY_CAP" in features:
        document["frequencyCap"] = {"maxPerRecipient": 2, "periodHours": 24}
    if "PACING_EVEN" in features:
        document["pacing"] = {"mode": "EVEN", "aheadPercent": 10}
    if gateway.capabilities.get("audienceRestrictions"):
        document["audienceRestrictions"] = gateway.capabilities["audienceRestrictions"][:1]
    return document


def check_hash(gateway: CheckedGateway) -> None:
    """contentHash is the SHA-256 of the canonical JSON without generation, as it was sent."""
    for document in (gateway.document(), _full(gateway)):
        order_id = gateway.new_id()
        received = gateway.put(order_id, document).get("contentHash")
        require(received == content_hash(document), f"contentHash is {received}")
        received = gateway.held(order_id).get("contentHash")
        require(received == content_hash(document), f"getAdOrder: contentHash is {received}")


def check_hash_after_state(gateway: CheckedGateway) -> None:
    """setDesiredState changes the hash as if the document had been sent with the new state."""
    order_id, document = gateway.put_new()
    received = gateway.set_state(order_id, "PAUSED", 2).get("contentHash")

    expected = content_hash(document | {"desiredState": "PAUSED"})
    require(received == expected, f"contentHash is {received} and not {expected}")


def check_kept_as_sent(gateway: CheckedGateway) -> None:
    """The document is answered as it was sent, and no default is filled in."""
    for document in (gateway.document(), _full(gateway)):
        order_id = gateway.new_id()
        gateway.put(order_id, document)
        held = gateway.held(order_id)
        other = sorted(name for name in document if held.get(name) != document[name])
        require(not other, f"what is held differs from what was sent: {', '.join(other)}")
        optional = {"pacing", "priority", "dayparts", "frequencyCap", "audienceRestrictions"}
        added = sorted(optional & set(held) - set(document))
        require(not added, f"members are filled in: {', '.join(added)}")


def check_alphabet(gateway: CheckedGateway) -> None:
    """Every character of the alphabet takes one septet."""
    for text in (ALPHABET[:40], ALPHABET[40:], "aZ09 $.,/@"):
        _put(gateway, adText=text, adTextSeptets=len(text)).expect(201)


def check_not_encodable(gateway: CheckedGateway) -> None:
    """A character outside the alphabet is answered 422 TEXT_NOT_ENCODABLE."""
    for sign in NOT_ENCODABLE:
        answer = _put(gateway, adText="ab" + sign, adTextSeptets=3)
        answer.expect(422, OWN + "TEXT_NOT_ENCODABLE")


def check_text_length(gateway: CheckedGateway) -> None:
    """A text of maxAdSeptets is accepted, and one septet more is answered 422 TEXT_TOO_LONG."""
    most = gateway.capabilities["maxAdSeptets"]
    require(90 <= most <= 110, f"maxAdSeptets is {most}")

    _put(gateway, adText="x" * most, adTextSeptets=most).expect(201)
    _refuse(gateway, 422, OWN + "TEXT_TOO_LONG", adText="x" * (most + 1), adTextSeptets=most + 1)


def check_septets(gateway: CheckedGateway) -> None:
    """Another count of septets than the gateway's is answered 422 SEPTETS_MISMATCH."""
    for septets in (8, 10):
        code = OWN + "SEPTETS_MISMATCH"
        _refuse(gateway, 422, code, adText="nueve $.,", adTextSeptets=septets)


def check_unknown_lada(gateway: CheckedGateway) -> None:
    """A LADA outside getCapabilities is answered 422 UNKNOWN_LADA."""
    ladas = [*gateway.capabilities["ladas"][:1], gateway.unknown_lada()]

    _refuse(gateway, 422, OWN + "UNKNOWN_LADA", target={"scope": "LADAS", "ladas": ladas})


def check_past_period(gateway: CheckedGateway) -> None:
    """A period that ended before today is answered 422 PERIOD_IN_PAST; today is not past."""
    _refuse(gateway, 422, OWN + "PERIOD_IN_PAST", **gateway.document(starts_in=-2))
    _put(gateway, **gateway.document(starts_in=-1, desiredState="PAUSED")).expect(201)


def check_blocked_category(gateway: CheckedGateway) -> None:
    """A category of blockedCategories is answered 422 CATEGORY_BLOCKED."""
    blocked = gateway.capabilities["blockedCategories"]
    if not blocked:
        raise CheckSkipped("the gateway blocks no category")
    _refuse(gateway, 422, OWN + "CATEGORY_BLOCKED", contentCategory=blocked[0])


def check_unsupported_restriction(gateway: CheckedGateway) -> None:
    """A restriction that the gateway cannot apply is refused, never ignored."""
    code = OWN + "RESTRICTION_UNSUPPORTED"
    features = gateway.capabilities["features"]
    _refuse(gateway, 422, code, audienceRestrictions=["CONFORMANCE_UNKNOWN"])
    if "DAYPARTS" not in features:
        dayparts = [{"days": ["SAT"], "from": "18:00", "to": "24:00"}]
        _refuse(gateway, 422, code, dayparts=dayparts)
    if "FREQUENCY_CAP" not in features:
        _refuse(gateway, 422, code, frequencyCap={"maxPerRecipient": 2, "periodHours": 24})


def check_unknown_member(gateway: CheckedGateway) -> None:
    """A member that the gateway does not know is refused as a restriction, never ignored."""
    code = OWN + "RESTRICTION_UNSUPPORTED"
    target = gateway.document()["target"]
    _refuse(gateway, 422, code, conformanceRestriction="ANY")
    _refuse(gateway, 422, code, target=target | {"conformanceRestriction": ["ANY"]})


def check_shape(gateway: CheckedGateway) -> None:
    """A member of another type or format is answered 400 INVALID_ARGUMENT."""
    ladas = gateway.capabilities["ladas"][:1]
    day = gateway.day(40)
    for change in (
        {"generation": "1"},
        {"generation": 1.5},
        {"generation": True},
        {"priority": "high"},
        {"externalReference": "CONFORMANCE-1\n"},
        {"desiredState": "COMPLETED"},
        {"target": {"scope": "LADAS"}},
        {"target": {"scope": "LADAS", "ladas": ladas * 2}},
        {"target": {"scope": "NATIONAL", "ladas": ladas}},
        {"deliveryPeriod": {"startDate": "2099-02-30", "endDate": "2099-03-01"}},
        {"deliveryPeriod": {"startDate": day, "endDate": gateway.day(39)}},
        {"dayparts": [{"days": ["MON"], "from": "18:00", "to": "18:00"}]},
    ):
        _refuse(gateway, 400, "INVALID_ARGUMENT", **change)
    document = gateway.document()
    del document["contentCategory"]
    gateway.put(gateway.new_id(), document).expect(400, "INVALID_ARGUMENT")


def check_range(gateway: CheckedGateway) -> None:
    """A value outside its range is answered 400 OUT_OF_RANGE."""
    for change in (
        {"generation": 0},
        {"generation": 2**63},
        {"priority": 10},
        {"adText": "", "adTextSeptets": 1},
        {"pacing": {"mode": "EVEN", "aheadPercent": 21}},
        {"frequencyCap": {"maxPerRecipient": 0, "periodHours": 24}},
        {"target": {"scope": "LADAS", "ladas": []}},
    ):
        _refuse(gateway, 400, "OUT_OF_RANGE", **change)


def check_goal(gateway: CheckedGateway) -> None:
    """goal.daily is ascending, within the period, and adds up to goal.total."""

    def goal(total: int, *daily: tuple[int, int]) -> dict[str, Any]:
        days = [{"date": gateway.day(30 + day), "count": count} for day, count in daily]
        return {"unit": "NOTIFICATIONS", "total": total, "daily": days}

    _refuse(gateway, 400, "INVALID_ARGUMENT", goal=goal(11, (0, 5), (1, 5)))
    _refuse(gateway, 400, "INVALID_ARGUMENT", goal=goal(10, (1, 5), (0, 5)))
    _refuse(gateway, 400, "INVALID_ARGUMENT", goal=goal(10, (0, 5), (0, 5)))
    _refuse(gateway, 400, "OUT_OF_RANGE", goal=goal(10, (0, 5), (2, 5)))
    _refuse(gateway, 400, "OUT_OF_RANGE", goal=goal(0, (0, 0)))


def check_split(gateway: CheckedGateway) -> None:
    """The groups of a split share no LADA, lie within the target, and add up to their day."""
    if len(gateway.capabilities["ladas"]) < 3:
        raise CheckSkipped("the gateway has less than three LADAs")
    one, two, other = gateway.capabilities["ladas"][:3]
    target = {"scope": "LADAS", "ladas": [one, two]}

    def goal(*split: tuple[list[str], int]) -> dict[str, Any]:
        groups = [{"ladas": ladas, "count": count} for ladas, count in split]
        day = {"date": gateway.day(30), "count": 10, "split": groups}
        return {"unit": "NOTIFICATIONS", "total": 10, "daily": [day]}

    for accepted in (goal(([one], 4), ([two], 6)), goal(([one, two], 10)), goal(([two], 10))):
        order_id = gateway.new_id()
        gateway.put(order_id, gateway.document(target=target, goal=accepted)).expect(201)
        require(gateway.held(order_id).get("goal") == accepted, "the split is not held as sent")
    national = {"scope": "NATIONAL"}
    _put(gateway, target=national, goal=goal(([other], 10))).expect(201)
    for refused in (
        goal(([one], 4), ([two], 5)),
        goal(([one, two], 4), ([two], 6)),
        goal(([one], 4), ([other], 6)),
    ):
        _refuse(gateway, 400, "INVALID_ARGUMENT", target=target, goal=refused)
    _refuse(gateway, 400, "OUT_OF_RANGE", target=target, goal=goal())
    unknown = goal(([gateway.unknown_lada()], 10))
    _refuse(gateway, 422, OWN + "UNKNOWN_LADA", target=national, goal=unknown)


def check_quota(gateway: CheckedGateway) -> None:
    """One active order more than maxActiveOrders is answered 429 QUOTA_EXCEEDED."""
    most = gateway.capabilities["limits"]["maxActiveOrders"]
    if most > MAX_FILLED:
        raise CheckSkipped(f"it would take all {most} active orders of the gateway")
    for _ in range(most + 1):
        answer = _put(gateway)
        if answer.status != 201:
            break
    answer.expect(429, "QUOTA_EXCEEDED")
    require(answer.header("retry-after"), "there is no Retry-After")
