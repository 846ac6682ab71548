"""The words around a number that say whether it is a telephone, in lower case, as patterns."""

LETTER = "A-Za-zÀ-ÖØ-öø-ÿ"

#: Words before a number, or "whatsapp" after it, that say what it is; and units after it.
PHONE_WORDS = (
    f"(?:tels?|tel[eé]f[{LETTER}]*|fonos?|ll[aá]m[{LETTER}]*|m[aá]rc[aoeá][{LETTER}]*"
    f"|marqu[{LETTER}]*|cel|celular(?:es)?|wh?[aá]t[{LETTER}]*|was+ap|wsp|wpp|wa|m[oó]vil"
    f"|comun[ií]c[{LETTER}]*|cont[aá]ct[{LETTER}]*|informes?|sms|lada|fax|conmutador|al)"
)
OTHER_WORDS = (
    "(?:tallas?|folios?|c[oó]digos?|claves?|cuentas?|tarjetas?|pedido|[oó]rden(?:es)?|gu[ií]as?"
    "|facturas?|series?|lotes?|modelos?|sku|refs?|referencias?|ids?|cp|rfc|nss|clabe|contratos?"
    "|sorteos?|rifas?|melate|tris|chispazo|loter[ií]a|bolsas?|puntos?|pts|precios?|pesos|premios?"
    "|medidas?|registros?|permisos?|isbn|placas?|p[oó]lizas?|expedientes?|rutas?|cup[oó]n"
    "|edades|art[ií]culos?|art|gana[sr]?|acumula[sr]?|junta[sr]?|suma[sr]?|desde)"
)
UNITS = (
    "(?:puntos?|pts|pesos|mxn|usd|d[oó]lares|euros|piezas?|pzas?|pz|kg|kilos?|kms?|km|gr?|gramos"
    "|litros?|lts?|ml|mts?|metros?|cm|mm|mb|gb|tb|megas?|gigas?|minutos?|min|millas?|unidades"
    "|boletos?|premios?|personas|clientes|usuarios|a[nñ]os|meses|semanas|d[ií]as|folios?)"
)
CONNECTORS = "(?:de|del|el|la|los|las|no|num|n[uú]mero|es|son|su|tu|mi|con|un|una)"
ABBREVIATION = 4  # letters at most: a dot after a longer word ends the sentence
REACH = 5  # words: how far before a number a word still speaks of it
NEAR = 2  # words: how near it must be to outweigh the look of a list, or a unit
