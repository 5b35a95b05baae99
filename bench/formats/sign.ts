/** Ours signs one file, for the benchmark: see ../formats.ts for arguments and answer. */
import { createPrivateKey, sign as signWith } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { completeCades, prepareCades } from '@natsuin/ades/cades'
import { completeJades, prepareJades } from '@natsuin/ades/jades'
import { openFileSource, nodePlatform as platform } from '@natsuin/ades/node'
import { completePades, preparePades } from '@natsuin/ades/pades'
import { completeXades, prepareXades } from '@natsuin/ades/xades'

const [, , folder = '', format = '', warm = '', measured = ''] = process.argv
const file = (name: string) => join(folder, name)
const document = file('document.pdf')
const key = createPrivateKey(readFileSync(file('key.pem')))
const signature = (data: Uint8Array) => new Uint8Array(signWith('sha256', data, key))
const material = {
  platform,
  signingCertificate: new Uint8Array(readFileSync(file('signer.der'))),
  chain: [new Uint8Array(readFileSync(file('issuing.der')))],
  signatureAlgorithm: 'ecdsa-sha256',
} as const

async function pades(): Promise<void> {
  const signed = file('natsuin.PAdES')
  const source = await openFileSource(document)
  const prepared = await preparePades(source, { ...material, signingTime: new Date(), withTimeStamp: false })
  await source.close()
  copyFileSync(document, signed)
  await appendFile(signed, await completePades(prepared, signature(prepared.signedAttributes), { platform }))
}

async function cades(): Promise<void> {
  const source = await openFileSource(document)
  const prepared = await prepareCades(source, { ...material, signingTime: new Date() })
  await source.close()
  const signed = await completeCades(prepared, signature(prepared.signedAttributes), { platform })
  writeFileSync(file('natsuin.CAdES'), signed)
}

async function jades(): Promise<void> {
  const payload = new Uint8Array(readFileSync(document))
  const wishes = { ...material, serialization: 'compact', signingTime: new Date() } as const
  const prepared = await prepareJades({ kind: 'attached', payload }, wishes)
  writeFileSync(
    file('natsuin.JAdES'),
    await completeJades(prepared, signature(prepared.signingInput), { platform }),
  )
}

async function xades(): Promise<void> {
  const source = await openFileSource(document)
  const content = { packaging: 'detached', objects: [{ uri: 'document.pdf', content: source }] } as const
  const prepared = await prepareXades(content, { ...material, signingTime: new Date() })
  await source.close()
  writeFileSync(
    file('natsuin.XAdES'),
    await completeXades(prepared, signature(prepared.signedInfo), { platform }),
  )
}

const sign = { PAdES: pades, CAdES: cades, JAdES: jades, XAdES: xades }[format]
if (sign === undefined) throw new Error(`no format ${format}`)
for (let i = 0; i < Number(warm); i++) await sign()
const begun = performance.now()
for (let i = 0; i < Number(measured); i++) await sign()
const seconds = (performance.now() - begun) / 1000
console.log(JSON.stringify({ seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }))
