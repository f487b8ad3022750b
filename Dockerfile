# One image for web, worker, beat, roles and migrate. Nothing secret is in it.
FROM python:3.13-slim AS build
COPY requirements/base.lock /tmp/base.lock
RUN python -m venv /opt/peerlearn \
    && /opt/peerlearn/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r /tmp/base.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
        peerlearn \
    && install -d -o peerlearn -g peerlearn /var/lib/peerlearn
COPY --from=build /opt/peerlearn /opt/peerlearn
ENV PATH=/opt/peerlearn/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=peerlearn.settings \
    PEERLEARN_HOME=/var/lib/peerlearn \
    MEDIA_ROOT=/var/lib/peerlearn/media \
    STATIC_ROOT=/srv/static
WORKDIR /srv/peerlearn
COPY manage.py ./
COPY peerlearn peerlearn
COPY skills skills
COPY sessions sessions
COPY analytics analytics
COPY demo demo
COPY templates templates
COPY static static
COPY locale locale
# Any command compiles the catalogues. The demo's settings need no secret; what is collected is the same.
RUN python -m compileall -q . && DEMO=1 python manage.py collectstatic --noinput --verbosity 0
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "peerlearn.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--graceful-timeout", "30", "--max-requests", "10000", \
     "--max-requests-jitter", "1000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
