# Writes to the cache of a Django project as an app would: python write.py BACKEND LOCATION
import sys
import time

import django
from django.conf import settings

backend, location = sys.argv[1:3]
settings.configure(
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.sqlite3"}},
    CACHES={
        "default": {"BACKEND": backend, "LOCATION": location},
        "prefixed": {"BACKEND": backend, "LOCATION": location, "KEY_PREFIX": "shop", "VERSION": 2},
    },
)
django.setup()

if backend.endswith("DatabaseCache"):
    from django.core.management import call_command

    call_command("createcachetable")

from django.core.cache import caches

values = {
    "zero": 0,
    "int": 42,
    "negative": -7,
    "large": 2**40,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "float": 0.5,
    "text": "größer",
    "digits": "42",
    "empty": "",
    "none": None,
    "true": True,
    "false": False,
    "list": [1, 2],
    "dict": {"users": 1},
    "beyond": 2**64,
    "key-of-ünïcode": 5,
}
cache = caches["default"]
for key, value in values.items():
    cache.set(key, value, timeout=None)
    assert cache.get(key) == value, key
cache.set("an-hour", 1, timeout=3600)
caches["prefixed"].set("users", 11, timeout=3600)
cache.set("users", 12, version=3)
cache.set("expired", 1, timeout=1)
while cache.get("expired") is not None:
    time.sleep(0.05)
print(django.get_version())
