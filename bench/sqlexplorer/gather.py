# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""Migrates a site's database, then does what sql-explorer's weekly report needs, once for each line of input.

The line says how much of it: "all" is the app's own function, "distinct" one of its counts by the same ORM.
Each answer is a line of JSON.
"""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from explorer.models import QueryLog  # noqa: E402
from explorer.telemetry import _gather_summary_stats  # noqa: E402

WORK = {
    "all": _gather_summary_stats,
    "distinct": lambda: QueryLog.objects.aggregate(users=Count("run_by_user_id", distinct=True)),
}

out, sys.stdout = sys.stdout, sys.stderr  # the app's migrations print
call_command("migrate", verbosity=0, interactive=False)
print("{}", file=out, flush=True)
for line in sys.stdin:
    print(json.dumps(WORK[line.strip()]()), file=out, flush=True)
