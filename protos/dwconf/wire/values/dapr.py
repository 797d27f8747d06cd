"""Requests and answers of the Dapr API: its workflow methods and GetMetadata."""

from __future__ import annotations

from dwconf.wire.values.shape import Nanos, OpenEnum, Value, message

PACKAGE = "dapr.proto.runtime.v1"


class ActorRuntimeStatus(OpenEnum):
    INITIALIZING = 0
    DISABLED = 1
    RUNNING = 2


class PubsubSubscriptionType(OpenEnum):
    UNKNOWN = 0
    DECLARATIVE = 1
    PROGRAMMATIC = 2
    STREAMING = 3


@message(f"{PACKAGE}.StartWorkflowRequest")
class StartWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    workflow_name: str = ""
    options: tuple[tuple[str, str], ...] = ()
    input: bytes = b""
    app_id: str | None = None


@message(f"{PACKAGE}.StartWorkflowResponse")
class StartWorkflowResponse(Value):
    instance_id: str = ""


@message(f"{PACKAGE}.GetWorkflowRequest")
class GetWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    app_id: str | None = None


@message(f"{PACKAGE}.GetWorkflowResponse")
class GetWorkflowResponse(Value):
    instance_id: str = ""
    workflow_name: str = ""
    created_at: Nanos | None = None
    last_updated_at: Nanos | None = None
    runtime_status: str = ""
    properties: tuple[tuple[str, str], ...] = ()


@message(f"{PACKAGE}.TerminateWorkflowRequest")
class TerminateWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    app_id: str | None = None


@message(f"{PACKAGE}.PauseWorkflowRequest")
class PauseWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    app_id: str | None = None


@message(f"{PACKAGE}.ResumeWorkflowRequest")
class ResumeWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    app_id: str | None = None


@message(f"{PACKAGE}.RaiseEventWorkflowRequest")
class RaiseEventWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    event_name: str = ""
    event_data: bytes = b""
    app_id: str | None = None


@message(f"{PACKAGE}.PurgeWorkflowRequest")
class PurgeWorkflowRequest(Value):
    instance_id: str = ""
    workflow_component: str = ""
    app_id: str | None = None


@message(f"{PACKAGE}.GetMetadataRequest")
class GetMetadataRequest(Value):
    pass


@message(f"{PACKAGE}.MetadataWorkflows")
class MetadataWorkflows(Value):
    connected_workers: int = 0


@message(f"{PACKAGE}.MetadataScheduler")
class MetadataScheduler(Value):
    connected_addresses: tuple[str, ...] = ()


@message(f"{PACKAGE}.ActiveActorsCount")
class ActiveActorsCount(Value):
    type: str = ""
    count: int = 0


@message(f"{PACKAGE}.ActorRuntime")
class ActorRuntime(Value):
    runtime_status: ActorRuntimeStatus = ActorRuntimeStatus.INITIALIZING
    active_actors: tuple[ActiveActorsCount, ...] = ()
    host_ready: bool = False
    placement: str = ""


@message(f"{PACKAGE}.RegisteredComponents")
class RegisteredComponents(Value):
    name: str = ""
    type: str = ""
    version: str = ""
    capabilities: tuple[str, ...] = ()


@message(f"{PACKAGE}.MetadataHTTPEndpoint")
class MetadataHTTPEndpoint(Value):
    name: str = ""


@message(f"{PACKAGE}.MetadataMCPServer")
class MetadataMCPServer(Value):
    name: str = ""


@message(f"{PACKAGE}.MetadataWorkflowAccessPolicy")
class MetadataWorkflowAccessPolicy(Value):
    name: str = ""


@message(f"{PACKAGE}.MetadataResiliency")
class MetadataResiliency(Value):
    name: str = ""


@message(f"{PACKAGE}.AppConnectionHealthProperties")
class AppConnectionHealthProperties(Value):
    health_check_path: str = ""
    health_probe_interval: str = ""
    health_probe_timeout: str = ""
    health_threshold: int = 0


@message(f"{PACKAGE}.AppConnectionProperties")
class AppConnectionProperties(Value):
    port: int = 0
    protocol: str = ""
    channel_address: str = ""
    max_concurrency: int = 0
    health: AppConnectionHealthProperties | None = None


@message(f"{PACKAGE}.PubsubSubscriptionRule")
class PubsubSubscriptionRule(Value):
    match: str = ""
    path: str = ""


@message(f"{PACKAGE}.PubsubSubscriptionRules")
class PubsubSubscriptionRules(Value):
    rules: tuple[PubsubSubscriptionRule, ...] = ()


@message(f"{PACKAGE}.PubsubSubscription")
class PubsubSubscription(Value):
    pubsub_name: str = ""
    topic: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    rules: PubsubSubscriptionRules | None = None
    dead_letter_topic: str = ""
    type: PubsubSubscriptionType = PubsubSubscriptionType.UNKNOWN


@message(f"{PACKAGE}.GetMetadataResponse")
class GetMetadataResponse(Value):
    id: str = ""
    active_actors_count: tuple[ActiveActorsCount, ...] = ()
    registered_components: tuple[RegisteredComponents, ...] = ()
    extended_metadata: tuple[tuple[str, str], ...] = ()
    subscriptions: tuple[PubsubSubscription, ...] = ()
    http_endpoints: tuple[MetadataHTTPEndpoint, ...] = ()
    app_connection_properties: AppConnectionProperties | None = None
    runtime_version: str = ""
    enabled_features: tuple[str, ...] = ()
    actor_runtime: ActorRuntime | None = None
    scheduler: MetadataScheduler | None = None
    workflows: MetadataWorkflows | None = None
    mcp_servers: tuple[MetadataMCPServer, ...] = ()
    workflow_access_policies: tuple[MetadataWorkflowAccessPolicy, ...] = ()
    resiliencies: tuple[MetadataResiliency, ...] = ()
