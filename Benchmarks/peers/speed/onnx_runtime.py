"""ONNX Runtime, for inference: inputs and outputs bound once, as its own advice for speed has it."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from . import common
from .common import Prepared, Unsupported

version = onnxruntime.__version__


class Graph:
  """Operations one after the other, from x to y."""

  def __init__(self):
    self.nodes, self.constants, self.current = [], [], "x"

  def add(self, operation, *values, **attributes):
    names = [f"constant{len(self.constants) + index}" for index in range(len(values))]
    self.constants += [numpy_helper.from_array(v, n) for v, n in zip(values, names)]
    result = f"value{len(self.nodes)}"
    self.nodes.append(helper.make_node(operation, [self.current, *names], [result], **attributes))
    self.current = result

  def network(self, values, activation):
    """Dense layers, the last ones of the graph."""
    pairs = list(zip(values[::2], values[1::2]))
    for index, (weight, bias) in enumerate(pairs):
      self.add("Gemm", weight, bias)
      if index < len(pairs) - 1:
        self.add(activation)
    self.nodes[-1].output[0] = "y"


class Engine:
  def __init__(self, threads, compiled):
    self.options = onnxruntime.SessionOptions()
    self.options.intra_op_num_threads = threads

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    return getattr(self, w["kind"])(w)

  def inference(self, w):
    graph = Graph()
    graph.network(common.network_weights(w["layers"]), w["activation"].capitalize())
    x = common.noise(0, (w["batch"], w["layers"][0]))
    return self.session(graph.nodes, graph.constants, x, (w["batch"], w["layers"][-1]))

  def imageInference(self, w):
    values, graph = common.image_weights(w), Graph()
    count = 2 * len(w["windows"])
    for (window, bias), padding in zip(zip(values[:count:2], values[1:count:2]), w["paddings"]):
      margin = window.shape[0] // 2 if padding == "same" else 0
      graph.add("Conv", window.transpose(3, 2, 0, 1).copy(), bias, pads=4 * [margin])
      graph.add("Relu")
      graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Flatten")
    # Rows in the order of [channel, height, width], as they lie here.
    size, (weight, *rest) = common.pooled_size(w), values[count:]
    weight = weight.reshape(size, size, -1, weight.shape[1]).transpose(2, 0, 1, 3).reshape(weight.shape).copy()
    graph.network([weight, *rest], "Relu")
    x = common.image_batch(w, 0)[0].transpose(0, 3, 1, 2).copy()
    return self.session(graph.nodes, graph.constants, x, (w["batch"], w["dense"][-1]))

  def softmax(self, w):
    shape = (w["rows"], w["columns"])
    return self.session([helper.make_node("Softmax", ["x"], ["y"], axis=-1)], [], common.noise(0, shape), shape)

  def layerNorm(self, w):
    shape, columns = (w["rows"], w["columns"]), w["columns"]
    constants = [
      numpy_helper.from_array(np.ones(columns, np.float32), "scale"),
      numpy_helper.from_array(np.zeros(columns, np.float32), "shift"),
    ]
    node = helper.make_node("LayerNormalization", ["x", "scale", "shift"], ["y"], epsilon=1e-5)
    return self.session([node], constants, common.noise(0, shape), shape)

  def transpose(self, w):
    shape = (w["rows"], w["columns"])
    return self.session([helper.make_node("Transpose", ["x"], ["y"])], [], common.noise(0, shape), shape[::-1])

  def session(self, nodes, constants, x, output_shape):
    info = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "graph", [info("x", x.shape)], [info("y", output_shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(
      model.SerializeToString(), self.options, providers=["CPUExecutionProvider"]
    )
    binding = session.io_binding()
    x = onnxruntime.OrtValue.ortvalue_from_numpy(x)
    y = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(output_shape, np.float32))
    binding.bind_ortvalue_input("x", x)
    binding.bind_ortvalue_output("y", y)

    def run(count):
      for _ in range(count):
        session.run_with_iobinding(binding)

    run(1)
    return Prepared(common.picked(y.numpy()), lambda: None, run)
