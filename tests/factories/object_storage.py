"""S3-compatible storage that runs here, looks at signatures, and keeps strangers out."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import boto3

if TYPE_CHECKING:
    from types import TracebackType

SERVER = """
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""
BUCKET = "kundenportal-uploads"
EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
# What makes the key below is done before anybody has one; from then on each request has to be signed with it.
REQUESTS_BEFORE_THERE_IS_A_KEY = "3"


class ObjectStorage:
    """A server with one bucket, for which there is one key; where strangers are asked in, files say who reads them."""

    def __init__(self, *, strangers_may_list: bool = False) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=os.environ
            | {"INITIAL_NO_AUTH_ACTION_COUNT": "inf" if strangers_may_list else REQUESTS_BEFORE_THERE_IS_A_KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        self.endpoint = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        people = self._client("iam", "nobody", "nothing")
        people.create_user(UserName="portal")
        people.put_user_policy(UserName="portal", PolicyName="all", PolicyDocument=EVERYTHING)
        made = people.create_access_key(UserName="portal")["AccessKey"]
        self.user, self.password = made["AccessKeyId"], made["SecretAccessKey"]
        self.files.create_bucket(Bucket=BUCKET)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """It answers no more."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()

    @property
    def url(self) -> str:
        """The address as an operator writes it down."""
        host = self.endpoint.removeprefix("http://")
        return f"s3://{self.user}:{quote(self.password, safe='')}@{host}/{BUCKET}/portal?tls=no"

    @property
    def files(self) -> Any:
        """What the owner of the bucket may do."""
        return self._client("s3", self.user, self.password)

    def names(self) -> list[str]:
        """The names of all that is in the bucket."""
        return [each["Key"] for each in self.files.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def _client(self, service: str, user: str, password: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            aws_access_key_id=user,
            aws_secret_access_key=password,
            region_name="us-east-1",
        )
