#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     each method that statsmodels offers for the interval of a rate gives, where nothing happened in ten weeks,
#            one that begins at 0 and ends above it, as the exact one does.
# Version:   statsmodels 0.15.0, scipy 1.17.1.
# Seen:      by `midp-c` both ends are 0.29957, the lower one above the upper in the ninth digit, and by `sqrt` both are 0.096:
#            the rate that was seen, 0, is in neither, and both come without a warning. By `exact-c` they are 0 and 0.369,
#            by `score` 0 and 0.384. From one event on all are ordinary. In rates.py the first searches both ends as roots of a
#            p-value, and none has a root below; the second is z*z/4n and z times the root of rate/n to both sides, which is 0.
# For us:    errors, crashes or deletions in the reports of a small fleet are often none: a chart of such rates by these
#            methods has a bar of no height that says "0.3 a week, surely" where nothing happened. Take exact-c or score.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check statsmodels==0.15.0 scipy==1.17.1
venv/bin/python - <<'PYTHON'
import sys, warnings
from statsmodels.stats.rates import confint_poisson

warnings.simplefilter("error")
seen = {}
for count in (0, 1):
    for method in ("exact-c", "score", "midp-c", "sqrt"):
        low, high = (float(end) for end in confint_poisson(count, 10, method=method))
        seen[count, method] = low <= count / 10 <= high and high - low > 0.01
        print(f"{count} in ten weeks by {method}: {low:.5f} to {high:.5f} a week")
wrong = [case for case, sound in seen.items() if not sound]
sys.exit(wrong != [(0, "midp-c"), (0, "sqrt")])
PYTHON
