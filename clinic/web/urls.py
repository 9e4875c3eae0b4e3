"""Addresses of the house's own pages."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, URLResolver, path, re_path

from clinic.web import account as own
from clinic.web import api_clients, audit, health, practice, rooms, sites, staff

# Only what is wanted of allauth: no sign-up, no change of address, no sign-in by code.
_SIGN_IN = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/signup/", account.signup, name="account_signup"),  # answers that nobody signs up here
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/2fa/", second_factor.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "accounts/2fa/recovery-codes/generate/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/download/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

_PROBES = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

_OWN = [
    path("account/", own.account, name="account"),
    path("account/site/", own.switch_site, name="switch_site"),
    path("account/theme/", own.theme, name="theme"),
    path("practice/clock/", practice.practice_clock, name="practice_clock"),
]

_STAFF = [
    path("staff/", staff.staff_list, name="staff"),
    path("staff/invite/", staff.invite, name="staff_invite"),
    path("staff/<uuid:public_id>/", staff.member, name="staff_member"),
    path("staff/<uuid:public_id>/letter/", staff.letter, name="staff_letter"),
    path("staff/<uuid:public_id>/deactivate/", staff.deactivate, name="staff_deactivate"),
    path("staff/<uuid:public_id>/reactivate/", staff.reactivate, name="staff_reactivate"),
    path("staff/<uuid:public_id>/second-factor/", staff.remove_second_factor, name="staff_second_factor"),
]

_SITES = [
    path("sites/", sites.site_list, name="sites"),
    path("sites/new/", sites.new, name="site_new"),
    path("sites/<uuid:public_id>/", sites.site, name="site"),
    path("sites/<uuid:public_id>/reopen/", sites.reopen, name="site_reopen"),
    path("sites/<uuid:public_id>/rooms/new/", rooms.new, name="room_new"),
    path("rooms/<uuid:public_id>/", rooms.room, name="room"),
]

_API_CLIENTS = [
    path("api-clients/", api_clients.client_list, name="api_clients"),
    path("api-clients/new/", api_clients.new, name="api_client_new"),
    path("api-clients/<uuid:public_id>/", api_clients.client, name="api_client"),
    path("api-clients/<uuid:public_id>/rotate/", api_clients.rotate, name="api_client_rotate"),
    path("api-clients/<uuid:public_id>/revoke/", api_clients.revoke, name="api_client_revoke"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *_PROBES,
    *_SIGN_IN,
    *_OWN,
    *_STAFF,
    *_SITES,
    *_API_CLIENTS,
    path("audit/", audit.audit, name="audit"),
]
