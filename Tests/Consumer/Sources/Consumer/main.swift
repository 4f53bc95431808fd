import Descent

let slope = gradient { x in (x * sin(x)).sum() }([1, 2, 3])
print(slope)

let model = Sequential {
  Dense(2, 8)
  Tanh()
  Dense(8, 1)
}
let inputs: Tensor = [[0, 0], [0, 1], [1, 0], [1, 1]]
let targets: Tensor = [[0], [1], [1], [0]]
try model.fit(
  Dataset(inputs: inputs, targets: targets), loss: .meanSquaredError, optimizer: .adam(learningRate: 0.05), epochs: 400,
  batchSize: 4)
print(model(inputs))
