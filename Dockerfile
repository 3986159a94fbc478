# One image for every command of Soleus: docker build -t soleus . && docker run --rm soleus --help
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/soleus
COPY requirements.lock ./
RUN /opt/soleus/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY detectors detectors
COPY ingest ingest
COPY dashboards dashboards
COPY soleus soleus
RUN /opt/soleus/bin/pip install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.11.14-slim-bookworm
# The user has no name on the host and owns nothing there; SOLEUS_UID chooses another, so that any may write into /nights.
RUN useradd --system --uid 10001 --no-create-home soleus && install -d -m 1777 /nights
COPY --from=build /opt/soleus /opt/soleus
ENV PATH=/opt/soleus/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["soleus"]
CMD ["--help"]
