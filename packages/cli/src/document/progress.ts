/**
 * How far a long document has been read, as a bar on standard error: for people at a terminal only, so that nothing of
 * it is in the output of a program.
 */
import type { ByteSource } from '@natsuin/ades/pdf'

export interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const WIDTH = 30

export class Progress {
  readonly #screen: Screen
  #step = ''
  #shown = -1

  constructor(screen: Screen = process.stderr) {
    this.#screen = screen
  }

  /** The next step begins; its bar starts anew. */
  step(name: string): void {
    this.#step = name
    this.#shown = -1
    this.#show(0)
  }

  /** The same source, whose reading moves the bar. */
  watched(source: ByteSource): ByteSource {
    return {
      size: source.size,
      read: async (offset, length) => {
        this.#show((offset + length) / Math.max(1, source.size))
        return source.read(offset, length)
      },
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#screen.isTTY && this.#shown >= 0) this.#screen.write('\r\x1b[K')
    this.#shown = -1
  }

  #show(part: number): void {
    const filled = Math.round(Math.min(1, part) * WIDTH)
    // It only grows: reading goes back and forth.
    if (!this.#screen.isTTY || filled <= this.#shown) return
    this.#shown = filled
    this.#screen.write(`\r\x1b[K${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${this.#step}`)
  }
}
