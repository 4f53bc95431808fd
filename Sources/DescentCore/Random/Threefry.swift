/// Threefry-2x32 with 20 rounds, the definition the kernels are tested against.
package func threefry(_ key: (UInt32, UInt32), _ counter: (UInt32, UInt32)) -> (UInt32, UInt32) {
  let rotations: [UInt32] = [13, 15, 26, 6, 17, 29, 16, 24]
  let keys = [key.0, key.1, 0x1BD1_1BDA ^ key.0 ^ key.1]
  var x0 = counter.0 &+ keys[0]
  var x1 = counter.1 &+ keys[1]
  for round in 0..<20 {
    let rotation = rotations[round % 8]
    x0 = x0 &+ x1
    x1 = (x1 << rotation | x1 >> (32 - rotation)) ^ x0
    if round % 4 == 3 {
      let injection = round / 4 + 1
      x0 = x0 &+ keys[injection % 3]
      x1 = x1 &+ keys[(injection + 1) % 3] &+ UInt32(injection)
    }
  }
  return (x0, x1)
}
