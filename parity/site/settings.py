# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a small Django site with nothing but sql-explorer in it.

SITE, a JSON object in the environment, says where its database is and in which time zone it lives.
"""

import json
import os

SITE = json.loads(os.environ["SITE"])

SECRET_KEY = "a throwaway site"
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
USE_TZ = SITE["use_tz"]
TIME_ZONE = SITE["time_zone"]
DATABASES = {"default": SITE["database"]}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "explorer",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING_CONFIG = None
EXPLORER_CONNECTIONS = {"Default": "default"}
EXPLORER_DEFAULT_CONNECTION = "default"
EXPLORER_AI_API_KEY = SITE.get("assistant_key")
EXPLORER_ASSISTANT_BASE_URL = SITE.get("assistant_url", "http://127.0.0.1:9/v1")

if SITE["database"]["ENGINE"] == "django.db.backends.mysql":
    import pymysql

    pymysql.version_info = (2, 2, 4, "final", 0)  # Django asks for this version of the other driver
    pymysql.install_as_MySQLdb()
