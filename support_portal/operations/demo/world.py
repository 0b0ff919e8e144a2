"""The shape of the demo company: what the TOML files beside this module say, typed."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

HERE = Path(__file__).parent
S = TypeVar("S", bound=msgspec.Struct)


class Range(msgspec.Struct, frozen=True):
    """Seconds from and to, and how often this range is drawn."""

    low: float
    high: float
    weight: float


class Block(msgspec.Struct, frozen=True):
    """A block of fictional numbers: a prefix and how many digits follow."""

    prefix: str
    digits: int


class Country(msgspec.Struct, frozen=True):
    """Where numbers of one country come from; each block stands for an operator."""

    blocks: tuple[Block, ...]


class SubAccount(msgspec.Struct, frozen=True):
    """One of Northwind Parcel's sub-accounts and what it sends."""

    key: str
    country: str
    utc_offset: int
    share: float
    version: int
    source: str
    service: str
    price: float
    kinds: dict[str, float]


class Incident(msgspec.Struct, frozen=True):
    """The failure of one operator in one country, in the middle of a campaign."""

    sub_account: str
    starts_at: str
    utc_offset: int
    minutes: int
    campaign_minutes: int
    messages: int
    block_share: float
    code: int
    message: str


class Burst(msgspec.Struct, frozen=True):
    """A short storm of one API error."""

    code: int
    sub_account: str
    count: int
    minutes: float
    hours_ago: float


class World(msgspec.Struct, frozen=True):
    """Everything about the company but the texts of errors and comments."""

    messages: int
    api_errors: int
    hostile_share: float
    repeat_share: float
    error_repeat_share: float
    linked_share: float
    variants: int
    wrapped_share: float
    batch_share: float
    retry_after: tuple[float, ...]
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]
    delays: tuple[Range, ...]
    stamps: dict[str, float]
    id_families: dict[str, float]
    countries: dict[str, Country]
    sub_accounts: tuple[SubAccount, ...]
    incident: Incident
    bursts: tuple[Burst, ...]


class PlotStep(msgspec.Struct, frozen=True, array_like=True):
    """One receipt of a plot: what it says and how long after the one before."""

    channel: str
    state: str
    detail: str
    low: float
    high: float


class Plot(msgspec.Struct, frozen=True):
    """One way the life of a message can go."""

    kind: str
    weight: float
    steps: tuple[PlotStep, ...]


class Failure(msgspec.Struct, frozen=True):
    """Why a step failed, as the receipt tells it."""

    code: int
    message: str
    detail: str
    weight: float
    provider: str = ""


class Plots(msgspec.Struct, frozen=True):
    """The lives of messages and the reasons for which they end badly."""

    plots: tuple[Plot, ...]
    failures: dict[str, tuple[Failure, ...]]


class ErrorKind(msgspec.Struct, frozen=True):
    """One kind of API error and the call that runs into it."""

    code: int
    weight: float
    status: int
    host: str
    method: str
    path: str
    about: str
    messages: tuple[str, ...]


class Hostile(msgspec.Struct, frozen=True):
    """Texts that try to break a page."""

    messages: tuple[str, ...]


class ClientDocument(msgspec.Struct, frozen=True, rename="camel"):
    """The error printed in the client document, to the letter."""

    code: int
    message: str
    error_id: str
    timestamp: str


class Errors(msgspec.Struct, frozen=True):
    """The API errors of the two weeks."""

    errors: tuple[ErrorKind, ...]
    hostile: Hostile
    client_document: ClientDocument


class TeamPlan(msgspec.Struct, frozen=True):
    """A team and the sub-accounts it may see."""

    name: str
    all_sub_accounts: bool
    sub_accounts: tuple[str, ...]


class Person(msgspec.Struct, frozen=True):
    """Somebody who can sign in."""

    username: str
    first_name: str
    last_name: str
    role: str
    team: str
    time_zone: str


class Remark(msgspec.Struct, frozen=True):
    """A comment and what it is about."""

    on: str
    body: str
    author: str = ""
    source: str = ""


class Strays(msgspec.Struct, frozen=True):
    """Bodies that no parser can place."""

    lines: tuple[str, ...]


class LeftOpen(msgspec.Struct, frozen=True):
    """Something that was never seen before and still waits: a code, and how its wording begins."""

    table: str
    code: int
    form: str = ""


class Talk(msgspec.Struct, frozen=True):
    """The people of the support desk, what they wrote, and what they have not looked at yet."""

    teams: tuple[TeamPlan, ...]
    people: tuple[Person, ...]
    comments: tuple[Remark, ...]
    left_open: tuple[LeftOpen, ...]
    strays: Strays


@cache
def world() -> World:
    """Return the company."""
    return _load("world.toml", World)


@cache
def plots() -> Plots:
    """Return the lives of messages."""
    return _load("plots.toml", Plots)


@cache
def errors() -> Errors:
    """Return the API errors."""
    return _load("errors.toml", Errors)


@cache
def talk() -> Talk:
    """Return the people and their comments."""
    return _load("talk.toml", Talk)


def _load(name: str, shape: type[S]) -> S:
    tables: dict[str, Any] = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return msgspec.convert(tables, shape)
