"""The levels of the architecture: imports only point down, no domain module imports an edge."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["core", "segments", "inventory", "campaigns", "portal"]  # an app imports those before it
EDGES = {"admin", "api", "tasks", "management"}
NAMELESS = {"utils", "helpers", "common", "services", "selectors", "signals"}

# A module of a package imports modules of lower levels only.
LEVELS = {
    "core": {
        "admin": 0,
        "advisory_locks": 0,
        "apps": 0,
        "body_limits": 0,
        "calendar": 0,
        "encryption": 0,
        "languages": 0,
        "charts": 0,
        "models": 0,
        "pending_post": 0,
        "problems": 0,
        "redis_connection": 0,
        "search": 0,
        "snapshot": 0,
        "triggers": 0,
        "wake": 1,
        "api": 1,
        "counts": 1,
        "days": 1,
        "encodings": 1,
        "sheets": 2,
        "tasks": 1,
    },
    "core.api": {
        "authentication": 0,
        "errors": 0,
        "fields": 0,
        "parsers": 0,
        "throttles": 0,
        "serializers": 1,
        "idempotency": 1,
        "middleware": 1,
        "schema": 2,
        "pagination": 2,
        "auto_schema": 3,
        "viewsets": 3,
    },
    "segments": {
        "apps": 0,
        "data_files": 0,
        "models": 0,
        "projection": 0,
        "topology": 0,
        "gazetteer": 1,
        "numbering_plan": 1,
        "place_names": 1,
        "shapes": 1,
        "areas": 2,
        "catalogue": 2,
        "map_layout": 2,
        "place_index": 2,
        "place_search": 3,
        "area_clauses": 3,
        "place_list": 4,
        "pasted_places": 5,
        "place_rows": 4,
        "picture": 3,
        "shaded_map": 3,
        "area_words": 5,
        "admin": 6,
        "api": 6,
        "management": 6,
    },
    "inventory": {
        "errors": 0,
        "locks": 0,
        "planning": 0,
        "apps": 0,
        "models": 1,
        "arrays": 1,
        "capacity_csv": 2,
        "terms": 2,
        "cells": 2,
        "capacity": 3,
        "snapshot_cache": 3,
        "marks": 4,
        "allocations": 5,
        "repairs": 6,
        "admission": 7,
        "undelivered": 7,
        "reservations": 8,
        "sandbox_ledger": 8,
        "free_days": 6,
        "alternatives": 7,
        "availability": 8,
        "recount": 5,
        "audit": 6,
        "occupancy": 6,
        "sell_through": 6,
        "capacity_draft": 6,
        "capacity_preview": 7,
        "capacity_changes": 9,
        "admin": 10,
        "management": 10,
        "tasks": 10,
    },
    "inventory.planning": {
        "apportion": 0,
        "flow": 0,
        "groups": 1,
        "snapshot": 2,
        "reach": 3,
        "within_day": 3,
        "between_days": 4,
        "plan": 5,
        "pacing": 6,
        "reallocation": 6,
    },
    "campaigns": {
        "links": 0,
        "ad_text": 1,
        "errors": 1,
        "gateway": 1,
        "moves": 1,
        "mails": 1,
        "mail_queue": 1,
        "apps": 1,
        "models": 2,
        "booking": 3,
        "clicks": 3,
        "differences": 3,
        "notices": 3,
        "quotas": 3,
        "reasons": 3,
        "rights": 3,
        "text_limit": 3,
        "readiness": 4,
        "brands": 4,
        "bulk_rows": 5,
        "conversation": 4,
        "notice_mails": 4,
        "review": 4,
        "saved_zones": 4,
        "teams": 4,
        "webhooks": 4,
        "breaker": 5,
        "lifecycle": 5,
        "outbox": 6,
        "references": 6,
        "reports": 6,
        "pricing": 3,
        "results": 7,
        "staff_reports": 8,
        "sandbox_brands": 8,
        "exports": 8,
        "certificates": 8,
        "bulk": 6,
        "capabilities": 7,
        "channel": 7,
        "gateway_state": 8,
        "test_deliveries": 8,
        "gateway_trouble": 4,
        "gateway_words": 2,
        "reconciliation": 7,
        "silence": 3,
        "shortfalls": 8,
        "report_mails": 8,
        "admin": 9,
        "api": 9,
        "management": 9,
        "tasks": 9,
        "templatetags": 4,
    },
    "campaigns.pricing": {
        "errors": 0,
        "quote": 0,
        "rule": 1,
        "orders": 2,
        "cards": 3,
        "examples": 3,
    },
    "campaigns.reports": {
        "content": 0,
        "known_orders": 0,
        "outcomes": 0,
        "figures": 0,
        "hours": 0,
        "upserts": 0,
        "order_states": 0,
        "positions": 0,
        "signature": 1,
        "inbox": 1,
        "partitions": 1,
        "day_totals": 1,
        "gaps": 2,
        "upkeep": 2,
        "hour_counts": 2,
        "apply": 3,
        "zeros": 0,
        "delivery": 1,
        "progress": 2,
    },
    "campaigns.sandbox_brands": {
        "brand": 0,
        "counts": 0,
        "clock": 1,
        "decisions": 2,
    },
    "campaigns.results": {
        "counts": 0,
        "small_cells": 0,
        "finality": 0,
        "link_clicks": 0,
        "tables": 1,
        "blocks": 2,
        "final_days": 3,
        "rows": 3,
        "summary": 3,
        "versions": 3,
        "pacing": 4,
    },
    "campaigns.staff_reports": {
        "frame": 0,
        "times": 0,
        "cells": 1,
        "traffic": 1,
        "orders": 1,
        "sales": 2,
        "forecast": 2,
        "shortfalls": 2,
        "gateway_times": 2,
        "review_times": 2,
        "evidence": 3,
        "brand_results": 3,
        "causes": 4,
    },
    "campaigns.report_mails": {
        "errors": 0,
        "weeks": 0,
        "links": 0,
        "figures": 1,
        "compose": 2,
        "recipients": 3,
        "queue": 3,
    },
    "campaigns.exports": {
        "columns": 0,
        "errors": 0,
        "selection": 1,
        "rows": 2,
        "about": 3,
        "files": 4,
        "queue": 5,
    },
    "campaigns.certificates": {
        "errors": 0,
        "standing": 0,
        "verification": 0,
        "content": 1,
        "paper": 2,
        "issue": 3,
        "answers": 4,
    },
    "campaigns.reconciliation": {
        "compare": 0,
        "drifts": 0,
        "listing": 0,
        "drift_mails": 1,
        "heal": 1,
        "our_orders": 1,
        "words": 1,
        "actions": 2,
        "reconcile": 3,
    },
    "portal": {
        "api_settings": 0,
        "beat": 0,
        "celery": 0,
        "client_address": 0,
        "checks": 1,
        "converters": 0,
        "database_settings": 0,
        "formats": 0,
        "health": 1,
        "lasting_cache": 0,
        "log_lines": 0,
        "log_settings": 1,
        "management": 2,
        "metrics": 0,
        "response_headers": 0,
        "operator_texts": 0,
        "staff": 2,
        "static_files": 0,
        "web_worker": 0,
        "wsgi": 0,
        "settings": 2,
        "accounts": 1,
        "apps": 2,
        "pages": 2,
        "short_domain": 3,
        "api_docs": 4,
        "api_urls": 5,
        "local": 5,
        "urls": 6,
    },
    "portal.local": {
        "apps": 0,
        "client": 0,
        "contract": 0,
        "catalogue": 0,
        "demo_campaigns": 0,
        "launcher": 0,
        "mail_files": 0,
        "past": 0,
        "sandbox_control": 0,
        "style_guide": 0,
        "demo": 1,
        "rehearsal": 1,
        "mailbox_pages": 1,
        "management": 2,
        "urls": 2,
    },
    "portal.local.launcher": {
        "errors": 0,
        "ports": 0,
        "state_files": 0,
        "watchdog": 0,
        "child_process": 1,
        "data_folder": 1,
        "lock": 1,
        "binaries": 2,
        "environment": 2,
        "readiness": 2,
        "supervisor": 2,
        "postgres": 3,
        "prepare": 3,
        "valkey": 3,
        "servers": 4,
        "foreground": 5,
        "programs": 5,
        "rehearsal": 6,
        "run": 6,
        "__main__": 7,
    },
    "portal.accounts": {
        "apps": 0,
        "models": 0,
        "second_factor": 0,
        "tasks": 0,
        "token_endpoint": 0,
        "access": 1,
        "admin": 1,
        "api_clients": 1,
        "second_factors": 1,
        "sessions": 1,
        "sign_up": 1,
        "adapters": 2,
        "language": 1,
        "profile": 2,
        "templatetags": 2,
    },
    "portal.pages": {
        "channel_state": 0,
        "error_pages": 0,
        "brands": 0,
        "help_page": 0,
        "notices": 0,
        "operator_pages": 0,
        "saved_zones": 0,
        "short_links": 0,
        "suspended_brand": 0,
        "wizard": 0,
        "campaigns": 1,
        "home": 1,
        "results": 1,
    },
    "portal.pages.results": {
        "figures": 0,
        "span": 0,
        "comparison": 1,
        "days": 1,
        "places": 1,
        "certificate_verification": 0,
        "certificates": 0,
        "export_pages": 1,
        "mail_links": 1,
        "report_mails": 1,
        "brand_report": 2,
        "campaign_report": 2,
    },
    "portal.pages.wizard": {
        "ad_text_field": 0,
        "day_calendar": 0,
        "destination_field": 0,
        "forms": 0,
        "planned_days": 0,
        "zone_map": 0,
        "availability_panel": 1,
        "steps": 1,
        "zone_picker": 1,
        "zone_search": 2,
        "step_pages": 2,
        "wizard": 3,
    },
}

# Numbers in, numbers out: the planning knows neither Django nor the database.
PLANNING = "inventory.planning"
PLANNING_MAY = {"numpy", "scipy"} | set(sys.stdlib_module_names)


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Return the dotted name and the syntax tree of every module of the apps."""
    found = []
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if ".migrations." not in name:
                found.append((name.removesuffix(".__init__"), ast.parse(path.read_text())))
    return found


@cache
def imports(tree: ast.Module) -> tuple[str, ...]:
    """Return each imported name in full: `from campaigns import ad_text` is campaigns.ad_text."""
    return tuple(_imports(tree))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(package: str, module: str) -> str:
    """Return the name of a package's own module or folder that a dotted name is in, or ""."""
    rest = module.removeprefix(f"{package}.")
    return rest.split(".")[0] if rest != module else ""


def broken_arrows(module: str, tree: ast.Module) -> list[str]:
    app = module.split(".")[0]
    edge = part_of(app, module) in EDGES
    broken = []
    for target in imports(tree):
        other = target.split(".")[0]
        if other not in APPS:
            continue
        if APPS.index(other) > APPS.index(app):
            broken.append(f"{module} → {target} points up")
        if other != "core" and part_of(other, target) in EDGES and not edge and app != "portal":
            broken.append(f"{module} → {target}: a domain module imports an edge")
        for package, levels in LEVELS.items():
            here, there = part_of(package, module), part_of(package, target)
            if here and there and here != there and levels[there] >= levels[here]:
                broken.append(f"{module} → {target} does not point to a lower level")
    return broken


def test_imports_point_down_and_no_domain_module_imports_an_edge():
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
        ("inventory.planning.plan", "from inventory import tasks"),
        ("inventory.planning.snapshot", "from inventory.planning.plan import admit"),
        ("core.sheets", "from inventory.errors import BadTerms"),
        ("core.api.errors", "from core.api import viewsets"),
        ("portal.accounts.profile", "from portal.pages import home"),
        ("portal.pages.home", "from portal.local import demo"),
        ("portal.pages.wizard.forms", "from portal.pages.wizard import steps"),
        ("portal.pages.wizard.wizard", "from portal.pages.campaigns import campaign_list"),
    ],
)
def test_an_import_against_the_levels_is_found(module, line):
    assert broken_arrows(module, ast.parse(line))


@pytest.mark.parametrize("package", LEVELS)
def test_every_module_has_a_level(package):
    parts = {part_of(package, name) for name, _ in modules()} - {""}

    assert parts == LEVELS[package].keys()


def impure_imports(tree: ast.Module) -> list[str]:
    """Return what a module of the planning may not import."""
    return [
        target
        for target in imports(tree)
        if target.split(".")[0] not in PLANNING_MAY and not target.startswith(f"{PLANNING}.")
    ]


def test_the_planning_is_pure():
    planning = [(name, tree) for name, tree in modules() if name.startswith(PLANNING)]

    assert len(planning) == len(LEVELS[PLANNING]) + 1
    assert [name for name, tree in planning if impure_imports(tree)] == []
    assert impure_imports(ast.parse("from django.db import models"))
    assert impure_imports(ast.parse("from inventory import allocations"))


def test_modules_are_named_after_things_of_the_channel():
    assert [name for name, _ in modules() if NAMELESS & set(name.split("."))] == []


def writes_status(tree: ast.Module) -> bool:
    """Return whether code sets a `status`, by attribute or by `update(status=…)`."""
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
    own_status = {  # those of their rows
        "inventory.reservations",
        "inventory.sandbox_ledger",
        "inventory.capacity_changes",
    }
    writers = {
        name
        for name, tree in modules()
        if not name.startswith(("campaigns.gateway.", "portal.local.launcher."))
        and writes_status(tree)
    }

    assert writers - own_status == {"campaigns.lifecycle.transitions"}


@pytest.mark.parametrize(
    ("package", "may_not"),
    [
        ("campaigns.gateway", {"django", "inventory", "segments", "portal"}),
        ("portal.local.launcher", {"django", "celery", "campaigns", "inventory", "segments"}),
        ("portal.local.client", {"django", "celery", "core", "campaigns", "inventory", "segments"}),
    ],
)
def test_what_stands_on_its_own_imports_no_app(package, may_not):
    for name, tree in modules():
        if name == package or name.startswith(f"{package}."):
            assert not {target.split(".")[0] for target in imports(tree)} & may_not, name
