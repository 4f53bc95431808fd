// Trains networks and prints what they learnt, as JSON: node curves.mjs '[{"settings": {...}, "steps": 100}, ...]'

import { readFile } from "node:fs/promises";
import { load } from "./descent.mjs";

const descent = await load(readFile(new URL("../.build/wasm/descent.wasm", import.meta.url)));
const results = JSON.parse(process.argv[2]).map(({ settings, steps, points }) => {
  let network;
  try {
    network = descent.network(settings);
  } catch (error) {
    return { refusal: error.message };
  }
  const result = {
    points: [...network.training.points],
    labels: [...network.training.labels],
    losses: [...network.train(steps)],
    trainingLoss: network.trainingLoss(),
    testLoss: network.testLoss(),
    predictions: [...network.predict(points)],
  };
  network.free();
  return result;
});
console.log(JSON.stringify(results));
