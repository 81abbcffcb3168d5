"""Uploads on S3-compatible storage: handed out by the portal as ever, and by nobody else."""

from __future__ import annotations

import gc
import urllib.error
import urllib.request
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as portal_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as Pillow
from wagtail.images.models import Image

from factories.object_storage import BUCKET, ObjectStorage
from factories.pages import article, download
from kundenportal.config import object_storage
from kundenportal.config.addresses import object_storage_in
from kundenportal.domain.accounts.rules import Role
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = [
    pytest.mark.django_db,
    # boto3 leaves its connections to the collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

OURS, OTHERS = "Kirchenkreis Musterland", "Kita Probstadt"


@pytest.fixture
def storage(request: pytest.FixtureRequest) -> Iterator[ObjectStorage]:
    """A server of its own for each test."""
    with ObjectStorage(strangers_may_list="strangers" in request.node.name) as server:
        yield server
    # What libraries have left open is collected here, where it is no fault, and not in another test.
    gc.collect()


@pytest.fixture(autouse=True)
def _uploads(storage: ObjectStorage, settings: Settings) -> None:
    options = object_storage.options(object_storage_in(storage.url))
    uploads = {"BACKEND": "kundenportal.web.content.uploads.BucketStorage", "OPTIONS": options}
    settings.STORAGES = portal_settings.STORAGES | {"default": uploads}


def _customer(organisation: str = OURS) -> Client:
    return sign_in(settled(f"{organisation.rsplit(maxsplit=1)[-1].lower()}@example.org", organisation=organisation))


def _picture() -> Image:
    file = BytesIO()
    Pillow.new("RGB", (40, 40)).save(file, "PNG")
    return Image.objects.create(title="Quadrat", file=ContentFile(file.getvalue(), name="quadrat.png"))


def test_a_document_comes_from_the_bucket_to_whom_it_is_for_and_to_no_other(storage: ObjectStorage) -> None:
    leaflet = download("Checkliste", OURS, content=b"only for us" * 1000)
    name = leaflet.document.file.name

    assert f"portal/{name}" in storage.names()
    answer = _customer().get(leaflet.address())
    assert answer.getvalue() == b"only for us" * 1000
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert _customer(OTHERS).get(leaflet.address()).status_code == 404
    assert Client().get(f"/media/{name}").status_code == 404
    assert sign_in(settled("redaktion@example.org", role=Role.EDITOR)).get(f"/media/{name}").getvalue()


def test_no_page_names_the_bucket_in_which_strangers_may_read_nothing(storage: ObjectStorage) -> None:
    leaflet = download("Checkliste")
    name = leaflet.document.file.name
    article("Bebildert", body=[("picture", {"image": _picture(), "alternative": "Ein Quadrat"})])
    editor = sign_in(settled("redaktion@example.org", role=Role.EDITOR))

    assert default_storage.url(name) == leaflet.document.file.url == f"/media/{name}"
    for page in ("/downloads/", leaflet.address(), "/news/", "/edit/documents/", "/edit/images/"):
        answer = editor.get(page, follow=True)
        assert answer.status_code == 200
        assert storage.endpoint.encode() not in answer.getvalue(), page
    names = storage.names()
    assert f"portal/{name}" in names
    for each in names:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{storage.endpoint}/{BUCKET}/{each}")


def test_a_picture_is_drawn_from_the_bucket_and_into_it(storage: ObjectStorage) -> None:
    page = article("Bebildert", OURS, body=[("picture", {"image": _picture(), "alternative": "Ein Quadrat"})])
    ours = _customer()

    (image,) = Page(ours.get(page.address())).main.all("img")
    path = image.attributes["src"]
    assert path is not None
    assert f"portal/{path.removeprefix('/media/')}" in storage.names()
    answer = ours.get(path)
    assert (answer.headers["Content-Type"], answer.getvalue()[8:12]) == ("image/webp", b"WEBP")
    assert _customer(OTHERS).get(path).status_code == 404


def test_two_files_of_one_name_are_two_files(storage: ObjectStorage) -> None:
    first, second = download("Checkliste", content=b"first"), download("Checkliste", content=b"second")

    ours = _customer()
    assert [ours.get(each.address()).getvalue() for each in (first, second)] == [b"first", b"second"]


def test_while_it_is_away_pages_are_there(storage: ObjectStorage) -> None:
    page = article("Bebildert", OURS, body=[("picture", {"image": _picture(), "alternative": "Ein Quadrat"})])
    download("Checkliste", OURS)
    ours = _customer()
    ours.get(page.address())
    storage.end()

    assert "Ein Quadrat" in ours.get(page.address()).content.decode()
    assert "Checkliste" in ours.get("/downloads/").content.decode()
