"""A model as a picture: one box a step, from the inputs at the top to the classes at the bottom."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import keras
from keras import layers
from matplotlib.figure import Figure

from ravdess_exp.report.figure_file import save_figure

_DPI = 120
_FOLLOWERS = ("BatchNormalization", "BiasRelu")  # with weights, and yet no step of their own
_SHORT = {"BatchNormalization": "BatchNorm", "InputLayer": "input"}


@dataclass
class Step:
    """A layer that learns, or where branches meet, and the plain layers behind it."""

    layers: list[keras.Layer]
    before: list["Step"] = field(default_factory=list)
    depth: int = 0  # steps to the output

    def text(self) -> str:
        """Kinds, output shape, parameters."""
        first = self.layers[0]
        kinds = [_SHORT.get(kind, kind) for kind in (type(layer).__name__ for layer in self.layers)]
        if isinstance(first, keras.Model | layers.InputLayer):
            kinds[0] = first.name
        shape = " x ".join(str(size) for size in self.layers[-1].output.shape[1:])
        count = sum(layer.count_params() for layer in self.layers)
        name = "\n".join(" · ".join(kinds[i : i + 3]) for i in range(0, len(kinds), 3))
        return f"{name}\n{shape}" + (f"   {count:,} parameters" if count else "")


def model_diagram(model: keras.Model, path: Path) -> None:
    """Draw the steps of a model; blue ones have weights."""
    steps = _steps(model)
    deepest = max(step.depth for step in steps)
    columns = _columns(steps)
    width = max(columns.values()) + 1
    figure = Figure(figsize=(3.2 * width, 0.8 * (deepest + 1) + 0.4), layout="constrained")
    axes = figure.subplots()
    places = {id(step): (columns[id(step)], step.depth) for step in steps}
    for step in steps:
        for before in step.before:
            skips = before.depth - step.depth > 1
            around = columns[id(step)] == columns[id(before)] and skips  # not behind the boxes
            arrow = {
                "arrowstyle": "->",
                "color": "gray",
                "shrinkA": 18,
                "shrinkB": 18,
                "connectionstyle": "arc3,rad=0.5" if around else "arc3",
            }
            axes.annotate("", places[id(step)], places[id(before)], arrowprops=arrow)
    for step in steps:
        learns = any(layer.count_params() for layer in step.layers)
        box = {"boxstyle": "round", "fc": "#dbe9f6" if learns else "white", "ec": "gray"}
        axes.text(*places[id(step)], step.text(), ha="center", va="center", fontsize=7, bbox=box)
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(-0.6, deepest + 0.6)
    axes.set_axis_off()
    axes.set_title(f"{model.count_params():,} parameters", fontsize=9)
    save_figure(figure, path, dpi=_DPI)


def _steps(model: keras.Model) -> list[Step]:
    """The layers in topological order, plain ones joined to the step in front of them."""
    producers = {layer.name: _producers(layer, model) for layer in model.layers}
    consumers = Counter(name for names in producers.values() for name in names)
    step_of: dict[str, Step] = {}
    steps: list[Step] = []
    for layer in model.layers:
        names = producers[layer.name]
        plain = not layer.count_params() or type(layer).__name__ in _FOLLOWERS
        if plain and len(names) == 1 and consumers[names[0]] == 1:
            step_of[layer.name] = step_of[names[0]]
            step_of[layer.name].layers.append(layer)
        else:
            steps.append(Step([layer], [step_of[name] for name in names]))
            step_of[layer.name] = steps[-1]
    for step in reversed(steps):
        for before in step.before:
            before.depth = max(before.depth, step.depth + 1)
    return steps


def _producers(layer: keras.Layer, model: keras.Model) -> list[str]:
    """Names of the layers of this model whose outputs a layer takes."""
    names = {known.name for known in model.layers}
    tensors = [tensor for node in layer._inbound_nodes for tensor in node.input_tensors]
    producers = [tensor._keras_history.operation.name for tensor in tensors]
    return [name for name in dict.fromkeys(producers) if name in names]


def _columns(steps: list[Step]) -> dict[int, int]:
    """A step stands below the first that leads to it, or in the next free place to its right."""
    taken: set[tuple[int, int]] = set()
    columns: dict[int, int] = {}
    for step in steps:
        column = min((columns[id(before)] for before in step.before), default=0)
        if not step.before:  # an input: right of all that is there
            column = max(columns.values(), default=-1) + 1
        while (column, step.depth) in taken:
            column += 1
        taken.add((column, step.depth))
        columns[id(step)] = column
    return columns
