"""The portal reads UTF-8, whatever encoding a request claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kundenportal.web.shared.encoding import always_utf8, without_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("claimed", "told"),
    [
        ("", ""),
        (FORM, FORM),
        (f"{FORM}; charset=utf-8", FORM),
        (f"{FORM};CHARSET=idna", FORM),
        (f"{FORM}; charset*=hex''utf-8", FORM),
        ("multipart/form-data; boundary=x", "multipart/form-data; boundary=x"),
        ('multipart/form-data; charset=hex; Boundary="x y"; a=b', 'multipart/form-data; Boundary="x y"'),
        ("multipart/form-data; boundary*=idna''x", "multipart/form-data"),
    ],
)
def test_nothing_but_the_kind_of_form_is_believed(claimed: str, told: str) -> None:
    assert without_encoding(claimed) == told


def test_a_request_without_a_content_type_is_passed_on() -> None:
    passed_on: list[WSGIEnvironment] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        passed_on.append(environ)
        return [b"answer"]

    answer = always_utf8(application)({"PATH_INFO": "/"}, lambda *_: lambda _: None)
    assert answer == [b"answer"]
    assert passed_on == [{"PATH_INFO": "/", "CONTENT_TYPE": ""}]
