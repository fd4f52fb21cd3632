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
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
  ],
  targets: [
    .target(name: "CLinux", linkerSettings: [.linkedLibrary("sqlite3")]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CMigrations"),
    .target(name: "CPage", exclude: ["page"]),
    .target(name: "CChecksum"),

    .target(name: "RegistryModel", dependencies: ["CChecksum"], swiftSettings: strict),
    .target(name: "DurableFiles", dependencies: ["CLinux"], swiftSettings: strict),
    .target(
      name: "ModelRegistry",
      dependencies: [
        "RegistryModel", "DurableFiles", "CMigrations", "CLinux", "CLibCrypto", "CLibArchive", grdb,
      ],
      swiftSettings: strict),
    .target(
      name: "GoogleCloud", dependencies: ["RegistryModel", "CLibCurl", "CLibCrypto"],
      swiftSettings: strict),
    .target(
      name: "CloudTraining", dependencies: ["ModelRegistry", "RegistryModel", "GoogleCloud"],
      swiftSettings: strict),
    .target(
      name: "RegistryDocuments", dependencies: ["ModelRegistry", "RegistryModel"], swiftSettings: strict),
    .target(
      name: "RegistryService",
      dependencies: [
        "ModelRegistry", "RegistryModel", "RegistryDocuments", "CPage",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .target(
      name: "WorkerService",
      dependencies: [
        "RegistryModel", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "modelctl",
      dependencies: [
        "ModelRegistry", "RegistryModel", "RegistryDocuments", "GoogleCloud", "CloudTraining",
        "WorkerService",
        "RegistryService", argumentParser, "Yams", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["ModelRegistry", "DurableFiles", grdb], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "Mutations", dependencies: ["RegistryModel"], path: "Tests/Mutations", exclude: ["Corpus"],
      swiftSettings: strict),
    .target(
      name: "CloudSimulator",
      dependencies: [
        "RegistryModel", "CLibCrypto", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      path: "Tests/CloudSimulator", exclude: ["VertexAI/extract_schemas.py"],
      resources: [.copy("VertexAI/custom-job-schemas.json")], swiftSettings: strict),
    .executableTarget(
      name: "cloud-simulator", dependencies: ["CloudSimulator"], path: "Tests/cloud-simulator",
      swiftSettings: strict),
    .executableTarget(
      name: "store-judge", dependencies: ["TestSupport", "ModelRegistry", "RegistryModel"],
      path: "Tests/store-judge", swiftSettings: strict),
    .testTarget(
      name: "CloudSimulatorTests", dependencies: ["CloudSimulator", "RegistryModel"], exclude: ["Clients"],
      swiftSettings: strict),
    .testTarget(
      name: "RegistryModelTests", dependencies: ["RegistryModel", "CChecksum", "Mutations"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "DurableFilesTests", dependencies: ["DurableFiles"], swiftSettings: strict),
    .testTarget(
      name: "ModelRegistryTests", dependencies: ["ModelRegistry", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GoogleCloudTests", dependencies: ["GoogleCloud", "RegistryModel", "CLibCrypto"],
      swiftSettings: strict),
    .testTarget(
      name: "RegistryServiceTests",
      dependencies: [
        "RegistryService", "RegistryDocuments", "ModelRegistry", "RegistryModel", "TestSupport", "Yams",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CrashTests", dependencies: ["ModelRegistry", "DurableFiles", "TestSupport", grdb],
      swiftSettings: strict),
    .testTarget(
      name: "RemoteTests",
      dependencies: [
        "ModelRegistry", "RegistryModel", "DurableFiles", "GoogleCloud", "CloudSimulator", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CloudTrainingTests",
      dependencies: [
        "GoogleCloud", "RegistryModel", "CloudSimulator", "ModelRegistry", "TestSupport", "CloudTraining",
        "DurableFiles", "Mutations",
      ],
      exclude: ["Events/Recorded"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "RegistryModel", "GoogleCloud", "CloudSimulator", "RegistryService", "modelctl",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      exclude: ["Remote/Clients"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
