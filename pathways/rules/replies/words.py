"""The words people answer with, in English and Spanish, as they look once case, accents and marks are gone.

Sources: follow-up.md, "Rules on texting" (carriers' keywords; any reasonable words of revocation count). The rest are
local choices, marked where they decide something.
"""

import re
from collections.abc import Iterable, Mapping

EN, ES = "en", "es"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def any_of(*patterns: str) -> re.Pattern[str]:
    """Any of these, at the bounds of words."""
    return re.compile(r"(?<!\S)(?:" + "|".join(patterns) + r")(?!\S)")


# What may stand around a word without changing it.
POLITE = _words("""
    please pls plz thanks thank you ty thx now hi hello hey there sir madam maam team sorry good morning afternoon
    evening day a an the and
    por favor porfavor porfa gracias muchas mil ya ahora hola buenos buenas dias tardes noches senor senora senorita
    disculpe disculpen perdon y un una el la los las de usted ustedes
""")
THANKS = _words("thanks thank ty thx gracias")

# The first word that makes a message an opt-out, whatever follows (carriers' keywords and their Spanish likes).
STOP_FIRST = {
    EN: _words("stop stopall stopp unsubscribe unsub quit revoke optout"),
    ES: _words("baja desuscribir desuscribirme desuscribanme pare paren detener detengan basta"),
}
# Those that mean other things as well: an opt-out only where nothing else, or something of messages, is said.
STOP_ALONE = {
    EN: _words("cancel end remove"),
    ES: _words("cancelar cancela cancele cancelen fin alto para parar terminar"),
}
# An opt-out unless it is a visit that is called off.
CANCELS = _words("cancel cancelar cancela cancele cancelen")
START = {
    EN: _words("start unstop subscribe optin"),
    ES: _words("alta iniciar empezar comenzar reanudar"),
}
START_BESIDE = POLITE | _words("""
    again texting sending messages message texts text me my to reminders opt in
    otra vez nuevo mensajes recordatorios dar darme en
""")
HELP = {EN: _words("help info information"), ES: _words("ayuda informacion")}
# None of these is ever part of a confirmation.
NEVER_CONFIRMS = _words("no not nope").union(*STOP_FIRST.values(), *STOP_ALONE.values(), *START.values())

_MESSAGES = (
    r"(?:texts?|texting|txts?|txting|messages?|messaging|msgs?|e?mails?|emailing|sms|reminders?|reminding|"
    r"notifications?|notifying|alerts|writing|sending|contact|contacting|bothering|spam|spamming|harassing)"
)
_MENSAJES = r"(?:mensajes?|mensajitos?|textos?|correos?|emails?|recordatorios?|avisos?|sms|notificacion|notificaciones)"
_DAYS = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thurs?|fri|today|tomorrow)"
_DIAS = r"(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|hoy|manana)"
_VISIT = r"(?:appointments?|appts?|apt|visit|session|meeting|booking|slot|call)"
_CITA = r"(?:citas?|turno|consulta|visita|sesion|reunion|hora|horario|reserva)"

# Said about going on, or about stopping something else: never an opt-out by itself.
NOT_A_STOP = any_of(
    r"(?:dont|do not|never|wont|didnt|did not) (?:ever )?(?:stop|unsubscribe|quit|cancel)",
    r"no (?:quiero|deseo|me) (?:\w+ ){0,2}(?:baja|desuscribirme|cancelen|paren)",
    r"(?:stop|quit|quitting|stopped) (?:by|in|over|at|using|drinking|smoking|taking|thinking|crying|shaking|sweating)",
)
_WRITE_TO_ME = r"(?:text|message|msg|contact|write|e?mail|send|bother|notify|remind|harass)"
_ESCRIBA = (
    r"(?:escriban?|escribas|escribir(?:me)?|manden?|mandes|mandar(?:me)?|envien?|envies|enviar(?:me)?|contacten?|"
    r"contactes|contactar(?:me)?|molesten?|molestes|molestar(?:me)?|notifiquen|texteen?)"
)
# Anywhere in a message: they want no more of them.
REVOKES = {
    EN: any_of(
        rf"(?:stop|quit|cease|end|cancel|revoke|discontinue) (?:\w+ ){{0,3}}{_MESSAGES}",
        rf"(?:dont|do not|never|no longer|not to) (?:\w+ ){{0,2}}{_WRITE_TO_ME}"
        r"(?: (?:me|us|to me|this|any|anything|anymore|again|more|here|messages|texts)| *$)(?: .*)?",
        rf"no more (?:\w+ )?{_MESSAGES}",
        r"no more(?: please)?$",
        r"(?:take|taking) (?:me|us|my number|this number) off",
        r"(?:remove|delete|unlist) (?:me|us|my (?:number|phone|email|name|contact)|this number)",
        r"opt(?:ing)? (?:me |us )?out|unsubscribe|unsubscribing|unsub|optout|stopall",
        r"leave (?:me|us) alone|lose (?:my|this) number",
        r"(?:dont|do not|no longer|not|never) want(?:ed|ing)? (?:\w+ ){0,4}"
        rf"(?:{_MESSAGES}|texted|contacted|emailed|messaged)",
        rf"(?:not|no longer) (?:\w+ )?interested in (?:\w+ )?{_MESSAGES}",
        r"(?:revoke|revoking|withdraw|withdrawing|rescind|cancel|end) (?:my |the |all )?"
        r"(?:consent|permission|subscription|authori[sz]ation)",
    ),
    ES: any_of(
        r"(?:dar|darme|denme|deme|dame|doy|darnos|quiero|pido|solicito) (?:\w+ ){0,2}baja",
        r"desuscrib\w*|borrenme|borreme|quitenme|quiteme|eliminenme|elimineme",
        r"(?:borren|borre|quiten|quite|eliminen|elimine) (?:mi|este) (?:numero|telefono|correo|nombre)",
        r"no (?:me |nos )?(?:vuelvan? a |quiero que (?:me )?|deseo que (?:me )?|sigan? )?" + _ESCRIBA,
        r"(?:dejen?|dejar(?:me)?|deje[nm]?e?|deja|dejame|dejenme) (?:ya )?(?:de )?"
        r"(?:escrib|mand|envi|molest|contact|en paz)\w*",
        rf"no (?:quiero|deseo|necesito|quisiera|me interesan?) (?:\w+ ){{0,4}}{_MENSAJES}",
        r"(?:ya )?no quiero (?:nada )?mas$",
        rf"no mas (?:\w+ )?{_MENSAJES}",
        r"no mas(?: por favor)?$",
        r"(?:para|paren?|parar|detener|detengan?|cancelar|cancelen?|suspender|suspendan?|basta|alto) "
        rf"(?:\w+ ){{0,3}}(?:{_MENSAJES}|suscripcion)",
        r"(?:revoco|retiro|revocar|retirar|anulo|anular) (?:mi |el |la )?"
        r"(?:consentimiento|permiso|autorizacion|suscripcion)",
    ),
}
# Words that add nothing to an opt-out: where others stand beside them, a person reads it too.
OF_AN_OPT_OUT = POLITE.union(
    _words("""
        me us my i im id want to be no more any anymore again ever this number phone list your off from not dont do
        these those all it at once never right okay ok yes yeah out opt take delete send sent would like messages
        message texts text texting txt sending writing emails email emailing reminders reminder sms contact contacting
        contacted leave alone consent lose
        yo mi me mas quiero no nada que esto esta lista numero telefono deseo recibir si dar darme denme deme mensajes
        mensaje textos correos correo recordatorios avisos escriba escriban mande manden envie envien enviar mandar
        escribir escribirme enviarme mandarme deje dejen molestar molesten contactar contacten paz en vuelva vuelvan
        su sus
    """),
    *STOP_FIRST.values(),
    *STOP_ALONE.values(),
)

# Another time for a visit, or none.
RESCHEDULES = {
    EN: any_of(
        r"re ?schedul\w*|resched|re ?book\w*|postpone\w*",
        rf"(?:change|changing|move|moving|switch|shift|push) (?:\w+ ){{0,3}}(?:{_VISIT}|time|day|date|hour)",
        r"(?:another|different|new|other|better|later|earlier) (?:time|day|date|hour|slot|week|appointment|appt)",
        rf"cancel(?:ling|ing|led)? (?:\w+ ){{0,3}}(?:{_VISIT}|{_DAYS}|it|that)",
        r"(?:cant|cannot|can not|couldnt|wont|will not|not able to|unable to|not going to|not gonna) (?:\w+ ){0,3}"
        rf"(?:come|coming|make|attend|be there|get there|go|show|do {_DAYS}|do that|do it)",
        r"not (?:be )?(?:coming|going|attending)(?: .*)?|not be there",
    ),
    ES: any_of(
        r"reprogram\w*|re ?agend\w*|aplaz\w*|pospon\w*|pospuest\w*",
        rf"(?:cambi\w*|mover|muevan?|mueve|modific\w*) (?:\w+ ){{0,3}}(?:{_CITA}|dia|fecha)",
        r"(?:otr[oa]|distint[oa]|diferente|nuev[oa]) (?:hora|dia|fecha|cita|horario|momento|semana|turno)",
        rf"(?:cancel\w*|anul\w*) (?:\w+ ){{0,3}}(?:{_CITA}|{_DIAS})",
        r"no (?:puedo|podre|podria|podremos|voy a poder|pude|llego a|alcanzo a|creo que pueda) (?:\w+ ){0,2}"
        r"(?:ir|venir|llegar|asistir|acudir|presentarme|estar)",
        rf"no (?:puedo|podre) (?:el |a |en )?(?:{_DIAS}|esa hora|ese dia)",
        r"no (?:voy a (?:ir|venir|llegar|asistir)|voy|ire|vengo|asistire|llegare|podre)(?: (?:hoy|manana))?$",
    ),
}
# Only as an answer to an appointment.
DECLINES = {EN: _words("no n nope r"), ES: _words("no n")}
CANNOT = {EN: any_of(r"(?:i )?(?:cant|cannot|can not)$"), ES: any_of(r"no (?:puedo|podre)$")}

# A yes. A letter stands for one in whatever language.
CONFIRMS_EITHER = _words("c y k ok okay okey s")
_CONFIRMS_EN = (
    r"i ?(?:will|ll|shall) (?:be there|come|make it|see you)",
    r"(?:will )?be there|i can make it|see (?:you|ya)(?: then)?|sounds good|works for me|of course",
    r"yes|yep|yeah|yup|confirm|confirmed|confirming|sure|absolutely|definitely|correct|perfect|great",
)
_CONFIRMS_ES = (
    r"(?:ahi|alli) estare(?:mos)?|estare (?:ahi|alli)|nos vemos|cuent\w+ conmigo|de acuerdo|por supuesto|esta bien",
    r"sii*|sip|confirmo|confirmad[oa]|confirmar|claro|vale|correcto|perfecto|list[oa]|asistire|ire|vendre",
)
CONFIRMS = any_of(*_CONFIRMS_EN, *_CONFIRMS_ES, *sorted(CONFIRMS_EITHER))
CONFIRMS_IN_SPANISH = any_of(*_CONFIRMS_ES)
CONFIRM_BESIDE = POLITE | _words("i my appointment appt it for me im so much very mi cita yo que su asistencia")

WRONG_PERSON = {
    EN: any_of(
        r"wrong (?:number|person|num|phone|patient|guy|lady|email|address)",
        r"(?:not|isnt) the (?:right )?person",
        r"(?:im|i am|its|this is|thats) not (?:him|her|them|she|he|that person|this person)",
        r"(?:isnt|not|no longer) (?:his|her|their) (?:number|phone|email)",
        r"(?:his|her|their) (?:old|former) (?:number|phone)",
        r"(?:dont|do not) know (?:him|her|this person|that person|anyone by|anybody by|who (?:he|she|that) is)",
        r"(?:nobody|no one|noone) (?:here )?(?:by|with|has) (?:that|this) (?:name|number)",
        r"(?:this|it) (?:is not|isnt|is no longer|aint) (?:\w+ ){0,2}(?:number|phone|email)",
        r"new (?:phone|number) who (?:dis|this|is this)",
    ),
    ES: any_of(
        r"(?:numero|persona|telefono|destinatario|correo) (?:\w+ )?(?:equivocad[oa]|incorrect[oa]|erroneo|erronea)",
        r"equivoc\w+ de (?:numero|persona|telefono|correo)",
        r"(?:se|te) (?:equivoco|equivocaste|equivocaron|equivocan?|ha equivocado|han equivocado)",
        r"no soy (?:yo )?(?:el|ellas?|ellos|esa|ese|la persona)",
        r"no (?:lo |la |le )?conozco",
        r"(?:ya )?no es (?:su|el|mi) (?:numero|telefono|correo)",
        r"aqui no vive|no vive aqui|ya no tiene este (?:numero|telefono)",
    ),
}
# Before a name: "this is not Tobias".
NOT_THIS_NAME = ("not", "isnt", "aint", "no soy", "no es", "not for", "no para")

# Said by everybody, whatever they speak: carriers' keywords, letters, and what both languages write alike.
_OF_NEITHER = _words("stop start help yes no y n a me s c k ok r")
_LANGUAGE_OF: Mapping[str, frozenset[str]] = {
    EN: _words("""
        the i im is are you my to and can cant will wont not dont do what when where why how please thanks have has was
        it this that at on for of time day problem
    """),
    ES: _words("""
        el la los las yo es son usted mi puedo que cuando donde como por favor gracias si tengo hola soy esta para del
        de hora dia ayuda quiero mas cita una un ya su numero
    """),
}


def language_of(words: Iterable[str]) -> str | None:
    """The language most of the words belong to; None where neither has more."""
    said = [each for each in words if each not in _OF_NEITHER]
    counts = {language: sum(each in known for each in said) for language, known in _LANGUAGE_OF.items()}
    return None if counts[EN] == counts[ES] else max(counts, key=lambda each: counts[each])
