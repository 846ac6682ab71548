"""The bench's own database and Redis database, removed and emptied after the run.

The servers may be the user's (DATABASE_URL, REDIS_URL), so nothing that exists is touched.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import redis
from django.core.management import call_command
from django.db import connections
from psycopg import sql

REDIS_DATABASES = 16


class NoEmptyDatabase(Exception):
    """Every database of the Redis server has something in it."""


class BenchEnvironment:
    """A database with the product's set-up, created once and copied for each group."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._name = f"bench_{os.getpid()}"
        self._template = f"{self._name}_template"
        self._made = False
        self.database_url = urlsplit(server_url)._replace(path=f"/{self._name}").geturl()

    def reset(self) -> None:
        """Replace the database by one with tables, catalogue and capacity, and nothing else."""
        connections.close_all()
        if not self._made:
            self._recreate(self._name)
            for command, options in (
                ("migrate", {"verbosity": 0, "interactive": False}),
                ("createcachetable", {"verbosity": 0}),
                ("load_catalogue", {}),
                ("open_capacity", {}),
            ):
                with open(os.devnull, "w") as nowhere:
                    call_command(command, stdout=nowhere, **options)
            connections.close_all()
            self._recreate(self._template, like=self._name)
            self._made = True
        else:
            self._recreate(self._name, like=self._template)

    def remove(self) -> None:
        connections.close_all()
        self._drop(self._name)
        self._drop(self._template)

    def _recreate(self, name: str, *, like: str = "template0") -> None:
        self._drop(name)
        self._run("CREATE DATABASE {} TEMPLATE {}", name, like)

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def bench_environment(
    database_url: str, redis_url: str
) -> Iterator[tuple[BenchEnvironment, dict[str, str]]]:
    """Yield the environment, and the database and Redis URLs for the settings of this run.

    Raises NoEmptyDatabase."""
    environment = BenchEnvironment(database_url)
    queue = _empty_redis(redis_url)
    try:
        yield environment, {"DATABASE_URL": environment.database_url, "REDIS_URL": queue}
    finally:
        environment.remove()
        with redis.Redis.from_url(queue) as server:
            server.flushdb()


def _empty_redis(url: str) -> str:
    """Return the URL of an empty database, so that no other worker takes what is queued."""
    for number in range(REDIS_DATABASES):
        candidate = urlsplit(url)._replace(path=f"/{number}").geturl()
        with redis.Redis.from_url(candidate) as server:
            if server.dbsize() == 0:
                return candidate
    raise NoEmptyDatabase("The Redis server has no empty database for the bench.")
