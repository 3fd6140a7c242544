# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""Plays installations, one for each line of JSON on standard input, and answers each with a line.

One process plays many: Django takes long to start, the app does not notice.
"""

import json
import sys
import threading
import traceback

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from django.test import Client  # noqa: E402
import explorer.urls  # noqa: E402,F401  before any settings are given, as they want packages that no stat needs
from explorer.models import Query  # noqa: E402

import databases  # noqa: E402
from installation import configure, fill  # noqa: E402


def play(spec, source):
    source.copy(spec["database"])
    databases.switch(spec["database"])
    configure(spec)
    fill(spec)
    for step in spec["steps"]:
        STEPS[step["do"]](step)
        wait_until_sent()
    connection.close()


def run(step):
    """What the app's pages do when someone runs a query."""
    query = Query.objects.create(title=step["title"], sql=step["sql"])
    user = get_user_model().objects.order_by("id").first()
    try:
        query.execute_with_logging(user if user and not step.get("anonymous") else AnonymousUser())
    except DatabaseError:
        if not step.get("fails"):
            raise


def stream(step):
    query = Query.objects.create(title=step["title"], sql=step["sql"])
    ask(step, "get", f"/explorer/{query.pk}/stream", {"format": step["format"]})


def assist(step):
    ask(step, "post", "/explorer/assistant/", step["request"], content_type="application/json")


def ask(step, method, *args, **kwargs):
    response = getattr(client(), method)(*args, **kwargs)
    if (response.status_code == 200) == bool(step.get("fails")):
        raise RuntimeError(f"{response.status_code}: {response.content[:300]}")


def client():
    """A browser in which a member of staff is logged in."""
    user, _ = get_user_model().objects.get_or_create(username="staff", defaults={"is_staff": True})
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def wait_until_sent():
    """The app sends from threads of its own."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


STEPS = {"run": run, "stream": stream, "assist": assist}


def main(template):
    out, sys.stdout = sys.stdout, sys.stderr  # the app's migrations print
    source = databases.BY_VENDOR[connection.vendor](template)
    for line in sys.stdin:
        spec = json.loads(line)
        try:
            play(spec, source)
            result = {"database": spec["database"]}
        except Exception:
            result = {"database": spec["database"], "error": traceback.format_exc()}
        print(json.dumps(result), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
