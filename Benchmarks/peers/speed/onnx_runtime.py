"""ONNX Runtime, for inference: inputs and outputs bound once, as its own advice for speed has it."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from . import common
from .common import Prepared, Unsupported

version = onnxruntime.__version__


class Engine:
  def __init__(self, threads, compiled):
    self.options = onnxruntime.SessionOptions()
    self.options.intra_op_num_threads = threads

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    return getattr(self, w["kind"])(w)

  def inference(self, w):
    values = common.network_weights(w["layers"])
    nodes, constants, current = [], [], "x"
    for index in range(len(values) // 2):
      names = [f"weight{index}", f"bias{index}"]
      constants += [numpy_helper.from_array(v, n) for v, n in zip(values[2 * index : 2 * index + 2], names)]
      nodes.append(helper.make_node("Gemm", [current, *names], [f"sum{index}"]))
      current = f"sum{index}"
      if index < len(values) // 2 - 1:
        nodes.append(helper.make_node(w["activation"].capitalize(), [current], [f"out{index}"]))
        current = f"out{index}"
    nodes[-1].output[0] = "y"
    return self.session(nodes, constants, (w["batch"], w["layers"][0]), (w["batch"], w["layers"][-1]))

  def softmax(self, w):
    shape = (w["rows"], w["columns"])
    return self.session([helper.make_node("Softmax", ["x"], ["y"], axis=-1)], [], shape, shape)

  def layerNorm(self, w):
    shape, columns = (w["rows"], w["columns"]), w["columns"]
    constants = [
      numpy_helper.from_array(np.ones(columns, np.float32), "scale"),
      numpy_helper.from_array(np.zeros(columns, np.float32), "shift"),
    ]
    node = helper.make_node("LayerNormalization", ["x", "scale", "shift"], ["y"], epsilon=1e-5)
    return self.session([node], constants, shape, shape)

  def transpose(self, w):
    shape = (w["rows"], w["columns"])
    return self.session([helper.make_node("Transpose", ["x"], ["y"])], [], shape, shape[::-1])

  def session(self, nodes, constants, input_shape, output_shape):
    info = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "graph", [info("x", input_shape)], [info("y", output_shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(
      model.SerializeToString(), self.options, providers=["CPUExecutionProvider"]
    )
    binding = session.io_binding()
    x = onnxruntime.OrtValue.ortvalue_from_numpy(common.noise(0, input_shape))
    y = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(output_shape, np.float32))
    binding.bind_ortvalue_input("x", x)
    binding.bind_ortvalue_output("y", y)

    def run(count):
      for _ in range(count):
        session.run_with_iobinding(binding)

    run(1)
    return Prepared(common.picked(y.numpy()), lambda: None, run)
