"""The policy table of the house's own pages: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

_SIGN_IN = "Nobody is signed in yet."
_PROBE = "Asked by the machines that watch this installation; says nothing about people."

ROUTES: dict[str, Route] = {
    "livez": Route(public=_PROBE),
    "readyz": Route(public=_PROBE),
    "metrics": Route(public="Answers the loopback address and the bearer of METRICS_TOKEN alone."),
    "oauth2_provider:token": Route(public="A program proves itself here with its id and secret."),
    "oauth2_provider:revoke-token": Route(public="A program gives a token back, proving itself with id and secret."),
    "account_login": Route(public=_SIGN_IN),
    "account_signup": Route(public="Says that accounts are made by invitation."),
    "account_reset_password": Route(public=_SIGN_IN),
    "account_reset_password_done": Route(public=_SIGN_IN),
    "account_reset_password_from_key": Route(public="The link in the letter is the proof."),
    "account_reset_password_from_key_done": Route(public=_SIGN_IN),
    "mfa_authenticate": Route(public="Second step of signing in; asks for what the first step left in the session."),
    "account_logout": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "account_reauthenticate": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "account_change_password": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "mfa_index": Route(read=P.OWN_ACCOUNT),
    "mfa_reauthenticate": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "mfa_activate_totp": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "mfa_deactivate_totp": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "mfa_view_recovery_codes": Route(read=P.OWN_ACCOUNT),
    "mfa_generate_recovery_codes": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "mfa_download_recovery_codes": Route(read=P.OWN_ACCOUNT),
    "account": Route(read=P.OWN_ACCOUNT, write=P.OWN_ACCOUNT),
    "switch_site": Route(write=P.OWN_ACCOUNT),
    "theme": Route(write=P.OWN_ACCOUNT),
    "practice_clock": Route(write=P.PRACTICE_CLOCK),
    "staff": Route(read=P.STAFF_READ),
    "staff_invite": Route(read=P.STAFF_WRITE, write=P.STAFF_WRITE),
    "staff_member": Route(read=P.STAFF_READ, write=P.STAFF_WRITE),
    "staff_letter": Route(write=P.STAFF_WRITE),
    "staff_deactivate": Route(write=P.STAFF_WRITE),
    "staff_reactivate": Route(write=P.STAFF_WRITE),
    "staff_second_factor": Route(write=P.STAFF_WRITE),
    "sites": Route(read=P.SITE_WRITE),
    "site_new": Route(read=P.SITE_WRITE, write=P.SITE_WRITE),
    "site": Route(read=P.SITE_WRITE, write=P.SITE_WRITE),
    "site_reopen": Route(write=P.SITE_WRITE),
    "room": Route(read=P.SITE_WRITE, write=P.SITE_WRITE),
    "room_new": Route(read=P.SITE_WRITE, write=P.SITE_WRITE),
    "api_clients": Route(read=P.API_CLIENT_WRITE),
    "api_client_new": Route(read=P.API_CLIENT_WRITE, write=P.API_CLIENT_WRITE),
    "api_client": Route(read=P.API_CLIENT_WRITE, write=P.API_CLIENT_WRITE),
    "api_client_rotate": Route(write=P.API_CLIENT_WRITE),
    "api_client_revoke": Route(write=P.API_CLIENT_WRITE),
    "audit": Route(read=P.AUDIT_READ),
}
