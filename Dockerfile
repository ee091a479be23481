# ravdess_exp as a user without name, home, or a right to write anywhere but in /app/outputs.
#   docker build -t ravdess-exp .                            # --build-arg DEVICE=gpu: with CUDA's libraries
#   docker run --rm -v /data/RAVDESS:/data:ro -v "$PWD/outputs:/app/outputs" ravdess-exp data=ravdess data.root=/data
# Give the folder of the outputs to user 65534, or be its owner: --user "$(id -u):$(id -g)".
FROM python:3.11.14-slim-bookworm

ARG DEVICE=cpu

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /app

# what changes seldom comes first: the packages are installed again only when their pins change
COPY requirements.txt requirements-gpu.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
 && if [ "$DEVICE" = gpu ]; then \
      python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-gpu.txt; \
    elif [ "$DEVICE" != cpu ]; then \
      echo "DEVICE=$DEVICE: expected cpu or gpu" >&2; exit 2; \
    fi

COPY pyproject.toml README.md LICENSE ./
COPY conf conf
COPY ravdess_exp ravdess_exp
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && rm -rf /app/conf /app/ravdess_exp \
 && mkdir -m 777 /app/outputs /app/fonts

# without a home, this is where matplotlib keeps its list of fonts
ENV MPLCONFIGDIR=/app/fonts \
    PYTHONUNBUFFERED=1

USER 65534:65534
VOLUME /app/outputs
ENTRYPOINT ["ravdess-exp"]
