"""Requests and responses of eth2's networking, as bytes: what encodes them, and what decodes them."""

from __future__ import annotations

from pyrum_sync.spec.decoding import RequestDecoder, ResponseDecoder
from pyrum_sync.spec.encoding import (
    CONTEXT_SIZE,
    INVALID_REQUEST,
    MAX_ERROR_SIZE,
    MAX_PAYLOAD_SIZE,
    RESOURCE_UNAVAILABLE,
    SERVER_ERROR,
    SSZ,
    SSZ_SNAPPY,
    SUCCESS,
    Chunk,
    encode_chunk,
    encode_error,
    encode_request,
)

__all__ = [
    "CONTEXT_SIZE",
    "INVALID_REQUEST",
    "MAX_ERROR_SIZE",
    "MAX_PAYLOAD_SIZE",
    "RESOURCE_UNAVAILABLE",
    "SERVER_ERROR",
    "SSZ",
    "SSZ_SNAPPY",
    "SUCCESS",
    "Chunk",
    "RequestDecoder",
    "ResponseDecoder",
    "encode_chunk",
    "encode_error",
    "encode_request",
]
