"""The test suite: quick password hashing, nothing kept, secrets that guard nothing."""

import os
import tempfile

os.environ.setdefault("PORTAL_SECRET_KEY", "for tests only, and long enough to be accepted")
os.environ.setdefault("PORTAL_SEAL_KEYS", "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
os.environ.setdefault("PORTAL_HTTPS", "no")
os.environ.setdefault("PORTAL_BROKER_URL", "memory://")
os.environ.setdefault("PORTAL_DATA_DIR", tempfile.mkdtemp(prefix="portal-test-"))

from support_portal.settings.base import *

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
