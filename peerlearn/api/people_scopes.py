from django.utils.translation import gettext_lazy as _

from peerlearn.api.token_scopes import declare

READ_PEOPLE = declare("read:people", _("Read people and teams"))
