"""Uploads in a bucket that nobody but the portal may read."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """S3-compatible storage whose files have the portal's own addresses, which ask who may have them.

    A signed address of the storage's would open a document to whoever gets hold of it.
    """

    def url(
        self,
        name: str | None,
        parameters: dict[str, str] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
    ) -> str:
        """The address under `/media/`."""
        return urljoin(settings.MEDIA_URL, (filepath_to_uri(name) or "").lstrip("/"))
