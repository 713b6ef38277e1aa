"""Every setting, from the environment: `TANDEM_<GROUP>_<NAME>`. Read only by the roots: main, the CLI, the worker."""

from functools import cache
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Group):
    """Where the data lies."""

    url: str = Field("sqlite:///tandem.db", description="`sqlite:///file` or `postgresql://user:password@host/name`.")
    read_url: str | None = Field(None, description="A Postgres replica for reads; without it reads go to `url`.")
    pool_size: int = Field(10, ge=1, le=200, description="Connections a process keeps, for reads and for writes each.")
    pgbouncer: bool = Field(False, description="Behind PgBouncer in transaction mode: no prepared statements.")

    @field_validator("url")
    @classmethod
    def _known(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value.replace("postgres://", "postgresql://", 1)


class HttpSettings(Group):
    """How the service answers."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 in a container.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    max_body_bytes: int = Field(2_000_000, ge=1000, description="A larger body is refused with 413.")
    cors_origins: tuple[str, ...] = Field((), description="Origins whose pages may call the API, as a JSON list.")
    forwarded_allow_ips: str = Field("127.0.0.1", description="Proxies whose X-Forwarded-* headers count.")


class LogSettings(Group):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    format: Literal["json", "text"] = Field("json", description="`text` for people at a terminal.")


class CalendarSettings(Group):
    """The office's calendar."""

    time_zone: str = Field("UTC", description="Decides which day today is, as an IANA name such as Europe/Berlin.")
    country: str | None = Field(None, description="ISO 3166 code whose public holidays `tandem migrate` stores.")
    subdivision: str | None = Field(None, description="Subdivision of the country, such as BY.")
    fiscal_start_month: int = Field(1, ge=1, le=12, description="Month in which the fiscal year begins.")

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError("must be an IANA name such as Europe/Berlin") from error
        return value


class KpiSettings(Group):
    """Conventions of the KPIs."""

    week_line_rule: Literal["first_day", "spread"] = Field(
        "first_day", description="A line over several days counts on its first day, or spread over their working days."
    )
    budget_tolerance: float = Field(0.10, ge=0, le=1, description="Share above the budget that still is on budget.")


class ProjectSettings(Group):
    """Projects."""

    health_stale_days: int = Field(14, ge=1, le=365, description="A status report that is older counts as stale.")


class TouchpointSettings(Group):
    """How long clients may be left alone."""

    strategic_days: int = Field(7, ge=1, le=365, description="Days between touchpoints with a strategic client.")
    key_days: int = Field(14, ge=1, le=365, description="Days between touchpoints with a key client.")
    standard_days: int = Field(30, ge=1, le=365, description="Days between touchpoints with any other client.")


class ReminderSettings(Group):
    """When something counts as due."""

    link_days: int = Field(5, ge=1, le=365, description="A link that a client has not answered for so many days.")
    promise_days: int = Field(2, ge=0, le=60, description="Promises show so many days before they are due.")
    period_days: int = Field(5, ge=0, le=60, description="A month is to be closed after so many working days.")


class TriageSettings(Group):
    """How troubled projects are nominated for a rescue, and placed."""

    cpi_weight: float = Field(0.25, ge=0, le=1, description="What the cost performance index weighs in triage.")
    cpi_good: float = Field(1.0, description="CPI that counts as good: badness 0.")
    cpi_bad: float = Field(0.7, description="CPI that counts as bad: badness 1.")
    spi_t_weight: float = Field(0.2, ge=0, le=1, description="What the schedule performance index, in time, weighs.")
    spi_t_good: float = Field(1.0, description="SPI(t) that counts as good.")
    spi_t_bad: float = Field(0.7, description="SPI(t) that counts as bad.")
    forecast_margin_weight: float = Field(0.2, ge=0, le=1, description="What the forecast margin weighs.")
    forecast_margin_good: float = Field(20, description="Forecast margin that counts as good, in per cent.")
    forecast_margin_bad: float = Field(-10, description="Forecast margin that counts as bad, in per cent.")
    csat_weight: float = Field(0.1, ge=0, le=1, description="What the client's satisfaction weighs.")
    csat_good: float = Field(90, description="Share of satisfied answers that counts as good, in per cent.")
    csat_bad: float = Field(50, description="Share of satisfied answers that counts as bad, in per cent.")
    promises_kept_weight: float = Field(0.15, ge=0, le=1, description="What the share of promises kept weighs.")
    promises_kept_good: float = Field(90, description="Share of promises kept that counts as good, in per cent.")
    promises_kept_bad: float = Field(50, description="Share of promises kept that counts as bad, in per cent.")
    overdue_risks_weight: float = Field(0.1, ge=0, le=1, description="What the exposure of overdue risks weighs.")
    overdue_risks_good: float = Field(0, description="Exposure of overdue risks that counts as good.")
    overdue_risks_bad: float = Field(25, description="Exposure of overdue risks that counts as bad: one of the worst.")
    continue_below: float = Field(0.25, ge=0, le=1, description="Projects with a lower score go on as they are.")
    re_scope_share: float = Field(
        0.5, ge=0, le=1, description="Share of the estimate to complete that what remains is worth, to be re-scoped."
    )

    @model_validator(mode="after")
    def _scales_have_two_ends(self) -> Self:
        for name in self.__class__.model_fields:
            part = name.removesuffix("_good")
            if part != name and getattr(self, name) == getattr(self, f"{part}_bad"):
                raise ValueError(f"{name} and {part}_bad must differ: a part goes from the one to the other")
        return self


class OidcSettings(Group):
    """Sign-in by tokens of an identity provider; off without an issuer."""

    issuer: str | None = Field(None, description="The `iss` that tokens must bear.")
    audience: str | None = Field(None, description="The `aud` that tokens must bear.")
    jwks_url: str | None = Field(
        None, description="Where the issuer's public keys are; default: by its discovery document."
    )
    role_claim: str = Field("tandem_role", description="The claim that holds the access role.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer is not None and self.audience is None:
            raise ValueError("an issuer needs an audience, or tokens made for other services would count here")
        return self


class LinkSettings(Group):
    """Links for people at the clients'."""

    secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="Signs the links, the same in all processes; without it they die with the process that made them.",
    )
    days: int = Field(30, ge=1, le=365, description="How long a link holds.")
    base_url: str | None = Field(
        None, description="Where clients reach the service, as https://tandem.agency.example; else links are paths."
    )


class WorkerSettings(Group):
    """The worker."""

    interval_seconds: float = Field(1.0, gt=0, le=60, description="How long it rests when there was nothing to do.")


class Settings(BaseSettings):
    """All settings. Frozen: whoever needs another value makes another."""

    model_config = SettingsConfigDict(
        env_prefix="TANDEM_", env_nested_delimiter="_", env_nested_max_split=1, frozen=True, extra="ignore"
    )
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    log: LogSettings = LogSettings()
    calendar: CalendarSettings = CalendarSettings()
    kpi: KpiSettings = KpiSettings()
    triage: TriageSettings = TriageSettings()
    reminders: ReminderSettings = ReminderSettings()
    projects: ProjectSettings = ProjectSettings()
    touchpoints: TouchpointSettings = TouchpointSettings()
    oidc: OidcSettings = OidcSettings()
    links: LinkSettings = LinkSettings()
    worker: WorkerSettings = WorkerSettings()
    telemetry: bool = Field(False, description="Send OpenTelemetry traces and metrics; OTEL_… variables say where.")


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
