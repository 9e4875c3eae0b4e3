"""What sentences call a test and a modality: by name where the product ships it, by key where a site made it."""

from clinic.rules.sentences import Sentence, sentence

# fmt: off
TESTS = frozenset((
    "heart-rate", "blood-pressure-systolic", "blood-pressure-diastolic", "oxygen-saturation", "temperature",
    "respiratory-rate", "weight", "height", "alt", "ast", "alp", "bilirubin-total", "bilirubin-direct", "ggt",
    "albumin", "total-protein", "inr", "creatinine", "sodium", "potassium", "hbsag", "hcv-antibody",
    "acetaminophen", "pregnancy-urine", "pregnancy-serum", "qtc", "mitragynine-screen", "mitragynine-confirm",
    "mitragynine-mass", "mitragynine-creatinine-ratio", "hydroxymitragynine-confirm", "hydroxymitragynine-mass",
    "panel-opiates", "panel-buprenorphine", "panel-methadone", "panel-cocaine", "panel-amphetamine",
    "panel-benzodiazepines", "panel-cannabinoids", "panel-barbiturates", "panel-pcp", "urine-creatinine",
    "urine-specific-gravity", "urine-ph", "exposure-grams-per-day", "exposure-7oh-mg-per-day",
    "exposure-doses-per-day", "exposure-days-of-30", "exposure-months",
    "exposure-product", "exposure-last-use", "exposure-reason",
))
MODALITIES = frozenset((
    "cbt", "dbt-skills", "motivational-interviewing", "motivational-enhancement", "contingency-management",
    "group-therapy", "family-therapy", "individual-counseling", "life-skills", "psychoeducation", "nutrition",
    "case-management", "medication-visit", "nursing-check", "acupuncture", "massage", "meditation", "yoga",
    "art-therapy", "equine-therapy", "recreation", "mutual-help", "smart-recovery", "peer-support", "alumni",
))
# fmt: on


def observation_name(code: str) -> Sentence | str:
    """What a sentence calls a test of `patients.observations`."""
    return sentence(f"observation.test.{code}") if code in TESTS else code


def modality_name(key: str) -> Sentence | str:
    """What a sentence calls a modality of `pathways.modalities`."""
    return sentence(f"modality.{key}") if key in MODALITIES else key
