"""Webhooks: the programs of a brand are told what happens to its campaigns, by HTTP.

`events` writes what is to be told with the line of history, `deliveries` sends it, `sink` makes
the call, `address` judges where it may go, `signing` proves that it is ours, `subscriptions` are
what a brand does with its webhooks. Source: CloudEvents 1.0, JSON format in structured mode;
Standard Webhooks 1.0, https://www.standardwebhooks.com.
"""
