// swift-tools-version: 6.0
import PackageDescription

// What another project does to use the library; built in debug and in release by .ci/run.
let package = Package(
  name: "Consumer",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Descent", path: "../..")],
  targets: [
    .executableTarget(name: "Consumer", dependencies: [.product(name: "Descent", package: "Descent")])
  ]
)
