"""A bundle's networks for other runtimes: ONNX and TFLite, each with the recipe of its inputs."""
