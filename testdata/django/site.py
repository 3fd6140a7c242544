# A Django site with users, as `python site.py DATABASE` makes it: Django's own tables and nothing else.
import datetime
import sys

import django
from django.conf import settings

settings.configure(
    USE_TZ=True,
    SECRET_KEY="x",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

call_command("migrate", verbosity=0)
now = timezone.now()
for n in range(30):
    seen = now - datetime.timedelta(days=n * 5) if n % 5 else None
    User.objects.create(username=f"user{n}", is_active=n != 1, last_login=seen)
MigrationRecorder.Migration.objects.update(applied=datetime.datetime(2024, 5, 17, tzinfo=datetime.timezone.utc))
active = User.objects.filter(is_active=True, last_login__gte=now - datetime.timedelta(days=30)).count()
print(django.get_version(), User.objects.filter(is_active=True).count(), active, MigrationRecorder.Migration.objects.count())
