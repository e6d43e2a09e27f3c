"""What the environment says: the only place that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.errors import UsageError
from logs import configure_logs

PROJECT = Path(__file__).resolve().parent
SHIPPED_CONTENT = PROJECT / "content"


class Settings(BaseSettings):
    """What the environment may say, as PREPGRAPH_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="PREPGRAPH_", populate_by_name=True)

    workspace: Path = PROJECT / ".prepgraph"
    content: Path = SHIPPED_CONTENT
    embed_workers: int = Field(default=1, gt=0)  # processes that embed when an ingest finds much that is new
    rerank: str = "late-interaction"  # or "cross-encoder", or "off"
    allow_private: bool = False  # whether pages may be fetched from this machine and its network
    llm: str = ""  # provider:model; empty for answers made of the notes' own sentences
    llm_url: str | None = None  # of an OpenAI-compatible server, or of a provider elsewhere than usual
    llm_key: SecretStr | None = None  # for openai-like only: the others have variables of their own
    llm_timeout: float = Field(default=60.0, gt=0)  # seconds for a whole answer
    llm_max_tokens: int = Field(default=800, gt=0)
    llm_temperature: float = Field(default=0.0, ge=0, le=2)
    llm_prices: str | None = None  # "in,out" in US dollars per million tokens
    llm_cap: float | None = Field(default=None, ge=0)  # US dollars a day
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    ollama_host: str | None = Field(default=None, validation_alias="OLLAMA_HOST")
    neo4j_uri: str | None = Field(default=None, validation_alias="NEO4J_URI")  # the graph is kept there
    neo4j_user: str = Field(default="neo4j", validation_alias="NEO4J_USER")
    neo4j_password: SecretStr = Field(default=SecretStr(""), validation_alias="NEO4J_PASSWORD")
    neo4j_database: str | None = Field(default=None, validation_alias="NEO4J_DATABASE")  # None for the user's own
    neo4j_graph: str | None = Field(default=None, validation_alias="NEO4J_GRAPH")  # None for a name made of the path
    qdrant_url: str | None = Field(default=None, validation_alias="QDRANT_URL")  # the index is kept and searched there
    qdrant_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="QDRANT_API_KEY")
    qdrant_collection: str | None = Field(default=None, validation_alias="QDRANT_COLLECTION")  # None: made of the path
    qdrant_prefer_grpc: bool = Field(default=False, validation_alias="QDRANT_PREFER_GRPC")
    qdrant_grpc_port: int = Field(default=6334, gt=0, validation_alias="QDRANT_GRPC_PORT")
    qdrant_timeout: int = Field(default=10, gt=0, validation_alias="QDRANT_TIMEOUT")  # seconds for one request
    qdrant_shards: int = Field(default=1, gt=0, validation_alias="QDRANT_SHARDS")
    qdrant_replicas: int = Field(default=1, gt=0, validation_alias="QDRANT_REPLICAS")
    qdrant_uploads: int = Field(default=4, gt=0, validation_alias="QDRANT_UPLOADS")  # requests at once when publishing
    qdrant_quantise_from: int = Field(default=50_000, ge=0, validation_alias="QDRANT_QUANTISE_FROM")  # passages
    qdrant_tokens: bool = Field(default=True, validation_alias="QDRANT_TOKENS")  # False: rerank by the files here
    log: Literal["", "json", "text"] = ""  # events on stderr, one a line
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_questions: bool = False  # whether what was asked stands in the logs

    def secrets(self) -> list[str]:
        """All that was set and must be shown to nobody."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def load_settings(workspace: Path | None = None) -> Settings:
    """The settings of the environment, with the workspace replaced where one is given."""
    try:
        settings = Settings()
    except ValidationError as fault:  # its own text would show what was set, which may be a key
        wrong = fault.errors(include_input=False, include_url=False)[0]
        name = str(wrong["loc"][0]).upper()
        is_whole_name = name.startswith(("NEO4J_", "QDRANT_")) or name.endswith(("_API_KEY", "_HOST"))
        variable = name if is_whole_name else f"PREPGRAPH_{name}"
        raise UsageError(f"{variable} is not set right ({wrong['msg']}); correct it.") from None
    configure_logs(settings.log, settings.log_level, settings.secrets())
    return settings.model_copy(update={"workspace": workspace}) if workspace else settings
