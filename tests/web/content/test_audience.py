"""One organisation never sees what is for another: not in a list, by its address, by searching, nor the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Pillow
from wagtail.images.models import Image

from factories.pages import article, download, help_page
from kundenportal.domain.accounts.rules import Language, Role
from kundenportal.web.content.models import Audience
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from typing import Any

    from web.pages import Response

pytestmark = pytest.mark.django_db

OURS, OTHERS = "Kirchenkreis Musterland", "Kita Probstadt"
LISTS = ["/", "/news/", "/downloads/", "/search/?q=Vertraulich"]


def _customer(organisation: str = OURS) -> Client:
    return sign_in(settled(f"{organisation.rsplit(maxsplit=1)[-1].lower()}@example.org", organisation=organisation))


def _shown(client: Client, path: str) -> str:
    return Page(client.get(path)).main.text


def _content(answer: Response) -> bytes:
    """What was handed out; read to its end, so that the file is closed."""
    content: bytes = answer.getvalue()
    return content


def _status(client: Client, path: str) -> int:
    answer = client.get(path)
    _content(answer)
    return answer.status_code


def test_what_is_for_an_organisation_is_shown_to_it_and_to_no_other() -> None:
    news, leaflet = article("Vertrauliches", OURS), download("Vertraulicher Vertrag", OURS, content=b"Inhalt")
    ours, others = _customer(), _customer(OTHERS)
    for path in LISTS:
        assert "Vertraulich" not in _shown(others, path), path
    for page in (news, leaflet):
        assert others.get(page.address()).status_code == 404
        assert Client().get(page.address()).status_code == 302
        assert _status(ours, page.address()) == 200
    assert "Vertrauliches" in _shown(ours, "/")
    assert "Vertrauliches" in _shown(ours, "/news/")
    assert "Vertraulicher Vertrag" in _shown(ours, "/downloads/")
    assert "Vertrauliches" in _shown(ours, "/search/?q=Vertrauliches")


def test_what_is_for_everybody_is_shown_to_everybody_who_is_signed_in() -> None:
    news = article()
    for organisation in (OURS, OTHERS):
        assert news.title in _shown(_customer(organisation), "/news/")
    assert Client().get("/news/").headers["Location"] == "/?next=/news/"


def test_chosen_organisations_of_which_none_is_left_are_nobody() -> None:
    news = article("Verwaist")
    news.audience = Audience.CHOSEN
    news.save()
    client = _customer()
    assert client.get(news.address()).status_code == 404
    assert "Verwaist" not in _shown(client, "/news/")


def test_an_account_acts_for_several_organisations() -> None:
    from kundenportal.domain.accounts.models import Membership
    from kundenportal.domain.organisations.operations import organisation_named
    from kundenportal.kernel import clock

    holder = settled(organisation=OURS)
    other = organisation_named(OTHERS, now=clock.now())
    Membership.objects.create(account=holder.account, organisation=other)
    article("Für die einen", OURS)
    article("Für die anderen", OTHERS)
    shown = _shown(sign_in(holder), "/news/")
    assert "Für die einen" in shown
    assert "Für die anderen" in shown


def test_what_is_not_published_is_shown_to_nobody_not_even_to_editors() -> None:
    news = article("Vertraulicher Entwurf")
    news.unpublish()
    for client in (_customer(), sign_in(settled("redaktion@example.org", role=Role.EDITOR))):
        assert client.get(news.address()).status_code == 404
        for path in LISTS:
            assert "Entwurf" not in _shown(client, path), path


def test_a_document_is_handed_out_to_be_kept_and_never_to_be_shown() -> None:
    leaflet = download("Checkliste", content=b"<script>alert(1)</script>")
    answer = _customer().get(leaflet.address())
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert _content(answer) == b"<script>alert(1)</script>"


def test_the_list_says_how_large_a_document_is_and_of_what_kind() -> None:
    download("Checkliste", content=b"x" * 2048)
    assert "PDF, 2,0 KB" in _shown(_customer(), "/downloads/")


def test_only_the_documents_own_words_are_marked_as_being_in_their_language() -> None:
    leaflet = download("Checkliste")
    leaflet.summary = "Für den Jahreswechsel"
    leaflet.save_revision().publish()
    page = Page(sign_in(settled(language=Language.ENGLISH)).get("/downloads/"))
    in_german = [each.text for each in page.main.walk() if each.attributes.get("lang") == "de"]
    assert in_german == ["Checkliste", "Für den Jahreswechsel"]


def test_the_browser_is_left_to_see_whether_a_document_comes() -> None:
    leaflet = download("Checkliste")
    (link,) = Page(_customer().get("/downloads/")).all("a", href=leaflet.address())
    assert "download" not in link.attributes, "or it would keep the sign-in page after the session has ended"


def test_nobody_but_editors_reaches_an_uploaded_file_past_its_page() -> None:
    leaflet = download("Checkliste")
    path = f"/media/{leaflet.document.file.name}"
    assert _customer().get(path).status_code == 404
    assert Client().get(path).status_code == 404
    answer = sign_in(settled("redaktion@example.org", role=Role.EDITOR)).get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert _content(answer)


# Wagtail leaves it to the collector to close what it has drawn a picture into.
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_is_seen_by_whoever_may_see_a_page_it_is_on() -> None:
    picture = _picture()
    article("Bebildert", OURS, body=[("picture", {"image": picture, "alternative": "Ein Quadrat"})])
    ours = _customer()
    (image,) = Page(ours.get(article_address("Bebildert"))).main.all("img")
    assert image.attributes["alt"] == "Ein Quadrat"
    path = image.attributes["src"]
    answer = ours.get(path)
    assert answer.headers["Content-Type"] == "image/webp"
    assert _content(answer)
    assert _customer(OTHERS).get(path).status_code == 404
    assert Client().get(path).status_code == 404


def article_address(title: str) -> str:
    """Where the article of that title is shown."""
    from kundenportal.web.content.models import ArticlePage

    address: str = ArticlePage.objects.get(title=title).address()
    return address


def _picture() -> Any:
    from io import BytesIO

    file = BytesIO()
    Pillow.new("RGB", (40, 40)).save(file, "PNG")
    return Image.objects.create(title="Quadrat", file=ContentFile(file.getvalue(), name="quadrat.png"))


@pytest.mark.parametrize("path", ["/media/", "/media/../config/", "/media/images/none.webp", "/media/%00"])
def test_what_was_never_uploaded_is_not_there(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_help_is_public_only_where_an_editor_said_so() -> None:
    closed, public = help_page("Krankmeldungen"), help_page("Anmeldung", is_public=True)
    assert Client().get(public.address()).status_code == 200
    assert Client().get(closed.address()).headers["Location"] == f"/?next={closed.address()}"
    assert "Krankmeldungen" not in _shown(Client(), "/help/")
    assert "Krankmeldungen" not in _shown(Client(), "/search/?q=Krankmeldungen")
    customer = _customer()
    assert "Krankmeldungen" in _shown(customer, "/help/")
    assert customer.get(closed.address()).status_code == 200
