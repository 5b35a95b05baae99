/**
 * Signs several files in one container (ASiC-E) and verifies it: node container.ts deal.txt signer.pem key.pem root.pem
 *
 * The key is a file here; what reaches yours takes its place in `signWith`, and gets the hash `prepared.dtbsr` alone.
 */
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { bytesSource, completeAsic, newAsic, prepareAsic, writeAsic } from '@natsuin/ades/asic'
import { verifyAsic } from '@natsuin/ades/validation/asic'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { fromPem } from '@natsuin/pki/x509'

const [path = '', certificateFile = '', keyFile = '', rootFile = ''] = process.argv.slice(2)
const certificatesIn = (file: string) => fromPem('CERTIFICATE', readFileSync(file, 'utf8'))
const [signingCertificate = new Uint8Array(), ...chain] = certificatesIn(certificateFile)
const signWith = (data: Uint8Array) =>
  new Uint8Array(sign('sha256', data, createPrivateKey(readFileSync(keyFile))))

const container = newAsic('ASiC-E', [
  { name: basename(path), content: bytesSource(new Uint8Array(readFileSync(path))) },
  { name: 'annex/terms.txt', content: bytesSource(new TextEncoder().encode('as agreed')) },
])
const prepared = await prepareAsic(container, {
  signature: 'CAdES',
  platform,
  signingCertificate,
  chain,
  signatureAlgorithm: 'ecdsa-sha256',
  signingTime: new Date(),
})
if (prepared.signature !== 'CAdES') throw new Error('asked for CAdES')
const value = signWith(prepared.prepared.signedAttributes)
const file = await writeAsic(await completeAsic(container, prepared, value, { platform }))
writeFileSync(`${path}.asice`, await file.read(0, file.size))

const trust = { platform, trustAnchors: certificatesIn(rootFile), at: new Date() }
const { signatures } = await verifyAsic(file, trust)
for (const { verdict } of signatures)
  console.log(verdict.indication, verdict.facts.level, verdict.facts.signer)
