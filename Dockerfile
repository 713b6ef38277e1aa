# The service and nothing else: no compiler, no pip cache, no tests. Code and dependencies are read-only to it.
FROM python:3.13-slim AS build

COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /srv/venv \
 && /srv/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
    --require-hashes -r /tmp/requirements.txt \
 && /srv/venv/bin/python -m pip uninstall --yes --quiet pip
COPY app /srv/app
COPY migrations /srv/migrations
# The command, and byte code, since nothing can write it later.
RUN printf '#!/srv/venv/bin/python\nfrom app.cli import main\n\nmain()\n' > /srv/venv/bin/tandem \
 && chmod 755 /srv/venv/bin/tandem \
 && /srv/venv/bin/python -m compileall -q /srv/app /srv/migrations

FROM python:3.13-slim

RUN groupadd --gid 10001 tandem \
 && useradd --uid 10001 --gid tandem --no-create-home --home-dir /data --shell /usr/sbin/nologin tandem \
 && install --directory --owner tandem --group tandem /data
COPY --from=build /srv /srv
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONPATH=/srv \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TANDEM_DATABASE_URL=sqlite:////data/tandem.db \
    TANDEM_HTTP_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('TANDEM_HTTP_PORT', 8000)}/healthz\", timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tandem"]
CMD ["serve"]
