// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "Descent",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Descent", targets: ["Descent"]),
    .library(name: "DescentPlots", targets: ["DescentPlots"]),
    .library(name: "DescentTesting", targets: ["DescentTesting"]),
    .executable(name: "descent", targets: ["DescentCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .target(name: "DescentKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "DescentCore", dependencies: ["DescentKernels"], swiftSettings: swiftSettings),
    .target(name: "DescentCPU", dependencies: ["DescentCore", "DescentKernels"], swiftSettings: swiftSettings),
    .target(name: "DescentRules", dependencies: ["DescentCore"], swiftSettings: swiftSettings),
    // The system's zlib, which the toolchain itself needs.
    .systemLibrary(name: "SystemZlib"),
    .target(
      name: "Descent", dependencies: ["DescentCore", "DescentCPU", "DescentRules", "SystemZlib"],
      swiftSettings: swiftSettings),
    .target(name: "DescentPlots", swiftSettings: swiftSettings),
    .target(
      name: "DescentPlayground", dependencies: ["DescentCore", "DescentCPU", "DescentRules"],
      swiftSettings: swiftSettings),
    .target(
      name: "DescentTesting", dependencies: ["Descent", "DescentCore", "DescentCPU"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "DescentCLI",
      dependencies: ["Descent", "DescentPlots", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-iris", dependencies: ["Descent"], path: "Examples/Iris", swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-digits", dependencies: ["Descent"], path: "Examples/Digits", swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-own-loop", dependencies: ["Descent"], path: "Examples/OwnLoop", swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-own-layer", dependencies: ["Descent"], path: "Examples/OwnLayer", swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-charts", dependencies: ["DescentPlots"], path: "Examples/Charts", swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-brain-scans", dependencies: ["Descent", "DescentPlots"], path: "Examples/BrainScans",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "example-language-model", dependencies: ["Descent"], path: "Examples/LanguageModel",
      swiftSettings: swiftSettings),
    // Here and not in the benchmarks' own package, because it asks for one family of instructions after the other.
    .executableTarget(
      name: "descent-ulp", dependencies: ["DescentCore", "DescentCPU"], path: "Benchmarks/Ulp",
      swiftSettings: swiftSettings),
    .testTarget(name: "DescentKernelsTests", dependencies: ["DescentKernels"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DescentCoreTests", dependencies: ["DescentCore", "DescentCPU", "DescentTesting"],
      swiftSettings: swiftSettings),
    .testTarget(name: "DescentCPUTests", dependencies: ["Descent", "DescentCPU"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DescentRulesTests", dependencies: ["DescentCore", "DescentCPU", "DescentRules", "DescentTesting"],
      swiftSettings: swiftSettings),
    .testTarget(name: "DescentPlotsTests", dependencies: ["DescentPlots"], swiftSettings: swiftSettings),
    .target(name: "AllocationCounting", path: "Tests/AllocationCounting"),
    .testTarget(
      name: "DescentTests",
      dependencies: [
        "Descent", "DescentTesting", .target(name: "AllocationCounting", condition: .when(platforms: [.linux])),
      ],
      swiftSettings: swiftSettings),
    .testTarget(name: "DescentCLITests", dependencies: ["Descent", "DescentCLI"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DescentPlaygroundTests", dependencies: ["DescentCore", "DescentCPU", "DescentPlayground"],
      swiftSettings: swiftSettings),
  ]
)
