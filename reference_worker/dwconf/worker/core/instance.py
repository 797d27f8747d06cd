"""Which instance a request is about."""

from __future__ import annotations

from dwconf.wire import values as v


def shown_instance(request: v.WorkflowRequest) -> str:
    """WRK-B-12: the request says which instance it is about."""
    return request.instance_id
