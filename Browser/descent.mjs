// Loads the module that build.sh makes, and gives the playground's network to JavaScript.
//
//   const descent = await load(await readFile("descent.wasm"));       // in a page: fetch("descent.wasm")
//   const network = descent.network({ pattern: "xor", hiddenLayers: [4, 2] });
//   const losses = network.train(100);
//   network.free();

const choices = {
  pattern: ["circle", "xor", "gauss", "spiral"],
  features: ["x", "y", "xSquared", "ySquared", "product", "sineOfX", "sineOfY"],
  activation: ["tanh", "relu", "sigmoid", "linear"],
  optimizer: ["gradientDescent", "momentum", "adam"],
  penalty: ["none", "l1", "l2"],
};

/** The settings a network has where nothing else is asked for. */
export const defaults = Object.freeze({
  pattern: "circle", noise: 0, pointCount: 500, trainingShare: 0.5, features: ["x", "y"], hiddenLayers: [4, 2],
  activation: "tanh", optimizer: "gradientDescent", learningRate: 0.03, penalty: "none", penaltyRate: 0,
  batchSize: 10, seed: 0,
});

function choice(kind, name) {
  const index = choices[kind].indexOf(name);
  if (index < 0) throw new RangeError(`${kind}: "${name}" is none of ${choices[kind].join(", ")}`);
  return index;
}

/** Settings as numbers, in the order in which the module reads them. */
function numbers(given) {
  for (const name of Object.keys(given)) {
    if (!(name in defaults)) throw new RangeError(`"${name}" is no setting; there are ${Object.keys(defaults).join(", ")}`);
  }
  const s = { ...defaults, ...given };
  const features = [...new Set(s.features)].reduce((sum, name) => sum + 2 ** choice("features", name), 0);
  return [
    choice("pattern", s.pattern), s.noise, s.pointCount, s.trainingShare, features,
    choice("activation", s.activation), choice("optimizer", s.optimizer), s.learningRate,
    choice("penalty", s.penalty), s.penaltyRate, s.batchSize, s.seed, ...s.hiddenLayers,
  ];
}

/** Starts the module: its bytes, or a response that brings them. */
export async function load(source) {
  const bytes = await source;
  const { instance } = bytes instanceof Uint8Array || bytes instanceof ArrayBuffer
    ? await WebAssembly.instantiate(bytes) : await WebAssembly.instantiateStreaming(bytes);
  const wasm = instance.exports;

  // Views are made anew each time because the memory they lie in moves when it grows.
  const floats = (address, count) => new Float32Array(wasm.memory.buffer, address, count).slice();
  const lend = (values, use) => {
    const address = wasm.malloc(values.byteLength);
    new Uint8Array(wasm.memory.buffer, address, values.byteLength).set(new Uint8Array(values.buffer));
    const result = use(address);
    wasm.free(address);
    return result;
  };
  const message = () => {
    const all = new Uint8Array(wasm.memory.buffer, wasm.descent_message());
    return new TextDecoder().decode(all.subarray(0, all.indexOf(0)));
  };

  return {
    /** A network for the settings given; where they are silent, the defaults hold. */
    network(settings = {}) {
      const values = Float64Array.from(numbers(settings));
      const handle = lend(values, (address) => wasm.descent_create(address, values.length));
      if (handle === 0) throw new RangeError(message());
      const part = (isTest) => {
        const count = wasm.descent_point_count(handle, isTest);
        return {
          points: floats(wasm.descent_points(handle, isTest), 2 * count),
          labels: floats(wasm.descent_labels(handle, isTest), count),
        };
      };
      return {
        training: part(0),
        test: part(1),
        /** Makes steps; gives the loss of each one's batch before it. */
        train: (steps) => floats(wasm.descent_train(handle, steps), steps),
        /** The outputs at points x, y, x, y, …: one in -1 ... 1 each. */
        predict(coordinates) {
          const values = Float32Array.from(coordinates);
          const count = values.length / 2;
          return floats(lend(values, (address) => wasm.descent_predict(handle, address, count)), count);
        },
        trainingLoss: () => wasm.descent_loss(handle, 0),
        testLoss: () => wasm.descent_loss(handle, 1),
        free: () => wasm.descent_free(handle),
      };
    },
  };
}
