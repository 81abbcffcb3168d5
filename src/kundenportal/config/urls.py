"""Every address of the portal. Whoever may see it is said at the view; nothing said means: signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from wagtail.admin import urls as wagtail_urls

from kundenportal.web.content import acting, editing
from kundenportal.web.content.views import downloads, files, legal, news, search
from kundenportal.web.content.views import help as help_views
from kundenportal.web.content.views import mails as content_mails
from kundenportal.web.customer import home
from kundenportal.web.customer import own_data as customer_data
from kundenportal.web.customer import views as customer
from kundenportal.web.demo import views as demo
from kundenportal.web.desk import account as desk_account
from kundenportal.web.desk import accounts as desk_accounts
from kundenportal.web.desk import checks as desk_checks
from kundenportal.web.desk import faults, hands, imports, inbox, intakes, mails, site_settings
from kundenportal.web.desk import keys as desk_keys
from kundenportal.web.desk import maintenance as desk_maintenance
from kundenportal.web.desk import own_data as desk_data
from kundenportal.web.desk import steps as desk_steps
from kundenportal.web.desk import today as desk_today
from kundenportal.web.desk import trail as desk_trail
from kundenportal.web.entrance import contact, expired, lockout, maintenance, reset
from kundenportal.web.entrance import views as entrance
from kundenportal.web.shared import brand, errors, language, new_password, sessions

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_not_required
def front_door(request: HttpRequest) -> HttpResponse:
    """The start page for whoever is not signed in, the portal's home otherwise."""
    return home.home(request) if request.user.is_authenticated else entrance.start(request)


urlpatterns: list[URLPattern | URLResolver] = [
    path("", front_door, name="home"),
    path("sign-in/", entrance.sign_in, name="sign-in"),
    path("sign-in/help/", help_views.about_signing_in, name="sign-in-help"),
    path("sign-in/first/", entrance.first_sign_in, name="first-sign-in"),
    path("sign-in/expired/<str:token>/", expired.expired_access, name="expired-access"),
    path("sign-in/new-access/", expired.request_new_access, name="request-new-access"),
    path("sign-in/lockout/<str:token>/", lockout.lockout, name="lockout"),
    path("maintenance/", maintenance.maintenance, name="maintenance"),
    path("maintenance/mails/", maintenance.maintenance_mails, name="maintenance-mails"),
    path("maintenance/<int:number>.ics", maintenance.maintenance_calendar, name="maintenance-calendar"),
    path("sign-out/", entrance.sign_out, name="sign-out"),
    path("session/prolong/", sessions.prolong, name="session-prolong"),
    path("password/forgotten/", reset.password_forgotten, name="password-forgotten"),
    path("password/choose/", reset.choose, name="reset-choose"),
    path("password/choose/strength/", reset.strength, name="reset-strength"),
    path("password/choose/done/", reset.done, name="reset-done"),
    path("password/choose/<str:token>/", reset.open_link, name="reset-link"),
    path(".well-known/change-password", reset.change_password, name="change-password"),
    path("password/strength/", new_password.password_strength, name="password-strength"),
    path("contact/", contact.contact, name="contact"),
    path("contact/taken/", contact.taken, name="contact-taken"),
    path("brand/<slug:name>.css", brand.brand, name="brand"),
    path("brand/<str:name>", brand.logo, name="logo"),
    path("language/", language.choose_language, name="language"),
    path("organisation/", acting.choose_organisation, name="organisation"),
    path("profile/", customer.profile, name="profile"),
    path("profile/caller-code/", customer.caller_code, name="caller-code"),
    path("profile/my-data/", customer_data.own_data, name="own-data"),
    path("news/", news.index, name="news"),
    path("news/read/", news.read_all, name="news-read"),
    path("news/<slug:slug>/", news.article, name="article"),
    path("help/", help_views.index, name="help"),
    path("help/remarks/", help_views.remarks, name="help-remarks"),
    path("help/remarks/<int:remark_id>/", help_views.settle_remark, name="help-remark-settle"),
    path("help/<slug:slug>/", help_views.page, name="help-page"),
    path("downloads/", downloads.index, name="downloads"),
    path("downloads/<slug:slug>/", downloads.download, name="download"),
    path("search/", search.search, name="search"),
    path("legal/e-mails/", content_mails.mails_we_send, name="mails-we-send"),
    path("legal/<slug:slug>/", legal.legal, name="legal"),
    path("media/<path:name>", files.media, name="media"),
    path("edit/logout/", entrance.sign_out, name="edit-sign-out"),
    path("edit/account/", editing.account, name="edit-account"),
    path("edit/", include(wagtail_urls)),
    path("desk/", desk_today.today, name="desk-today"),
    path("desk/keys/", desk_keys.keys, name="desk-keys"),
    path("desk/take/", hands.take, name="desk-take"),
    path("desk/checks/<int:check_id>/", desk_checks.check, name="desk-check"),
    path("desk/trail/", desk_trail.audit_trail, name="desk-trail"),
    path("desk/trail/export/", desk_trail.export_trail, name="desk-trail-export"),
    path("desk/accounts/", desk_accounts.accounts, name="desk-accounts"),
    path("desk/accounts/export/", desk_accounts.export_accounts, name="desk-accounts-export"),
    path("desk/accounts/issue/", desk_accounts.issue_access, name="desk-issue-access"),
    path("desk/accounts/send-letter-again/", desk_accounts.send_letter_again, name="desk-send-letter-again"),
    path("desk/accounts/<int:account_id>/", desk_account.account, name="desk-account"),
    path("desk/accounts/<int:account_id>/role/", desk_steps.role, name="desk-account-role"),
    path("desk/accounts/<int:account_id>/own-data/", desk_data.own_data, name="desk-own-data"),
    path("desk/accounts/<int:account_id>/send-link/", desk_steps.send_link, name="desk-send-link"),
    path("desk/accounts/<int:account_id>/<slug:step>/", desk_steps.step, name="desk-account-step"),
    path("desk/mails/", mails.mails, name="desk-mails"),
    path("desk/mails/send-again/", mails.send_again, name="desk-send-mail-again"),
    path("desk/inbox/", inbox.inbox, name="desk-inbox"),
    path("desk/inbox/<int:received_id>/", inbox.received_mail, name="desk-received-mail"),
    path("desk/intakes/", intakes.intakes, name="desk-intakes"),
    path("desk/intakes/new/", intakes.take_down, name="desk-take-down"),
    path("desk/intakes/<int:intake_id>/", intakes.intake, name="desk-intake"),
    path("desk/maintenance/", desk_maintenance.windows, name="desk-maintenance"),
    path("desk/maintenance/plan/", desk_maintenance.plan, name="desk-maintenance-plan"),
    path("desk/maintenance/<int:number>/", desk_maintenance.window, name="desk-maintenance-window"),
    path("desk/errors/", faults.faults, name="desk-faults"),
    path("desk/settings/", site_settings.site_settings, name="desk-settings"),
    path("desk/imports/", imports.imports, name="desk-imports"),
    path("desk/imports/new/", imports.upload, name="desk-import-upload"),
    path("desk/imports/<int:number>/", imports.run, name="desk-import"),
    path("desk/imports/<int:number>/columns/", imports.columns, name="desk-import-columns"),
    path("desk/imports/<int:number>/start/", imports.start, name="desk-import-start"),
    path("desk/imports/<int:number>/cancel/", imports.cancel, name="desk-import-cancel"),
    path("desk/imports/<int:number>/file/", imports.result_file, name="desk-import-file"),
]
if settings.DEMONSTRATION:
    urlpatterns += [
        path("demo/mail/", demo.mails, name="demo-mails"),
        path("demo/mail/<str:key>/", demo.mail, name="demo-mail"),
        path("demo/mail/<str:key>/html/", demo.mail_as_html, name="demo-mail-html"),
    ]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
