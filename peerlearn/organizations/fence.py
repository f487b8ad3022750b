"""Models that belong to one organization: row security and composite keys as constraints.

    class Skill(FencedModel):
        owner = OrganizationForeignKey("organizations.Employee", on_delete=models.CASCADE)

        class Meta(FencedModel.Meta): ...

FencedModel adds UNIQUE (organization_id, id) and the row security policy; OrganizationForeignKey
adds FOREIGN KEY (organization_id, owner_id) REFERENCES … (organization_id, id). Both stand in
Meta.constraints, so that `makemigrations` sees them and a migration can be reversed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.core import checks
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

from peerlearn.organizations.scoping import require_organization_id

M = TypeVar("M", bound=models.Model, covariant=True)


def _constraint_name(*parts: str) -> str:
    name = "_".join(parts)
    if len(name) <= 60:
        return name
    return f"{name[:51]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


# --- Constraints -----------------------------------------------------------------------------
class _DeferredConstraint(BaseConstraint):
    """Runs at the end of its migration, so that neither the order of operations nor circular
    references matter."""

    def template(self, model: type[models.Model]) -> tuple[str, dict[str, str]]:
        """The SQL that makes the constraint and the names that it quotes."""
        raise NotImplementedError

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        self.create_sql(model, schema_editor)
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        sql, names = self.template(model)
        schema_editor.deferred_sql.append(_statement(schema_editor, model, sql, names))
        return Statement("SELECT 1")

    def validate(
        self, model: Any, instance: Any, exclude: Any = None, using: str = "default"
    ) -> None:
        """Postgres alone can tell."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, type(self))
            and type(self) is type(other)
            and self.deconstruct() == other.deconstruct()
        )

    __hash__ = BaseConstraint.__hash__


def _statement(
    editor: BaseDatabaseSchemaEditor, model: type[models.Model], sql: str, names: dict[str, str]
) -> Statement:
    quoted = {key: editor.quote_name(value) for key, value in names.items()}
    return Statement(sql, table=Table(model._meta.db_table, editor.quote_name), **quoted)


class RowSecurity(_DeferredConstraint):
    """ENABLE and FORCE row security with one strict policy: no organization set is an error."""

    def template(self, model: type[models.Model]) -> tuple[str, dict[str, str]]:
        sql = (
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; "
            "ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY; "
            "CREATE POLICY %(policy)s ON %(table)s "
            "USING (organization_id = app_organization_id()) "
            "WITH CHECK (organization_id = app_organization_id())"
        )
        return sql, {"policy": self.name}

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        sql = (
            "DROP POLICY %(policy)s ON %(table)s; "
            "ALTER TABLE %(table)s NO FORCE ROW LEVEL SECURITY; "
            "ALTER TABLE %(table)s DISABLE ROW LEVEL SECURITY"
        )
        return _statement(schema_editor, model, sql, {"policy": self.name})


class OrganizationReference(_DeferredConstraint):
    """FOREIGN KEY (organization_id, x_id): a plain one would accept another organization's row."""

    def __init__(self, *, field: str, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.field = field

    def template(self, model: type[models.Model]) -> tuple[str, dict[str, str]]:
        field = model._meta.get_field(self.field)
        assert isinstance(field, models.ForeignKey)
        target = field.related_model
        # ADD FOREIGN KEY checks the rows that exist through row security when that is forced on
        # the owner: lift it in this transaction, or nothing is checked.
        lift, force = (
            f"ALTER TABLE %(table)s {how} ROW LEVEL SECURITY; "
            f"ALTER TABLE %(target)s {how} ROW LEVEL SECURITY; "
            for how in ("NO FORCE", "FORCE")
        )
        if not _is_fenced(target):
            lift, force = (
                f"ALTER TABLE %(table)s {how} ROW LEVEL SECURITY; " for how in ("NO FORCE", "FORCE")
            )
        add = (
            "ALTER TABLE %(table)s ADD CONSTRAINT %(constraint)s "
            "FOREIGN KEY (organization_id, %(column)s) REFERENCES %(target)s (organization_id, id) "
            "DEFERRABLE INITIALLY DEFERRED; "
        )
        names = {
            "constraint": self.name,
            "column": field.column,
            "target": target._meta.db_table,
        }
        return lift + add + force, names

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        sql = (
            "SET CONSTRAINTS %(constraint)s IMMEDIATE; "
            "ALTER TABLE %(table)s DROP CONSTRAINT %(constraint)s"
        )
        return _statement(schema_editor, model, sql, {"constraint": self.name})

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}


def _is_fenced(model: type[models.Model]) -> bool:
    return any(isinstance(constraint, RowSecurity) for constraint in model._meta.constraints)


def _attach(model: type[models.Model], *constraints: BaseConstraint) -> None:
    """Only on real models: a migration's models carry theirs in the migration."""
    meta: Any = model._meta
    if meta.abstract or meta.proxy or model.__module__ == "__fake__":
        return
    known = {constraint.name for constraint in meta.constraints}
    meta.constraints = [*meta.constraints, *(c for c in constraints if c.name not in known)]
    meta.original_attrs.setdefault("constraints", meta.constraints)


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table or f"{model._meta.app_label}_{model._meta.model_name}"


# --- Fields ----------------------------------------------------------------------------------
class OrganizationField(models.ForeignKey):  # type: ignore[type-arg]  # generic only in the stubs
    """Whose row this is. Brings row security and UNIQUE (organization_id, id)."""

    def __init__(self, to: Any = "organizations.Organization", **kwargs: Any) -> None:
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("db_index", False)  # UNIQUE (organization_id, id) leads with it
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("editable", False)
        super().__init__(to, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        unique = models.UniqueConstraint(
            fields=["organization", "id"], name=_constraint_name(_table(cls), "organization_id")
        )
        _attach(cls, unique, RowSecurity(name=_constraint_name(_table(cls), "fence")))


class OrganizationForeignKey(models.ForeignKey):  # type: ignore[type-arg]  # as above
    """A reference that cannot leave the organization."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False  # the composite key replaces it
        super().__init__(to, on_delete, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        reference = OrganizationReference(
            field=name, name=_constraint_name(_table(cls), name, "organization_fk")
        )
        _attach(cls, reference)


def random_public_id() -> str:
    """Twelve URL-safe characters, 72 random bits: sequences would tell how much there is."""
    return secrets.token_urlsafe(9)


class PublicIdField(models.CharField):  # type: ignore[type-arg]  # as above
    """The id that appears in addresses; unique per organization."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 12)
        kwargs.setdefault("default", random_public_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        unique = models.UniqueConstraint(
            fields=["organization", name], name=_constraint_name(_table(cls), name)
        )
        _attach(cls, unique)


# --- Managers and the model ------------------------------------------------------------------
class FencedQuerySet(models.QuerySet[M]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.adopt()
        return super().bulk_create(rows, *args, **kwargs)


class _FencedManager(models.Manager[M]):
    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(organization_id=require_organization_id())


class FencedManager(_FencedManager[M]):
    """`objects` of a fenced model; raises OutsideScope outside a scope.

    For a queryset of one's own: `objects = FencedManager.from_queryset(SkillQuerySet)()`.
    """

    _queryset_class = FencedQuerySet


class FencedModel(models.Model):
    """A row of one organization. `organization` is set from the scope, never from input."""

    organization = OrganizationField()
    objects: Any = FencedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.adopt()
        super().save(*args, **kwargs)

    def adopt(self) -> None:
        """Belong to the organization of the scope, unless one was given."""
        if not self.organization_id:
            self.organization_id = require_organization_id()

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *cls._check_fence()]

    @classmethod
    def _check_fence(cls) -> Sequence[checks.CheckMessage]:
        problems: list[checks.CheckMessage] = []
        if cls._meta.base_manager_name != "objects":
            problems.append(
                checks.Error("Meta must inherit from FencedModel.Meta", obj=cls, id="fence.E001")
            )
        for field in cls._meta.local_fields:
            target = getattr(field.remote_field, "model", None)
            inside = isinstance(target, type) and issubclass(target, FencedModel)
            if inside and not isinstance(field, OrganizationForeignKey):
                problems.append(
                    checks.Error("must be an OrganizationForeignKey", obj=field, id="fence.E002")
                )
        problems += [
            checks.Error("needs a fenced `through` model", obj=field, id="fence.E003")
            for field in cls._meta.local_many_to_many
            if (through := field.remote_field.through) and through._meta.auto_created
        ]
        return problems
