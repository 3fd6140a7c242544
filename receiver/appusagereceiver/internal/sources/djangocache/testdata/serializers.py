# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

"""Writes with django-redis or django-valkey, by each serializer and compressor, into the server at a socket."""

import sys

from django.conf import settings

library, socket = sys.argv[1:]
scheme = {"django_redis": "unix", "django_valkey": "unix"}[library]
backend = {"django_redis": "django_redis.cache.RedisCache", "django_valkey": "django_valkey.cache.ValkeyCache"}[library]
serializers = {
    "pickle": f"{library}.serializers.pickle.PickleSerializer",
    "json": f"{library}.serializers.json.JSONSerializer",
    "msgpack": f"{library}.serializers.msgpack.MSGPackSerializer",
}
compressors = {
    "identity": f"{library}.compressors.identity.IdentityCompressor",
    "zlib": f"{library}.compressors.zlib.ZlibCompressor",
    "gzip": f"{library}.compressors.gzip.GzipCompressor",
    "lzma": f"{library}.compressors.lzma.LzmaCompressor",
    "lz4": f"{library}.compressors.lz4.Lz4Compressor",
    "zstd": f"{library}.compressors.{'zstd' if library == 'django_redis' else 'zstd'}.ZStdCompressor",
}
settings.configure(
    USE_TZ=True,
    CACHES={"default": {"BACKEND": backend, "LOCATION": f"{scheme}://{socket}"}}
    | {
        f"{s}:{c}": {
            "BACKEND": backend,
            "LOCATION": f"{scheme}://{socket}",
            "KEY_PREFIX": f"{s}:{c}",
            "OPTIONS": {"SERIALIZER": serializer, "COMPRESSOR": compressor},
        }
        for s, serializer in serializers.items()
        for c, compressor in compressors.items()
    },
)
import django  # noqa: E402
from django.core.cache import caches  # noqa: E402

for name in settings.CACHES:
    if name == "default":
        continue
    cache = caches[name]
    cache.set("int", 57)
    cache.set("float", 0.5)
    cache.set("true", True)
    cache.set("none", None)
    cache.set("text", "5.3.1, which is a text long enough to be compressed by every one of them")
    cache.set("list", ["a" * 40, 57])
print(django.__version__)
