"""What Wagtail lets the roles do that write the portal's pages (accounts.rules); nobody else is let in at all."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from kundenportal.domain.accounts.rules import EDITING_ROLES

# Not `bulk_delete_page`: a page with others below it is not removed in passing.
FOR_PAGES = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
FOR_FILES = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
IN_GENERAL = ("access_admin", "submit_translation")


def give_editors_their_permissions(**_signal: object) -> None:
    """The groups that bear the roles' names may do what is said above, and Wagtail's own two groups are gone."""
    Group.objects.filter(name__in=["Editors", "Moderators"]).delete()
    root, files = Page.get_first_root_node(), Collection.get_first_root_node()
    for role in EDITING_ROLES:
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(Permission.objects.filter(codename__in=IN_GENERAL))
        if root:
            _grant(GroupPagePermission, group, FOR_PAGES, page=root)
        if files:
            _grant(GroupCollectionPermission, group, FOR_FILES, collection=files)


def _grant(
    grants: type[GroupPagePermission | GroupCollectionPermission],
    group: Group,
    codenames: tuple[str, ...],
    **where: Page | Collection,
) -> None:
    wanted = Permission.objects.filter(codename__in=codenames)
    grants.objects.filter(group=group).exclude(permission__in=wanted).delete()
    for permission in wanted:
        grants.objects.get_or_create(group=group, permission=permission, **where)
