# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""Fills a site's tables with made-up rows, through the app's own models."""

import datetime
import importlib

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from explorer import app_settings
from explorer.models import Query, QueryLog

BATCH = 500


def configure(spec):
    """Gives the site its settings, and the app a new look at them."""
    for name, value in spec["settings"].items():
        setattr(settings, name, value)
    importlib.reload(app_settings)
    if spec["collect_url"]:
        app_settings.EXPLORER_COLLECT_ENDPOINT_URL = spec["collect_url"]
    exec(spec["startup"], {})
    cache.clear()


def fill(spec):
    users = make_users(spec["users"])
    connections = make_connections(spec["connections"], spec["user_dbs"])
    queries = [
        Query(title=spec["title"], sql=spec["sql"], **chosen(connections, n))
        for n in range(spec["queries"])
    ]
    Query.objects.bulk_create(queries, BATCH)
    QueryLog.objects.bulk_create(
        [
            QueryLog(
                sql=spec["sql"],
                run_by_user=users[n % len(users)] if users and n % spec["every_nth_user_null"] else None,
                duration=None if n % 3 == 0 else n / 7,
                success=n % 5 != 0,
            )
            for n in range(spec["logs"])
        ],
        BATCH,
    )
    migrations = MigrationRecorder.Migration.objects
    if spec["installed"] is None:
        migrations.filter(app="explorer").delete()
    else:
        migrations.filter(app="explorer", name="0001_initial").update(applied=moment(spec["installed"]))
    migrations.filter(app="auth").update(applied=moment("2001-01-01T00:00:00"))  # older, but not the app's


def make_users(count):
    model = get_user_model()
    model.objects.bulk_create([model(username=f"user{n}", is_staff=True) for n in range(count)], BATCH)
    return list(model.objects.order_by("id"))


def make_connections(names, user_dbs):
    """Returns the keyword arguments that choose each connection, as this version of the app does."""
    stored = []
    try:
        from explorer.ee.db_connections.models import DatabaseConnection
    except ImportError:
        user_dbs = 0
    for n in range(user_dbs):
        stored.append(
            DatabaseConnection.objects.create(
                alias=f"site {n} ü", engine=DatabaseConnection.SQLITE, name=":memory:", password="s3cret"
            )
        )
    if hasattr(Query, "database_connection"):
        default = list(DatabaseConnection.objects.filter(default=True))
        every = [{"database_connection": c} for c in default + stored] + [{}]
        return every[: max(1, len(names))]
    return [{"connection": name} for name in names]


def chosen(connections, n):
    return connections[n % len(connections)] if connections else {}


def moment(text):
    """A time in UTC, as the site's settings want it."""
    at = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return at if settings.USE_TZ else timezone.make_naive(at, timezone.get_default_timezone())
