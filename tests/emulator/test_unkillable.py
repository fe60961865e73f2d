"""Floods and crowds against the stand-in as a process: its memory is bounded, and nobody pays for another."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.emulator.clients import PLAIN, RELIABLE, Client, claim, connected
from tests.emulator.crowd import CLOSE, PATIENCE_SECONDS, Process, came, crowd, everybody, open_files, process, token
from tests.emulator.raw import raw_client

MEBIBYTE = 1024 * 1024
FLOOD, TEXT_BYTES = 200, 1_000_000
# What may wait for one socket, and what one reliable client may leave unacknowledged.
BOUND = 16 * MEBIBYTE
# Messages on their way to those who read, in each of the forms they have on it.
ON_THE_WAY = 40 * MEBIBYTE
CROWD = 5_000
# What the servers of this process and pytest have open.
OTHER_FILES = 200
COME_AND_GO = 1_000

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, as on Linux")
# Clients that are slow to answer a close, on a busy machine, are still to leave in order.
PATIENT = {"ClosingSeconds": 30, "PingSeconds": 0}


async def flood(sender: Client, *readers: Client) -> None:
    """Publishes one message after the other, each when the one before is acknowledged and those who read have it.

    They are of the same process, which may be kept waiting: without this they could be too slow, too.
    """
    for number in range(FLOOD):
        data = f"{number} {'x' * TEXT_BYTES}"
        answer = await sender.ask(type="sendToGroup", group="g", dataType="text", data=data, ackId=number)
        assert answer["success"], answer
        for reader in readers:
            assert (await reader.receive())["data"] == data


@needs_proc
@pytest.mark.parametrize(
    ("protocol", "why", "forms"),
    [
        (PLAIN, "SlowClient", 1),
        # Of each that is not acknowledged: the data, the text, other clients' frame, and what waits to be sent.
        (RELIABLE, "too many unacknowledged messages", 4),
    ],
)
async def test_200_mb_to_a_reader_that_does_not_read_cost_that_reader_alone(
    protocol: str, why: str, forms: int
) -> None:
    # Nobody is to be gone for another reason: a reader that does not read answers no pings.
    with process({"PingSeconds": 0}) as stand_in:
        slow = await raw_client(stand_in.endpoint, protocol, **claim("webpubsub.group", "g"))
        member = claim("webpubsub.group", "g")
        async with (
            connected(stand_in.endpoint) as sender,
            connected(stand_in.endpoint, **member) as one,
            connected(stand_in.endpoint, **member) as other,
        ):
            before = stand_in.resident_bytes()
            await flood(sender, one, other)
            assert stand_in.peak_bytes() - before < forms * BOUND + ON_THE_WAY
            assert why in stand_in.server.output()
            for client in (sender, one, other):
                await client.silent()
        slow.close()


async def test_5000_clients_are_held_at_once_all_hear_a_message_and_leave_in_order() -> None:
    with open_files(CROWD + OTHER_FILES) as allowed:
        if not allowed:
            pytest.skip(f"the hard limit on open files is below the {CROWD + OTHER_FILES} that this needs")
        with process(PATIENT) as stand_in:
            members = await crowd(
                stand_in.endpoint, [token(stand_in.endpoint, **claim("webpubsub.group", "g"))] * CROWD
            )
            async with connected(stand_in.endpoint) as sender:
                await sender.send(type="sendToGroup", group="g", dataType="text", data="to everybody")
                await everybody(member.holds(b'"to everybody"') for member in members)
            leaving, staying = members[: CROWD // 2], members[CROWD // 2 :]
            for member in leaving:
                member.leave()
            assert await everybody(member.ended for member in leaving) == [None] * len(leaving)
            stand_in.server.process.send_signal(signal.SIGTERM)
            assert await everybody(member.ended for member in staying) == [None] * len(staying)
            assert await asyncio.to_thread(stand_in.server.process.wait, PATIENCE_SECONDS) == 0
            assert {member.close_code() for member in leaving} == {1000}
            assert {member.close_code() for member in staying} == {1001}
            assert all([opcode for opcode, _ in member.frames].count(CLOSE) == 1 for member in members)


async def test_a_pattern_that_would_try_every_run_holds_up_nobody() -> None:
    with process({}) as stand_in:
        async with connected(stand_in.endpoint, role=["webpubsub.sendToGroups.*a*a*a*a*b"]) as client:
            answer = await client.ask(type="sendToGroup", group="a" * 1024, data=1, ackId=1)
            assert answer["error"]["name"] == "Forbidden"
            assert (await client.ask(type="sendToGroup", group="a" * 1023 + "b", data=1, ackId=2))["success"]


async def come_and_go(stand_in: Process, start: int) -> None:
    """Clients come, each a user of its own in a group of its own, and leave by a close or by a reset."""
    numbers = range(start, start + COME_AND_GO)
    claims = [{"sub": f"user {number}", "webpubsub.group": f"group {number}"} for number in numbers]
    members = await crowd(stand_in.endpoint, [token(stand_in.endpoint, **one) for one in claims])
    for number, member in zip(numbers, members, strict=True):
        if number % 2:
            member.leave()
        else:
            member.transport.abort()
    await everybody(member.ended for member in members)
    reliable = await came(stand_in.endpoint, token(stand_in.endpoint), RELIABLE)
    reliable.leave()
    await everybody([reliable.ended])
    gone = (start // COME_AND_GO + 1) * (COME_AND_GO + 1)
    await asyncio.to_thread(stand_in.server.wait_until, lambda output: output.count(" ended: ") == gone)


@needs_proc
async def test_thousands_of_clients_that_come_and_go_leave_no_memory_behind() -> None:
    with process(PATIENT) as stand_in:
        # The first ones pay for what is loaded once, and for room that the next ones use again.
        for number in range(2):
            await come_and_go(stand_in, number * COME_AND_GO)
        # A connection takes kilobytes while it is there. What is left of each grows with every stretch; a rush of many
        # at once, as a busy machine makes it, takes more room than the one before but once.
        grown = []
        for stretch in range(3):
            before = stand_in.resident_bytes()
            for number in range(2 + 4 * stretch, 6 + 4 * stretch):
                await come_and_go(stand_in, number * COME_AND_GO)
            grown.append(stand_in.resident_bytes() - before)
            if grown[-1] < 4 * COME_AND_GO * 512:
                return
        raise AssertionError(grown)
