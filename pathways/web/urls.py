"""Addresses of the pages about the course of care. They carry public ids and codes, never a name."""

from django.urls import path

from pathways.web import (
    absences,
    adaptations,
    adoptions,
    assessments,
    assignments,
    attestations,
    board,
    callbacks,
    capacity,
    chart,
    contacts,
    deaths,
    deliveries,
    enrollments,
    follow_ups,
    intake,
    level_transfers,
    levels,
    links,
    messages,
    moves,
    observations,
    part2_consents,
    patient_links,
    people,
    plan_elements,
    plans,
    program_versions,
    programs,
    reconciliations,
    rehearsals,
    replies,
    returns,
    rooms,
    safety,
    saved_views,
    schedules,
    session_booking,
    session_changes,
    session_charts,
    session_documents,
    sessions,
    sites,
    templates,
    today,
    transfers,
    waits,
    warnings,
)
from pathways.web.studio import files as studio_files
from pathways.web.studio import pages as studio

_ATTESTATIONS = [
    path("enrollments/<uuid:public_id>/attest/<slug:key>/", attestations.attest, name="attest"),
    path("attestations/<uuid:public_id>/withdraw", attestations.withdraw, name="attestation_withdraw"),
]

_FINDINGS = [
    path("patients/<uuid:public_id>/assessments/", assessments.assessments, name="assessments"),
    path("patients/<uuid:public_id>/assess/<slug:instrument>/", assessments.new, name="assessment_new"),
    path("patients/<uuid:public_id>/assess/<slug:instrument>/save", assessments.autosave, name="assessment_autosave"),
    path(
        "patients/<uuid:public_id>/assess/<slug:instrument>/attended", assessments.attended, name="assessment_attended"
    ),
    path("assessments/<uuid:public_id>/", assessments.assessment, name="assessment"),
    path("assessments/<uuid:public_id>/amend/", assessments.amend, name="assessment_amend"),
    path("assessments/<uuid:public_id>/retract", assessments.retract, name="assessment_retract"),
    path("patients/<uuid:public_id>/intake", intake.open_intake, name="intake_open"),
    path("intakes/<uuid:public_id>/", intake.intake, name="intake"),
    path("intakes/<uuid:public_id>/check/", intake.check, name="intake_check"),
    path("intakes/<uuid:public_id>/sign", intake.sign, name="intake_sign"),
    path("intakes/<uuid:public_id>/<slug:instrument>/", intake.section, name="intake_section"),
    path("intakes/<uuid:public_id>/<slug:instrument>/save", intake.autosave, name="intake_autosave"),
    path("intakes/<uuid:public_id>/<slug:instrument>/attended", intake.attended, name="intake_attended"),
]

_CHART = [
    path("patients/<uuid:public_id>/chart/", chart.chart, name="chart"),
    path("board/", board.show, name="board"),
]

_CONTACTS = [
    path("patients/<uuid:public_id>/correct/", people.correct, name="patient_correct"),
    path("patients/<uuid:public_id>/death/", deaths.death, name="patient_death"),
    path("patients/<uuid:public_id>/death/withdraw", deaths.withdraw, name="patient_death_withdraw"),
    path("patients/<uuid:public_id>/contacts/", contacts.contacts, name="patient_contacts"),
    path("patients/<uuid:public_id>/preference", contacts.prefer, name="patient_preference"),
    path("patients/<uuid:public_id>/suppress", contacts.suppress, name="patient_suppress"),
    path("patients/<uuid:public_id>/lift/<uuid:suppression>", contacts.lift, name="patient_lift"),
    path("contact-points/<uuid:public_id>/", contacts.change, name="contact_point"),
    path("contact-points/<uuid:public_id>/verify", contacts.verify, name="contact_point_verify"),
    path("contact-points/<uuid:public_id>/retire", contacts.retire, name="contact_point_retire"),
    path("contact-points/<uuid:public_id>/consent", contacts.consent, name="consent"),
]

_OBSERVATIONS = [
    path("patients/<uuid:public_id>/labs/", observations.observations, name="observations"),
    path("patients/<uuid:public_id>/labs/<slug:code>/", observations.history, name="observations_of"),
    path("patients/<uuid:public_id>/measure/<slug:group>/", observations.record, name="observation_record"),
    path("observations/<uuid:public_id>/", observations.observation, name="observation"),
    path("observations/<uuid:public_id>/amend/", observations.amend, name="observation_amend"),
    path("observations/<uuid:public_id>/retract", observations.retract, name="observation_retract"),
]

_PART2_CONSENTS = [
    path("patients/<uuid:public_id>/consents/", part2_consents.consents, name="part2_consents"),
    path("patients/<uuid:public_id>/consents/record/", part2_consents.record, name="part2_consent_record"),
    path("consents/<uuid:public_id>/", part2_consents.consent, name="part2_consent"),
    path("consents/<uuid:public_id>/replace/", part2_consents.replace, name="part2_consent_replace"),
    path("consents/<uuid:public_id>/revoke", part2_consents.revoke, name="part2_consent_revoke"),
    path("consents/<uuid:public_id>/end", part2_consents.end, name="part2_consent_end"),
]

_ENROLLMENTS = [
    path("patients/<uuid:public_id>/enroll/", enrollments.enroll, name="enroll"),
    path("enrollments/<uuid:public_id>/move/", moves.move, name="move"),
    path("enrollments/<uuid:public_id>/adaptations/", adaptations.adaptations, name="adaptations"),
    path("enrollments/<uuid:public_id>/adapt/<slug:target>/<slug:key>/", adaptations.adapt, name="adapt"),
    path("adaptations/<uuid:public_id>/end", adaptations.end, name="adaptation_end"),
    path("enrollments/<uuid:public_id>/adopt/", adoptions.adopt_one, name="adopt_one"),
    path("programs/<slug:key>/versions/<int:number>/adopt/", adoptions.adopt, name="program_adopt"),
    path("adoptions/<uuid:public_id>/", adoptions.adoption, name="adoption"),
    path("adoptions/<uuid:public_id>/stop", adoptions.stop, name="adoption_stop"),
    path("adoptions/<uuid:public_id>/resume", adoptions.resume, name="adoption_resume"),
    path("enrollments/<uuid:public_id>/transfer/", transfers.transfer, name="transfer"),
    path("enrollments/<uuid:public_id>/undo/", enrollments.undo, name="move_undo"),
    path("enrollments/<uuid:public_id>/readmit/", enrollments.readmit, name="readmit"),
    path("enrollments/<uuid:public_id>/counselor/", enrollments.counselor, name="enrollment_counselor"),
    path("override-requests/<uuid:public_id>/", enrollments.cosign, name="cosign"),
]

_LEVELS = [
    path("patients/<uuid:public_id>/level/", levels.rate, name="level_rate"),
    path("levels/suggestion", levels.suggestion, name="level_suggestion"),
    path("levels/<uuid:public_id>/", levels.assessment, name="level_assessment"),
    path("levels/<uuid:public_id>/decide", levels.decide, name="level_decide"),
    path("levels/<uuid:public_id>/sign", levels.cosign, name="level_cosign"),
]

_PEOPLE = [
    path("patients/", people.people, name="patients"),
    path("patients/search", people.search, name="patients_search"),
]

_PLACES = [
    path("places/", capacity.places, name="places"),
    path("places/capacity", capacity.set_capacity, name="capacity_set"),
    path("places/census/", capacity.census_page, name="census"),
    path("patients/<uuid:public_id>/wait/", waits.put, name="wait_put"),
    path("waits/<uuid:public_id>/change", waits.change, name="wait_change"),
    path("waits/<uuid:public_id>/offer", waits.offer, name="wait_offer"),
    path("waits/<uuid:public_id>/withdraw", waits.withdraw, name="wait_withdraw"),
    path("place-offers/<uuid:public_id>/accept", waits.accept, name="offer_accept"),
    path("place-offers/<uuid:public_id>/decline", waits.decline, name="offer_decline"),
    path("place-offers/<uuid:public_id>/take-back", waits.take_back, name="offer_take_back"),
    path("enrollments/<uuid:public_id>/level/", level_transfers.level_transfer, name="level_transfer"),
]

_PLANS = [
    path("enrollments/<uuid:public_id>/plans/<slug:kind>", plans.open_plan, name="plan_open"),
    path("plans/<uuid:public_id>/", plans.plan, name="plan"),
    path("plans/<uuid:public_id>/keep/", plans.keep, name="plan_keep"),
    path("plans/<uuid:public_id>/words", plans.words, name="plan_words"),
    path("plans/<uuid:public_id>/review", plans.review, name="plan_review"),
    path("plans/<uuid:public_id>/sign", plans.sign, name="plan_sign"),
    path("plans/<uuid:public_id>/close", plans.close, name="plan_close"),
    path("plans/<uuid:public_id>/elements", plan_elements.write, name="plan_element_write"),
    path("plan-elements/<uuid:public_id>/change", plan_elements.change, name="plan_element_change"),
    path("plan-elements/<uuid:public_id>/end", plan_elements.end, name="plan_element_end"),
    path("plan-elements/<uuid:public_id>/move", plan_elements.move, name="plan_element_move"),
    path("plan-elements/<uuid:public_id>/reopen", plan_elements.reopen, name="plan_element_reopen"),
]

_PROGRAMS = [
    path("programs/", programs.programs, name="programs"),
    path("program-import/", studio_files.new_program, name="program_import"),
    path("programs/<slug:key>/", programs.program, name="program"),
    path("programs/<slug:key>/compare/", program_versions.comparison, name="program_compare"),
    path("programs/<slug:key>/versions/<int:number>/", programs.program_version, name="program_version"),
    path("programs/<slug:key>/versions/<int:number>/confirm", program_versions.confirm, name="program_confirm"),
    path("programs/<slug:key>/versions/<int:number>/copy/", program_versions.copy, name="program_copy"),
    path("programs/<slug:key>/versions/<int:number>/document.yaml", program_versions.file, name="program_file"),
    path("programs/<slug:key>/versions/<int:number>/publish", program_versions.publish, name="program_publish"),
    path("programs/<slug:key>/versions/<int:number>/rehearse/", rehearsals.rehearsal, name="rehearsal"),
    path("programs/<slug:key>/versions/<int:number>/retire", program_versions.retire, name="program_retire"),
    path("programs/<slug:key>/studio/", studio.studio, name="studio"),
    path("programs/<slug:key>/studio/check", studio.check, name="studio_check"),
    path("programs/<slug:key>/studio/discard/", studio.discard, name="studio_discard"),
    path("programs/<slug:key>/studio/edit", studio.edit, name="studio_edit"),
    path("programs/<slug:key>/studio/import/", studio_files.into_draft, name="studio_import"),
    path("programs/<slug:key>/studio/start", studio.start, name="studio_start"),
]

_RETURNS = [
    path("enrollments/<uuid:public_id>/return-to-use/", returns.return_to_use, name="return_to_use"),
]

_SESSIONS = [
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/new/", session_booking.new, name="session_new"),
    path("sessions/series/new/", session_booking.new_series, name="session_series_new"),
    path("sessions/reminders/", schedules.schedules, name="schedules"),
    path("sessions/reminders/<slug:key>/", schedules.schedule, name="schedule"),
    path("sessions/reminders/<slug:key>/clear", schedules.clear, name="schedule_clear"),
    path("sessions/<uuid:public_id>/", sessions.session, name="session"),
    path("sessions/<uuid:public_id>/move/", session_changes.move, name="session_move"),
    path("sessions/<uuid:public_id>/cancel/", session_changes.cancel, name="session_cancel"),
    path("sessions/<uuid:public_id>/people/", session_changes.add, name="session_add"),
    path("sessions/<uuid:public_id>/document/", session_documents.document, name="session_document"),
    path("sessions/<uuid:public_id>/amend/", session_documents.amend, name="session_amend"),
    path("places/<uuid:public_id>/check-in", session_changes.check_in, name="place_check_in"),
    path("places/<uuid:public_id>/confirm", session_changes.confirm, name="place_confirm"),
    path("places/<uuid:public_id>/unconfirm", session_changes.undo_confirm, name="place_unconfirm"),
    path("places/<uuid:public_id>/undo", session_changes.undo_check_in, name="place_undo"),
    path("places/<uuid:public_id>/no-show", session_changes.no_show, name="place_no_show"),
    path("places/<uuid:public_id>/take-off/", session_changes.take_off, name="place_take_off"),
    path("patients/<uuid:public_id>/mutual-help/", session_charts.mutual_help, name="mutual_help"),
    path("mutual-help/<uuid:public_id>/retract", session_charts.retract, name="mutual_help_retract"),
    path("rooms/<uuid:public_id>/close/", rooms.close, name="room_close"),
]

_SITES = [
    path("sites/<uuid:public_id>/close/", sites.close, name="site_close"),
]

_TODAY = [
    path("", today.today, name="today"),
    path("today/lines/<slug:kind>/<uuid:public_id>/", today.line, name="today_line"),
    path("today/flags/<uuid:public_id>/take", safety.flag_take, name="today_flag_take"),
    path("today/flags/<uuid:public_id>/review", safety.flag_review, name="today_flag_review"),
    path("today/moves/<uuid:public_id>/review", safety.evidence_review, name="today_evidence_review"),
]

_ABSENCES = [
    path("absences/", absences.absences, name="absences"),
    path("absences/<uuid:public_id>/cancel", absences.cancel, name="absence_cancel"),
]

_VIEWS = [
    path("views/", saved_views.keep, name="views"),
    path("views/<uuid:public_id>/", saved_views.view, name="view"),
    path("views/<uuid:public_id>/delete", saved_views.delete, name="view_delete"),
]

_WARNINGS = [
    path("patients/<uuid:public_id>/warnings/", warnings.warnings, name="warnings_of"),
]

_FOLLOW_UPS = [
    path("follow-ups/assign", assignments.assign_many, name="follow_ups_assign"),
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
    path("messages/replies/", replies.replies, name="replies"),
    path("messages/replies/<uuid:public_id>/", replies.reply, name="reply"),
    path("messages/replies/<uuid:public_id>/handle", replies.handle, name="reply_handle"),
    path("messages/replies/<uuid:public_id>/ask-to-call", replies.ask_to_call, name="reply_ask_to_call"),
    path("messages/replies/<uuid:public_id>/assign", replies.assign, name="reply_assign"),
    path("messages/delivery/", deliveries.delivery, name="delivery"),
    path("messages/delivery/pause", deliveries.pause, name="delivery_pause"),
    path("messages/delivery/requeue", deliveries.requeue, name="delivery_requeue"),
    path("messages/delivery/<uuid:public_id>/resume", deliveries.resume, name="delivery_resume"),
    path("messages/<uuid:public_id>/", messages.message, name="message"),
    path("messages/<uuid:public_id>/decide", messages.decide, name="message_decide"),
    path("messages/<uuid:public_id>/missed", messages.decide_missed, name="message_missed"),
    path("messages/<uuid:public_id>/told", messages.told, name="message_told"),
    path("mailbox/", messages.mailbox, name="mailbox"),
    path("nightly-check/", reconciliations.reconciliations, name="reconciliations"),
    path("nightly-check/run", reconciliations.ask, name="reconciliation_ask"),
    path("nightly-check/<uuid:public_id>/", reconciliations.reconciliation, name="reconciliation"),
    path("nightly-check/findings/<uuid:public_id>/settle", reconciliations.settle, name="reconciliation_settle"),
    path("callbacks/email/", callbacks.email_in, name="email_in"),
    path("callbacks/sms/replies", callbacks.sms_reply, name="sms_reply"),
    path("callbacks/sms/<uuid:reference>", callbacks.sms_status, name="sms_status"),
]

# Nothing in these addresses says what they are for, and no word can be spelled in them (`rules/links.py`).
_LINKS = [
    path("l/", links.left, name="link_left"),
    path("l/<str:token>/", links.link, name="link"),
    path("patients/<uuid:public_id>/links/", patient_links.links, name="patient_links"),
    path("links/<uuid:public_id>/revoke", patient_links.revoke, name="patient_link_revoke"),
]

_WORDING = [
    path("wording/", templates.templates, name="templates"),
    path("wording/<str:key>/<slug:channel>/<slug:language>/", templates.template, name="template"),
    path("wording/<str:key>/<slug:channel>/<slug:language>/check", templates.check, name="template_check"),
    path("wording/<str:key>/<slug:channel>/<slug:language>/retire", templates.retire, name="template_retire"),
    path("wording/<str:key>/<slug:channel>/<slug:language>/trials", templates.trials, name="template_trials"),
    path("wording/<str:key>/<slug:channel>/<slug:language>/versions/", templates.history, name="template_history"),
]

urlpatterns = [
    *_TODAY,
    *_ATTESTATIONS,
    *_FINDINGS,
    *_CHART,
    *_CONTACTS,
    *_OBSERVATIONS,
    *_PART2_CONSENTS,
    *_ENROLLMENTS,
    *_LEVELS,
    *_PEOPLE,
    *_PLACES,
    *_PLANS,
    *_PROGRAMS,
    *_RETURNS,
    *_SESSIONS,
    *_SITES,
    *_ABSENCES,
    *_VIEWS,
    *_WARNINGS,
    *_FOLLOW_UPS,
    *_MESSAGES,
    *_WORDING,
    *_LINKS,
]
