"""The names in an .onnx file, and an inner tensor made an output, without the package `onnx`.

An ONNX file is one protobuf message. Two such messages written one after the other are their union
(protobuf's own rule for merging), so a few bytes at the end add an output to the graph. Field numbers:
onnx.proto of the ONNX project.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ravdess_exp.errors import ConfigError

_GRAPH, _FACT = 7, 14  # of ModelProto: graph and metadata_props
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12  # of GraphProto
_NODE_OUTPUT, _VALUE_NAME = 2, 1  # of NodeProto and of ValueInfoProto
_KEY, _VALUE = 1, 2  # of StringStringEntryProto
_TENSOR_PLACE = 14  # of TensorProto: 1 where its values lie in another file
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # kinds of a field


@dataclass(frozen=True)
class Graph:
    """inputs and outputs by name; tensors: what its nodes make, in the file's order.

    facts: what the file says of itself, such as its licence.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: tuple[str, ...]
    facts: dict[str, str]


def read_graph(content: bytes) -> Graph:
    """Raises `ConfigError` for what is not one whole ONNX file."""
    inputs, outputs, tensors = [], [], []
    try:
        for graph in _messages(content, _GRAPH):
            for number, value in _fields(graph):
                if number == _NODE:
                    tensors += [_text(name) for name in _messages(value, _NODE_OUTPUT)]
                elif number in (_INPUT, _OUTPUT):
                    names = [_text(name) for name in _messages(value, _VALUE_NAME)]
                    (inputs if number == _INPUT else outputs).extend(names)
                elif number == _INITIALIZER and any(n == _TENSOR_PLACE for n, _ in _fields(value)):
                    raise ConfigError("its weights lie in another file; export it as one file")
        facts = dict(_entry(fact) for fact in _messages(content, _FACT))
    except (IndexError, ValueError) as error:
        raise ConfigError(f"not a whole ONNX file ({error})") from error
    if not tensors or not outputs:
        raise ConfigError("not an ONNX file: no graph in it")
    return Graph(tuple(inputs), tuple(outputs), tuple(name for name in tensors if name), facts)


def with_outputs(content: bytes, names: tuple[str, ...]) -> bytes:
    """The same file with these inner tensors among the outputs of its graph."""
    outputs = b"".join(_field(_OUTPUT, _field(_VALUE_NAME, name.encode())) for name in names)
    return content + _field(_GRAPH, outputs)


def with_facts(content: bytes, facts: Mapping[str, str]) -> bytes:
    """The same file, saying this of itself."""
    entries = (
        _field(_KEY, name.encode()) + _field(_VALUE, fact.encode()) for name, fact in facts.items()
    )
    return content + b"".join(_field(_FACT, entry) for entry in entries)


def _entry(content: memoryview) -> tuple[str, str]:
    parts = dict(_fields(content))
    return _text(parts.get(_KEY, b"")), _text(parts.get(_VALUE, b""))


def _messages(content: memoryview | bytes, wanted: int) -> Iterator[memoryview]:
    return (value for number, value in _fields(content) if number == wanted)


def _fields(content: memoryview | bytes) -> Iterator[tuple[int, memoryview]]:
    """(number, content) of each field; numbers of fixed size and varints come as their bytes."""
    view, at = memoryview(content), 0
    while at < len(view):
        key, at = _varint(view, at)
        number, kind = key >> 3, key & 7
        start = at
        if kind == _VARINT:
            _, at = _varint(view, at)
        elif kind == _BYTES:
            size, start = _varint(view, at)
            at = start + size
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            at += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if at > len(view) or number == 0:
            raise ValueError("cut off, or of another format")
        yield number, view[start:at]


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    """The number that begins there, seven bits a byte, and where it ends."""
    value, shift = 0, 0
    while True:
        value |= (view[at] & 0x7F) << shift
        at += 1
        if not view[at - 1] & 0x80:
            return value, at
        shift += 7


def _field(number: int, content: bytes) -> bytes:
    return _written(number << 3 | _BYTES) + _written(len(content)) + content


def _written(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _text(content: memoryview | bytes) -> str:
    return bytes(content).decode()
