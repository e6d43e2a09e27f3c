# The app with its command, for docker-compose.yml or by itself: docker build --tag prepgraph .
# It runs as an ordinary user on a read-only root: /workspace is a volume, /tmp and all that a home is for in memory.

FROM python:3.11.14-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /app
COPY pyproject.toml requirements.lock ./
COPY tools/runtime_lock.py tools/
RUN python tools/runtime_lock.py llm > /tmp/runtime.lock \
    && /venv/bin/pip install --no-deps --require-hashes --requirement /tmp/runtime.lock
COPY . .
RUN /venv/bin/pip install --no-deps --no-build-isolation --editable .

FROM python:3.11.14-slim-trixie
RUN useradd --uid 10001 --create-home --home-dir /home/prepgraph --shell /usr/sbin/nologin prepgraph \
    && install --directory --owner prepgraph --group prepgraph /workspace /notes
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PREPGRAPH_WORKSPACE=/workspace \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true
USER 10001:10001
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py"]
