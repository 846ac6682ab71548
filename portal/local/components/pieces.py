"""The look, piece by piece: what the living page of components shows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from campaigns import differences
from campaigns.models import Brand, Campaign, Message
from portal.accounts.models import User
from portal.pages.wizard import planned_days, steps

TOKEN = re.compile(r"^  --([A-Za-z0-9]+): (.+);$", re.MULTILINE)
ICON = re.compile(r'--i-([a-z]+): url\("data:image/svg\+xml,([^"]+)"\)')


class Piece(NamedTuple):
    """A component; `slug` names its stylesheet, its example and its place on the page."""

    slug: str
    name: str | Promise
    when: str | Promise

    @property
    def template(self) -> str:
        return f"components/living/{self.slug}.html"


GROUPS: tuple[tuple[str | Promise, tuple[Piece, ...]], ...] = (
    (
        _("Botones y preguntas"),
        (
            Piece("button", _("Botón"), _("Para hacer algo; uno principal por pantalla.")),
            Piece("actions", _("Acciones"), _("Para cerrar un formulario: primero lo principal.")),
            Piece("confirm", _("Confirmación"), _("Antes de lo que no se puede deshacer.")),
            Piece("dialog", _("Diálogo"), _("Lo que abre una confirmación cuando hay script.")),
            Piece("menu", _("Menú"), _("Para lo que se usa poco, como la cuenta o la marca.")),
        ),
    ),
    (
        _("Formularios"),
        (
            Piece(
                "field",
                _("Campo"),
                _("Para escribir o elegir un dato: solo, con ayuda, con error."),
            ),
            Piece("choice", _("Opciones"), _("Para elegir entre pocas, todas a la vista.")),
            Piece("filters", _("Filtros"), _("Arriba de una lista larga; quedan en la dirección.")),
            Piece("chips", _("Fichas"), _("Para ver lo elegido y quitarlo con un clic.")),
            Piece(
                "zone-list",
                _("Lista de zonas"),
                _("Para elegir estados y LADA; el mapa la repite."),
            ),
            Piece(
                "ways", _("Formas de que quepa"), _("Cuando algo no cabe: lo más cercano que sí.")
            ),
        ),
    ),
    (
        _("Lo que se dice"),
        (
            Piece(
                "notice",
                _("Aviso"),
                _("Para lo que hay que saber aquí; con errores, qué corregir."),
            ),
            Piece(
                "toast",
                _("Aviso pasajero"),
                _("Para decir que algo quedó; los errores esperan a que los cierres."),
            ),
            Piece("empty", _("Vacío"), _("Donde todavía no hay nada: qué es y cómo empezar.")),
            Piece("talk", _("Conversación"), _("Para los mensajes entre la marca y quien revisa.")),
            # A title of the first rank: only one of the second may follow it.
            Piece("trouble", _("Página de error"), _("Cuando una página no se puede mostrar.")),
        ),
    ),
    (
        _("Estado y avance"),
        (
            Piece(
                "badge",
                _("Estado"),
                _("Para decir cómo va una campaña, con color, signo y palabra."),
            ),
            Piece("level", _("Nivel"), _("Para decir cuánto queda; por día, junto a su barra.")),
            Piece("bar", _("Barra"), _("Para lo entregado de lo contratado, o lo que queda.")),
            Piece("timeline", _("Historia"), _("Para lo que pasó, en orden y con fecha.")),
            Piece(
                "stepper",
                _("Pasos"),
                _("Para saber en qué paso de varios se está y volver a otro."),
            ),
        ),
    ),
    (
        _("Datos"),
        (
            Piece(
                "table",
                _("Tabla"),
                _("Para comparar filas; en un teléfono cada fila es una tarjeta."),
            ),
            Piece("pager", _("Páginas"), _("Debajo de una lista que no cabe en una.")),
            Piece("tabs", _("Pestañas"), _("Para pasar entre páginas hermanas.")),
            Piece("card", _("Tarjeta"), _("Para reunir lo que va junto.")),
            Piece("stats", _("Cifras"), _("Para pocas cifras que importan.")),
            Piece("facts", _("Datos de una ficha"), _("Para pares de nombre y valor.")),
            Piece("charts", _("Gráfica"), _("Para cifras por día, con su frase y su tabla.")),
            Piece("diff", _("Diferencia"), _("Para ver qué cambió de una versión a otra.")),
        ),
    ),
    (
        _("El canal"),
        (
            Piece("phone", _("Teléfono"), _("Para ver el texto como lo recibe el cliente.")),
            Piece(
                "welcome",
                _("Bienvenida"),
                _("Junto al inicio de sesión, solo en pantallas anchas."),
            ),
        ),
    ),
    (
        _("Signos"),
        (
            Piece(
                "icons",
                _("Íconos"),
                _("Toman el color de lo que acompañan; nunca van sin palabra."),
            ),
            Piece(
                "mark",
                _("Signo"),
                _("El ícono delante de un aviso, un error, un estado o un nivel."),
            ),
        ),
    ),
)


class Sample(forms.Form):
    """A form that asks for nothing, to show fields."""

    name = forms.CharField(label=_("Nombre"))
    text = forms.CharField(
        label=_("Texto"),
        help_text=_("Hasta 90 caracteres, sin acentos."),
        widget=forms.Textarea({"rows": 3}),
    )
    volume = forms.IntegerField(
        label=_("Notificaciones"),
        widget=forms.TextInput,
        error_messages={
            "invalid": _("Escribe un número, como 50,000."),
            "required": _("Escribe cuántas quieres, como 50,000."),
        },
    )
    note = forms.CharField(label=_("Nota"), required=False)
    brand = forms.ChoiceField(
        label=_("Papel"), choices=[("editor", _("Editor")), ("v", _("Lector"))]
    )
    scope = forms.ChoiceField(
        label=_("¿Dónde debe salir?"),
        widget=forms.RadioSelect,
        choices=[("nation", _("Todo México")), ("zones", _("Elegir zonas"))],
        initial="nation",
    )
    agree = forms.BooleanField(
        label=_("Acepto las condiciones"),
        error_messages={"required": _("Léelas y acéptalas para seguir.")},
    )


def context(piece: Piece) -> dict[str, Any]:
    """Give what the example of a piece shows."""
    return CONTEXTS[piece.slug]() if piece.slug in CONTEXTS else {}


def _samples() -> dict[str, Any]:
    wrong = Sample({"name": "Ana", "volume": "muchas", "brand": "v"}, auto_id="mal_%s")
    wrong.is_valid()
    return {"form": Sample(auto_id="ejemplo_%s"), "wrong": wrong}


def _choices() -> dict[str, Any]:
    return {"form": Sample(auto_id="opcion_%s")}


def _problems() -> dict[str, Any]:
    problems = Sample({"name": "Ana", "text": "Hola", "brand": "v", "scope": "zones"})
    problems.auto_id = "mal_%s"
    return {"form": problems}


def _statuses() -> dict[str, Any]:
    return {"statuses": Campaign.Status.choices}


def _week() -> dict[str, Any]:
    first = timezone.localdate()
    counts = [120_000, 180_000, 160_000, 240_000, 210_000, 90_000, 60_000]
    days = {first + timedelta(number): count for number, count in enumerate(counts)}
    return planned_days.chart_context(days, "planned")


def _stages() -> dict[str, Any]:
    states = ("done", "done", "here", "open", "open")
    stages = [
        steps.Stage(step, number, state, [])
        for number, (step, state) in enumerate(zip(steps.STEPS, states, strict=True), 1)
    ]
    return {"stages": stages, "number": 3, "total": len(stages), "campaign": True}


def _page() -> dict[str, Any]:
    return {"page": Paginator(range(30), 10).page(2)}


def _difference() -> dict[str, Any]:
    fragments = differences.compare_words("Recarga $100 y gana", "Recarga $200 y gana mas datos")
    return {"difference": differences.Difference("text", "", fragments)}


def _talk() -> dict[str, Any]:
    campaign = Campaign(brand=Brand(name="Pizzas La Nonna"))
    said = [
        (Message.Side.STAFF, User(first_name="Rosa"), _("¿De qué plan es la recarga?")),
        (Message.Side.BRAND, User(first_name="Ana"), _("Del ilimitado de 30 días.")),
    ]
    lines = [
        {
            "mine": side == Message.Side.BRAND,
            "message": Message(
                pk=number,
                campaign=campaign,
                side=side,
                author=author,
                body=str(body),
                at=timezone.now(),
                version_number=1,
            ),
        }
        for number, (side, author, body) in enumerate(said, 1)
    ]
    return {"talk": lines}


def _icons() -> dict[str, Any]:
    sheet = _sheet("css/components/icons.css")
    drawn = [(name, mark_safe(unquote(svg))) for name, svg in ICON.findall(sheet)]  # noqa: S308 ours
    return {"icons": drawn}


CONTEXTS = {
    "field": _samples,
    "choice": _choices,
    "notice": _problems,
    "badge": _statuses,
    "charts": _week,
    "stepper": _stages,
    "pager": _page,
    "diff": _difference,
    "talk": _talk,
    "icons": _icons,
}


def colours() -> list[str]:
    """Give the names of the skin's colours, as it has them."""
    return [name for name, value in _tokens() if re.match(r"#|rgb", value)]


def types() -> list[tuple[str, str]]:
    """Give the name and the size and line of each step of type, on a phone."""
    return [(name, value) for name, value in _tokens() if re.fullmatch(r"text\d", name)]


def _tokens() -> Iterator[tuple[str, str]]:
    root = _sheet(settings.SKIN).split("@media", 1)[0]
    return ((found[1], found[2]) for found in TOKEN.finditer(root))


def _sheet(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).read_text()
