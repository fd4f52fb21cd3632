// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "ModelRegistry",
  products: [
    .library(name: "ModelRegistry", targets: ["ModelRegistry"]),
    .executable(name: "modelctl", targets: ["modelctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "CLinux", linkerSettings: [.linkedLibrary("sqlite3")]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "CMigrations"),

    .target(name: "RegistryModel", swiftSettings: strict),
    .target(name: "DurableFiles", dependencies: ["CLinux"], swiftSettings: strict),
    .target(
      name: "ModelRegistry",
      dependencies: [
        "RegistryModel", "DurableFiles", "CMigrations", "CLinux", "CLibCrypto", "CLibArchive", grdb,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "modelctl",
      dependencies: ["ModelRegistry", "RegistryModel", argumentParser, "Yams"],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["ModelRegistry", "DurableFiles", grdb], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "RegistryModelTests", dependencies: ["RegistryModel"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "DurableFilesTests", dependencies: ["DurableFiles"], swiftSettings: strict),
    .testTarget(
      name: "ModelRegistryTests", dependencies: ["ModelRegistry", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CrashTests", dependencies: ["ModelRegistry", "DurableFiles", "TestSupport", grdb],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["TestSupport", "RegistryModel", "modelctl"], swiftSettings: strict
    ),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
