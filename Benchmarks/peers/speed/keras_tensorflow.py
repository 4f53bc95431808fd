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
  for outputs in w["channels"][1:]:
    layers += [keras.layers.Conv2D(outputs, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D(2)]
  layers += [keras.layers.Flatten()] + [keras.layers.Dense(o, activation="relu") for o in w["dense"][:-1]]
  model = keras.Sequential(layers + [keras.layers.Dense(w["dense"][-1])])
  model.set_weights(common.image_weights(w))
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

  def steps(self, w, model, batches):
    if w.get("loss") == "meanSquaredError":
      loss = keras.losses.MeanSquaredError()
    else:
      loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    is_plain = w.get("optimizer") == "sgd"
    rule = keras.optimizers.SGD if is_plain else keras.optimizers.Adam
    optimizer = rule(w["learningRate"], **({} if is_plain else {"epsilon": 1e-8}))
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(inputs, targets):
      with tf.GradientTape() as tape:
        value = loss(targets, model(inputs, training=True))
      gradients = tape.gradient(value, model.trainable_variables)
      optimizer.apply_gradients(zip(gradients, model.trainable_variables))
      return value

    variables = model.trainable_variables + optimizer.variables
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
