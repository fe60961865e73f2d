"""Tells Storage and Web PubSub which call a request belongs to, so that their logs can be joined with ours."""

from typing import Any

from azure.core.pipeline import PipelineRequest

from shared import logs

HEADER = "x-ms-client-request-id"


def correlate(request: PipelineRequest[Any]) -> None:
    """For the SDKs' ``raw_request_hook``; outside a call their own random id stays."""
    if logs.correlation():
        request.http_request.headers[HEADER] = logs.correlation()
