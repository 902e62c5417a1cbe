"""What most databases that speak Bolt say alike."""

from __future__ import annotations

from dataclasses import replace

from runic.ogm.model.converters import Codec
from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.query.dialect import Dialect


class BoltDialect(Dialect):
    """openCypher with textual ids, and vectors that are plain lists."""

    def codec(self, info: PropertyInfo) -> Codec:
        codec = super().codec(info)
        return replace(codec, function=None) if info.kind is Kind.VECTOR else codec

    def node_id(self, alias: str) -> str:
        return f"elementId({alias})"
