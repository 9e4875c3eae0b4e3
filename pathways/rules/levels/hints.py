"""Which instruments say something about which need: shown beside the question as facts, never turned into a rating.

Source: what each instrument measures (instruments.md); the assignment to needs is a local choice.
"""

from collections.abc import Mapping

from pathways.rules.levels.needs import Need

TELLING_INSTRUMENTS: Mapping[Need, tuple[str, ...]] = {
    Need.WITHDRAWAL: ("cows", "sows", "kratom_use_profile"),
    Need.MEDICAL: (),
    Need.PSYCHIATRIC: ("cssrs_screen", "phq9", "gad7", "pcptsd5", "phq2"),
    Need.READINESS: (),
    Need.USE_RISK: ("bam", "craving_vas", "dsm5_sud", "dast10", "auditc", "taps"),
    Need.ENVIRONMENT: ("barc10",),
}
