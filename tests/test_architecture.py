"""The arrows of the house, read from the imports: they point down, and no domain knows an edge."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["api", "segments", "inventory", "campaigns", "portal"]  # an app imports those before it
EDGES = {"admin", "api", "tasks", "management"}
NAMELESS = {"utils", "helpers", "common", "services", "selectors", "signals"}

# A room imports rooms of lower levels only.
LEVELS = {
    "api": {
        "compatibility": 0,
        "errors": 0,
        "correlation": 0,
        "limits": 0,
        "models": 0,
        "reading": 1,
        "fields": 1,
        "idempotency": 1,
        "plain_answers": 1,
        "schema": 2,
        "pages": 2,
        "describer": 3,
        "resources": 3,
        "tasks": 4,
        "apps": 4,
    },
    "inventory": {
        "errors": 0,
        "locks": 0,
        "apportion": 0,
        "charts": 0,
        "flow": 0,
        "groups": 1,
        "models": 1,
        "arrays": 1,
        "capacity_csv": 2,
        "sheets": 1,
        "book": 2,
        "within_day": 2,
        "terms": 2,
        "capacity": 3,
        "between_days": 3,
        "plan": 4,
        "squeeze": 5,
        "cells": 2,
        "shelf": 3,
        "ledger": 5,
        "reservations": 6,
        "availability": 6,
        "audit": 6,
        "occupancy": 6,
        "sell_through": 6,
        "capacity_preview": 6,
        "capacity_changes": 7,
        "admin": 8,
        "management": 8,
        "tasks": 8,
        "apps": 8,
    },
    "campaigns": {
        "ad_text": 0,
        "errors": 0,
        "gateway": 0,
        "links": 0,
        "history": 0,
        "letters": 0,
        "wake": 0,
        "models": 1,
        "booking": 2,
        "clicks": 2,
        "conversation": 3,
        "differences": 2,
        "notices": 2,
        "readiness": 2,
        "saved_zones": 2,
        "brands": 3,
        "review": 3,
        "teams": 3,
        "webhooks": 3,
        "bulk_rows": 3,
        "lifecycle": 4,
        "outbox": 5,
        "bulk": 5,
        "admin": 6,
        "api": 6,
        "tasks": 6,
        "apps": 6,
    },
}

# Numbers in, numbers out: these rooms know neither Django nor the database.
PURE = {"flow", "apportion", "groups", "book", "within_day", "between_days", "plan", "squeeze"}
PURE_MAY = {"numpy", "scipy"} | set(sys.stdlib_module_names)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if ".migrations." not in name:
                yield name.removesuffix(".__init__"), ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    """Give each imported name in full: `from campaigns import ad_text` is campaigns.ad_text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    """Give a module's room in its app; the law's modules are one room."""
    name = module.split(".")[1] if "." in module else ""
    return "ad_text" if name.startswith("ad_text") else name


def broken_arrows(module: str, tree: ast.Module) -> list[str]:
    app, here = module.split(".")[0], room(module)
    broken = []
    for target in imports(tree):
        other, there = target.split(".")[0], room(target)
        if other not in APPS:
            continue
        if APPS.index(other) > APPS.index(app):
            broken.append(f"{module} → {target} points up")
        if there in EDGES and here not in EDGES and here != "embedded":
            broken.append(f"{module} → {target}: a domain module imports an edge")
        levels = LEVELS.get(app, {}) if app == other else {}
        if levels and here and here != there and levels[there] >= levels[here]:
            broken.append(f"{module} → {target} does not point to a lower level")
    return broken


def test_every_arrow_points_down_and_none_to_an_edge():
    assert [arrow for module, tree in modules() for arrow in broken_arrows(module, tree)] == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("segments.areas", "from inventory.models import Capacity"),
        ("inventory.reservations", "import campaigns.models"),
        ("campaigns.lifecycle.brand", "from portal import access"),
        ("campaigns.lifecycle.brand", "from campaigns import outbox"),
        ("campaigns.models.brand", "from campaigns.lifecycle import approve"),
        ("campaigns.review", "from campaigns import lifecycle"),
        ("campaigns.webhooks.events", "from campaigns import lifecycle"),
        ("campaigns.outbox", "from campaigns.tasks import send_due"),
        ("inventory.plan", "from inventory import tasks"),
        ("inventory.book", "from inventory.plan import admit"),
    ],
)
def test_a_planted_arrow_is_found(module, line):
    assert broken_arrows(module, ast.parse(line))


@pytest.mark.parametrize("app", LEVELS)
def test_every_room_has_a_level(app):
    rooms = {room(name) for name, _ in modules() if name.startswith(f"{app}.")}

    assert rooms == LEVELS[app].keys()


def stains(tree: ast.Module) -> list[str]:
    """Give what a pure room may not import."""
    return [
        target
        for target in imports(tree)
        if target.split(".")[0] not in PURE_MAY
        and not (target.startswith("inventory.") and room(target) in PURE)
    ]


def test_the_plan_is_pure():
    pure = [(name, tree) for name, tree in modules() if name.startswith("inventory.")]

    assert [stains(tree) for name, tree in pure if room(name) in PURE] == [[]] * len(PURE)
    assert stains(ast.parse("from django.db import models"))
    assert stains(ast.parse("from inventory import ledger"))


def test_modules_are_named_after_things_of_the_channel():
    assert [name for name, _ in modules() if NAMELESS & set(name.split("."))] == []


def writes_status(tree: ast.Module) -> bool:
    """Say whether code sets a `status` of anything, by attribute or by `update(status=…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Attribute) and t.attr == "status" for t in targets):
                return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "bulk_update"}
            and any(keyword.arg == "status" for keyword in node.keywords)
        ):
            return True
    return False


def test_one_module_writes_the_status_of_a_campaign():
    own_status = {"inventory.reservations", "inventory.capacity_changes"}  # those of their rows
    writers = {
        name
        for name, tree in modules()
        if not name.startswith(("campaigns.gateway.", "portal.embedded.")) and writes_status(tree)
    }

    assert writers - own_status == {"campaigns.lifecycle.moves"}


@pytest.mark.parametrize(
    ("package", "may_not"),
    [
        ("campaigns.gateway", {"django", "inventory", "segments", "portal"}),
        ("portal.embedded", {"django", "celery", "campaigns", "inventory", "segments"}),
        ("inventory.plan", {"django", "campaigns", "segments", "portal"}),
    ],
)
def test_what_stands_on_its_own_imports_none_of_the_house(package, may_not):
    for name, tree in modules():
        if name == package or name.startswith(f"{package}."):
            assert not {target.split(".")[0] for target in imports(tree)} & may_not, name
