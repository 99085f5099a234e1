"""Settings, from the environment: TRICHDAN_MODEL, TRICHDAN_CHUNK_TOKENS and so on."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError
from rag.messages import message

__all__ = ["Settings", "load_settings"]

_PREFIX = "TRICHDAN_"
_LONGEST_SHOWN = 100  # characters
_SHORTEST_SECRET = 8  # characters


def _cache_dir() -> Path:
    directory = user_cache_path("trichdan")
    if not directory.is_absolute():  # as for a user without a home directory
        raise SettingsError("settings.no_home_directory", prefix=_PREFIX)
    return directory


class Settings(BaseSettings):
    """What can be chosen. Each name, in capitals after TRICHDAN_, is an environment variable."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

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
        min_length=_SHORTEST_SECRET,
        description="Who knows it may manage documents and questions on the page; unset, who "
        "knows the code that the server prints when it is started.",
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
        default_factory=_cache_dir,
        description="Where the packaged model is unpacked to.",
    )


def load_settings(**overrides: object) -> Settings:
    """Return the settings; what is given here and is not None wins over the environment.

    Raises:
        SettingsError: If a setting has a value it cannot have, or there is no such setting.
    """
    _check_names()
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(map(str, first["loc"])).upper()
        field = Settings.model_fields.get(str(first["loc"][0]))
        secret = field is not None and SecretStr in get_args(field.annotation)
        if secret:
            raise SettingsError(
                "settings.secret_too_short",
                prefix=_PREFIX,
                name=name,
                least=_SHORTEST_SECRET,
            ) from None
        value = f"{first['input']!r}"[:_LONGEST_SHOWN]
        raise SettingsError(
            "settings.wrong_value",
            prefix=_PREFIX,
            name=name,
            value=value,
            reason=first["msg"].lower(),
        ) from None


def _check_names() -> None:
    """Refuse what looks like a setting and is none: it would be passed over in silence.

    Raises:
        SettingsError: With the setting that may be meant.
    """
    known = [f"{_PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            like = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
            meant = (
                message("settings.meant", name=like[0])
                if like
                else message("settings.known", names=", ".join(known))
            )
            raise SettingsError("settings.no_such_setting", name=name[:_LONGEST_SHOWN], meant=meant)
