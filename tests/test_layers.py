"""Foreign keys point the same way imports do: downwards.  (.importlinter holds the imports.)"""

import configparser

import pytest
from django.apps import apps

from support_portal.events.models import DeliveryReceipt, ErrorEvent, ErrorVariant, Message
from tests.stack import REPOSITORY

FACTS = [ErrorEvent, ErrorVariant, Message, DeliveryReceipt]
OUTSIDE = {"auth", "contenttypes"}  # Django's own, below everything


def layers():
    """Return the packages of each layer, lowest first, as .importlinter has them."""
    linter = configparser.ConfigParser()
    linter.read(REPOSITORY / ".importlinter")
    lines = linter["importlinter:contract:layers"]["layers"].split("\n")
    return [line.replace(":", "|").replace(" ", "").split("|") for line in reversed(lines) if line]


def rank(label):
    return next(number for number, names in enumerate(layers()) if label in names)


def relations():
    """Return every relation between two models of ours, as (from, to) labels."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("support_portal.")]
    return [
        (model._meta.label, field.related_model._meta.label)
        for model in ours
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model
    ]


def app(label):
    return label.partition(".")[0]


def test_relations_point_to_the_same_or_a_lower_app():
    upward = [
        (source, target)
        for source, target in relations()
        if app(target) not in OUTSIDE
        if app(source) != app(target) and rank(app(target)) >= rank(app(source))
    ]

    assert upward == []


def test_there_are_relations_to_look_at():
    assert ("accounts.User", "accounts.Team") in relations()


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_facts_have_no_foreign_keys_so_that_they_can_be_distributed(model):
    assert [source for source, _ in relations() if source == model._meta.label] == []


def test_every_package_has_its_place():
    folders = [path.parent for path in (REPOSITORY / "support_portal").glob("*/__init__.py")]

    placed = {name for names in layers() for name in names}
    assert sorted({folder.name for folder in folders} - placed) == []
