"""Markup, style and behaviour stay in their own files; components see only what they are given."""

import re
from collections import Counter

import pytest
from django.template.loader import get_template

from tests.stack import REPOSITORY

PACKAGE = REPOSITORY / "support_portal"
TEMPLATES = REPOSITORY / "templates"
COMPONENTS = TEMPLATES / "components"
STYLES = REPOSITORY / "static/css/portal.css"
NAMES = [str(path.relative_to(TEMPLATES)) for path in sorted(TEMPLATES.rglob("*.html"))]
# A file with blocks is a skeleton: pages extend it, and it sees all that they see.
COMPONENT_NAMES = [
    path.name for path in sorted(COMPONENTS.glob("*.html")) if "{% block" not in path.read_text()
]

INLINE_SCRIPT = r"<script(?![^>]*\ssrc=)"
INLINE_STYLE = r"<style\b|\sstyle\s*="
HANDLER = r"<[a-z][^>]*\son[a-z]+\s*="
SCRIPT_ADDRESS = r"(?:href|src|action)\s*=\s*[\"']?\s*(?:javascript|data):"
NEEDS_EVAL = r"\shx-on|\shx-vals\s*=\s*[\"']js:|\shx-trigger\s*=\s*[\"'][^\"']*\["
FORBIDDEN = re.compile(
    "|".join([INLINE_SCRIPT, INLINE_STYLE, HANDLER, SCRIPT_ADDRESS, NEEDS_EVAL]), re.IGNORECASE
)
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off")
CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")
TINT = re.compile(r"t-\w+")  # of a bar; its name is put together (dashboard.histogram)
RULE = re.compile(r"^  (\.[a-z0-9-]+) \{", re.MULTILINE)  # of a component, in its layer
FOREIGN = re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
COMPONENT_CALL = re.compile(r"{%\s*include\s+[\"']components/[^%]*%}")
HEAD = re.compile(r"{% comment %}\n(?P<words>.+?){% endcomment %}", re.DOTALL)


def text(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")


def variables(source):
    """Return the names that a template takes from outside, as far as its tags show them."""
    used = re.findall(r"{{\s*([a-z]\w*)", source)
    used += re.findall(r"{%\s*(?:if|elif|with \w+=)\s*(?:not )?([a-z]\w*)", source)
    used += re.findall(r"{%\s*for [\w, ]+ in ([a-z]\w*)", source)
    made = re.findall(r"{%\s*for ([\w, ]+) in", source) + re.findall(r"\bas (\w+)\s*%}", source)
    made += re.findall(r"{%\s*with (\w+)=", source)
    own = {name.strip() for group in made for name in group.split(",")} | {"forloop", "block"}
    return set(used) - own


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name):
    assert get_template(name).template.name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_template_has_no_inline_script_style_or_handler(name):
    assert FORBIDDEN.findall(text(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_never_switches_escaping_off(name):
    assert UNESCAPED.findall(text(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_loads_nothing_from_elsewhere(name):
    assert FOREIGN.findall(text(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_components_see_only_what_they_are_given(name):
    calls = COMPONENT_CALL.findall(text(name))

    assert [call for call in calls if not re.search(r"\sonly\s*%}$", call)] == []


@pytest.mark.parametrize("name", COMPONENT_NAMES)
def test_a_component_starts_by_naming_its_parameters(name):
    source = text(f"components/{name}")
    head = HEAD.match(source)

    assert head is not None
    named = set(re.findall(r"\w+", head["words"]))
    assert sorted(variables(source[head.end() :]) - named) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        "<style>p {}</style>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:void 0">',
        '<div hx-on:click="x()">',
        """<div hx-trigger="click[ctrlKey]">""",
    ],
)
def test_the_net_catches_what_it_is_for(markup):
    assert FORBIDDEN.search(markup)


def test_a_name_of_the_stylesheet_stands_for_one_thing():
    names = RULE.findall(STYLES.read_text(encoding="utf-8"))

    assert len(names) > 100
    assert [name for name, number in Counter(names).items() if number > 1] == []


def test_every_name_of_the_stylesheet_is_used():
    folders = [(TEMPLATES, "*.html"), (STYLES.parent.parent, "*.js"), (PACKAGE, "*.py")]
    source = "\n".join(
        path.read_text(encoding="utf-8") for folder, kind in folders for path in folder.rglob(kind)
    )
    used = set(re.findall(r"[a-z][a-z0-9-]*", source))

    names = set(CLASS.findall(STYLES.read_text(encoding="utf-8")))
    assert [name for name in sorted(names - used) if not TINT.fullmatch(name)] == []
