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


class Engine:
  def __init__(self, threads, compiled):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

  def prepare(self, w):
    if w["kind"] not in ("training", "inference"):
      raise Unsupported
    keras.utils.clear_session()
    return getattr(self, w["kind"])(w)

  def training(self, w):
    model = network(w)
    if w["loss"] == "meanSquaredError":
      loss = keras.losses.MeanSquaredError()
    else:
      loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rule = keras.optimizers.SGD if w["optimizer"] == "sgd" else keras.optimizers.Adam
    optimizer = rule(w["learningRate"], **({} if w["optimizer"] == "sgd" else {"epsilon": 1e-8}))
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

    batches = [tuple(tf.constant(a) for a in common.network_batch(w, index)) for index in range(w["batches"])]
    return common.training(step, batches, reset)

  def inference(self, w):
    model = network(w)
    x = tf.constant(common.noise(0, (w["batch"], w["layers"][0])))
    function = tf.function(lambda x: model(x, training=False))
    check = common.picked(function(x).numpy())

    def run(count):
      for _ in range(count):
        result = function(x)
      result.numpy()

    return Prepared(check, lambda: None, run)
