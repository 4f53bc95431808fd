"""Keras on TensorFlow: a training step as one tf.function, which is faster than `train_on_batch`."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf

from . import common
from .common import Prepared, Unsupported

version = f"{keras.__version__} on TensorFlow {tf.__version__}"


def network(w):
  sizes = w["layers"]
  dense = [keras.layers.Dense(o, activation=w["activation"]) for o in sizes[1:-1]] + [keras.layers.Dense(sizes[-1])]
  model = keras.Sequential([keras.Input((sizes[0],))] + dense)
  model.set_weights(common.network_weights(sizes))
  return model


def image_network(w):
  layers = [keras.Input((w["size"], w["size"], w["channels"][0]))]
  for outputs, window, padding in zip(w["channels"][1:], w["windows"], w["paddings"]):
    layers += [keras.layers.Conv2D(outputs, window, padding=padding, activation="relu"), keras.layers.MaxPooling2D(2)]
  layers += [keras.layers.Flatten()] + [keras.layers.Dense(o, activation="relu") for o in w["dense"][:-1]]
  model = keras.Sequential(layers + [keras.layers.Dense(w["dense"][-1])])
  model.set_weights(common.image_weights(w))
  return model


def residual_network(w):
  def normalised(x, outputs, strides=1):
    padding = "same"
    if strides > 1:
      # TensorFlow's own "same" pads only after, where strides are even.
      x, padding = keras.layers.ZeroPadding2D(1)(x), "valid"
    x = keras.layers.Conv2D(outputs, 3, strides, padding=padding, use_bias=False)(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

  images = keras.Input((w["size"], w["size"], w["inputs"]))
  x = keras.layers.ReLU()(normalised(images, w["widths"][0]))
  for inputs, outputs in common.residual_blocks(w):
    y = keras.layers.ReLU()(normalised(x, outputs, 1 if inputs == outputs else 2))
    y = normalised(y, outputs)
    if inputs != outputs:
      x = keras.ops.pad(x[:, ::2, ::2], ((0, 0), (0, 0), (0, 0), (0, outputs - inputs)))
    x = keras.layers.ReLU()(y + x)
  model = keras.Model(images, keras.layers.Dense(w["classes"])(keras.layers.GlobalAveragePooling2D()(x)))
  values = common.residual_weights(w)
  assert len(values) == len(model.trainable_variables)
  for variable, value in zip(model.trainable_variables, values):
    variable.assign(value)
  return model


class Engine:
  def __init__(self, threads, compiled):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    keras.utils.clear_session()
    return getattr(self, w["kind"])(w)

  def training(self, w):
    return self.steps(w, network(w), [common.network_batch(w, index) for index in range(w["batches"])])

  def imageTraining(self, w):
    return self.steps(w, image_network(w), [common.image_batch(w, index) for index in range(w["batches"])])

  def residualTraining(self, w):
    model = residual_network(w)
    batches = [common.residual_batch(w, index) for index in range(w["batches"])]
    prepared = self.steps(w, model, batches)
    inputs, targets = batches[0]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    prepared.check.append(float(loss(targets, model(inputs, training=False))))
    return prepared

  def steps(self, w, model, batches):
    if w.get("loss") == "meanSquaredError":
      loss = keras.losses.MeanSquaredError()
    else:
      loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if w.get("optimizer") == "sgd" or "momentum" in w:
      optimizer = keras.optimizers.SGD(w["learningRate"], w.get("momentum", 0.0))
    else:
      optimizer = keras.optimizers.Adam(w["learningRate"], epsilon=1e-8)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(inputs, targets):
      with tf.GradientTape() as tape:
        value = loss(targets, model(inputs, training=True))
      gradients = tape.gradient(value, model.trainable_variables)
      optimizer.apply_gradients(zip(gradients, model.trainable_variables))
      return value

    variables = model.variables + optimizer.variables
    start = [v.numpy() for v in variables]

    def reset():
      for variable, value in zip(variables, start):
        variable.assign(value)

    batches = [tuple(tf.constant(a) for a in batch) for batch in batches]
    return common.training(step, batches, reset)

  def inference(self, w):
    return self.forward(network(w), common.noise(0, (w["batch"], w["layers"][0])))

  def imageInference(self, w):
    return self.forward(image_network(w), common.image_batch(w, 0)[0])

  def forward(self, model, inputs):
    x = tf.constant(inputs)
    function = tf.function(lambda x: model(x, training=False))
    check = common.picked(function(x).numpy())

    def run(count):
      for _ in range(count):
        result = function(x)
      result.numpy()

    return Prepared(check, lambda: None, run)
