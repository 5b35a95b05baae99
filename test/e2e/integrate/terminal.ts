/** A program with a person in front of it: where it prints an address, she opens it, and types where she ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  approve,
  type Deployment,
  itemsFor,
  logIn,
  openApproval,
  type Signer,
} from '@natsuin/testing/deployment'

export interface Run {
  readonly command: readonly [program: string, ...args: readonly string[]]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** A pipe that the program reads from instead of its standard input. */
  readonly keyboard?: string
}

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export class PersonAtTerminal {
  readonly #deployment: Deployment
  readonly #signer: Signer
  readonly #redirectUri: string

  constructor(deployment: Deployment, signer: Signer, redirectUri: string) {
    this.#deployment = deployment
    this.#signer = signer
    this.#redirectUri = redirectUri
  }

  async run({ command: [program, ...args], folder, environment, keyboard }: Run): Promise<Ran> {
    const env = { ...process.env, ...environment }
    const child = spawn(program, args, { cwd: folder, env, timeout: 120_000 })
    const type = (line: string) =>
      keyboard === undefined ? child.stdin.write(`${line}\n`) : writeFile(keyboard, `${line}\n`)
    const reads = [child.stdout, child.stderr].map(stream => this.#read(stream, type))
    const [status] = await once(child, 'close')
    const [stdout = '', stderr = ''] = await Promise.all(reads)
    return { status: Number(status), stdout, stderr }
  }

  async #read(stream: Readable, type: (line: string) => unknown): Promise<string> {
    let text = ''
    let answered = 0
    for await (const piece of stream) {
      text += String(piece)
      const asked = [...text.matchAll(/^(Log in|Approve): (\S+)\n/gm)]
      for (const [, what = '', url = ''] of asked.slice(answered)) await type(await this.#act(what, url))
      answered = asked.length
    }
    return text
  }

  async #act(what: string, url: string): Promise<string> {
    const [deployment, signer, redirectUri] = [this.#deployment, this.#signer, this.#redirectUri]
    if (what === 'Log in') return await logIn(deployment, signer, url, redirectUri)
    const shown = await openApproval(deployment, signer, url)
    const documents = shown.items.flatMap(({ documentDigest }) => documentDigest ?? [])
    return await approve(deployment, signer, shown, { items: itemsFor(shown, documents), redirectUri })
  }
}
