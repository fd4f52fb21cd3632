import Dispatch
import DurableFiles
import Synchronization

/// Runs `body` for each position on as many threads as there are cores. Not on Swift's pool, which blocking
/// reads would stop.
func concurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
  guard count > 1, !stepsAreCounted else { return (0..<count).forEach(body) }
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}

/// What `body` makes of each element, in their order; the first failure stops the rest and is thrown.
///
/// Elements are taken in runs of `run`, as one alone may be less work than to ask for it.
func concurrentMap<Element: Sendable, Answer: Sendable>(
  _ elements: [Element], run: Int = 64, _ body: @Sendable (Element) throws -> Answer
) throws -> [Answer] {
  let runs = (elements.count + run - 1) / run
  let state = Mutex<(answers: [[Answer]], failure: (any Error)?)>((Array(repeating: [], count: runs), nil))
  concurrently(runs) { number in
    guard state.withLock({ $0.failure == nil }) else { return }
    let part = elements[number * run..<min((number + 1) * run, elements.count)]
    let result = Result { try part.map { try body($0) } }
    state.withLock { state in
      switch result {
      case .success(let answers): state.answers[number] = answers
      case .failure(let error): state.failure = state.failure ?? error
      }
    }
  }
  return try state.withLock { state in
    if let failure = state.failure { throw failure }
    return state.answers.flatMap(\.self)
  }
}

/// Two things at once, one of them on another thread.
func both<First: Sendable, Second: Sendable>(
  _ first: @Sendable () throws -> First, _ second: @Sendable () throws -> Second
) throws -> (First, Second) {
  let answers = Mutex<(first: Result<First, any Error>?, second: Result<Second, any Error>?)>((nil, nil))
  concurrently(2) { position in
    if position == 0 {
      let answer = Result { try first() }
      answers.withLock { $0.first = answer }
    } else {
      let answer = Result { try second() }
      answers.withLock { $0.second = answer }
    }
  }
  return try answers.withLock { answers in
    guard let first = answers.first, let second = answers.second else { preconditionFailure("both have run") }
    return (try first.get(), try second.get())
  }
}

/// A fault plan counts steps: they must come in one order, on one thread.
var stepsAreCounted: Bool {
  #if DEBUG
    FaultPlan.current != nil
  #else
    false
  #endif
}
