# The product as one image: web, worker, beat and migrate are the same files under different commands.
# Carried out without an engine by bin/image, which knows the instructions used here and refuses others.

FROM debian:bookworm-slim AS base
# Both are empty for the usual places; in an office network they name the mirrors at hand.
#   DEBIAN_MIRROR   http://HOST, the part before /debian
#   PIP_INDEX_URL   https://HOST/simple
ARG DEBIAN_MIRROR
ENV LANG=C.UTF-8 \
    PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1
# ca-certificates: mail servers are believed only with a certificate.
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
        sed -i "s#http://[^/]*#$DEBIAN_MIRROR#" /etc/apt/sources.list.d/debian.sources; \
    fi \
    && apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get upgrade -y -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log

FROM base AS build
ARG PIP_INDEX_URL
WORKDIR /app
COPY requirements.txt ./
RUN python3 -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --only-binary :all: -r requirements.txt \
    && pip uninstall --yes --quiet pip setuptools
COPY . ./
# The key is for this one command, which signs nothing. ReDoc is not served, and its fonts come from elsewhere.
RUN SECRET_KEY=of-no-use TRACKER_VAR=/tmp TRACKER_STATIC=/app/collected \
        python manage.py collectstatic --noinput --ignore redoc --verbosity 0 \
    && python -m compileall -q -j 0 /app

FROM base
RUN groupadd --system --gid 10001 tracker \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/tracker --shell /usr/sbin/nologin tracker \
    && install -d -o tracker -g tracker -m 750 /var/lib/tracker
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV DJANGO_SETTINGS_MODULE=tracker.settings \
    TRACKER_STATIC=/app/collected \
    TRACKER_VAR=/var/lib/tracker
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-I", "tracker/probe.py"]
CMD ["gunicorn", "--config", "python:tracker.gunicorn", "--bind", "0.0.0.0:8000", "tracker.wsgi"]
