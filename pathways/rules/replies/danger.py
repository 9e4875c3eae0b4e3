"""Words of danger to a life, in English and Spanish, as they look once case, accents and marks are gone.

Nothing is judged by them: a person looks at once. In doubt it is raised; only plain figures of speech ("killing time",
"dying to see you", "me muero de risa") are not. The list is a local choice, wide on purpose and never complete: what it
does not know is read by a person all the same. A clinician must look through it before use.
"""

from pathways.rules.replies.words import EN, ES, any_of

_SELF = r"(?:my ?sel[fv]e?|my ?sefl?|myslef|mysel|me|us|ourselves)"
_FAMILY = r"(?:wife|husband|partner|kids?|children|mother|father|mom|dad|brother|sister|son|daughter|boss|ex|family)"
_SOMEBODY = (
    r"(?:him|her|them|himself|herself|themselves|someone|somebody|people|everyone|everybody|"
    rf"(?:my|his|her|their|the) (?:\w+ )?{_FAMILY})"
)
_PEOPLE = (
    r"(?:i|he|she|they|we|husband|wife|partner|boyfriend|girlfriend|friend|brother|sister|son|daughter|mother|father|"
    r"mom|dad|ex|roommate)"
)
_TO = r"(?:to|2|too)"
_CANT = r"(?:cant|cannot|can not)"
_NO_LONGER = r"(?:dont|do not|didnt|did not|doesnt|not|no longer|never)"
_ANY_MORE = r"(?:anymore|any more|any longer|no more)"
_PLACE = r"(?:here|there|in|at|on|with|near|by|alone|early|that|so|late|before|tomorrow)"
_LUGAR = r"(?:aqui|aca|alla|ahi|en|con|cerca|sol[oa]s?|temprano|tarde|tan)"
_FUNNY = r"(?:laugh\w*|embarrass\w*|boredom|hunger|shame|thirst|curiosity|excitement|happiness)"
_DE = r"(?:risa|hambre|sed|frio|calor|suenos?|cansancio|aburrimiento|verguenza|pena|ganas|amor|curiosidad|envidia)"

# Figures of speech: taken out before anything is looked for.
FIGURES = any_of(
    rf"(?:\w+ )?(?:die|dying|died|dead) (?:of |from |with |out of )?{_FUNNY}",
    r"dying (?:to (?:see|know|hear|meet|try|get|go|come|tell|ask|find|read|watch|learn|be there)|for (?:an?|some|the))",
    r"(?:dead|dying) (?:tired|beat|serious|battery|phone|end|line|lift|wrong|asleep|on time)",
    r"(?:phone|cell|battery|car|laptop|tablet|plants?) (?:\w+ ){0,4}(?:die|dies|dying|died|dead)",
    r"(?:is|are|was|were|s|been|its|thats|keeps?) (?:just |really |still |absolutely )?killing (?:me|us)",
    r"(?:shoot|shot|shooting) (?:myself|himself|herself) in the foot",
    rf"(?:me |se |nos )?(?:muero|muere|morimos|morir(?:me|se)?|muriendo|muert[oa]s?) de (?:la |el )?{_DE}",
    r"me muero por \w+",
    r"(?:cortarme|me corto) (?:el pelo|el cabello|las unas|la barba|las puntas)",
)

DANGER = {
    # Spanish first: English knows words that both write alike.
    ES: any_of(
        r"(?:quiero|quisiera|queria|deseo|deseaba|ganas de|voy a|prefiero|preferiria|pienso|pensando en|mejor|podria) "
        r"(?:ya )?(?:morir|morirme|morirse|matarme|suicidarme)",
        r"me (?:quiero|quisiera|voy a|gustaria|dan ganas de|queria) (?:ya )?(?:morir|matar|suicidar|colgar|"
        r"ahorcar|cortar)",
        r"matarme|matarse|morirme|me mato|me matare|me muero|me estoy muriendo",
        r"ojala (?:me )?(?:muera|muriera|no despierte)",
        r"(?:quiero|quisiera|voy a|ganas de) matar(?:l[aeo]s?)?(?! (?:el|un poco de|algo de) (?:tiempo|rato)\b)",
        r"(?:me|nos|lo|la|los) (?:va|van|quiere|quieren) (?:a )?matar",
        rf"no (?:\w+ )?(?:quiero|quisiera|deseo|vale la pena|tengo ganas de|tengo razon(?:es)? para|puedo) (?:\w+ )?"
        rf"(?:vivir|viviendo|existir|despertar(?:me)?|estar viv[oa])(?! {_LUGAR}\b)",
        r"no quiero (?:ya )?(?:seguir|continuar|estar)(?: (?:asi|mas|con vida|viv[oa]|en este mundo|adelante))+$",
        r"(?:ya )?no (?:puedo|aguanto|soporto) mas(?! (?:tarde|temprano|que|de|dias|horas|veces)\b)",
        r"(?:quit|acab|termin)\w* (?:con )?(?:la|mi) (?:propia )?vida|(?:acabar|terminar) con todo",
        r"(?:cansad[oa]|hart[oa]) de (?:vivir|la vida|mi vida)",
        r"(?:sin|no hay) (?:ganas|razon|razones|motivos?) (?:de|para) vivir",
        r"(?:mejor|estar|estaria|estuviera|estuviese) muert[oa]|(?:estan|estarian) mejor sin mi",
        r"(?:hacerme|hago|hacer|haciendo|hice) (?:\w+ )?dano|me (?:lastimo|hiero|corto|ahorco)",
        r"(?:lastimar|herir|cortar|ahorcar|colgar|envenenar|disparar)me|autolesion\w*|(?:cortar|corto|"
        r"corte)\w* las venas",
        r"(?:pegarme|me pego|darme|me doy) un tiro|(?:tirar|aventar|lanzar|arrojar)me (?:de|del|desde|a|al|por)",
        r"me (?:pega|golpea|golpeo|amenaza|amenazo|viola|violo|ataco|apunalo|disparo)",
        r"sobre ?dosis|(?:tome|tomado|trague|meti|use|consumi) (?:\w+ ){0,2}demasiad[oa]s?",
        r"(?:tome|tomado|trague) tod[oa]s (?:las|los|mis) (?:pastillas|pildoras|tabletas|capsulas)",
        r"no (?:esta )?respira(?:ndo)?|no (?:puedo|podia|puede) respirar|no (?:se )?despierta|inconsciente",
        r"dolor (?:de|en el) pecho|ambulancia|en peligro|no (?:me siento|estoy) a salvo|es una emergencia",
        r"adios (?:para siempre|mundo)",
        r"desmay\w*|infarto|convulsion\w*|no reacciona|(?:tome|trague) (?:un|el) frasco|me (?:quiero|"
        r"voy a) (?:hacer dano|lastimar)",
        r"me (?:esta|quiere|va a) (?:pegando|golpeando|pegar|golpear)|no tiene sentido (?:vivir|seguir|la vida)",
        r"suicid(?:ios?|a|as|o|arme|arse|arte|ar)",
        r"(?:llam\w+|necesito) (?:al 911|una ambulancia|ambulancia)|(?:quiero|quisiera|ojala) (?:estar|"
        r"estuviera) muert[oa]",
    ),
    EN: any_of(
        # To die, and to want to
        r"su[iy]?[cs][iy]+d\w*|suicde|unaliv\w*|kms|kys|kil+myself",
        rf"kil+(?:ing|ed|s)? (?:{_SELF}|{_SOMEBODY}|you|yourself)",
        r"(?:off|offing|end|ending) (?:myself|my self|my life|my suffering)",
        r"end(?:ing)? it all|end it (?:tonight|for good|once and for all)|want(?:ed)? to end (?:it|everything|this)",
        r"(?:take|taking|took) my (?:own )?life(?! (?:back|in|into|seriously|one))",
        rf"(?:want|wants|wanted|wanting|wish|ready|going|about|like|need|needs|plan|planning|try|trying|tried|"
        rf"better|have) "
        rf"{_TO} (?:just |be )?(?:die|dead)",
        r"(?:wan+a|gon+a|gunna|finna|want|lemme|let me|hope i|wish i) (?:just |could |would )?die",
        r"(?:i|id|ill|im) (?:\w+ ){0,3}die",
        r"(?:im|i am|hes|shes|he is|she is|friend is|someone is|somebody is) (?:\w+ )?dying",
        r"(?:i was|i were|rather be|better off|id be|wanna be|should be) dead|better off without me",
        r"wish (?:i|id) (?:was|were|had) (?:never|not) (?:been )?born",
        rf"{_NO_LONGER} (?:really |even |just )?(?:want|wan+a|wish|care)(?: {_TO})? (?:\w+ )?"
        rf"(?:live|be alive|exist|wake up|be here|keep living|go on living)(?! {_PLACE}\b)",
        rf"{_NO_LONGER} (?:want {_TO}|wan+a) be (?:here|alive|around) {_ANY_MORE}|never wake up|sleep forever",
        r"if i (?:even |still )?(?:want to|wan+a|should) (?:live|be alive)",
        rf"{_CANT} (?:go|keep) (?:on|living|going)(?: (?:{_ANY_MORE}|like this)(?: .*)?)?$",
        rf"{_CANT} (?:take|do|bear|stand|handle) (?:it|this|life|any of (?:it|this)) {_ANY_MORE}",
        r"(?:no|any) (?:reason|point|will|desire) (?:to|in|of|for) (?:live|living|go on|going on)|nothing to live for",
        r"not worth living|(?:tired of|done with|sick of|hate) (?:living|life|being alive|my life)",
        r"(?:goodbye|good bye) (?:forever|world|cruel world|for good)",
        # To be hurt, or to hurt
        r"(?:hurt|harm|cut|hang|shoot|drown|poison|burn|stab|injur)\w* (?:myself|my self|my wrists?)",
        r"self ?harm\w*|slit\w* (?:my )?(?:wrists?|throat)",
        r"jump(?:ing)? (?:off|in front of) (?:a|the|this|that) (?!(?:phone|call|zoom|line)\b)\w+",
        rf"(?:hurt|shoot|stab|murder|strangle) {_SOMEBODY}(?! (?:an?|some)\b)",
        rf"{_PEOPLE} (?:\w+ ){{0,3}}(?:hits?|hitting|beats?|beating|rapes?|raped|strangled|strangling|choked|choking|"
        r"threatened|threatening|attacked|attacking|stabbed|shot) (?:me|us)",
        r"(?:going to|gonna|will|tried to) (?:hurt|kill) (?:me|us)",
        r"in danger(?! of (?:losing|missing|being))|(?:not|dont feel|do not feel|never feel|isnt) safe(?! to\b)",
        # Too much, and what comes of it
        rf"over ?do[sz]\w*|od|oding|oded|{_PEOPLE} (?:just |has |have )?odd",
        r"(?:took|taken|taking|swallowed|used|using) (?:\w+ )?too (?:much|many)(?! (?:time|work|money|space|"
        r"of your)\b)",
        r"(?:took|taken|swallowed) (?:all (?:of )?(?:my|the|these|those)|a bunch of|a lot of) (?:pills|tablets)",
        r"(?:took|taken|swallowed) (?:a|the) (?:whole|full|entire) bottle",
        rf"(?:not|isnt|stopped|barely|hardly) breathing|{_CANT} breathe?",
        rf"{_PEOPLE} (?:\w+ )?(?:wont|{_CANT}|isnt|is not|not|doesnt|will not) (?:wake|waking) up(?! {_PLACE}\b)",
        rf"{_CANT} wake (?:him|her|them)|unconscious|unresponsive",
        r"(?:turning|turned|lips are|lips) blue|chest pains?|bleeding (?:a lot|badly|out|bad|heavily)",
        r"ambulance|(?<!\d )(?:911|988)(?! \d)|nine one one|(?:this|it) is an emergency|its an emergency",
        # As those around them tell it
        r"passed out|heart attack|seizures?|hard to breathe|drank (?:\w+ )?too (?:much|many)|the whole bottle",
        rf"(?:hes|shes|he is|she is|keeps) (?:hitting|beating|hurting|choking) {_SELF}",
    ),
}


def danger_in(said: str) -> str | None:
    """The language of words of danger in a text (`normalised`, joined by spaces), once plain figures of speech are out
    of it; None where there are none."""
    plain = FIGURES.sub(" ~ ", said)
    return next((language for language, pattern in DANGER.items() if pattern.search(plain)), None)
