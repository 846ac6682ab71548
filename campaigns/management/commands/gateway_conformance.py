"""Check whether a delivery gateway keeps the contract; docs/gateway/README.md says how."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import ExitStack

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns.gateway.conformance import report
from campaigns.gateway.conformance.event_sink import EventSink
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.conformance.run import CheckResult, Outcome, run_checks
from campaigns.gateway.conformance.session import Credentials, Session


class Command(BaseCommand):
    help = (
        "Check whether a delivery gateway keeps the contract. Its own ad orders are cancelled at "
        "the end. The exit code is 1 where a rule is broken. Needs requirements-dev.txt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "url", nargs="?", default=settings.GATEWAY_URL, help="…/missed-call-ads/v0.1"
        )
        parser.add_argument("--token-url", default=settings.GATEWAY_TOKEN_URL)
        parser.add_argument("--client-id", default=settings.GATEWAY_CLIENT_ID)
        parser.add_argument(
            "--client-secret",
            default=settings.GATEWAY_CLIENT_SECRET,
            help="GATEWAY_CLIENT_SECRET in the environment keeps it out of the list of processes",
        )
        parser.add_argument(
            "--only", action="append", default=[], help="a group or a check; may be repeated"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print the report as JSON"
        )
        parser.add_argument(
            "--stop-channel", action="store_true", help="also stop and start the whole channel"
        )
        parser.add_argument(
            "--sink-port", type=int, help="receive the events that the gateway pushes here"
        )
        parser.add_argument("--sink-host", default="127.0.0.1")
        parser.add_argument(
            "--event-secret",
            action="append",
            help="of the pushed events (whsec_…); GATEWAY_EVENT_SECRETS if it is not given",
        )

    def handle(
        self,
        *,
        url: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        only: Sequence[str],
        as_json: bool,
        stop_channel: bool,
        sink_port: int | None,
        sink_host: str,
        event_secret: Sequence[str] | None,
        **options: object,
    ) -> None:
        secrets = event_secret or list(settings.GATEWAY_EVENT_SECRETS)
        with ExitStack() as stack:
            session = Session(url, Credentials(token_url, client_id, client_secret))
            stack.callback(session.close)
            sink = None
            if sink_port is not None:
                try:
                    sink = stack.enter_context(EventSink(sink_port, host=sink_host))
                except OSError as error:
                    raise CommandError(f"cannot listen on port {sink_port}: {error}") from error
                self.stderr.write(f"Waiting for events at {sink.url}")
            gateway = CheckedGateway(
                session, may_stop_channel=stop_channel, sink=sink, event_secrets=secrets
            )
            try:
                results = run_checks(gateway, only=only, on_result=self._show_progress)
            except ValueError as error:
                raise CommandError(f"there is no check or group {error}") from error
        self._print(session, results, as_json=as_json)
        broken = report.totals(results)[Outcome.FAIL]
        if broken:
            raise CommandError(f"{broken} of {len(results)} checks failed.")

    def _show_progress(self, result: CheckResult) -> None:
        self.stderr.write(f"{result.outcome.value:7}  {result.seconds:5.1f} s  {result.name}")

    def _print(self, session: Session, results: Sequence[CheckResult], *, as_json: bool) -> None:
        if as_json:
            text = json.dumps(report.to_json(session, results), indent=2, ensure_ascii=False)
            self.stdout.write(text)
            return
        for line in report.to_lines(results):
            self.stdout.write(line)
