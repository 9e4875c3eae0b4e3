"""Addresses of the REST doors about the course of care, under `/api/v1/`."""

from django.urls import path

from pathways.api import (
    absences,
    adaptations,
    adoptions,
    assignments,
    attestations,
    capacity,
    contacts,
    deaths,
    deliveries,
    enrollments,
    findings,
    follow_ups,
    intakes,
    level_transfers,
    levels,
    links,
    measures,
    moves,
    observations,
    overrides,
    part2_consents,
    people,
    plan_elements,
    plans,
    program_drafts,
    program_versions,
    programs,
    rehearsals,
    reminders,
    replies,
    returns,
    rooms,
    saved_views,
    schedules,
    session_attendance,
    session_places,
    sessions,
    templates,
    transfers,
    waits,
    warnings,
    worklist,
)

_ATTESTATIONS = [
    path("attestations/", attestations.AttestationsDoor.as_view(), name="api_attestations"),
    path(
        "attestations/<uuid:public_id>/withdraw/",
        attestations.AttestationWithdrawDoor.as_view(),
        name="api_attestation_withdraw",
    ),
]

_CONTACTS = [
    path("patients/<uuid:public_id>/", people.PatientDoor.as_view(), name="api_patient"),
    path("patients/<uuid:public_id>/death/", deaths.DeathDoor.as_view(), name="api_patient_death"),
    path("patients/<uuid:public_id>/contact-points/", contacts.ContactPointsDoor.as_view(), name="api_contact_points"),
    path("patients/<uuid:public_id>/preference/", contacts.PreferenceDoor.as_view(), name="api_preference"),
    path("contact-points/<uuid:public_id>/", contacts.ContactPointDoor.as_view(), name="api_contact_point"),
    path(
        "contact-points/<uuid:public_id>/verify/", contacts.VerificationDoor.as_view(), name="api_contact_point_verify"
    ),
    path("contact-points/<uuid:public_id>/consents/", contacts.ConsentsDoor.as_view(), name="api_consents"),
]

_OBSERVATIONS = [
    path("observation-tests/", observations.ObservationTestsDoor.as_view(), name="api_observation_tests"),
    path("patients/<uuid:public_id>/observations/", observations.ObservationsDoor.as_view(), name="api_observations"),
    path("observations/<uuid:public_id>/", observations.ObservationDoor.as_view(), name="api_observation"),
    path("observations/<uuid:public_id>/amend/", observations.CorrectionDoor.as_view(), name="api_observation_amend"),
    path(
        "observations/<uuid:public_id>/retract/",
        observations.ObservationRetractionDoor.as_view(),
        name="api_observation_retract",
    ),
]

_PART2_CONSENTS = [
    path("patients/<uuid:public_id>/consents/", part2_consents.Part2ConsentsDoor.as_view(), name="api_part2_consents"),
    path("consents/<uuid:public_id>/", part2_consents.Part2ConsentDoor.as_view(), name="api_part2_consent"),
    path(
        "consents/<uuid:public_id>/revoke/",
        part2_consents.Part2RevocationDoor.as_view(),
        name="api_part2_consent_revoke",
    ),
    path("consents/<uuid:public_id>/end/", part2_consents.Part2EndDoor.as_view(), name="api_part2_consent_end"),
]

_FINDINGS = [
    path("patients/<uuid:public_id>/assessments/", findings.AssessmentsDoor.as_view(), name="api_assessments"),
    path("patients/<uuid:public_id>/drafts/", findings.DraftsDoor.as_view(), name="api_drafts"),
    path("patients/<uuid:public_id>/drafts/<slug:instrument>/", findings.DraftDoor.as_view(), name="api_draft"),
    path(
        "patients/<uuid:public_id>/drafts/<slug:instrument>/record/",
        findings.RecordingDoor.as_view(),
        name="api_draft_record",
    ),
    path("patients/<uuid:public_id>/intakes/", intakes.IntakesDoor.as_view(), name="api_intakes"),
    path("assessments/<uuid:public_id>/", findings.AssessmentDoor.as_view(), name="api_assessment"),
    path("assessments/<uuid:public_id>/amend/", findings.AmendmentDoor.as_view(), name="api_assessment_amend"),
    path("assessments/<uuid:public_id>/retract/", findings.RetractionDoor.as_view(), name="api_assessment_retract"),
    path("intakes/<uuid:public_id>/", intakes.IntakeDoor.as_view(), name="api_intake"),
    path("intakes/<uuid:public_id>/sign/", intakes.SigningDoor.as_view(), name="api_intake_sign"),
]

_ENROLLMENTS = [
    path("enrollments/", enrollments.EnrollmentsDoor.as_view(), name="api_enrollments"),
    path("enrollments/<uuid:public_id>/", enrollments.EnrollmentDoor.as_view(), name="api_enrollment"),
    path("enrollments/<uuid:public_id>/gate/", enrollments.GateDoor.as_view(), name="api_enrollment_gate"),
    path(
        "enrollments/<uuid:public_id>/transitions/",
        enrollments.TransitionsDoor.as_view(),
        name="api_enrollment_transitions",
    ),
    path(
        "enrollments/<uuid:public_id>/counselor/", enrollments.CounselorDoor.as_view(), name="api_enrollment_counselor"
    ),
    path("enrollments/<uuid:public_id>/advance/", moves.AdvanceDoor.as_view(), name="api_enrollment_advance"),
    path("enrollments/<uuid:public_id>/step-back/", moves.StepBackDoor.as_view(), name="api_enrollment_step_back"),
    path("enrollments/<uuid:public_id>/hold/", moves.HoldDoor.as_view(), name="api_enrollment_hold"),
    path("enrollments/<uuid:public_id>/resume/", moves.ResumeDoor.as_view(), name="api_enrollment_resume"),
    path("enrollments/<uuid:public_id>/discharge/", moves.DischargeDoor.as_view(), name="api_enrollment_discharge"),
    path("enrollments/<uuid:public_id>/readmit/", moves.ReadmitDoor.as_view(), name="api_enrollment_readmit"),
    path("enrollments/<uuid:public_id>/reverse/", moves.ReverseDoor.as_view(), name="api_enrollment_reverse"),
    path(
        "enrollments/<uuid:public_id>/adaptations/",
        adaptations.AdaptationsDoor.as_view(),
        name="api_adaptations",
    ),
    path("adaptations/<uuid:public_id>/end/", adaptations.AdaptationEndDoor.as_view(), name="api_adaptation_end"),
    path("enrollments/proposals/", transfers.ProposalsDoor.as_view(), name="api_proposals"),
    path("enrollments/<uuid:public_id>/admit/", transfers.AdmitDoor.as_view(), name="api_enrollment_admit"),
    path("enrollments/<uuid:public_id>/adopt/", transfers.AdoptDoor.as_view(), name="api_enrollment_adopt"),
    path("enrollments/<uuid:public_id>/transfer/", transfers.TransferDoor.as_view(), name="api_enrollment_transfer"),
    path(
        "enrollments/<uuid:public_id>/transfer-site/",
        transfers.SiteTransferDoor.as_view(),
        name="api_enrollment_transfer_site",
    ),
    path("programs/<slug:key>/adoptions/", adoptions.AdoptionsDoor.as_view(), name="api_adoptions"),
    path("adoptions/<uuid:public_id>/", adoptions.AdoptionDoor.as_view(), name="api_adoption"),
    path("adoptions/<uuid:public_id>/stop/", adoptions.AdoptionStopDoor.as_view(), name="api_adoption_stop"),
    path("adoptions/<uuid:public_id>/resume/", adoptions.AdoptionResumeDoor.as_view(), name="api_adoption_resume"),
    path("override-requests/", overrides.OverrideRequestsDoor.as_view(), name="api_override_requests"),
    path("override-requests/<uuid:public_id>/", overrides.OverrideRequestDoor.as_view(), name="api_override_request"),
    path("override-requests/<uuid:public_id>/cosign/", overrides.CosignDoor.as_view(), name="api_override_cosign"),
    path("override-requests/<uuid:public_id>/decline/", overrides.DeclineDoor.as_view(), name="api_override_decline"),
]

_LEVELS = [
    path("level-of-care-assessments/", levels.LevelAssessmentsDoor.as_view(), name="api_level_assessments"),
    path(
        "level-of-care-assessments/<uuid:public_id>/", levels.LevelAssessmentDoor.as_view(), name="api_level_assessment"
    ),
    path(
        "level-of-care-assessments/<uuid:public_id>/decide/", levels.LevelDecideDoor.as_view(), name="api_level_decide"
    ),
    path(
        "level-of-care-assessments/<uuid:public_id>/cosign/", levels.LevelCosignDoor.as_view(), name="api_level_cosign"
    ),
]

_PLACES = [
    path("capacity/", capacity.CapacityDoor.as_view(), name="api_capacity"),
    path("census/", capacity.CensusDoor.as_view(), name="api_census"),
    path("waitlist/", waits.WaitsDoor.as_view(), name="api_waits"),
    path("waitlist/<uuid:public_id>/", waits.WaitDoor.as_view(), name="api_wait"),
    path("waitlist/<uuid:public_id>/offers/", waits.OffersDoor.as_view(), name="api_offers"),
    path("waitlist/<uuid:public_id>/withdraw/", waits.WithdrawDoor.as_view(), name="api_wait_withdraw"),
    path("place-offers/<uuid:public_id>/accept/", waits.OfferAcceptDoor.as_view(), name="api_offer_accept"),
    path("place-offers/<uuid:public_id>/decline/", waits.OfferDeclineDoor.as_view(), name="api_offer_decline"),
    path("place-offers/<uuid:public_id>/take-back/", waits.OfferTakeBackDoor.as_view(), name="api_offer_take_back"),
    path(
        "enrollments/<uuid:public_id>/level-transfers/",
        level_transfers.LevelTransfersDoor.as_view(),
        name="api_level_transfers",
    ),
]

_PLANS = [
    path("enrollments/<uuid:public_id>/plans/", plans.EnrollmentPlansDoor.as_view(), name="api_plans"),
    path("plans/<uuid:public_id>/", plans.PlanDoor.as_view(), name="api_plan"),
    path("plans/<uuid:public_id>/review/", plans.PlanReviewDoor.as_view(), name="api_plan_review"),
    path("plans/<uuid:public_id>/sign/", plans.PlanSignDoor.as_view(), name="api_plan_sign"),
    path("plans/<uuid:public_id>/close/", plans.PlanCloseDoor.as_view(), name="api_plan_close"),
    path("plans/<uuid:public_id>/elements/", plan_elements.PlanElementsDoor.as_view(), name="api_plan_elements"),
    path("plan-elements/<uuid:public_id>/", plan_elements.PlanElementDoor.as_view(), name="api_plan_element"),
    path(
        "plan-elements/<uuid:public_id>/move/",
        plan_elements.PlanElementMoveDoor.as_view(),
        name="api_plan_element_move",
    ),
    path(
        "plan-elements/<uuid:public_id>/end/", plan_elements.PlanElementEndDoor.as_view(), name="api_plan_element_end"
    ),
    path(
        "plan-elements/<uuid:public_id>/reopen/",
        plan_elements.PlanElementReopenDoor.as_view(),
        name="api_plan_element_reopen",
    ),
]

_PROGRAMS = [
    path("programs/", program_drafts.ProgramsDoor.as_view(), name="api_programs"),
    path("programs/<slug:key>/", programs.ProgramDoor.as_view(), name="api_program"),
    path("programs/<slug:key>/measures/", measures.ProgramMeasuresDoor.as_view(), name="api_program_measures"),
    path("programs/<slug:key>/versions/", programs.ProgramVersionsDoor.as_view(), name="api_program_versions"),
    path(
        "programs/<slug:key>/versions/<int:number>/",
        programs.ProgramVersionDoor.as_view(),
        name="api_program_version",
    ),
    path("programs/<slug:key>/compare/", program_versions.ProgramCompareDoor.as_view(), name="api_program_compare"),
    path("programs/<slug:key>/drafts/", program_drafts.ProgramDraftsDoor.as_view(), name="api_program_drafts"),
    path(
        "programs/<slug:key>/drafts/<uuid:public_id>/",
        program_drafts.ProgramDraftDoor.as_view(),
        name="api_program_draft",
    ),
    path(
        "programs/<slug:key>/drafts/<uuid:public_id>/problems/",
        program_drafts.ProgramDraftProblemsDoor.as_view(),
        name="api_program_draft_problems",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/rehearsals/",
        rehearsals.RehearsalsDoor.as_view(),
        name="api_rehearsals",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/publish/",
        program_versions.ProgramPublishDoor.as_view(),
        name="api_program_publish",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/retire/",
        program_versions.ProgramRetireDoor.as_view(),
        name="api_program_retire",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/confirm/",
        program_versions.ProgramConfirmDoor.as_view(),
        name="api_program_confirm",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/copy/",
        program_versions.ProgramCopyDoor.as_view(),
        name="api_program_copy",
    ),
    path(
        "programs/<slug:key>/versions/<int:number>/document.yaml",
        program_versions.ProgramFileDoor.as_view(),
        name="api_program_file",
    ),
]

_RETURNS = [
    path("returns-to-use/", returns.ReturnsToUseDoor.as_view(), name="api_returns_to_use"),
    path("returns-to-use/<uuid:public_id>/", returns.ReturnToUseDoor.as_view(), name="api_return_to_use"),
]

_FOLLOW_UPS = [
    path("worklist/", worklist.WorklistDoor.as_view(), name="api_worklist"),
    path("follow-ups/", follow_ups.FollowUpsDoor.as_view(), name="api_follow_ups"),
    path("follow-ups/assign/", assignments.AssignManyDoor.as_view(), name="api_follow_ups_assign"),
    path("follow-ups/<uuid:public_id>/", follow_ups.FollowUpDoor.as_view(), name="api_follow_up"),
    path("follow-ups/<uuid:public_id>/call-results/", follow_ups.CallResultsDoor.as_view(), name="api_call_results"),
    path("follow-ups/<uuid:public_id>/close/", follow_ups.CloseDoor.as_view(), name="api_follow_up_close"),
    path(
        "follow-ups/<uuid:public_id>/reschedule/", follow_ups.RescheduleDoor.as_view(), name="api_follow_up_reschedule"
    ),
    path("follow-ups/<uuid:public_id>/assign/", follow_ups.AssignDoor.as_view(), name="api_follow_up_assign"),
    path("call-results/<uuid:public_id>/undo/", follow_ups.CallUndoDoor.as_view(), name="api_call_undo"),
    path("replies/", replies.RepliesDoor.as_view(), name="api_replies"),
    path("replies/<uuid:public_id>/", replies.ReplyDoor.as_view(), name="api_reply"),
    path("replies/<uuid:public_id>/ask-to-call/", replies.AskToCallDoor.as_view(), name="api_reply_ask_to_call"),
    path("replies/<uuid:public_id>/assign/", replies.AssignReplyDoor.as_view(), name="api_reply_assign"),
    path("replies/<uuid:public_id>/handle/", replies.HandleReplyDoor.as_view(), name="api_reply_handle"),
    path("reminders/", reminders.RemindersDoor.as_view(), name="api_reminders"),
    path("reminders/<uuid:public_id>/", reminders.ReminderDoor.as_view(), name="api_reminder"),
    path("reminders/<uuid:public_id>/decide/", reminders.DecideDoor.as_view(), name="api_reminder_decide"),
    path("reminders/<uuid:public_id>/told/", reminders.ToldDoor.as_view(), name="api_reminder_told"),
    path("reminders/<uuid:public_id>/missed/", reminders.MissedDoor.as_view(), name="api_reminder_missed"),
    path("delivery/", deliveries.DeliveryDoor.as_view(), name="api_delivery"),
    path("delivery/requeue/", deliveries.RequeueDoor.as_view(), name="api_delivery_requeue"),
    path("delivery-pauses/", deliveries.PausesDoor.as_view(), name="api_delivery_pauses"),
    path("delivery-pauses/<uuid:public_id>/lift/", deliveries.PauseLiftDoor.as_view(), name="api_delivery_pause_lift"),
]

_ABSENCES = [
    path("absences/", absences.AbsencesDoor.as_view(), name="api_absences"),
    path("absences/<uuid:public_id>/", absences.AbsenceDoor.as_view(), name="api_absence"),
    path("absences/<uuid:public_id>/cancel/", absences.AbsenceCancelDoor.as_view(), name="api_absence_cancel"),
]

_SAVED_VIEWS = [
    path("saved-views/", saved_views.SavedViewsDoor.as_view(), name="api_saved_views"),
    path("saved-views/<uuid:public_id>/", saved_views.SavedViewDoor.as_view(), name="api_saved_view"),
]

_WARNINGS = [
    path("warnings/", warnings.WarningsDoor.as_view(), name="api_warnings"),
    path("patients/<uuid:public_id>/warnings/", warnings.PatientWarningsDoor.as_view(), name="api_patient_warnings"),
    path("patients/<uuid:public_id>/warning-notes/", warnings.WarningNotesDoor.as_view(), name="api_warning_notes"),
]

_SESSIONS = [
    path("sessions/", sessions.SessionsDoor.as_view(), name="api_sessions"),
    path("sessions/<uuid:public_id>/", sessions.SessionDoor.as_view(), name="api_session"),
    path("sessions/<uuid:public_id>/move/", sessions.SessionMoveDoor.as_view(), name="api_session_move"),
    path("sessions/<uuid:public_id>/cancel/", sessions.SessionCancelDoor.as_view(), name="api_session_cancel"),
    path("sessions/<uuid:public_id>/document/", sessions.SessionDocumentDoor.as_view(), name="api_session_document"),
    path("sessions/<uuid:public_id>/amend/", sessions.SessionAmendDoor.as_view(), name="api_session_amend"),
    path("sessions/<uuid:public_id>/people/", session_places.SessionPeopleDoor.as_view(), name="api_session_people"),
    path(
        "sites/<uuid:public_id>/reminder-schedules/", schedules.SchedulesDoor.as_view(), name="api_reminder_schedules"
    ),
    path(
        "sites/<uuid:public_id>/reminder-schedules/<slug:key>/",
        schedules.ScheduleDoor.as_view(),
        name="api_reminder_schedule",
    ),
    path("session-series/", sessions.SeriesDoor.as_view(), name="api_session_series"),
    path("attendances/<uuid:public_id>/check-in/", session_places.CheckInDoor.as_view(), name="api_check_in"),
    path(
        "attendances/<uuid:public_id>/undo-check-in/",
        session_places.UndoCheckInDoor.as_view(),
        name="api_undo_check_in",
    ),
    path("attendances/<uuid:public_id>/confirm/", session_places.ConfirmDoor.as_view(), name="api_confirm"),
    path(
        "attendances/<uuid:public_id>/undo-confirm/", session_places.UndoConfirmDoor.as_view(), name="api_undo_confirm"
    ),
    path("attendances/<uuid:public_id>/no-show/", session_places.NoShowDoor.as_view(), name="api_no_show"),
    path("attendances/<uuid:public_id>/cancel/", session_places.TakeOffDoor.as_view(), name="api_attendance_cancel"),
    path(
        "patients/<uuid:public_id>/attendance/",
        session_attendance.PatientAttendanceDoor.as_view(),
        name="api_patient_attendance",
    ),
    path(
        "patients/<uuid:public_id>/attendance-weeks/",
        session_attendance.AttendanceWeeksDoor.as_view(),
        name="api_attendance_weeks",
    ),
    path(
        "patients/<uuid:public_id>/mutual-help/",
        session_attendance.PatientMutualHelpDoor.as_view(),
        name="api_patient_mutual_help",
    ),
    path(
        "mutual-help/<uuid:public_id>/retract/",
        session_attendance.MutualHelpRetractDoor.as_view(),
        name="api_mutual_help_retract",
    ),
    path("modalities/", session_attendance.ModalitiesDoor.as_view(), name="api_modalities"),
    path("rooms/<uuid:public_id>/close/", rooms.RoomCloseDoor.as_view(), name="api_room_close"),
]

_LINKS = [
    path("patients/<uuid:public_id>/links/", links.PatientLinksDoor.as_view(), name="api_patient_links"),
    path("links/<uuid:public_id>/", links.LinkDoor.as_view(), name="api_link"),
    path("links/<uuid:public_id>/revoke/", links.LinkRevokeDoor.as_view(), name="api_link_revoke"),
]

_TEMPLATE = "templates/<str:key>/<slug:channel>/<slug:language>/"
_TEMPLATES = [
    path("templates/", templates.TemplatesDoor.as_view(), name="api_templates"),
    path(_TEMPLATE, templates.TemplateDoor.as_view(), name="api_template"),
    path(f"{_TEMPLATE}check/", templates.TemplateCheckDoor.as_view(), name="api_template_check"),
    path(f"{_TEMPLATE}trials/", templates.TemplateTrialsDoor.as_view(), name="api_template_trials"),
    path(f"{_TEMPLATE}versions/", templates.TemplateVersionsDoor.as_view(), name="api_template_versions"),
    path("template-trials/<uuid:public_id>/", templates.TemplateTrialDoor.as_view(), name="api_template_trial"),
]

urlpatterns = [
    *_SESSIONS,
    *_ABSENCES,
    *_SAVED_VIEWS,
    *_WARNINGS,
    *_FOLLOW_UPS,
    *_ATTESTATIONS,
    *_CONTACTS,
    *_OBSERVATIONS,
    *_PART2_CONSENTS,
    *_FINDINGS,
    *_ENROLLMENTS,
    *_LEVELS,
    *_PLACES,
    *_PLANS,
    *_PROGRAMS,
    *_RETURNS,
    *_TEMPLATES,
    *_LINKS,
]
