"""Rebuilds the vendored model from the published weights, and compares the result with it.

    python models/convert_minilm.py build SOURCE model.onnx     SOURCE holds model.safetensors and config.json
    python models/convert_minilm.py verify model.int8.onnx      exit 1 if its vectors differ from the vendored model's

`build` writes the float32 model and, beside it, the int8 one that Prepgraph uses. Needs onnx, onnxruntime, safetensors
and numpy, in an environment of their own: the application needs neither onnx nor safetensors.

The network is BERT (Devlin et al., 2018) with six layers, then mean pooling and L2 normalisation as in
sentence-transformers (Reimers and Gurevych, 2019). All of it is in the graph, so that a caller only tokenises.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

VENDORED = Path(__file__).resolve().parent / "all-MiniLM-L6-v2"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OPSET = 20
IR_VERSION = 9
MASKED = -1e4  # added to the attention score of a padding token
MIN_COSINE = 0.999

Weights = dict[str, NDArray[np.float32]]


class GraphBuilder:
    """Collects ONNX nodes and constants; every method returns the name of the tensor that it adds."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def apply(self, operator: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, values: object, dtype: type[np.generic] = np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=dtype), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def weight(self, name: str) -> str:
        return self.constant(self.weights[name])

    def linear(self, x: str, layer: str) -> str:
        product = self.apply("MatMul", x, self.constant(self.weights[f"{layer}.weight"].T))
        return self.apply("Add", product, self.weight(f"{layer}.bias"))

    def layer_norm(self, x: str, layer: str, epsilon: float) -> str:
        scale, shift = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.apply("LayerNormalization", x, scale, shift, epsilon=epsilon, axis=-1)


def build_graph(weights: Weights, config: dict[str, float]) -> onnx.ModelProto:
    """Return the float32 model: input_ids, attention_mask (batch × tokens) -> embedding, tokens."""
    graph = GraphBuilder(weights)
    mask = graph.apply("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = add_embeddings(graph, config)
    bias = add_attention_bias(graph, mask)
    for number in range(int(config["num_hidden_layers"])):
        hidden = add_layer(graph, hidden, bias, f"encoder.layer.{number}", config)
    add_pooling(graph, hidden, mask)
    graph.apply("Identity", hidden, output="tokens")
    return assemble(graph, int(config["hidden_size"]))


def add_embeddings(graph: GraphBuilder, config: dict[str, float]) -> str:
    """Word plus position; every token is of type 0, so that type's embedding is added to the positions here."""
    token_type = graph.weights["embeddings.token_type_embeddings.weight"][0]
    positions = graph.constant(graph.weights["embeddings.position_embeddings.weight"] + token_type)
    token_count = graph.apply("Slice", graph.apply("Shape", "input_ids"), graph.integers(1), graph.integers(2))
    used = graph.apply("Slice", positions, graph.integers(0), token_count, graph.integers(0))
    words = graph.apply("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    return graph.layer_norm(graph.apply("Add", words, used), "embeddings.LayerNorm", config["layer_norm_eps"])


def add_attention_bias(graph: GraphBuilder, mask: str) -> str:
    """0 for a token, a large negative number for padding: shape batch × 1 × 1 × tokens."""
    per_head = graph.apply("Unsqueeze", mask, graph.integers(1, 2))
    return graph.apply("Mul", graph.apply("Sub", graph.constant(1.0), per_head), graph.constant(MASKED))


def add_layer(graph: GraphBuilder, hidden: str, bias: str, layer: str, config: dict[str, float]) -> str:
    epsilon = config["layer_norm_eps"]
    attended = graph.linear(add_attention(graph, hidden, bias, layer, config), f"{layer}.attention.output.dense")
    hidden = graph.layer_norm(graph.apply("Add", attended, hidden), f"{layer}.attention.output.LayerNorm", epsilon)
    inner = graph.apply("Gelu", graph.linear(hidden, f"{layer}.intermediate.dense"))
    outer = graph.linear(inner, f"{layer}.output.dense")
    return graph.layer_norm(graph.apply("Add", outer, hidden), f"{layer}.output.LayerNorm", epsilon)


def add_attention(graph: GraphBuilder, hidden: str, bias: str, layer: str, config: dict[str, float]) -> str:
    """Scaled dot-product attention over all heads; returns them joined again, batch × tokens × hidden."""
    width, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    split = graph.integers(0, 0, heads, width // heads)

    def project(name: str, order: list[int]) -> str:
        projected = graph.linear(hidden, f"{layer}.attention.self.{name}")
        return graph.apply("Transpose", graph.apply("Reshape", projected, split), perm=order)

    query, key, value = project("query", [0, 2, 1, 3]), project("key", [0, 2, 3, 1]), project("value", [0, 2, 1, 3])
    scale = graph.constant(1 / np.sqrt(width // heads))
    scores = graph.apply("Mul", graph.apply("MatMul", query, key), scale)
    weights = graph.apply("Softmax", graph.apply("Add", scores, bias), axis=-1)
    context = graph.apply("Transpose", graph.apply("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.apply("Reshape", context, graph.integers(0, 0, width))


def add_pooling(graph: GraphBuilder, hidden: str, mask: str) -> None:
    """The mean of the tokens that are not padding, scaled to unit length: the output `embedding`."""
    over_tokens = graph.integers(1)
    kept = graph.apply("Mul", hidden, graph.apply("Unsqueeze", mask, graph.integers(2)))
    total = graph.apply("ReduceSum", kept, over_tokens, keepdims=0)
    mean = graph.apply("Div", total, graph.apply("ReduceSum", mask, over_tokens, keepdims=1))
    graph.apply("Div", mean, graph.apply("ReduceL2", mean, over_tokens, keepdims=1), output="embedding")


def assemble(graph: GraphBuilder, width: int) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", width]),
        helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "tokens", width]),
    ]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def build(source: Path, output: Path) -> None:
    """Convert SOURCE to `output` (float32) and quantise that to int8 weights, one scale per output channel."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    found = sha256(source / "model.safetensors")
    if found != SOURCE_SHA256:
        raise SystemExit(
            f"{source / 'model.safetensors'} has SHA-256 {found}, not {SOURCE_SHA256}: not the weights meant."
        )
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    onnx.save(build_graph(load_file(source / "model.safetensors"), config), output)
    quantised = output.with_suffix(".int8.onnx")
    quantize_dynamic(
        output, quantised, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"]
    )
    for path in (output, quantised):
        print(f"{path}  {path.stat().st_size:,} bytes  SHA-256 {sha256(path)}")


def verify(rebuilt: Path) -> bool:
    """Compare the rebuilt model's vectors with the vendored one's, on the sentences of the model's own licence."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(VENDORED / "tokenizer.json"))
    tokenizer.no_padding()
    texts = [" ".join(text.split()) for text in (VENDORED / "LICENSE").read_text(encoding="utf-8").split("\n\n")]
    ids = [np.array([tokenizer.encode(text).ids], dtype=np.int64) for text in texts if text]
    ours, theirs = embed(rebuilt, ids), embed(VENDORED / "model.int8.onnx", ids)
    cosines = np.sum(ours * theirs, axis=1)
    same = sha256(rebuilt) == sha256(VENDORED / "model.int8.onnx")
    print(f"{len(ids)} texts: cosine {cosines.min():.6f} at least, {cosines.mean():.6f} on average")
    print(
        f"greatest difference of a coordinate {np.abs(ours - theirs).max():.2e}; same file: {'yes' if same else 'no'}"
    )
    return bool(cosines.min() >= MIN_COSINE)


def embed(model: Path, ids: list[NDArray[np.int64]]) -> NDArray[np.float32]:
    from onnxruntime import InferenceSession

    session = InferenceSession(str(model), providers=["CPUExecutionProvider"])
    feeds = ({"input_ids": one, "attention_mask": np.ones_like(one)} for one in ids)
    return np.concatenate([session.run(["embedding"], feed)[0] for feed in feeds])


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="convert the published weights")
    building.add_argument("source", type=Path)
    building.add_argument("output", type=Path)
    verifying = commands.add_parser("verify", help="compare a rebuilt int8 model with the vendored one")
    verifying.add_argument("rebuilt", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "build":
        build(arguments.source, arguments.output)
        return 0
    return 0 if verify(arguments.rebuilt) else 1


if __name__ == "__main__":
    sys.exit(main())
