"""The Celery app and the whole beat schedule.

Redis carries only "look at row N": Postgres owns the work (peerlearn/notifications/outbox.py), so
Redis may lose everything. Why each setting: docs/decisions/0004-outbox-and-workers.md.

    celery -A peerlearn worker               both queues
    celery -A peerlearn worker -Q default    quick work, limits 270 / 300 s
    celery -A peerlearn worker -Q long       work of up to half an hour
    celery -A peerlearn beat
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init, setup_logging, worker_init
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerlearn.settings")

from django.conf import settings

from peerlearn.operations.progress import ProgressWatch

DEFAULT, LONG = "default", "long"
VISIBILITY = {DEFAULT: 900, LONG: 3600}  # seconds until Redis offers an unanswered message again

# Publishing, from wherever it happens: one attempt, bounded. The outbox row is the guarantee.
HINT: dict[str, Any] = {
    "socket_timeout": 0.2,
    "socket_connect_timeout": 0.2,
    "retry_on_timeout": False,
    "max_retries": 0,
}

app = Celery("peerlearn")
app.conf.update(
    broker_url=settings.REDIS_URL,
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=270,
    task_time_limit=300,
    broker_transport_options={
        "visibility_timeout": VISIBILITY[LONG],
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 2,
        "health_check_interval": 15,
        "retry_on_timeout": True,
    },
    broker_connection_timeout=2,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_publish_retry=False,
    task_default_queue=DEFAULT,
    task_queues=[Queue(DEFAULT), Queue(LONG)],
    task_routes={"notifications.run_long": {"queue": LONG}},
    worker_direct=True,  # a queue of each worker's own, for ProgressWatch
    worker_soft_shutdown_timeout=10,
    worker_enable_soft_shutdown_on_idle=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    worker_max_tasks_per_child=1000,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    timezone="UTC",
    enable_utc=True,
)
app.steps["worker"].add(ProgressWatch)
app.autodiscover_tasks()

# Beat only wakes: what is due stands in rows. A wake-up that nobody took in time is dropped, since
# the next one finds the same rows.
app.conf.beat_schedule = {
    "hand over what is due": {
        "task": "notifications.find_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "refresh the rollups": {
        "task": "analytics.refresh_rollups",
        "schedule": crontab(minute="7"),
        "options": {"expires": 1800},
    },
    "forget old notifications": {
        "task": "notifications.forget_old",
        "schedule": crontab(hour="3", minute="37"),
        "options": {"expires": 3600},
    },
    "forget what was kept of writes over the API": {
        "task": "api.forget_kept_answers",
        "schedule": crontab(minute="47"),
        "options": {"expires": 1800},
    },
    "forget days that were only held": {
        "task": "sessions.forget_run_out",
        "schedule": crontab(hour="3", minute="27"),
        "options": {"expires": 3600},
    },
    "forget sessions and counts of tries that ran out": {
        "task": "notifications.forget_what_ran_out",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"expires": 3600},
    },
}


@celeryd_init.connect
def fit_transport_to_queues(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker for one queue offers that queue's lost messages again after that queue's time.

    The list of unanswered messages is shared between workers, and the shortest time would rule
    them all: workers for long work keep a list of their own.
    """
    queues = options.get("queues") or []
    chosen = queues.split(",") if isinstance(queues, str) else list(queues)
    if chosen == [DEFAULT]:
        conf.broker_transport_options["visibility_timeout"] = VISIBILITY[DEFAULT]
    elif chosen == [LONG]:
        conf.broker_transport_options |= {
            "unacked_key": "unacked_long",
            "unacked_index_key": "unacked_long_index",
            "unacked_mutex_key": "unacked_long_mutex",
        }


@worker_init.connect
def refuse_unsafe_role(**_: Any) -> None:
    """As the web process does at its start. Celery goes on after any other exception."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connection

    from peerlearn.organizations import audit

    try:
        audit.refuse_unsafe_role()
    except ImproperlyConfigured as unsafe:
        raise SystemExit(str(unsafe)) from None
    finally:
        connection.close()  # not to be inherited by the pool's processes


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Celery would set up handlers of its own; ours mask what is personal."""
