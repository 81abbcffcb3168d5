"""What somebody has typed into a form and not sent off yet, kept while one of its smaller buttons is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest

KEPT_ENTRIES = "kept_entries"
# A code is good once, and whoever has another one sent has no use for the one before.
NEVER_KEPT = frozenset({"code"})


def entries_in(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    """What the form holds now, right or wrong."""
    return {name: field.widget.value_from_datadict(request.POST, {}, name) for name, field in form.fields.items()}


def keep_entries(request: HttpRequest, form: forms.Form) -> None:
    """The next time this page is asked for, the form holds what it holds now."""
    entries = {name: entry for name, entry in entries_in(request, form).items() if name not in NEVER_KEPT}
    request.session[KEPT_ENTRIES] = {"path": request.path, "entries": entries}


def kept_entries(request: HttpRequest) -> dict[str, Any]:
    """What was kept for this page, handed out once; what was kept for another one is forgotten."""
    kept = request.session.pop(KEPT_ENTRIES, None)
    entries: dict[str, Any] = kept["entries"] if kept and kept["path"] == request.path else {}
    return entries
