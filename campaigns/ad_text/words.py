"""The lists of words with ñ: those that may be written with n, and those that may not.

The channel has no ñ. Writing n instead is offered only for the words of HARMLESS: the result
is no other word and is understood at once. It is never offered where it makes another word (año,
campaña, uña, peña), nor for a word in neither list: there a person decides.
"""

from django.utils.translation.trans_null import gettext_noop as _

#: A letter of the word around an ñ.
LETTER = "[A-Za-zÀ-ÖØ-öø-ÿ]"

#: In lower case, without accents except the tilde of ñ.
_HARMLESS = """
    mañana mañanas mañanero mañanera pasadomañana
    español española españoles españolas españa
    compañia compañias compañero compañera compañeros compañeras
    acompaña acompañanos acompañame acompañar acompañado acompañante
    señal señales señor señora señores señoras señorita señoritas
    niño niña niños niñas niñez
    pequeño pequeña pequeños pequeñas
    diseño diseños diseña diseñar diseñado diseñador diseñadora
    tamaño tamaños dueño dueña dueños dueñas
    baño baños bañarte otoño montaña montañas montañismo
    extraño extraña extrañas extrañar
    cariño cariñoso muñeca muñecas muñeco muñecos piñata piñatas
    enseñanza enseñar enseña enseñame reseña reseñas contraseña contraseñas
    empeño empeños desempeño daño daños dañado engaño engaños regañar
    navideño navideña navideños navideñas norteño norteña norteños norteñas
    oaxaqueño oaxaqueña puertorriqueño brasileño madrileño caribeño hondureño panameño salvadoreño
    lasaña lasañas pestaña pestañas cabaña cabañas champiñon champiñones castaña castañas
    musaraña telaraña telarañas hazaña hazañas entrañable entrañables patraña alimaña alimañas
    cizaña guadaña migraña migrañas
    ensueño porteño porteña costeño costeña sureño sureña isleño hogareño hogareña
    limeño risueño risueña engañar engañoso
    bañera bañeras bañarse bañista bañador bañadores albañileria
    añadir añade añadas añadido añadidos añadiendo
    rasguño rasguños pañuelo pañuelos pañoleta pañoletas viñedo viñedos viñeta viñetas
    muñequita muñequitas muñequito piñon piñones
    mañanita mañanitas mañaneros niñera niñeras niñito niñita niñitos niñitas señorial señalar
    señala señalado señalamiento señaletica diseños diseñadores diseñados diseñada diseñadas
    enseñanzas enseñan enseñamos enseñado acompañan acompañados acompañantes acompañamiento
    acompañalos compañerismo pequeñito pequeñita pequeñitos pequeñin pequeñines
    extrañas extrañaras extrañes cariñito cariños cariñosa reñido empeñar empeña empeñalo desempeña
    dañar dañada dañados engañes regaño regaños otoñal otoñales otoños montañoso montañista
    españolas españolita tamaños dueñito estaño cuñado cuñada cuñados cuñadas
    acapulqueño acapulqueña hidalgueño tabasqueño tabasqueña jalapeñito
    riñon riñones puño puños rebaño albañil albañiles jalapeño jalapeños
"""
HARMLESS = frozenset(_HARMLESS.split())

_TIME = _("12 meses, 2027 o aniversario")
_PARTY = _("festejo, fiesta o tu día especial")

#: Without ñ these are other words, some of them rude. The value suggests what to write instead;
#: empty: the message only requests another word.
CHANGES_MEANING: dict[str, str] = {
    "año": _TIME,
    "años": _TIME,
    "añito": _TIME,
    "añitos": _TIME,
    "añero": "",
    "añeros": "",
    "añejo": _("reposado o de guarda"),
    "añejos": _("reposados o de guarda"),
    "antaño": _("antes"),
    "cumpleaños": _PARTY,
    "cumpleañero": _("festejado"),
    "cumpleañera": _("festejada"),
    "quinceaños": _("XV o fiesta de 15"),
    "quinceañera": _("XV o fiesta de 15"),
    "quinceañeras": _("XV o fiestas de 15"),
    "coño": "",
    "ñoño": "",
    "ñoña": "",
    "campaña": _("promo, temporada o plan"),
    "campañas": _("promos, temporadas o planes"),
    "peña": _("tertulia o grupo"),
    "peñas": _("tertulias o grupos"),
    "caña": _("vara o carrizo"),
    "cañas": _("varas o carrizos"),
    "cañon": _("barranca"),
    "uña": _("manicure"),
    "uñas": _("manicure"),
    "moño": _("lazo o cinta"),
    "moños": _("lazos o cintas"),
    "soñar": _("imaginar"),
    "soñado": _("ideal"),
    "soñada": _("ideal"),
    "soñados": _("ideales"),
    "soñadas": _("ideales"),
    "sueño": _("ilusión o descanso"),
    "sueños": _("ilusiones o metas"),
    "sueña": _("imagina"),
    "sueñas": _("imaginas"),
    "maña": _("truco o habilidad"),
    "mañas": _("trucos o habilidades"),
    "piña": _("fruta tropical"),
    "piñas": _("fruta tropical"),
    "leña": _("madera"),
    "seña": _("gesto o detalle"),
    "señas": _("gestos o detalles"),
    "doña": _("Sra."),
    "paño": _("tela"),
    "paños": _("telas"),
    "pañal": "",
    "pañales": "",
    "araña": "",
    "cuña": "",
    "riña": _("pleito"),
    "viña": _("bodega o vinos"),
    "teñir": _("pintar"),
    "tiñe": _("pinta"),
}

#: Letters of the longest word of the lists: a longer word is in neither.
LONGEST_WORD = max(map(len, HARMLESS | CHANGES_MEANING.keys()))
