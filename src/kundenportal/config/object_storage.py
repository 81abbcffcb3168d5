"""S3-compatible storage, as the libraries that speak with it want to be told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kundenportal.config.addresses import ObjectStorage

SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 5, 20
ATTEMPTS = 3
LARGEST_IN_MEMORY = 2 * 1024 * 1024


def options(storage: ObjectStorage) -> dict[str, Any]:
    """What django-storages is told."""
    return {
        "endpoint_url": storage.endpoint,
        "bucket_name": storage.bucket,
        "location": storage.folder,
        "access_key": storage.user,
        "secret_key": storage.password,
        "region_name": storage.region,
        "client_config": _configuration(),
        # A name stands for the same content for ever.
        "file_overwrite": False,
        "max_memory_size": LARGEST_IN_MEMORY,
    }


def client(storage: ObjectStorage, *, anonymous: bool = False) -> Any:  # noqa: ANN401 - boto3 has no types
    """Somebody who talks to the storage: the portal, or anybody."""
    import boto3  # noqa: PLC0415 - brings a whole library along

    return boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        aws_access_key_id=storage.user,
        aws_secret_access_key=storage.password,
        region_name=storage.region,
        config=_configuration(anonymous=anonymous),
    )


def _configuration(*, anonymous: bool = False) -> Any:  # noqa: ANN401 - likewise
    from botocore import UNSIGNED  # noqa: PLC0415 - likewise
    from botocore.config import Config  # noqa: PLC0415 - likewise

    return Config(
        signature_version=UNSIGNED if anonymous else "s3v4",
        # The way every S3-compatible server understands: the bucket in the path, and no checks newer than theirs.
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=SECONDS_TO_CONNECT,
        read_timeout=SECONDS_TO_ANSWER,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )
