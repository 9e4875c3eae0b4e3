"""Addresses of the pages about the course of care. They carry public ids and codes, never a name."""

from django.urls import path

from pathways.web import attestations, callbacks, follow_ups, levels, messages, programs, returns, safety, today

_ATTESTATIONS = [
    path("enrollments/<uuid:public_id>/attest/<slug:key>/", attestations.attest, name="attest"),
    path("attestations/<uuid:public_id>/withdraw", attestations.withdraw, name="attestation_withdraw"),
]

_LEVELS = [
    path("patients/<uuid:public_id>/level/", levels.rate, name="level_rate"),
    path("levels/suggestion", levels.suggestion, name="level_suggestion"),
    path("levels/<uuid:public_id>/", levels.assessment, name="level_assessment"),
    path("levels/<uuid:public_id>/decide", levels.decide, name="level_decide"),
    path("levels/<uuid:public_id>/sign", levels.cosign, name="level_cosign"),
]

_PROGRAMS = [
    path("programs/", programs.programs, name="programs"),
    path("programs/<slug:key>/", programs.program, name="program"),
    path("programs/<slug:key>/versions/<int:number>/", programs.program_version, name="program_version"),
    path("programs/<slug:key>/versions/<int:number>/publish", programs.publish, name="program_publish"),
    path("programs/<slug:key>/versions/<int:number>/retire", programs.retire, name="program_retire"),
]

_RETURNS = [
    path("enrollments/<uuid:public_id>/return-to-use/", returns.return_to_use, name="return_to_use"),
]

_TODAY = [
    path("", today.today, name="today"),
    path("today/flags/<uuid:public_id>/take", safety.flag_take, name="today_flag_take"),
    path("today/flags/<uuid:public_id>/review", safety.flag_review, name="today_flag_review"),
]

_FOLLOW_UPS = [
    path("follow-ups/<uuid:public_id>/", follow_ups.follow_up, name="follow_up"),
    path("follow-ups/<uuid:public_id>/call/", follow_ups.call, name="call"),
    path("follow-ups/<uuid:public_id>/done/", follow_ups.done, name="follow_up_done"),
    path("follow-ups/<uuid:public_id>/assign/", follow_ups.assign, name="follow_up_assign"),
    path("follow-ups/<uuid:public_id>/reschedule/", follow_ups.reschedule, name="follow_up_reschedule"),
    path("follow-ups/<uuid:public_id>/close/", follow_ups.close, name="follow_up_close"),
    path("calls/<uuid:public_id>/undo", follow_ups.undo, name="call_undo"),
]

_MESSAGES = [
    path("messages/", messages.messages, name="messages"),
    path("messages/<uuid:public_id>/", messages.message, name="message"),
    path("messages/<uuid:public_id>/decide", messages.decide, name="message_decide"),
    path("mailbox/", messages.mailbox, name="mailbox"),
    path("callbacks/sms/<uuid:reference>", callbacks.sms_status, name="sms_status"),
]

urlpatterns = [*_TODAY, *_FOLLOW_UPS, *_MESSAGES, *_ATTESTATIONS, *_LEVELS, *_PROGRAMS, *_RETURNS]
