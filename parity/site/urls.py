# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
"""The site's addresses: sql-explorer's own."""

from django.urls import include, path

urlpatterns = [path("explorer/", include("explorer.urls"))]
