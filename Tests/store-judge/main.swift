import Foundation
import ModelRegistry
import RegistryModel
import TestSupport

// Judges stores after a made-up power cut, one a line of standard input, and answers each with a line: a JSON array of
// sentences, empty where everything holds.
//
//   {"acknowledged": bool, "also": [DIR], "between": bool, "new": DIR, "old": DIR, "recovered": bool, "root": DIR,
//    "verifies": bool}
//
// `old` and `new` are whole stores before and after the command that was cut, or are left out together with
// `acknowledged` and `between`: then only the invariants are looked at. They are read once, and must stay as they are.
// Where the command was acknowledged, only `new` will do; before that `also`, which may be left out, has more that will.
// With `between` each thing for itself may be old or new. With `recovered` the program has had its turn already.

let states = KnownStates()
while let line = readLine() {
  var problems: [String]
  do {
    problems = try Question(JSONValue(parsing: Array(line.utf8)), states).answer()
  } catch {
    problems = ["the judge failed: \(error)"]
  }
  let text = JSONValue.array(problems.map { .string($0) }).canonicalText
  FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}
