import Descent
import Foundation
import Testing

/// A LeNet-5 that PyTorch trained on MNIST, where it is present, in the network of the same name.
struct LeNetOfPyTorchTests {
  /// Its weights in the layouts of `Sequential.leNet5`, whose channels come last.
  private func model(_ path: String) throws -> Sequential {
    let values = try SafeTensors(contentsOf: path).tensors
    func value(_ name: String) throws -> Tensor { try #require(values[name]) }
    var state: [(String, Tensor)] = []
    for (layer, name) in [(0, "body.conv1"), (3, "body.conv2"), (7, "head.fc1"), (9, "head.fc2"), (11, "head.fc3")] {
      let weight = try value(name + ".weight")
      // [outputs, inputs, height, width] → [height, width, inputs, outputs]; [outputs, inputs] → [inputs, outputs]
      state.append(("\(layer).weight", weight.transposed(weight.rank == 4 ? [2, 3, 1, 0] : [1, 0])))
      state.append(("\(layer).bias", try value(name + ".bias")))
    }
    // What the images are flattened to is ordered by channels first there.
    let first = try value("head.fc1.weight").reshaped([120, 16, 5, 5])
    state[4].1 = first.transposed([2, 3, 1, 0]).reshaped([400, 120])
    let model = Sequential.leNet5()
    try model.load(ModuleValues(state))
    return model
  }

  @Test(.needs("interop", "mnist")) func answersAsWhereItWasTrained() throws {
    let (folder, mnist) = (TestFiles.shared("interop"), TestFiles.shared("mnist"))
    let model = try model("\(folder)/safetensors/lenet.safetensors")
    let test = try LabelledImages(idxFolder: mnist, .test)
    // It was trained on pixels from 0 to 255.
    let logits = try model.predict(test.images.cast(to: .float32).expanded(axis: -1))
    let expected = try Tensor(npy: "\(folder)/onnx-lenet/lenet_probs_first100.npy").array()
    let found = logits[0..<100].softmax().array()
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    let labels = test.labels.array(of: Int.self)
    #expect(zip(logits.argMax(axis: 1).array(of: Int.self), labels).count { $0 == $1 } == 9911)
    // Raw pixels make nearly all of the first hundred certain, so the mean over all says more.
    let probabilities = logits.cast(to: .float64).softmax().array(of: Double.self)
    let loss = labels.enumerated().reduce(0) { $0 - log(max(probabilities[$1.offset * 10 + $1.element], 1e-12)) }
    #expect(abs(loss / 10_000 - 0.229_320_451_6) < 1e-6)
  }
}
