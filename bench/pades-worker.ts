/**
 * Signs one file as a process of its own, so that its peak memory is its own. Arguments: original, signed. Prints one
 * JSON object: milliseconds for copy, signature and fsync; bytes of memory before and at the peak.
 */
import { copyFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { nodePlatform, openFileSource } from '@natsuin/ades/node'
import { completePades, preparePades } from '@natsuin/ades/pades'
import { chain, signer } from '@natsuin/testing/pki'

const peakBytes = () => process.resourceUsage().maxRSS * 1024
const [, , path = '', signed = ''] = process.argv
const idleBytes = peakBytes()
const begun = performance.now()

copyFileSync(path, signed)
const source = await openFileSource(signed)
const prepared = await preparePades(source, {
  platform: nodePlatform,
  signingCertificate: signer.certificate.bytes,
  chain,
  signatureAlgorithm: 'ecdsa-sha256',
  signingTime: new Date(),
  withTimeStamp: false,
})
await source.close()
const signature = await signer.sign(prepared.signedAttributes)
const update = await completePades(prepared, signature, { platform: nodePlatform })
const file = await open(signed, 'a')
await file.appendFile(update)
await file.sync()
await file.close()

console.log(JSON.stringify({ milliseconds: performance.now() - begun, idleBytes, peakBytes: peakBytes() }))
