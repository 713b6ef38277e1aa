"""OpenTelemetry: traces and figures sent by OTLP over HTTP, where the `OTEL_…` variables say; off unless asked for."""

from fastapi.telemetry import TelemetryConfig
from opentelemetry import metrics, trace

try:
    from opentelemetry.context import Context
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
except ImportError:
    INSTALLED = False
else:
    INSTALLED = True

    class HideQuery(SpanProcessor):
        """Query strings hold names and e-mail addresses that somebody searched for."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            if span.attributes is not None and "url.query" in span.attributes:
                span.set_attribute("url.query", "REDACTED")


MISSING = "TANDEM_TELEMETRY is on, but its exporter is not installed: run `pip install 'tandem[otel]'`, or turn it off."

# FastAPI tells of exceptions with their messages, which quote what was sent; our own logs do not.
OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
ON: TelemetryConfig = {"logs": False, "auto_configure": False}


class TelemetryMissing(Exception):
    """Telemetry is asked for, and the packages that send it are not there; the message says what to install."""


def start() -> None:
    """Send this process's traces and figures. Once a process, before the application is made."""
    if not INSTALLED:
        raise TelemetryMissing(MISSING)
    resource = _resource()
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(HideQuery())
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource))


def _resource() -> "Resource":
    """What `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, else just our name."""
    said = Resource.create()
    if str(said.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        return said.merge(Resource({SERVICE_NAME: "tandem"}))
    return said
