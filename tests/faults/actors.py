"""The people of one sequence, who make its steps by the functions of the domain."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from campaigns import lifecycle, outbox, readiness
from campaigns.errors import CampaignError
from campaigns.models import AdOrder, Brand, Campaign, Membership
from inventory import capacity_changes
from inventory.capacity_changes import Adjust
from inventory.errors import InventoryError, NothingChanges
from portal.accounts.models import User
from portal.local import past
from tests.faults.sequences import Sequence
from tests.faults.world import World

LEAD = timedelta(days=3)  # from the making of a campaign on air to its first day
REASON = "Prueba de fallas"
BOTH = {
    "both_pause": ("pause", "staff_pause"),
    "both_resume": ("resume", "staff_resume"),
    "both_cancel": ("cancel", "staff_cancel"),
}
PATIENCE = 12  # times that a step is tried while a worker has to move the campaign first


class Actors:
    """A brand with its owner, and the staff of all. Their clock is the gateway's if it is on air.

    `first` is the first day of the round at the gateway.
    """

    def __init__(self, sequence: Sequence, world: World, first: date, staff: User) -> None:
        self.sequence = sequence
        self._world, self._first, self._staff = world, first, staff
        self._steps = list(sequence.steps)
        self._tries = 0
        self._texts = 0
        self._campaign_id = 0
        name = f"Fallas {sequence.seed}"
        self._brand = Brand.objects.create(name=name, slug=f"fallas-{sequence.seed}")
        self._owner = User.objects.create_user(f"fallas-{sequence.seed}@prueba.mx")
        Membership.objects.create(brand=self._brand, user=self._owner, role=Membership.Role.OWNER)

    @property
    def are_done(self) -> bool:
        return not self._steps

    def act(self) -> str:
        """Make the next step; return its name, or that it was too early for it, or given up."""
        step = self._steps[0]
        if step == "make" and Campaign.objects.filter(status=Campaign.Status.RESERVING).exists():
            return "too early"  # a worker holds them: they are not of the time of this one
        try:
            with self._clock():
                self._together(BOTH.get(step, (step,)))
        except (CampaignError, InventoryError):
            self._tries += 1
            if self._tries < PATIENCE:
                return "too early"
            self._steps.clear()
            return "given up"
        self._tries = 0
        self._steps.pop(0)
        return step

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """Let the steps of a campaign on air be made at the gateway's time."""
        on_air = self.sequence.is_on_air and self._campaign_id
        moment = self._world.moment if on_air else None
        with past.travel(moment) if moment else nullcontext():
            yield

    def _make(self) -> None:
        """Make, correct and approve a campaign before its first day, as one transaction.

        A worker, whose clock is the present, would otherwise expire it.
        """
        midnight = datetime.combine(self._starts, time(1), timezone.get_default_timezone())
        with past.travel(midnight - LEAD), transaction.atomic():
            self._draft()
            for _number in range(self.sequence.corrections):
                self._submit_and_hold()
                self._request_changes()
                self._edit()
            self._submit_and_hold()
            self._approve()

    def _submit_and_hold(self) -> None:
        self._submit()
        lifecycle.hold_submitted()

    def _draft(self) -> None:
        sequence = self.sequence
        terms: dict[str, Any] = {
            "name": f"Fallas {sequence.seed}",
            "text": self._next_text(),
            "area": {"ladas": list(sequence.ladas)},
            "starts_on": self._starts,
            "ends_on": self._starts + timedelta(days=sequence.days - 1),
            "volume": sequence.volume,
        }
        self._campaign_id = lifecycle.draft(self._brand.pk, terms, by=self._owner).pk

    def _edit(self) -> None:
        lifecycle.edit(
            self._campaign_id,
            {"text": self._next_text()},
            revision=self._campaign.revision,
            by=self._owner,
        )

    def _submit(self) -> None:
        lifecycle.submit(self._campaign_id, by=self._owner)

    def _request_changes(self) -> None:
        version = self._campaign.version_number
        lifecycle.request_changes(self._campaign_id, version=version, reasons=["x"], by=self._staff)

    def _approve(self) -> None:
        version = self._campaign.version_number
        lifecycle.approve(self._campaign_id, version=version, by=self._staff)

    def _pause(self) -> None:
        lifecycle.pause(self._campaign_id, by=self._owner)

    def _resume(self) -> None:
        lifecycle.resume(self._campaign_id, by=self._owner)

    def _cancel(self) -> None:
        lifecycle.cancel(self._campaign_id, by=self._owner)

    def _staff_pause(self) -> None:
        lifecycle.staff_pause(self._campaign_id, reason=REASON, by=self._staff)

    def _staff_resume(self) -> None:
        lifecycle.staff_resume(self._campaign_id, reason=REASON, by=self._staff)

    def _staff_cancel(self) -> None:
        lifecycle.staff_cancel(self._campaign_id, reason=REASON, by=self._staff)

    def _resend(self) -> None:
        outbox.resend(AdOrder.objects.get(campaign=self._campaign_id).pk)

    def _move_goals(self) -> None:
        """Take a day that is not frozen off sale in its LADAs: its goals go to other days."""
        last = self._starts + timedelta(days=self.sequence.days - 1)
        day = max(self._starts + timedelta(days=1), capacity_changes.first_day())
        if day >= last:
            return
        cells = capacity_changes.adjusted(self.sequence.ladas, [day], Adjust.SET, 0)
        source = capacity_changes.Source.RANGE
        with suppress(NothingChanges):
            change = capacity_changes.propose(source, by=self._staff, cells=cells)
            capacity_changes.apply(change.pk, by=self._staff, accept_risk=True)

    def _together(self, steps: tuple[str, ...]) -> None:
        """Make a step, or two at once by two people, of whom one may be refused."""
        if len(steps) == 1:
            getattr(self, f"_{steps[0]}")()
            return
        with ThreadPoolExecutor(len(steps)) as threads:
            errors = list(threads.map(self._error_of, steps))
        if all(errors):
            raise errors[0]  # type: ignore[misc]

    def _error_of(self, step: str) -> CampaignError | None:
        try:
            getattr(self, f"_{step}")()
        except CampaignError as error:
            return error
        finally:
            connection.close()
        return None

    @property
    def _campaign(self) -> Campaign:
        return Campaign.objects.get(pk=self._campaign_id)

    @property
    def _starts(self) -> date:
        sequence = self.sequence
        first = self._first if sequence.is_on_air else readiness.first_possible_day()
        return first + timedelta(days=sequence.starts)

    def _next_text(self) -> str:
        self._texts += 1
        return f"Prueba {self.sequence.seed}. Texto {self._texts} desde $199 al mes"
