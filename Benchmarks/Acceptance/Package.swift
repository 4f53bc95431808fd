// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Acceptance",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Descent", path: "../..")],
  targets: [
    .executableTarget(name: "acceptance", dependencies: [.product(name: "Descent", package: "Descent")])
  ]
)
