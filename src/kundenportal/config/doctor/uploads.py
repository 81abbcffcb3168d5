"""S3-compatible storage for uploads: whether it lets us in, and nobody else. Nothing is written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kundenportal.config import object_storage
from kundenportal.config.addresses import LOOPBACK
from kundenportal.config.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.addresses import ObjectStorage
    from kundenportal.config.doctor.findings import Finding

ABOUT = "Uploads"
REASONS = {
    "404": ("there is no such bucket", "Make it, closed to everybody else, or correct KUNDENPORTAL_UPLOADS_URL."),
    "403": (
        "our key is not let in",
        "Correct it in KUNDENPORTAL_UPLOADS_URL, with %2F for / and %2B for +, or let it list, read, write and delete.",
    ),
}


def findings(storage: ObjectStorage) -> Iterator[Finding]:
    """What can be said of the bucket without changing anything in it."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - brings a whole library along

    if storage.is_in_clear and storage.host not in LOOPBACK:
        yield problem(ABOUT, f"They travel to {storage.place} unencrypted.", "Leave out ?tls=no.")
    ours = object_storage.client(storage)
    try:
        ours.head_bucket(Bucket=storage.bucket)
        first = ours.list_objects_v2(Bucket=storage.bucket, Prefix=storage.prefix, MaxKeys=1).get("Contents", [])
    except ClientError as fault:
        code = str(fault.response["ResponseMetadata"]["HTTPStatusCode"])
        reason, advice = REASONS.get(code, (f"it answers {code}", "Ask its operator."))
        yield problem(ABOUT, f"{storage.place} cannot be used: {reason}.", advice)
        return
    except BotoCoreError as fault:
        yield problem(ABOUT, f"{storage.place} cannot be talked to: {fault}", "Start it, or correct its address.")
        return
    yield ok(ABOUT, f"They lie in {storage.place}.")
    yield _privacy(storage, first[0]["Key"] if first else storage.prefix or "any")
    yield _versions(ours, storage)


def _privacy(storage: ObjectStorage, name: str) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - likewise

    anybody = object_storage.client(storage, anonymous=True)
    for attempt in (partial(anybody.list_objects_v2, MaxKeys=1), partial(anybody.head_object, Key=name)):
        try:
            attempt(Bucket=storage.bucket)
        except (ClientError, BotoCoreError):
            continue
        return problem(
            "Uploads' privacy",
            f"Anybody may read in {storage.place}, past the pages that say for whom a document is.",
            "Close the bucket to everybody but the portal's key.",
        )
    return ok("Uploads' privacy", "The bucket is closed to strangers.")


def _versions(ours: Any, storage: ObjectStorage) -> Finding:  # noqa: ANN401 - boto3 has no types
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - likewise

    try:
        kept = ours.get_bucket_versioning(Bucket=storage.bucket).get("Status") == "Enabled"
    except (ClientError, BotoCoreError):
        kept = False
    if kept:
        return ok("Uploads' versions", "The bucket keeps what is deleted.")
    return warning(
        "Uploads' versions",
        "Whether the bucket keeps what is deleted cannot be told, or it does not.",
        "Backups of the portal hold no uploads: have the storage keep versions, or copies.",
    )
