"""Sends the correlation id of a call to Storage and Web PubSub, so that their logs can be joined with ours."""

from typing import Any

from azure.core.pipeline import PipelineRequest

from shared import logs

HEADER = "x-ms-client-request-id"


def correlate(request: PipelineRequest[Any]) -> None:
    """A ``raw_request_hook`` for the SDKs. Outside a call, the SDK's own random id stays."""
    if logs.correlation():
        request.http_request.headers[HEADER] = logs.correlation()
