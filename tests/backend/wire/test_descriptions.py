"""The two descriptions are valid according to the standards' schemas, and agree with the declarations."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import openapi_spec_validator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from shared.backend import Backend
from shared.clients import process
from shared.descriptions.__main__ import DOCS, pages
from shared.model.clock import now
from shared.wire.chat_events import TO_BROWSER, GroupMessage, ToBrowser
from shared.wire.events import FROM_BROWSER
from shared.wire.payloads import envelope
from tests.backend import stage
from tests.backend.function_calls import call
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.schema_values import allowed

SPECIFICATIONS = (
    Path(__file__).parents[2] / "emulator" / "javascript" / "node_modules" / "@asyncapi" / "specs" / "schemas"
)
NAMES = sorted(pages())


def described(name: str) -> Any:
    return json.loads((DOCS / name).read_text())


def against_specification(document: object) -> ValidationError | None:
    """The errors that AsyncAPI's own schema finds."""
    schema = json.loads((SPECIFICATIONS / "3.0.0.json").read_text())
    return best_match(Draft7Validator(schema).iter_errors(document))


def found(part: object, key: str) -> Iterator[Any]:
    """All values of ``key`` anywhere in a document."""
    if isinstance(part, dict):
        yield from (part[key],) if key in part else ()
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from found(inner, key)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_what_the_declarations_say(name: str) -> None:
    assert (DOCS / name).read_bytes() == pages()[name], "run `make descriptions`"


async def test_the_description_of_the_routes_is_served_to_anyone() -> None:
    process.use(Backend(stage.settings(), MemoryStore(), MemorySender(), now))
    answer = await call("GET", "openapi.json")
    await process.close()
    assert (answer.status, answer.json()) == (200, described("openapi.json"))


def test_the_description_of_the_routes_is_valid() -> None:
    openapi_spec_validator.validate(described("openapi.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"info": {}},
        {"paths": {"/me": {"get": {"responses": 5}}}},
        {"paths": {"me": {}}},
    ],
    ids=str,
)
def test_a_wrong_description_of_the_routes_would_be_noticed(change: dict[str, object]) -> None:
    with pytest.raises(OpenAPIValidationError):
        openapi_spec_validator.validate({**described("openapi.json"), **change})


def test_the_description_of_the_events_is_valid() -> None:
    assert against_specification(described("asyncapi.json")) is None


@pytest.mark.parametrize("part", ["info", "channels", "operations"])
def test_a_wrong_description_of_the_events_would_be_noticed(part: str) -> None:
    assert against_specification({**described("asyncapi.json"), part: {"x": {"action": 5}}}) is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = described(name)
    targets = set(found(document, "$ref"))
    assert targets
    for target in targets:
        place = document
        for step in target.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("name", NAMES)
def test_schemas_use_no_pattern_that_only_python_understands(name: str) -> None:
    patterns = {one for one in found(described(name), "pattern") if isinstance(one, str)}
    assert patterns and not any(re.search(r"\\[AZ]|\(\?[Pi]", pattern) for pattern in patterns)


def test_every_event_is_described_in_its_direction() -> None:
    operations = described("asyncapi.json")["operations"]
    heard = [name.partition(".")[2] for name, one in operations.items() if one["action"] == "receive"]
    said = [name.partition(".")[2] for name, one in operations.items() if one["action"] == "send"]
    assert said.pop() == GroupMessage.title
    assert heard == [event.name for event in FROM_BROWSER]
    assert said == [event.chat_event for event in TO_BROWSER]


@pytest.mark.parametrize("event", TO_BROWSER, ids=lambda event: event.chat_event)
@settings(max_examples=20)
@given(data=st.data())
def test_what_browsers_hear_is_as_described(event: type[ToBrowser], data: st.DataObject) -> None:
    document = described("asyncapi.json")
    schema, payload = (
        document["components"]["schemas"][event.__name__],
        document["components"]["messages"][event.chat_event]["payload"],
    )
    one = msgspec.convert(data.draw(allowed(schema, document)), event)
    frame = {"type": "message", "from": "server", "dataType": "json", "data": envelope(one)}
    Draft202012Validator({**payload, "components": document["components"]}).validate(frame)
