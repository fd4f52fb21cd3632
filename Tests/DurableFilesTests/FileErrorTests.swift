import DurableFiles
import Glibc
import Testing

@Suite struct FileErrorTests {
  @Test func `an error says the call, the path and the kernel's reason`() {
    let error = FileError(call: "rename", path: "/store/active", errno: ENOSPC)
    #expect(error.description == "rename /store/active: No space left on device")
  }

  @Test func `an unknown error number still has a description`() {
    #expect(FileError(call: "x", path: "y", errno: 9999).description.contains("9999"))
  }

  @Test func `errors are sorted by who must act`() {
    func error(_ code: Int32) -> FileError { FileError(call: "", path: "", errno: code) }
    #expect(error(ENOENT).isMissing)
    #expect(error(ENOSPC).isNoSpace && error(EDQUOT).isNoSpace)
    #expect(error(EROFS).isReadOnly)
    #expect(error(EACCES).isPermission && error(EPERM).isPermission)
    #expect(error(EEXIST).exists)
    #expect(error(EIO).isIO)
    #expect(!error(EIO).isMissing && !error(EIO).isNoSpace && !error(ENOENT).exists)
  }
}
