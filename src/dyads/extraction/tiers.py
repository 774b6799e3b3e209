"""The file of what is kept of faces beside their channels: landmarks, mesh, embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

EMBEDDINGS: Final = "embeddings"
"""The one tier that tells people apart."""
TIER_COLUMNS: Final[Mapping[str, str]] = {
    "landmarks": "landmarks_px",
    "mesh": "mesh_px",
    EMBEDDINGS: "embedding",
}
"""Column of each tier."""
TIERS_SUFFIX: Final = ".tiers.parquet"
"""End of the name of the file of tiers, beside the frames of its session."""

_EMBEDDED_KEY: Final = b"dyads embeddings"


class Embedded(BaseModel):
    """Whose embeddings a file of tiers holds, and what made them; kept in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[str, ...] = ()
    network: str = ""


def embedded_in(path: Path) -> Embedded:
    """Read whose embeddings a file of tiers holds; of the file only its end is read."""
    metadata = pq.read_schema(path).metadata or {}
    return Embedded.model_validate_json(metadata.get(_EMBEDDED_KEY, b"{}"))


def said_of(embedded: Embedded) -> dict[bytes, bytes]:
    """Put it as the metadata of a file."""
    return {_EMBEDDED_KEY: embedded.model_dump_json().encode()}


def arrow_of(rows: pd.DataFrame) -> pa.Table:
    """Give rows as an Arrow table; tiers are lists of float32, also where all of them are empty."""
    schema = pa.Schema.from_pandas(rows, preserve_index=False)
    for name in set(TIER_COLUMNS.values()) & set(schema.names):
        numbers = pa.field(name, pa.list_(pa.float32()))
        schema = schema.set(schema.get_field_index(name), numbers)
    return pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
