from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_SKILLS = declare("read:skills", _("Read the catalogue, and who can do what"))
WRITE_SKILLS = declare(
    "write:skills", _("Say what you can, teach and want, and confirm levels of others")
)
