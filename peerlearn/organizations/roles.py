"""The roles of an employee. A manager is whoever has reports, directly or below."""

from enum import StrEnum


class Role(StrEnum):
    EVERYONE = "everyone"
    MANAGER = "manager"
    HR = "hr"
    ADMIN = "admin"


EVERYONE, MANAGER, HR, ADMIN = Role.EVERYONE, Role.MANAGER, Role.HR, Role.ADMIN
