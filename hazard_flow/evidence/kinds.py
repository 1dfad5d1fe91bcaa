"""The words for what a piece of evidence is (domain glossary 2.4); their names in both languages stand in messages.yaml."""

from hazard_flow import i18n

# fmt: off
#: Code of each kind; `i18n.text("evidence.kind.<code>", locale)` is its name.
KINDS = (
    "PHOTO_BEFORE", "PHOTO_AFTER", "VIDEO", "LEAK_READING_BEFORE", "LEAK_READING_AFTER", "GASTIGHT_TEST",
    "TEST_RECORD", "DATA_LOG", "CALIBRATION_CERT", "INSPECT_REPORT", "LAB_REPORT", "SURVEY_REPORT",
    "EVALUATION_REPORT", "EXPERT_OPINION", "ACCEPT_REPORT", "WORK_ORDER", "WORK_PERMIT", "NOTICE_SIGNED",
    "GAS_STOP_NOTICE", "ABSENCE_NOTICE_PHOTO", "CALL_LOG", "DELIVERY_RECEIPT", "THIRD_PARTY_AGREEMENT",
    "MONITOR_PLAN", "GPS_POINT", "GPS_TRACK", "CYLINDER_SCAN", "DESTROY_RECORD", "ENFORCEMENT_DOC",
    "LIABILITY_RECORD", "INTERVIEW_RECORD", "SITE_RECORD", "LICENSE", "CERTIFICATE", "REGISTRATION_CERT",
    "APPOINTMENT_DOC", "DOC_SYSTEM", "RISK_LIST", "LEDGER", "MEETING_RECORD", "PUBLIC_NOTICE_PHOTO",
    "TRAIN_RECORD", "EXAM_RESULT", "DRILL_RECORD", "DUTY_LOG", "CALL_TEST", "INSPECT_PLAN",
    "FILING_RECEIPT", "REPORT_COPY", "SIGNATURE",
)
# fmt: on


def kind_name(kind: str, locale: str) -> str:
    """The name of a kind; the bare code where a workflow made up its own."""
    key = f"evidence.kind.{kind}"
    return i18n.text(key, locale) if i18n.known(key) else kind
