"""Messages about an ad text, in Spanish, by code, with named placeholders.

The browser fills in the same messages, so placeholders are plain {names}, without formats.
"""

from django.utils.translation.trans_null import gettext_noop as _

#: Messages of problems and advice. The key is the code, or the rule's own `message`.
MESSAGES: dict[str, str] = {
    "empty": _("Escribe el texto del anuncio."),
    "too_long": _("Te sobran {over} caracteres. Quita {over} para poder enviarlo."),
    "too_long_by_one": _("Te sobra 1 carácter. Quita 1 para poder enviarlo."),
    "forbidden_character": _("«{sign}» ({name}) no se puede enviar. {remedy}"),
    "accent": _("«{sign}» lleva acento y no se puede enviar. Escribe «{fix}»."),
    "enye_harmless": _(
        "«{word}» lleva ñ, que no se puede enviar. Se entiende igual como «{plain}»."
    ),
    "enye_meaning": _("«{word}» sin ñ cambia de significado. Prueba: {ideas}."),
    "enye_meaning_bare": _("«{word}» sin ñ cambia de significado. Usa otra palabra."),
    "enye_unknown": _("«{word}» lleva ñ, que no se puede enviar. Usa otra palabra."),
    "quote": _("Las comillas ({sign}) no se pueden enviar. Quítalas."),
    "only_signs": _("Son solo signos: escribe tu anuncio con palabras."),
    "separated_phone": _(
        "El teléfono va corrido, sin espacios ni signos: {fix}. Si no es un teléfono, separa los "
        "números con comas."
    ),
    "maybe_phone": _(
        "¿«{sign}» es un teléfono? Va corrido, con diez dígitos: {fix}. Si no lo es, déjalo así."
    ),
    "link_sign": _(
        "El enlace «{sign}» lleva {signs}, que no se puede enviar, y sin eso abre otra cosa. "
        "Cámbialo por tu enlace corto."
    ),
    "mail_sign": _(
        "El correo «{sign}» lleva {signs}, que no se puede enviar, y sin eso es otro correo. Pon "
        "otro correo, un teléfono o tu enlace corto."
    ),
    "handle_sign": _(
        "La cuenta «{sign}» lleva {signs}, que no se puede enviar, y sin eso es otra cuenta. Pon "
        "tu enlace corto o un teléfono."
    ),
    "damaged": _("«{sign}» es «{fix}» dañada al copiar el texto. Cámbiala por «{fix}»."),
    "lost_letter": _(
        "El texto perdió letras al copiarlo («{sign}»). Escribe otra vez la palabra completa."
    ),
    "shortener": _(
        "«{sign}» esconde a dónde lleva y da desconfianza. Usa tu enlace corto, que además cuenta "
        "las visitas."
    ),
    "link_scheme": _("El enlace va sin «{sign}». Quítalo: funciona igual."),
    "emoji": _("El emoji {sign} no se puede enviar. {remedy}"),
    "dial_code": _(
        "El código «{sign}» no se puede enviar, porque * y # no existen en este canal. "
        "Pon un teléfono o un enlace."
    ),
    "currency": _(
        "«{sign}» ({name}) no se puede enviar. Escribe la moneda con letras o el precio en "
        "pesos con $."
    ),
    "letter_variant": _("«{sign}» no es una letra o número sencillo. Escribe «{fix}»."),
    "loose_mark": _("Hay un acento suelto ({code_point}) que no se puede enviar. Quítalo."),
    "other_script": _(
        "«{sign}» ({code_point}) no es una letra de la a a la z. Escríbelo con nuestras letras."
    ),
    "odd_space": _("Hay un espacio especial ({code_point}). Cámbialo por un espacio normal."),
    "invisible": _("Hay un carácter invisible ({code_point}). Quítalo."),
    "edge_space": _("Sobran espacios al principio o al final. Quítalos y ganas lugar."),
    "double_space": _("Hay espacios de más. Deja uno solo y ganas lugar."),
    "space_before_sign": _("Sobra el espacio antes del signo. Quítalo."),
    "link_www": _("El enlace funciona igual sin «www.» y ganas 4 caracteres."),
    "live_link": _(
        "«{sign}» se vuelve un enlace a un sitio ajeno. Agrega un espacio después del punto."
    ),
    "link_tail": _(
        "«{sign}» puede abrir mal. Después de un enlace va un espacio o el final del texto."
    ),
    "old_prefix": _("Los prefijos 01, 044 y 045 ya no se marcan en México. Escribe {fix}."),
    "old_prefix_short": _(
        "El prefijo 01 ya no se marca en México y a «{sign}» le faltan dígitos sin él. "
        "Revisa que el número tenga diez."
    ),
    "all_caps": _(
        "El texto va todo en mayúsculas y se lee como grito. Úsalas solo al inicio y en nombres."
    ),
}

#: By replacement: the label of its button, and the sentence inside a message that proposes it.
REMEDIES: dict[str, tuple[str, str]] = {
    "": (_("Quitar"), _("Quítalo.")),
    " ": (_("Cambiar por espacio"), _("Cámbialo por un espacio.")),
    ",": (_("Cambiar por coma"), _("Cámbialo por coma.")),
    ".": (_("Cambiar por punto"), _("Cámbialo por punto.")),
    "/": (_("Cambiar por diagonal"), _("Cámbialo por diagonal.")),
    "...": (_("Cambiar por tres puntos"), _("Cámbialo por tres puntos.")),
}
ANY_REMEDY = (_("Cambiar por «{fix}»"), _("Cámbialo por «{fix}»."))
NO_REMEDY = ("", _("Escríbelo de otra forma."))

#: Texts of the form field. Where {n} is 1, the key with the suffix "_one" is used.
FIELD: dict[str, str] = {
    "rule": _(
        "Hasta {limit} caracteres. Usa letras sin acento, números, espacio y estos signos: "
        "$ . , / @"
    ),
    "left": _("Te quedan {n} caracteres"),
    "left_one": _("Te queda 1 carácter"),
    "over": _("Te sobran {n} caracteres. Quita {n} para poder enviarlo."),
    "over_one": _("Te sobra 1 carácter. Quita 1 para poder enviarlo."),
    "correct": _("Corregir {n} signos"),
    "correct_one": _("Corregir 1 signo"),
    "to_fix": _("{n} signos por corregir"),
    "to_fix_one": _("1 signo por corregir"),
    "clean": _("Todos los signos se pueden enviar"),
    "whole": "«{sign}»",
    "within": _("«{sign}» en «{word}»"),
    "applied": _("Listo, cambios aplicados"),
    "undone": _("Tu texto quedó como estaba"),
    "removed": _("se quita"),
    "own_link": _("Usar mi enlace corto"),
    "notice": _("Tienes 1 llamada perdida de 5512345678, 22/11 10:35."),
}
