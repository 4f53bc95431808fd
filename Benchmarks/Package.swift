// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "DescentBenchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "Descent", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    .executableTarget(
      name: "acceptance", dependencies: [.product(name: "Descent", package: "Descent")], path: "Acceptance",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "descent-benchmarks",
      dependencies: [
        .product(name: "Descent", package: "Descent"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Speed", swiftSettings: swiftSettings),
    .executableTarget(name: "tile-rate", path: "Tiles"),
  ]
)
