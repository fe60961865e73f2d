"""``docs/protocol.md`` agrees with the code: the same routes, events, fields and errors."""

import re

import msgspec
import pytest

from shared.model import errors
from shared.wire.chat_events import BETWEEN_BROWSERS, TO_BROWSER, ToBrowser
from shared.wire.events import FROM_BROWSER, FromBrowser
from tests.backend.function_calls import routes
from tests.backend.wire.protocol_page import PAGE, table


def test_every_route_is_described() -> None:
    named = {f"{method} {template}" for method, template in routes()}
    assert set(table("HTTP")) == named


def test_every_event_from_browsers_is_described_in_order() -> None:
    assert list(table("Events from browsers")) == [event.name for event in FROM_BROWSER]


def test_every_event_to_browsers_is_described_in_order() -> None:
    assert list(table("Messages to browsers")) == [event.chat_event for event in TO_BROWSER]


@pytest.mark.parametrize("event", FROM_BROWSER, ids=lambda event: event.name)
def test_the_fields_of_an_event_are_described(event: type[FromBrowser]) -> None:
    described = table("Events from browsers")[event.name][0]
    if event.ignores_data:
        assert described == "ignored"
    elif event.text_field:
        assert described.startswith("text: ")
    else:
        fields = [f'"{field.encode_name}"{"" if field.required else "?"}' for field in msgspec.structs.fields(event)]
        assert sorted(re.findall(r'"\w+"\??', described)) == sorted(fields)


@pytest.mark.parametrize("event", TO_BROWSER, ids=lambda event: event.chat_event)
def test_the_data_of_what_browsers_hear_is_described(event: type[ToBrowser]) -> None:
    described = table("Messages to browsers")[event.chat_event][0]
    assert described.startswith("text: " if event.plain else "JSON: ")
    if "{" in described:
        fields = [f'"{field.encode_name}"{"" if field.required else "?"}' for field in msgspec.structs.fields(event)]
        assert re.findall(r'"\w+"\??', described) == fields


def test_the_fields_of_a_message_between_browsers_are_described() -> None:
    section = PAGE.partition("\n## Between browsers\n")[2].partition("\n## ")[0]
    named = set(re.findall(r'[`"](\w+)[`"]', section))
    for message in BETWEEN_BROWSERS:
        assert {field.encode_name for field in msgspec.structs.fields(message)} <= named


def test_every_error_is_described_with_its_status() -> None:
    described = {code: int(row[0]) for code, row in table("Errors").items()}
    assert described == {code: error.status for code, error in errors.catalogue().items()}
    retryable = {code for code, row in table("Errors").items() if row[1].startswith("yes")}
    assert retryable == {
        code for code, error in errors.catalogue().items() if error.status == 429 or error.status >= 500
    }


def test_the_tables_name_only_errors_that_exist() -> None:
    for heading in ("HTTP", "Events from browsers"):
        for row in table(heading).values():
            assert {name.strip() for name in row[-1].split(",") if name.strip()} <= set(errors.catalogue())
