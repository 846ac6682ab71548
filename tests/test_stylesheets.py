"""The stylesheets: each class is used by a page, and displayed in the style guide."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from portal.local.style_guide import components, design_tokens
from segments.shaded_map import SHADES

ROOT = Path(__file__).resolve().parent.parent
CSS = ROOT / "static" / "css"
APPS = ("portal", "campaigns", "inventory", "segments")
# Classes that Django's own admin uses, or derives from a model's or a column's name.
OF_THE_ADMIN = re.compile(
    "(model|app|field|column)-.+|aligned|dashboard|form-row|inline-group|messagelist|paginator"
    "|results|section|selected|sorted|sortpriority|submit-row|this-page|vTextField|numeric"
    "|default|text"
)
BARE = {"is-missing"}  # a step without a style of its own
PLAIN = {"icons"}  # stylesheets without a class


def classes(text: str) -> set[str]:
    """Return the classes that the selectors of a stylesheet name."""
    text = re.sub(r"/\*.*?\*/|url\(.*?\)", "", text, flags=re.DOTALL)
    selectors = re.sub(r"(?<=[{;])[^{}]*;", "", text)
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", selectors))


def used_classes() -> set[str]:
    """Return every class that a template names, and every word in strings of JS and Python."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text())
        for value in re.findall(r'class="((?:\{[%{].*?[%}]\}|[^"])*)"', text):
            found |= set(re.sub(r"\{[%{].*?[%}]\}", " ", value).split())
        for value in re.findall(r"block body_?class %\}(.*?)\{% endblock", text):
            found |= set(re.sub(r"\{\{.*?\}\}", " ", value).split())
        for value in re.findall(r'\b(?:class|kind|level|status)="([^"]+)"', text):
            found |= set(value.split())
    sources = [*(ROOT / "static/js").glob("*.js")]
    for app in APPS:
        sources += (ROOT / app).rglob("*.py")
    for path in sources:
        for quoted in re.findall(r'"([^"\n]*)"|`([^`]*)`', path.read_text()):
            found |= set(re.findall(r"[\w-]+", " ".join(quoted)))
    return found


def sheets() -> Iterator[tuple[str, set[str]]]:
    for path in CSS.rglob("*.css"):
        yield path.relative_to(CSS).as_posix(), classes(path.read_text())


def test_every_class_of_a_stylesheet_is_used():
    names = used_classes()
    names |= {f"is-{stage}" for stage in ("here", "done", "open")}
    names |= {f"style-guide-{name}" for name, _size in design_tokens.font_sizes()}
    names |= {f"picture-{level}" for level in ("whole", "part", "none")}
    names |= {f"shade-{shade}" for shade in range(SHADES + 1)}

    dead = {
        f"{sheet}: .{name}"
        for sheet, found in sheets()
        for name in found - names
        if not OF_THE_ADMIN.fullmatch(name)
    }
    assert dead == set()


def test_an_unused_class_is_found():
    """The negative control of the test above."""
    assert classes('.a:not(.b) > c {\n  mask: url("x.svg");\n  top: 0.5rem;\n}') == {"a", "b"}
    assert "never-used-by-anything" not in used_classes()
    assert {"button", "toast", "map-border", "unread-count"} <= used_classes()


class StyleGuideParser(HTMLParser):
    """Collects the classes and the markup of each example of the style guide."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[str, set[str]] = {}
        self.markup: dict[str, str] = {}
        self.component, self.in_live, self.in_markup = "", False, False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        names = (given.get("class") or "").split()
        if "style-guide-component" in names:
            self.component = given["id"]
            self.live[self.component], self.markup[self.component] = set(), ""
        elif "style-guide-markup" in names:
            self.in_live = False
        elif "style-guide-example" in names:
            self.in_live = True
        elif self.in_live:
            self.live[self.component] |= set(names)
        self.in_markup = self.in_markup or tag == "pre"

    def handle_endtag(self, tag):
        self.in_markup = self.in_markup and tag != "pre"

    def handle_data(self, data):
        if self.component and self.in_markup:
            self.markup[self.component] += data


@pytest.fixture
def style_guide(client, settings, db):
    settings.DEBUG = True
    page = StyleGuideParser()
    page.feed(client.get(reverse("local:components")).text)
    return page


def test_every_component_has_its_section_and_every_section_its_stylesheet(style_guide):
    parts = {path.stem for path in (CSS / "components").glob("*.css")}

    assert set(style_guide.live) == parts | {"charts"}
    assert [component.slug for _name, group in components.GROUPS for component in group] == list(
        style_guide.live
    )


def test_every_class_of_a_component_is_used_by_an_example(style_guide):
    everywhere = set().union(*style_guide.live.values())

    for slug, names in style_guide.live.items():
        path = CSS / "components" / f"{slug}.css"
        if not path.exists():
            path = CSS / f"{slug}.css"
        own = classes(path.read_text())
        assert own <= everywhere, slug
        assert slug in PLAIN or own & names, slug


def test_every_class_of_an_example_is_in_a_stylesheet(style_guide):
    known = set().union(*(found for _sheet, found in sheets()))

    for slug, names in style_guide.live.items():
        assert names <= known | BARE, slug


def test_the_markup_to_copy_is_that_of_the_example(style_guide):
    for slug, markup in style_guide.markup.items():
        copied = StyleGuideParser()
        section = f'<section class="style-guide-component" id="{slug}">'
        copied.feed(f'{section}<p class="style-guide-example">{markup}')
        assert copied.live[slug] == style_guide.live[slug], slug
        assert "csrfmiddlewaretoken" not in markup


def test_every_colour_and_type_of_the_skin_is_named(style_guide, client):
    skin = (CSS / "skin-movistar.css").read_text().split("@media")[0]
    page = client.get(reverse("local:components")).text

    names = re.findall(r"^  --(\w+): (?:#|rgb)", skin, re.MULTILINE)
    assert len(names) == 29
    for name in names:
        assert f'fill="var(--{name})"' in page
    for number in range(1, 9):
        assert f'class="style-guide-text{number}"' in page
