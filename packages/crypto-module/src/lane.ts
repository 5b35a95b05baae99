/**
 * Lets so many things happen at once, and the others wait in order.
 *
 * For the generation of keys: an RSA key takes a thread or a session for as long as a thousand signatures do, and
 * those who sign must not wait for those who enrol.
 */
export class Lane {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #under = 0

  constructor(width: number) {
    this.#width = width
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#under >= this.#width) await new Promise<void>(go => this.#waiting.push(go))
    else this.#under += 1
    try {
      return await work()
    } finally {
      // The place is handed on, not given up: nobody slips in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#under -= 1
      else next()
    }
  }
}
