/** ZIP files as containers have them: what another program reads and writes, and what can be read in two ways. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { rounds, seed } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import fc from 'fast-check'
import { type ByteSource, bytesSource } from '../pdf/byte-source.ts'
import { readZip, type ZipEntry } from './read.ts'
import { ZipRefusal } from './refusal.ts'
import { writeZip } from './write.ts'

const folder = temporaryFolder()
const FILES = [
  { name: 'mimetype', content: utf8('application/vnd.etsi.asic-e+zip') },
  { name: '契約書/a b.txt', content: utf8('The parties agree.\n'.repeat(40)) },
  { name: 'empty', content: new Uint8Array() },
]

async function allOf(source: ByteSource): Promise<Uint8Array> {
  return (await source.read(0, source.size)).slice()
}

const written = async (files = FILES) =>
  allOf(await writeZip(files.map(({ name, content }) => ({ name, content: bytesSource(content) }))))

async function contentOf({ pieces }: ZipEntry): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  for await (const piece of pieces()) read.push(piece.slice())
  return concat(...read)
}

async function read(bytes: Uint8Array) {
  const files: { name: string; content: Uint8Array }[] = []
  for (const entry of await readZip(bytesSource(bytes)))
    files.push({ name: entry.name, content: await contentOf(entry) })
  return files
}

/** Runs a program over `archive.zip`, with `zipfile` at hand. */
function python(program: string): string {
  const path = join(folder, 'archive.zip')
  const text = `import json, sys, zipfile\npath = sys.argv[1]\n${program}`
  return execFileSync('python3', ['-c', text, path], { encoding: 'utf8' })
}

const refusal = (code: string) => ({ name: 'ZipRefusal', code })

describe('a ZIP file', () => {
  it('is read as it was written, here and by another program', async () => {
    const bytes = await written()
    assert.deepEqual(await read(bytes), FILES)
    writeFileSync(join(folder, 'archive.zip'), bytes)
    const list = python(
      'z = zipfile.ZipFile(path); assert z.testzip() is None; print(json.dumps(z.namelist()))',
    )
    assert.deepEqual(
      JSON.parse(list),
      FILES.map(({ name }) => name),
    )
  })

  it('by another program is read: compressed, with folders, and with sizes behind the data', async () => {
    const [, { name = '', content = new Uint8Array() } = {}] = FILES
    const text = JSON.stringify(new TextDecoder().decode(content))
    const program = (out: string) => `
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): pass
with open(path, 'wb') as f, zipfile.ZipFile(${out}, 'w', zipfile.ZIP_DEFLATED) as z:
    z.mkdir('folder') if hasattr(z, 'mkdir') else None
    z.writestr(${JSON.stringify(name)}, ${text})
`
    for (const out of ['f', 'Pipe(f)']) {
      python(program(out))
      const files = await read(new Uint8Array(readFileSync(join(folder, 'archive.zip'))))
      assert.deepEqual(files, [{ name, content }])
    }
  })

  it('is the same for the same files', async () => {
    assert.deepEqual(await written(), await written())
  })

  it('has no more than its limits (T-LIM-12)', async () => {
    const source = bytesSource(await written())
    const size = FILES.reduce((sum, { content }) => sum + content.length, 0)
    await readZip(source, { entries: 3, contentBytes: size })
    await assert.rejects(readZip(source, { entries: 2, contentBytes: size }), refusal('zip-limit-exceeded'))
    await assert.rejects(
      readZip(source, { entries: 3, contentBytes: size - 1 }),
      refusal('zip-limit-exceeded'),
    )
  })
})

describe('a ZIP file is refused', () => {
  const NAMES = [
    ...['../a', 'a/../../b', '/a', 'C:a', 'c:/a', 'a\\b', '..', '.', './a', 'a//b', 'a/./b', ''],
    ...['a\u0000b', 'a\nb', 'a\u007fb', '\u2025/a', 'a\uff0fb', '\uff0e\uff0e/a', 'a\u2215b', 'a\uff3cb'],
  ]
  it('with names that are a way out, or look like one (T-ZIP-01)', async () => {
    const [, ...others] = FILES
    for (const name of NAMES) {
      const content = utf8('-')
      await assert.rejects(written([{ name, content }]), refusal('zip-name-invalid'), JSON.stringify(name))
      const placeholder = 'q'.repeat(utf8(name).length)
      if (placeholder === '') continue
      const forged = replaced(await written([{ name: placeholder, content }]), utf8(placeholder), utf8(name))
      const wrong = { name: 'ZipRefusal', code: /zip-name/ }
      await assert.rejects(read(forged), wrong, JSON.stringify(name))
    }
    assert.equal((await read(await written(others))).length, 2)
  })

  it('with a name twice, in whatever case or composition (T-ZIP-03)', async () => {
    for (const pair of [
      ['a', 'a'],
      ['a', 'A'],
      ['\u00e9', 'e\u0301'],
    ]) {
      const files = pair.map(name => ({ name, content: utf8('x') }))
      await assert.rejects(written(files), refusal('zip-name-twice'))
    }
    const forged = replaced(await written(), utf8('empty'), utf8('Empty'), 'directory')
    await assert.rejects(read(forged), refusal('zip-ambiguous'))
  })

  it('with something before, between or behind (T-ZIP-03)', async () => {
    const bytes = await written()
    const end = bytes.length - 22
    const more = utf8('more')
    for (const [name, changed] of [
      ['before', concat(more, bytes)],
      ['behind', concat(bytes, more)],
      ['between', concat(bytes.subarray(0, end), more, bytes.subarray(end))],
      ['a second end', concat(bytes, bytes.subarray(end))],
      ['cut', bytes.subarray(0, end)],
      ['nothing', new Uint8Array()],
    ] as const)
      await assert.rejects(read(changed), { name: 'ZipRefusal' }, name)
  })

  it('with another end in its comment, a second name, or a folder with a content (T-ZIP-03)', async () => {
    const text = (program: string) => `
with zipfile.ZipFile(path, 'w') as z:
${program}
`
    const variants = [
      "    z.comment = b'PK\\5\\6' + bytes(30)\n    z.writestr('a', 'x')",
      "    i = zipfile.ZipInfo('a'); i.extra = b'up' + bytes([6, 0, 1, 0, 0, 0, 0, 98])\n    z.writestr(i, 'x')",
      "    i = zipfile.ZipInfo('a/'); i.compress_type = zipfile.ZIP_STORED\n    z.writestr(i, 'x')",
    ]
    for (const program of variants) {
      python(text(program))
      const bytes = new Uint8Array(readFileSync(join(folder, 'archive.zip')))
      await assert.rejects(read(bytes), refusal('zip-ambiguous'), program)
    }
    python(text("    z.comment = b'a comment'\n    z.writestr('a', 'x')"))
    const files = await read(new Uint8Array(readFileSync(join(folder, 'archive.zip'))))
    assert.deepEqual(
      files.map(({ name }) => name),
      ['a'],
    )
  })

  it('that is a bomb, before it goes off (T-ZIP-02)', async () => {
    python(`
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('bomb', b'\\0' * 20_000_000)
`)
    const bomb = new Uint8Array(readFileSync(join(folder, 'archive.zip')))
    // The size that it says is a kilobyte, in both headers.
    const lying = bomb.slice()
    const size = Uint8Array.of(0x00, 0x2d, 0x31, 0x01)
    for (let at = indexOf(lying, size, 0); at >= 0; at = indexOf(lying, size, at + 4))
      lying.set([0, 4, 0, 0], at)
    let given = 0
    const [entry] = await readZip(bytesSource(lying))
    await assert.rejects(async () => {
      for await (const piece of entry?.pieces() ?? []) given += piece.length
    }, refusal('zip-content-damaged'))
    assert.ok(given <= 1024, `${given} bytes`)
    const limits = { entries: 1, contentBytes: 1_000_000 }
    await assert.rejects(readZip(bytesSource(bomb), limits), refusal('zip-limit-exceeded'))
  })

  it('or is read as before, with any byte changed (T-ZIP-03)', async () => {
    const bytes = await written()
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(change, async ([at, mask]) => {
        const changed = bytes.slice()
        changed[at] = (changed[at] ?? 0) ^ mask
        const files = await read(changed).catch((error: unknown) => {
          assert.ok(error instanceof ZipRefusal, String(error))
          return FILES
        })
        assert.deepEqual(files, FILES)
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part, from)
}

/** Every place where the part stands, or only the last, which is in the directory. */
function replaced(
  bytes: Uint8Array,
  part: Uint8Array,
  by: Uint8Array,
  where: 'everywhere' | 'directory' = 'everywhere',
): Uint8Array {
  const copy = bytes.slice()
  const places: number[] = []
  for (let at = indexOf(copy, part, 0); at >= 0; at = indexOf(copy, part, at + 1)) places.push(at)
  for (const at of where === 'everywhere' ? places : places.slice(-1)) copy.set(by, at)
  return copy
}
