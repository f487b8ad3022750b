from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_SKILLS = declare("read:skills", _("Read the catalogue, and who can do what"))
