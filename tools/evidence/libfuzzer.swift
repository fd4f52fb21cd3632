import Foundation

// Compiled with all of RegistryModel and its ForeignReader into one program, see libfuzzer.py. The variable READER says which
// reader is tried.

@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do throws(RegistryError) {
    let holds = try reader.holds(bytes)
    precondition(holds, "what was taken isn't as it should be")
  } catch {
    precondition(!error.message.isEmpty && !error.hint.isEmpty, "a refusal without words")
  }
  return 0
}

private let reader: ForeignReader = {
  let name = ProcessInfo.processInfo.environment["READER"] ?? ""
  guard let reader = ForeignReader(rawValue: name) else {
    preconditionFailure("READER names no reader: \(name)")
  }
  return reader
}()
