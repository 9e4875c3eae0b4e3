"""Words of danger to a life, in English and Spanish, as they look once case, accents and marks are gone.

Nothing is judged by them: a person looks at once. The list is a local choice, wide on purpose; plain idioms are left
out ("dying to see you", "me muero de risa"). A clinician must look through it before use.
"""

from pathways.rules.replies.words import EN, ES, any_of

_SELF = r"(?:my ?self|me)"
_NOT_LAUGHING = r"(?! (?:to|for|of|laughing|from laughing))"
_NO_DE_RISA = r"(?! de (?:la )?(?:risa|ganas|amor|hambre|sed|calor|frio|sueno|verguenza|pena|cansancio|aburrimiento))"
DANGER = {
    EN: any_of(
        r"(?:kill|hurt|harm|hang|shoot|cut|end|drown|poison) my ?self",
        r"(?:killing|hurting|harming|hanging|cutting|ending|poisoning) my ?self",
        r"suicid(?:e|es|al)|overdos\w*|od(?:ing)? on",
        r"(?:want|wants|wanted|wanna|ready|plan|planning|going|gonna|about|try|trying|tried) (?:to )?die"
        rf"{_NOT_LAUGHING}",
        r"(?:better off|rather be|should be|wish i was|wish i were|want to be|wanna be) (?:dead|gone for good)",
        r"wish i (?:was|were|had) never (?:been )?born",
        r"end(?:ing)? (?:it all|my (?:own )?life)|tak(?:e|ing) my (?:own )?life",
        r"(?:dont|do not|no longer) (?:want to|wanna) (?:live|be alive|wake up|be here|go on)(?: any ?more)?"
        r"(?! in| at| with)",
        r"(?:no|not any) (?:reason|point) (?:to|in) (?:live|living|going on)|(?:not|isnt) worth living",
        rf"(?:im|i am|i think im) dying{_NOT_LAUGHING}",
        r"(?:took|taken|swallowed|drank) (?:way )?too (?:many|much)|(?:a|the) whole bottle(?: of)?",
        r"(?:cant|cannot|can not|hard to) breathe?|(?:not|isnt|stopped) breathing",
        r"(?:wont|not|isnt) (?:wake|waking) up|passed out|unconscious|heart attack|chest pains?|seizures?",
        r"(?:call|calling|need) (?:911|an? ambulance)",
        r"(?:kill|stab|shoot) (?:him|her|them|you|someone|somebody|everyone|everybody|people)",
        rf"(?:hes|shes|he is|she is|is|keeps) (?:hitting|beating|hurting|going to kill|gonna kill|choking) {_SELF}",
    ),
    ES: any_of(
        rf"(?:quiero|quisiera|deseo|ganas de|prefiero|preferiria|mejor|voy a) (?:\w+ )?morir(?:me)?{_NO_DE_RISA}",
        rf"me (?:quiero|quisiera|voy a|deseo|puedo) morir{_NO_DE_RISA}",
        r"(?:matar|suicidar|ahorcar|cortar|lastimar|envenenar)me|hacerme dano",
        r"me (?:quiero|quisiera|voy a|deseo) (?:a )?(?:matar|suicidar|ahorcar|cortar|lastimar|hacer dano)",
        r"suicid[aio]\w*|sobredosis",
        r"(?:ya )?no (?:quiero|deseo) (?:vivir|seguir viviendo|estar viv[oa]|despertar)(?: mas)?(?! en| con)",
        r"(?:quiero|quisiera|ojala) (?:estar|estuviera|estuviese) muert[oa]",
        r"no (?:vale la pena|tiene sentido) (?:vivir|seguir viviendo|la vida|seguir)",
        r"quitarme la vida|(?:acabar|terminar) con (?:mi vida|todo)",
        rf"(?:me )?estoy muriendo(?:me)?{_NO_DE_RISA}",
        r"(?:tome|me tome|trague) (?:demasiad[oa]s?|un frasco|el frasco)",
        r"no (?:puedo respirar|respira|despierta|reacciona)|desmay\w*|inconsciente|infarto|convulsion\w*",
        r"(?:llam\w+|necesito) (?:al 911|una ambulancia|ambulancia)",
        r"(?:quiero|voy a) matar(?:lo|la|los|las|te|les)?",
        r"me (?:esta|quiere|va a) (?:pegando|golpeando|matar|pegar|golpear)",
    ),
}


def danger_in(said: str) -> str | None:
    """The language of words of danger in a text (`normalised`, joined by spaces); None where there are none."""
    return next((language for language, pattern in DANGER.items() if pattern.search(said)), None)
