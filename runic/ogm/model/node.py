"""`Node`: the base of entities that are nodes."""

from __future__ import annotations

from typing import ClassVar

from runic.ogm.model.entity import Entity


class Node(Entity, abstract=True):
    """Base of the models whose objects are stored as nodes.

    ```python
    class User(Node, labels=["User"]):
        id: str
        name: str
        articles: list["Article"] = Relation("AUTHORED")
    ```

    Labels default to the class name; a subclass adds its own to its parents'. Class options:
    `labels`, `primary_label` (the label that queries match by; the first of its own unless told),
    `abstract` (a base that contributes fields and has no entities), `registry`.

    Raises:
        MetadataError: From the class statement, when the model has no primary key, two models stand
            for the same labels, or a name cannot be quoted.
    """

    __runic_entity__: ClassVar[str] = "node"
