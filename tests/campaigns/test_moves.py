"""The table of moves: its rows are complete, and what is derived agrees with it."""

import pytest

from campaigns import lifecycle, moves
from campaigns.api.campaigns import CampaignViewSet
from campaigns.models import Campaign
from campaigns.moves import (
    API_ACTIONS,
    BRAND_MOVES,
    COPY,
    EDITABLE,
    ENDED,
    EXPLAINED,
    MOVE_EVENT_TYPES,
    MOVES,
    ORDERED,
    POSTED,
    UNDECIDED,
    WAITING,
    Actor,
    Status,
    Style,
)

ROWS = [pytest.param(move, id=name) for name, move in MOVES.items()]
CHANGING = [pytest.param(m, id=m.name) for m in MOVES.values() if m.sources - m.targets]


@pytest.mark.parametrize("move", ROWS)
def test_a_move_has_what_every_move_needs(move):
    assert move.targets
    assert move.actors
    assert str(move.label)
    assert move.event_type == f"mx.movistar.llamada-perdida.v1.campaign-{move.event}"
    assert len(move.name) <= 20  # as the history stores it


@pytest.mark.parametrize("move", [pytest.param(m, id=m.name) for m in BRAND_MOVES])
def test_what_a_brand_may_do_has_buttons_a_function_and_an_address(move):
    assert move.buttons
    assert callable(getattr(lifecycle, move.name))
    actions = {each.url_path for each in CampaignViewSet.get_extra_actions()}
    assert move.name == "edit" or move.api_action in actions  # edit: PATCH
    for button in move.buttons:
        assert button.label
        assert bool(button.question) == bool(button.consequence) == bool(button.confirm_label)
        assert button.style != Style.DANGER or button.question
        assert button.done or button.verb == "editar"  # a page, not a POST


def test_what_nobody_of_a_brand_may_do_has_no_button():
    assert [m.name for m in MOVES.values() if m.buttons and Actor.BRAND not in m.actors] == []


@pytest.mark.parametrize("move", CHANGING)
def test_a_move_out_of_the_waiting_list_has_the_end_of_the_entry(move):
    leads_out = bool(move.sources & WAITING and move.targets - WAITING)

    assert leads_out == (move.ends_waiting is not None)


def test_names_are_used_once():
    by_event = {(m.event, frozenset(m.targets - {Status.APPROVED})) for m in MOVES.values()}
    assert len(by_event) == len(MOVE_EVENT_TYPES)  # a type that is shared has one result
    assert len(set(MOVE_EVENT_TYPES)) == len(MOVE_EVENT_TYPES)
    assert len(set(API_ACTIONS)) == len(API_ACTIONS)
    posted = [b.verb for m in BRAND_MOVES for b in m.buttons if b.done]
    assert len(posted) == len(POSTED)
    assert COPY.verb not in POSTED


def test_every_status_is_reached_and_every_one_that_has_not_ended_is_left():
    assert frozenset().union(*(move.targets for move in MOVES.values())) == set(Status)
    assert {Status.FINISHED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED} == ENDED


def test_the_groups_of_statuses():
    assert {Status.DRAFT, Status.NO_INVENTORY, Status.CHANGES_REQUESTED} == EDITABLE
    assert {Status.APPROVED, Status.SCHEDULED, Status.LIVE, Status.PAUSED} == ORDERED
    assert {
        Status.NO_INVENTORY,
        Status.CHANGES_REQUESTED,
        Status.REJECTED,
        Status.EXPIRED,
        Status.PAUSED,
        Status.CANCELLED,
    } == EXPLAINED
    assert {Status.RESERVING, Status.IN_REVIEW} == UNDECIDED
    groups = [EDITABLE, UNDECIDED, ORDERED, ENDED, [Status.DELETED]]
    assert sorted(status for group in groups for status in group) == sorted(Status)
    assert (Campaign.EDITABLE, Campaign.ORDERED, Campaign.ENDED) == (EDITABLE, ORDERED, ENDED)


def verbs(status, **state):
    return [button.verb for button in moves.buttons(status, **state)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.DRAFT, ["editar", "eliminar", "copiar"]),
        (Status.DELETED, ["recuperar", "copiar"]),
        (Status.RESERVING, ["copiar"]),
        (Status.IN_REVIEW, ["retirar", "copiar"]),
        (Status.CHANGES_REQUESTED, ["editar", "copiar", "cancelar"]),
        (Status.APPROVED, ["copiar", "cancelar"]),
        (Status.SCHEDULED, ["pausar", "copiar", "cancelar"]),
        (Status.LIVE, ["pausar", "copiar", "cancelar"]),
        (Status.PAUSED, ["reanudar", "copiar", "cancelar"]),
        *((status, ["copiar"]) for status in sorted(ENDED)),
    ],
)
def test_buttons_follow_from_the_table(status, expected):
    assert verbs(status) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"waiting": None}, ["editar", "copiar", "cancelar"]),
        ({"waiting": False}, ["editar", "avisarme", "copiar", "cancelar"]),
        ({"waiting": True}, ["editar", "dejar-lista", "copiar", "cancelar"]),
        (
            {"waiting": True, "offered": True},
            ["enviar", "soltar", "editar", "copiar", "cancelar"],
        ),
    ],
)
def test_buttons_of_a_campaign_without_inventory_follow_its_wait(state, expected):
    found = moves.buttons(Status.NO_INVENTORY, **state)

    assert [button.verb for button in found] == expected
    assert [button.style for button in found].count(Style.PRIMARY) == 1
