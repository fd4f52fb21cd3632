import RegistryModel
import Testing

@Suite struct FileFormatTests {
  private static let torch: [UInt8] = [
    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  private static let safetensors: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22]
  /// The length 640, which begins as a pickle does.
  private static let both: [UInt8] = [0x80, 2, 0, 0, 0, 0, 0, 0, 0x7b, 0x22]

  @Test(
    arguments: [
      (NpyHeader.magic + [1, 0], "x.npy", .npy), (NpyHeader.magic + [1, 0], "weights", .npy),
      ([0x80, 2], "x", .pickle), ([0x80, 5, 0x95], "x.npz", .pickle), ([0x80, 4], "x.safetensors", .pickle),
      ([0x80, 4], "x.pt", .pytorch), (torch, "x", .pytorch), ([0x80, 6], "x", .other), ([0x80], "x", .other),
      ([0x28, 0x64], "x.pkl", .pickle), ([0x28, 0x64], "x.PICKLE", .pickle),
      ([0x78, 0x9c], "x.joblib", .pickle),
      (Array("\u{1c}\u{0}\u{0}\u{0}TFL3".utf8), "x", .tflite), ([0x01] + Array("HEF".utf8), "x", .hef),
      (safetensors, "x", .safetensors), (safetensors, "x.pt", .safetensors),
      (both, "x.safetensors", .safetensors),
      (both, "x", .pickle), (both, "x.pth", .pytorch), ([], "a/b.safetensors", .safetensors),
      ([], "x.tflite", .tflite),
      (Array("weights".utf8), "x.npz", .npz), ([8], "x.onnx", .onnx),
      (Array("{}".utf8), "config.json", .other),
      ([], "safetensors", .other), ([], ".npz", .npz), ([], "npz/x", .other),
    ] as [([UInt8], String, FileFormat)])
  func `content decides first, and the name second`(prefix: [UInt8], name: String, format: FileFormat) {
    #expect(FileFormat(prefix: prefix, name: name, bytes: 4096) == format)
  }

  @Test(
    arguments: [
      (["archive/data.pkl", "archive/data/0"], false, "x.npz", .pytorch),
      (["data.pkl"], false, "x", .pytorch),
      (["xdata.pkl"], false, "x", .other), (["a.npy"], true, "x", .npz), (["a.txt"], false, "x.npz", .npz),
      (["a.txt"], false, "x.zip", .other), ([], false, "x.pt", .pytorch), ([], true, "x.pkl", .pickle),
    ] as [([String], Bool, String, FileFormat)])
  func `a zip is what its entries say`(entries: [String], holdsArrays: Bool, name: String, format: FileFormat)
  {
    #expect(FileFormat(entries: entries, holdsArrays: holdsArrays, name: name) == format)
  }

  @Test func `pickles run code when they are loaded`() {
    #expect(FileFormat.allCases.filter(\.runsCodeWhenLoaded) == [.pickle, .pytorch])
    #expect(FileFormat.isZip([0x50, 0x4b, 3, 4, 0]) && FileFormat.isZip([0x50, 0x4b, 5, 6]))
    #expect(!FileFormat.isZip([0x50, 0x4b]) && !FileFormat.isZip([]))
  }
}
