// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "DescentFuzzing",
  platforms: [.macOS(.v15)],
  products: [.library(name: "DescentFuzzing", type: .static, targets: ["DescentFuzzing"])],
  dependencies: [.package(name: "Descent", path: "..")],
  targets: [
    .target(
      name: "DescentFuzzing", dependencies: [.product(name: "Descent", package: "Descent")], path: "Sources",
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
      ])
  ]
)
