"""Webhooks: events of a brand's campaigns, sent to the addresses that it subscribes.

`events` queues a CloudEvent with each line of history, `deliveries` sends what is queued, `sink`
makes the HTTP call, `address` validates where it may go, `signing` signs it, and `subscriptions`
manages a brand's webhooks. Sources: CloudEvents 1.0, JSON format in structured mode; Standard
Webhooks 1.0, https://www.standardwebhooks.com.
"""
