"""Bytes to wire shapes: one strict and fast decode, and a patient one for odd payloads."""

import codecs
import json
import re
from typing import Any, TypeVar, cast

import msgspec
from msgspec.structs import fields

from support_portal.payloads.records import Unrecognised
from support_portal.payloads.wire import LISTS, MISPLACED, NESTED, Found, Wire

_FAST = msgspec.json.Decoder(Wire)
_DECODERS: dict[type[msgspec.Struct], msgspec.json.Decoder[Any]] = {}
_PLACE = re.compile(r"\(byte ([0-9]+)\)")
# The patient reading builds Python objects of everything, many times the size of the text.
_PATIENCE = 1_000_000
_LONGEST_NUMBER = 30
_PROBE = 65_536

Shape = TypeVar("Shape", bound=msgspec.Struct)


def decode(raw: bytes) -> Wire:
    """Return the top level of ``raw``, or raise Unrecognised."""
    try:
        return _FAST.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _decode_patiently(Wire, raw, error)


def decode_as(shape: type[Shape], raw: bytes) -> Shape:
    """Return ``raw`` as another shape, or raise Unrecognised."""
    decoder = _DECODERS.setdefault(shape, msgspec.json.Decoder(shape))
    try:
        return cast(Shape, decoder.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _decode_patiently(shape, raw, error)


def build(shape: type[Shape], found: Found) -> Shape:
    """Return what was read from elsewhere (XML) as ``shape``."""
    return _build(shape, found)


def _decode_patiently(shape: type[Shape], raw: bytes, error: Exception) -> Shape:
    """Read what the fast decoder refuses for one odd field: half characters, huge numbers."""
    _refuse_what_is_not_json(raw)
    if len(raw) > _PATIENCE:
        raise _refusal(error)
    try:
        found = json.loads(
            raw.decode("utf-8-sig"), parse_int=_whole_number, parse_constant=_no_constant
        )
    except RecursionError as failure:
        raise _refusal(failure) from failure
    except json.JSONDecodeError as failure:
        raise _not_json(f"near character {failure.pos}") from failure
    except ValueError as failure:
        raise _refusal(failure) from failure
    if not isinstance(found, dict):
        raise Unrecognised("unhandled_shape", "The payload is JSON, but it is not an object.")
    return _build(shape, found)


def _refuse_what_is_not_json(raw: bytes) -> None:
    head = raw[:_PROBE]
    if not head.strip(b"\xef\xbb\xbf \t\r\n") and len(raw) <= _PROBE:
        raise Unrecognised("not_json", "The payload is empty.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        raise Unrecognised(
            "not_text", f"The payload is not UTF-8 text: byte {error.start} does not fit."
        ) from error


def _refusal(error: Exception) -> Unrecognised:
    if isinstance(error, RecursionError):
        return Unrecognised("too_deep", "The payload is nested too deeply to be read.")
    if isinstance(error, UnicodeDecodeError):
        return Unrecognised("not_text", "The payload holds bytes that are not UTF-8 text.")
    if isinstance(error, msgspec.ValidationError):
        return Unrecognised(
            "unhandled_shape", "The payload is over 1 MB and its fields are not those of a record."
        )
    place = _PLACE.search(str(error))
    return _not_json(f"near byte {place[1]}" if place else "before it is complete")


def _not_json(where: str) -> Unrecognised:
    return Unrecognised("not_json", f"The payload stops being JSON {where}.")


def _build(shape: type[Shape], found: Found) -> Shape:
    values = {
        field.name: _fit(shape, field.name, found[field.encode_name])
        for field in fields(shape)
        if field.encode_name in found
    }
    return shape(**values)


def _fit(shape: type[msgspec.Struct], name: str, value: Any) -> Any:
    nested = NESTED.get((shape, name))
    if nested is msgspec.Raw:
        return _raw(value)
    if isinstance(value, list) and (shape, name) in LISTS:
        return [_build(NESTED[shape, name], each) for each in value if isinstance(each, dict)]
    if nested is not None and isinstance(value, dict) and (shape, name) not in LISTS:
        return _build(nested, value)
    return MISPLACED if isinstance(value, dict | list) else value


def _raw(value: Any) -> msgspec.Raw:
    try:
        return msgspec.Raw(json.dumps(value).encode())
    except RecursionError as failure:
        raise _refusal(failure) from failure


def _whole_number(digits: str) -> int | str:
    """Keep absurd numbers as text: int() refuses more than 4300 digits with an error."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
