"""What editors put their pages together from; every block has a template of its own beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.forms import CheckboxSelectMultiple
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from kundenportal.domain.site import queries as site
from kundenportal.domain.site.words import hours_lines
from kundenportal.web.shared.words import span_in_words

from .screenshots import SCREENSHOTS, screenshot_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# No embeds, no documents: what is attached to a page is a download, which asks who may have it.
RICH_TEXT = ["bold", "italic", "ol", "ul", "link"]
ANCHOR_MAX_LENGTH = 60
OPERATORS_FACTS = {
    "name": _("Name"),
    "email": _("E-mail"),
    "telephone": _("Telephone"),
    "hours": _("Service hours"),
}

# What is kept, as editors choose it, and the setting that says for how long.
KEPT = {
    "trail": (_("The audit trail"), "TRAIL_IS_KEPT_FOR"),
    "mails": (_("Which e-mails were sent and received"), "MAIL_LOG_IS_KEPT_FOR"),
    "intakes": (_("What people have asked for"), "INTAKES_ARE_KEPT_FOR"),
}


class PictureBlock(blocks.StructBlock):
    """A picture, and what it shows for whoever does not see it."""

    image = ImageChooserBlock(label=_("Picture"))
    alternative = blocks.CharBlock(
        label=_("What the picture shows"),
        help_text=_("Read out to whoever does not see the picture: one sentence that says the same."),
        max_length=250,
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "content/blocks/picture.html"


class ScreenshotBlock(blocks.StructBlock):
    """A picture of the portal itself, which comes with the portal and is renewed with it."""

    name = blocks.ChoiceBlock(label=_("Page of the portal"), choices=list(SCREENSHOTS.items()))
    alternative = blocks.CharBlock(
        label=_("What the picture shows"),
        help_text=_("Read out to whoever does not see the picture: one sentence that says the same."),
        max_length=250,
    )

    class Meta:
        icon = "desktop"
        label = _("Picture of the portal")
        template = "content/blocks/screenshot.html"

    def get_context(self, value: Mapping[str, str], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Adds the picture itself: the portal is shown in the language of the page."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, "screenshot": screenshot_of(value["name"], _language_of(context))}


class OperatorBlock(blocks.StructBlock):
    """What the portal's settings say of its operator, so that pages need not be written anew when that changes."""

    facts = blocks.MultipleChoiceBlock(
        label=_("What is shown"), choices=list(OPERATORS_FACTS.items()), widget=CheckboxSelectMultiple
    )

    class Meta:
        icon = "site"
        label = _("Who operates the portal")
        template = "content/blocks/operator.html"

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Adds the facts as they are now, in the language of the page."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        language, operator = _language_of(context), site.current()
        with translation.override(language):
            hours = hours_lines(operator.week)
        return {**context, "language": language, "operator": operator, "hours": hours}


class RetentionBlock(blocks.StructBlock):
    """How long things are kept, as the portal is set up now: so no page can promise what is not done."""

    kept = blocks.MultipleChoiceBlock(
        label=_("What is shown"),
        choices=[(name, label) for name, (label, _setting) in KEPT.items()],
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        icon = "history"
        label = _("How long the portal keeps things")
        template = "content/blocks/retention.html"

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Adds the times, in the language of the page."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        language = _language_of(context)
        with translation.override(language):
            times = {name: span_in_words(getattr(settings, setting)) for name, (_label, setting) in KEPT.items()}
        return {**context, "language": language, "times": times}


class GapBlock(blocks.StructBlock):
    """What the operator still has to fill in: editors are reminded of it, and nobody else sees it."""

    wanted = blocks.CharBlock(label=_("What is to be filled in here"), max_length=250)

    class Meta:
        icon = "warning"
        label = _("Still to be filled in")
        template = "content/blocks/gap.html"


class TextBlock(blocks.StreamBlock):
    """What a text may consist of."""

    heading = blocks.CharBlock(label=_("Heading"), icon="title", max_length=120, template="content/blocks/heading.html")
    paragraph = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT, icon="pilcrow")
    picture = PictureBlock()
    screenshot = ScreenshotBlock()
    operator = OperatorBlock()
    retention = RetentionBlock()
    gap = GapBlock()


class AnswerBlock(blocks.StreamBlock):
    """What an answer may consist of; its question is the heading."""

    paragraph = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT, icon="pilcrow")
    picture = PictureBlock()
    screenshot = ScreenshotBlock()
    operator = OperatorBlock()


class QuestionBlock(blocks.StructBlock):
    """A question and its answer, with an address of its own within the page."""

    question = blocks.CharBlock(label=_("Question"), max_length=160)
    anchor = blocks.CharBlock(
        label=_("Address within the page"),
        required=False,
        max_length=ANCHOR_MAX_LENGTH,
        help_text=_(
            "Links to this question end with it. Left empty, it is made from the question; keep it afterwards."
        ),
    )
    answer = AnswerBlock(label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question and answer")
        template = "content/blocks/question.html"

    def clean(self, value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever kind of value Wagtail makes of it
        """The question with an address that fits into a link."""
        cleaned = super().clean(value)
        cleaned["anchor"] = slugify(cleaned["anchor"] or cleaned["question"])[:ANCHOR_MAX_LENGTH].strip("-")
        return cleaned


def _language_of(context: Mapping[str, Any]) -> str:
    """In which language the page is written that the block stands on."""
    page = context.get("page")
    return page.language if page else "de"
