from .models import Organisation


def organisation_names() -> list[str]:
    """Every organisation's name, in alphabetical order."""
    return list(Organisation.objects.order_by("name").values_list("name", flat=True))
