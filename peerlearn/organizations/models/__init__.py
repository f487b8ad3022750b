"""Who is here: users, organizations, and inside each organization its teams and employees."""

from peerlearn.organizations.models.company_days import CompanyDay
from peerlearn.organizations.models.email_changes import EmailChange
from peerlearn.organizations.models.employees import Assignment, Employee
from peerlearn.organizations.models.imports import Import, ImportLine, ImportState
from peerlearn.organizations.models.invitations import Invitation
from peerlearn.organizations.models.organization import Membership, Organization
from peerlearn.organizations.models.pauses import TeamArchival, TimeAway
from peerlearn.organizations.models.role_changes import RoleChange
from peerlearn.organizations.models.sign_ins import SignIn
from peerlearn.organizations.models.teams import CostBand, FormerCost, Team
from peerlearn.organizations.models.tries import TryCount
from peerlearn.organizations.models.users import User

__all__ = [
    "Assignment",
    "CompanyDay",
    "CostBand",
    "EmailChange",
    "Employee",
    "FormerCost",
    "Import",
    "ImportLine",
    "ImportState",
    "Invitation",
    "Membership",
    "Organization",
    "RoleChange",
    "SignIn",
    "Team",
    "TeamArchival",
    "TimeAway",
    "TryCount",
    "User",
]
