"""Settings, from the environment: TRICHDAN_MODEL, TRICHDAN_CHUNK_TOKENS and so on."""

from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

__all__ = ["Settings", "load_settings"]


class Settings(BaseSettings):
    """What can be chosen. Each name, in capitals after TRICHDAN_, is an environment variable."""

    model_config = SettingsConfigDict(env_prefix="TRICHDAN_", extra="forbid", frozen=True)

    model: str | None = Field(
        default=None,
        min_length=1,
        description="A sentence-transformers directory or model id; the packaged model if unset. "
        "An index is searched with the model that it was built with.",
    )
    query_prompt: str | None = Field(
        default=None, description="Put before every question; by default what the model says."
    )
    passage_prompt: str | None = Field(
        default=None, description="Put before every passage; by default what the model says."
    )
    chunk_tokens: int = Field(
        default=256, ge=32, le=448, description="The most tokens a passage may have."
    )
    max_file_mb: float = Field(
        default=50.0, gt=0, le=1000, description="Larger files of the corpus are passed over."
    )
    max_pages: int = Field(default=2_000, ge=1, description="Files of more pages are passed over.")
    max_file_seconds: float = Field(
        default=120.0,
        gt=0,
        description="Files that take longer to read are passed over; of a "
        "scan each page may take so long.",
    )
    max_memory_mb: int = Field(
        default=2_000, ge=500, description="Files that take more memory to read are passed over."
    )
    data_dir: Path = Field(
        default=Path("data"),
        description="Where questions that were passed on and removed documents are kept.",
    )
    owner_password: SecretStr | None = Field(
        default=None,
        min_length=8,
        description="Who knows it may manage documents and questions on the page; unset, who "
        "sits at this machine may.",
    )
    hosts: str = Field(
        default="",
        description="Names, divided by commas, by which the page's server is called besides the "
        "machine's own.",
    )
    reader_groups: str = Field(
        default="",
        description="Groups, divided by commas, whose documents everybody who opens the page may "
        "read, besides those that are for everybody.",
    )
    keep_names: bool = Field(
        default=False, description="Keep who passed a question on, if they gave a name."
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("trichdan"),
        description="Where the packaged model is unpacked to.",
    )


def load_settings(**overrides: object) -> Settings:
    """Return the settings; what is given here and is not None wins over the environment.

    Raises:
        SettingsError: If a setting has a value it cannot have.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(map(str, first["loc"])).upper()
        raise SettingsError(
            f"TRICHDAN_{name} is {first['input']!r}: {first['msg'].lower()}"
        ) from error
