"""The components of the style guide, in the order in which it shows them."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Component(NamedTuple):
    """A component: `slug` is the name of its stylesheet, of its example and of its anchor."""

    slug: str
    name: str | Promise
    when: str | Promise

    @property
    def template(self) -> str:
        return f"style_guide/{self.slug}.html"


GROUPS: tuple[tuple[str | Promise, tuple[Component, ...]], ...] = (
    (
        _("Botones y preguntas"),
        (
            Component("button", _("Botón"), _("Para hacer algo; uno principal por pantalla.")),
            Component(
                "actions", _("Acciones"), _("Para cerrar un formulario: primero lo principal.")
            ),
            Component("confirm", _("Confirmación"), _("Antes de lo que no se puede deshacer.")),
            Component("dialog", _("Diálogo"), _("Lo que abre una confirmación cuando hay script.")),
            Component("menu", _("Menú"), _("Para lo que se usa poco, como la cuenta o la marca.")),
        ),
    ),
    (
        _("Formularios"),
        (
            Component(
                "field",
                _("Campo"),
                _("Para escribir o elegir un dato: solo, con ayuda, con error."),
            ),
            Component("choice", _("Opciones"), _("Para elegir entre pocas, todas a la vista.")),
            Component(
                "filters", _("Filtros"), _("Arriba de una lista larga; quedan en la dirección.")
            ),
            Component("chips", _("Fichas"), _("Para ver lo elegido y quitarlo con un clic.")),
            Component(
                "zone-list",
                _("Lista de zonas"),
                _("Para elegir estados y LADA; el mapa la repite."),
            ),
            Component(
                "ways", _("Formas de que quepa"), _("Cuando algo no cabe: lo más cercano que sí.")
            ),
        ),
    ),
    (
        _("Lo que se dice"),
        (
            Component(
                "notice",
                _("Aviso"),
                _("Para lo que hay que saber aquí; con errores, qué corregir."),
            ),
            Component(
                "toast",
                _("Aviso pasajero"),
                _("Para decir que algo quedó; los errores esperan a que los cierres."),
            ),
            Component("empty", _("Vacío"), _("Donde todavía no hay nada: qué es y cómo empezar.")),
            Component(
                "conversation",
                _("Conversación"),
                _("Para los mensajes entre la marca y quien revisa."),
            ),
            # A title of the first rank: only one of the second may follow it.
            Component("trouble", _("Página de error"), _("Cuando una página no se puede mostrar.")),
        ),
    ),
    (
        _("Estado y avance"),
        (
            Component(
                "badge",
                _("Estado"),
                _("Para decir cómo va una campaña, con color, signo y palabra."),
            ),
            Component(
                "level", _("Nivel"), _("Para decir cuánto queda; por día, junto a su barra.")
            ),
            Component("bar", _("Barra"), _("Para lo entregado de lo contratado, o lo que queda.")),
            Component(
                "delivery",
                _("Entrega"),
                _("Para lo que salió de una campaña: al aire, sin entregas, ya final."),
            ),
            Component("timeline", _("Historia"), _("Para lo que pasó, en orden y con fecha.")),
            Component(
                "stepper",
                _("Pasos"),
                _("Para saber en qué paso de varios se está y volver a otro."),
            ),
        ),
    ),
    (
        _("Datos"),
        (
            Component(
                "table",
                _("Tabla"),
                _("Para comparar filas; en un teléfono cada fila es una tarjeta."),
            ),
            Component("pager", _("Páginas"), _("Debajo de una lista que no cabe en una.")),
            Component("tabs", _("Pestañas"), _("Para pasar entre páginas hermanas.")),
            Component("card", _("Tarjeta"), _("Para reunir lo que va junto.")),
            Component("stats", _("Cifras"), _("Para pocas cifras que importan.")),
            Component("facts", _("Datos de una ficha"), _("Para pares de nombre y valor.")),
            Component("charts", _("Gráfica"), _("Para cifras por día, con su frase y su tabla.")),
            Component("diff", _("Diferencia"), _("Para ver qué cambió de una versión a otra.")),
        ),
    ),
    (
        _("El canal"),
        (
            Component("phone", _("Teléfono"), _("Para ver el texto como lo recibe el cliente.")),
            Component(
                "welcome",
                _("Bienvenida"),
                _("Junto al inicio de sesión, solo en pantallas anchas."),
            ),
        ),
    ),
    (
        _("Signos"),
        (
            Component(
                "icons",
                _("Íconos"),
                _("Toman el color de lo que acompañan; nunca van sin palabra."),
            ),
            Component(
                "mark",
                _("Signo"),
                _("El ícono delante de un aviso, un error, un estado o un nivel."),
            ),
        ),
    ),
)
