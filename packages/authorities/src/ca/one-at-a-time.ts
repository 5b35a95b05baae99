/** Work on the same thing one after the other; work on different things at once. Within this process. */

export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `task` when everything that was asked for `thing` before has ended, well or badly. */
  run<T>(thing: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing) ?? Promise.resolve()
    const outcome = before.then(task, task)
    this.#last.set(thing, outcome)
    const forget = () => {
      if (this.#last.get(thing) === outcome) this.#last.delete(thing)
    }
    outcome.then(forget, forget)
    return outcome
  }
}
