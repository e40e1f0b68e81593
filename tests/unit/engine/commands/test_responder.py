"""Open requests: by number, until they are closed."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.faulty_host import FaultyStream
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.protocols import any_of
from pyrum_sync.engine.commands.responder import MOST_OPEN, OpenRequest, Responder
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context
from tests.support.hosts import in_loop

PROTOCOL = any_of("/p", context=False)


@in_loop
async def test_numbers_count_up_and_are_not_used_again() -> None:
    responder = Responder()
    requests = [OpenRequest(Incoming(FaultyStream("peer", "/p"), PROTOCOL, b"", None), Context()) for _ in range(3)]
    assert [responder.add(request) for request in requests[:2]] == [0, 1]
    assert responder.get("1") == (1, requests[1])
    responder.close(1)
    responder.close(1)
    assert requests[1].context.cancelled
    assert not requests[0].context.cancelled
    assert responder.add(requests[2]) == 2
    with pytest.raises(CommandError, match=r"^Could not find request corresponding to key '1'$"):
        responder.get("1")
    with pytest.raises(CommandError, match=r"^Could not parse request key 'x'$"):
        responder.get("x")


@in_loop
async def test_past_the_bound_the_oldest_is_closed() -> None:
    responder = Responder()
    incoming = Incoming(FaultyStream("peer", "/p"), PROTOCOL, b"", None)
    requests = [OpenRequest(incoming, Context()) for _ in range(MOST_OPEN + 1)]
    for request in requests:
        responder.add(request)
    assert [request.context.cancelled for request in requests[:2]] == [True, False]
    with pytest.raises(CommandError):
        responder.get("0")
