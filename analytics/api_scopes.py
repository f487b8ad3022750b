from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_REPORTS = declare("read:reports", _("Read your reports and take their files"))
WRITE_REPORTS = declare("write:reports", _("Have reports made"))
