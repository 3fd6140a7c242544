# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""A database for each installation, copied from one in which the app's migrations ran once."""

import os
import shutil

from django.core.management import call_command
from django.db import connection
from django.db.backends.signals import connection_created


def migrate(name):
    """Runs the app's migrations into the database, which has to be there, but for SQLite."""
    switch(name)
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def switch(name):
    """Makes the database the site's."""
    connection.close()
    connection.settings_dict["NAME"] = name


def without_fsync(connection, **_):
    """A throwaway file need not survive a power cut."""
    connection.cursor().execute("PRAGMA synchronous = off")


class SQLite:
    """The template is a file that stays for the next run."""

    def __init__(self, template):
        self.template = template
        connection_created.connect(without_fsync)
        if not os.path.exists(template):
            unfinished = f"{template}.{os.getpid()}"
            migrate(unfinished)
            os.replace(unfinished, template)

    def copy(self, name):
        shutil.copyfile(self.template, name)


class Server:
    """PostgreSQL and MariaDB: the template is made anew, as the server is."""

    def __init__(self, template):
        self.template = template
        self.admin = connection.settings_dict["NAME"]
        self.execute(f"CREATE DATABASE {template}")
        migrate(template)

    def execute(self, *statements):
        switch(self.admin)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()


class PostgreSQL(Server):
    def copy(self, name):
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")


class MariaDB(Server):
    def copy(self, name):
        switch(self.template)
        tables = connection.introspection.table_names()
        self.execute(
            f"CREATE DATABASE {name}",
            *(f"CREATE TABLE {name}.{table} LIKE {self.template}.{table}" for table in tables),
            *(f"INSERT INTO {name}.{table} SELECT * FROM {self.template}.{table}" for table in tables),
        )


BY_VENDOR = {"sqlite": SQLite, "postgresql": PostgreSQL, "mysql": MariaDB}
